package config

import (
	"regexp"
	"strings"
)

// DKIMKey is a file with a key that mail is signed with, and the selector, under
// which its public half stands in the DNS.
type DKIMKey struct{ Selector, File string }

// maxDKIM bounds the signatures on a message; two are what anyone needs, four
// while they are replaced.
const maxDKIM = 4

// Selector is what a selector may look like (RFC 6376, section 3.1), in the
// letters that every DNS takes.
var Selector = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)

// dkim reads the list of keys. What the files hold is checked when they are
// read, at the start of what sends mail: other commands may not be allowed to.
func (l *loader) dkim() (keys []DKIMKey) {
	const name, form = "POSTBAG_DKIM", "such as postbag=/etc/postbag/dkim-postbag.pem"
	seen := map[string]bool{}
	for item := range strings.FieldsFuncSeq(l.get(name, ""), func(r rune) bool { return r == ',' || r == '\n' }) {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		selector, file, ok := strings.Cut(item, "=")
		k := DKIMKey{Selector: strings.TrimSpace(selector), File: strings.TrimSpace(file)}
		switch {
		case !ok || k.Selector == "" || k.File == "":
			l.problem(name, "has %q in it; it must be a list of selector=file, %s, with commas between them", item, form)
		case !Selector.MatchString(k.Selector):
			l.problem(name, "has the selector %q; it may have letters, digits, dots and, within, hyphens, %s", k.Selector, form)
		case seen[strings.ToLower(k.Selector)]:
			l.problem(name, "has the selector %q twice; each key needs a selector of its own", k.Selector)
		}
		seen[strings.ToLower(k.Selector)] = true
		keys = append(keys, k)
	}
	if len(keys) > maxDKIM {
		l.problem(name, "has %d keys; keep %d at most: each adds a signature to every mail", len(keys), maxDKIM)
	}
	return keys
}
