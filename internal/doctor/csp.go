package doctor

import (
	"net/url"
	"slices"
	"strings"
)

// Content Security Policy Level 3 (https://www.w3.org/TR/CSP3/), as far as it
// decides about one script and one frame. Its algorithms go by their names: their
// numbers change from draft to draft.

// policy is one policy of a page: its directives in their order.
type policy struct {
	directives []directive
	meta       bool // from a <meta> element: some directives do nothing there
	tried      bool // only reported, not enforced
}

// directive is a name, in small letters, and what stands behind it.
type directive struct {
	name   string
	values []string
}

// String is the directive as a policy has it.
func (d directive) String() string { return strings.Join(append([]string{d.name}, d.values...), " ") }

// parsePolicies reads the value of a header, which may hold several policies
// ("parse a response's Content Security Policies").
func parsePolicies(value string) []policy {
	var all []policy
	for part := range strings.SplitSeq(value, ",") {
		if p := parsePolicy(part); len(p.directives) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// parsePolicy reads one policy. Of directives of one name the first counts
// ("parse a serialized CSP").
func parsePolicy(text string) policy {
	var p policy
	seen := map[string]bool{} // there may be very many
	for part := range strings.SplitSeq(text, ";") {
		words := strings.FieldsFunc(part, whitespace)
		if len(words) == 0 {
			continue
		}
		if name := strings.ToLower(words[0]); !seen[name] {
			seen[name] = true
			p.directives = append(p.directives, directive{name, words[1:]})
		}
	}
	return p
}

// whitespace is ASCII whitespace, which is less than Unicode has.
func whitespace(r rune) bool { return strings.ContainsRune("\t\n\f\r ", r) }

// find returns the first of these directives that the policy has.
func (p policy) find(names ...string) (directive, bool) {
	for _, name := range names {
		for _, d := range p.directives {
			if d.name == name {
				return d, true
			}
		}
	}
	return directive{}, false
}

// The directives that decide, each with those that stand in for it ("get
// fetch directive fallback list").
var (
	overScripts = []string{"script-src-elem", "script-src", "default-src"}
	overFrames  = []string{"frame-src", "child-src", "default-src"}
)

// script is a script element as a policy looks at it.
type script struct {
	url       *url.URL
	nonce     string
	integrity string
}

// allowsScript reports whether the policy lets the page load a script that stands
// in its HTML; if not, which directive forbids it ("script directives
// pre-request check").
func (p policy) allowsScript(page *url.URL, s script) (directive, bool) {
	d, governed := p.find(overScripts...)
	switch {
	case !governed, d.hasNonce(s.nonce), d.hasHashes(s.integrity):
		return d, true
	case d.has("'strict-dynamic'"): // whatever the HTML itself brings needs a nonce or a hash
		return d, false
	}
	return d, d.matches(page, s.url)
}

// allowsFrame reports whether the policy lets the page show a frame; if not, which
// directive forbids it ("frame-src pre-request check").
func (p policy) allowsFrame(page, frame *url.URL) (directive, bool) {
	d, governed := p.find(overFrames...)
	return d, !governed || d.matches(page, frame)
}

func (d directive) has(keyword string) bool {
	return slices.ContainsFunc(d.values, func(v string) bool { return strings.EqualFold(v, keyword) })
}

// hasNonce is "does nonce match source list?".
func (d directive) hasNonce(nonce string) bool {
	return nonce != "" && slices.ContainsFunc(d.values, func(v string) bool {
		return len(v) > 7 && strings.EqualFold(v[:7], "'nonce-") && v[7:] == nonce+"'"
	})
}

// hasHashes reports whether the list has every hash of a script's integrity
// attribute, a step of the script directives' check.
func (d directive) hasHashes(integrity string) bool {
	hashes := strings.FieldsFunc(integrity, whitespace)
	for _, hash := range hashes {
		if !slices.Contains(d.values, "'"+hash+"'") {
			return false
		}
	}
	return len(hashes) > 0
}

// matches is "does url match source list in origin with redirect count?". What
// stands beside 'none' makes it mean nothing.
func (d directive) matches(page, u *url.URL) bool {
	return slices.ContainsFunc(d.values, func(v string) bool { return matchSource(v, page, u) })
}

// with is the directive with one source more, or under another name.
func (d directive) with(name, source string) directive {
	values := slices.DeleteFunc(slices.Clone(d.values), func(v string) bool { return strings.EqualFold(v, "'none'") })
	return directive{name, append(values, source)}
}

// matchSource is "does url match expression in origin with redirect count?".
func matchSource(expression string, page, u *url.URL) bool {
	if expression == "*" {
		return network(u.Scheme) || u.Scheme == page.Scheme
	}
	if strings.EqualFold(expression, "'self'") {
		return page.Host != "" && u.Hostname() == page.Hostname() && (u.Scheme == page.Scheme && port(u) == port(page) ||
			u.Scheme == "https" && page.Scheme == "http" && (port(u) == port(page) || port(u) == "443" && port(page) == "80"))
	}
	s, ok := parseSource(expression)
	switch {
	case !ok, s.scheme != "" && !matchScheme(s.scheme, u.Scheme):
		return false
	case s.host == "":
		return true
	case s.scheme == "" && !matchScheme(page.Scheme, u.Scheme):
		return false
	}
	return matchHost(s.host, strings.ToLower(u.Hostname())) && matchPort(s.port, s.scheme, u) && matchPath(s.path, u.EscapedPath())
}

// source is a scheme or a host as a policy names it (a source expression).
type source struct{ scheme, host, port, path string }

func parseSource(text string) (s source, ok bool) {
	rest := text
	if scheme, after, found := strings.Cut(text, "://"); found {
		s.scheme, rest = strings.ToLower(scheme), after
		if !validScheme(s.scheme) || rest == "" {
			return s, false
		}
	} else if scheme, found := strings.CutSuffix(text, ":"); found {
		s.scheme = strings.ToLower(scheme)
		return s, validScheme(s.scheme)
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest, s.path = rest[:i], rest[i:]
	}
	s.host = strings.ToLower(rest)
	if i := strings.LastIndexByte(s.host, ':'); i >= 0 {
		s.host, s.port = s.host[:i], s.host[i+1:]
		if s.port != "*" && (s.port == "" || strings.Trim(s.port, "0123456789") != "") {
			return s, false
		}
	}
	return s, validHost(s.host) && !strings.ContainsAny(s.path, "?#")
}

func validScheme(s string) bool {
	for i, r := range s {
		if (r < 'a' || r > 'z') && (i == 0 || !strings.ContainsRune("0123456789+-.", r)) {
			return false
		}
	}
	return s != ""
}

func validHost(h string) bool {
	if h == "*" {
		return true
	}
	h = strings.TrimPrefix(h, "*.")
	for label := range strings.SplitSeq(strings.TrimSuffix(h, "."), ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

func network(scheme string) bool { return scheme == "http" || scheme == "https" }

// matchScheme is "scheme-part match", with its upgrade to https.
func matchScheme(a, b string) bool { return a == b || a == "http" && b == "https" }

// matchHost is "host-part match". Unlike the text, and like browsers, it
// takes network addresses too.
func matchHost(pattern, host string) bool {
	if host == "" {
		return false
	}
	if rest, wild := strings.CutPrefix(pattern, "*"); wild {
		return strings.HasSuffix(host, rest) && (rest == "" || len(host) > len(rest))
	}
	return pattern == host
}

// matchPort is "port-part match", with the upgrade from 80 to 443.
func matchPort(want, scheme string, u *url.URL) bool {
	switch have := port(u); want {
	case "*", have:
		return true
	case "":
		return have == defaultPort(u.Scheme)
	case "80":
		return have == "443" && u.Scheme == "https" && scheme != "https"
	}
	return false
}

// matchPath is "path-part match".
func matchPath(a, b string) bool {
	if a == "" || a == "/" && b == "" {
		return true
	}
	exact := !strings.HasSuffix(a, "/")
	want, have := strings.Split(a, "/"), strings.Split(b, "/")
	if !exact {
		want = want[:len(want)-1]
	}
	if len(want) > len(have) || exact && len(want) != len(have) {
		return false
	}
	for i := range want {
		x, err := url.PathUnescape(want[i])
		y, err2 := url.PathUnescape(have[i])
		if err != nil || err2 != nil || x != y {
			return false
		}
	}
	return true
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return defaultPort(u.Scheme)
}

func defaultPort(scheme string) string {
	switch scheme {
	case "https":
		return "443"
	case "http":
		return "80"
	}
	return ""
}

// Origin is the origin of an address as browsers write it.
func Origin(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := port(u); p != defaultPort(u.Scheme) {
		host += ":" + p
	}
	return u.Scheme + "://" + host
}
