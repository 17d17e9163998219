package maildoctor

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"
)

var dkimCodes = []string{
	"dkim_none", "dkim_files", "dkim_exposed", "dkim_ed25519", "dkim_ses",
	"dkim_ok", "dkim_missing", "dkim_doubled", "dkim_trouble", "dkim_many", "dkim_revoked", "dkim_bad", "dkim_other", "dkim_testing",
}

// dkim looks whether whoever gets a mail can check its signatures: for every
// key, whether the DNS has its public half (RFC 6376, section 3.6).
func (e *examination) dkim(ctx context.Context, r *Relay) state {
	domain := domainOf(e.Setup.From)
	for sentence := range strings.Lines(e.Setup.KeyProblem) {
		e.add(Problem, "dkim_files", "detail", strings.TrimSpace(sentence))
	}
	if len(e.Setup.Keys) == 0 {
		if e.Setup.KeyProblem == "" {
			e.add(Warning, "dkim_none", "domain", domain)
			return unknown // the relay may sign
		}
		return bad
	}
	if r != nil && within(strings.ToLower(r.Host), []string{"amazonaws.com"}) {
		e.add(Problem, "dkim_ses", "host", r.Host)
		return unknown
	}
	known := bad
	everywhere := false // one key at least that every server understands
	for _, k := range e.Setup.Keys {
		if k.Exposed {
			e.add(Warning, "dkim_exposed", "selector", k.Selector)
		}
		everywhere = everywhere || k.Type == "rsa"
		if s := e.published(ctx, k, domain); s == good || known == bad {
			known = s
		}
	}
	if !everywhere {
		e.add(Warning, "dkim_ed25519")
	}
	return known
}

// published looks for one key in the DNS.
func (e *examination) published(ctx context.Context, k Key, domain string) state {
	want := Record{k.Selector + "._domainkey." + domain, "TXT", k.Record}
	args := []string{"selector", k.Selector, "name", want.Name}
	all, err := e.dns.texts(ctx, want.Name, "")
	switch {
	case err != nil:
		e.add(Warning, "dkim_trouble", args...)
		return unknown
	case len(all) == 0:
		code := "dkim_missing"
		if twice, err := e.dns.texts(ctx, want.Name+"."+organisation(domain), ""); err == nil && len(twice) > 0 {
			code = "dkim_doubled"
			args = append(args, "wrong", want.Name+"."+organisation(domain))
		}
		e.addRecord(Problem, want, code, args...)
		return bad
	case len(all) > 1:
		e.addRecord(Problem, want, "dkim_many", args...)
		return bad
	}
	tags, ok := readTags(all[0])
	public, readable := readPublic(tags)
	switch {
	case ok && tags["p"] == "" && hasTag(tags, "p"):
		e.addRecord(Problem, want, "dkim_revoked", args...)
		return bad
	case !ok || !readable || hasTag(tags, "v") && tags["v"] != "DKIM1" || !allows(tags, "h", "sha256") || !allows(tags, "s", "email"):
		e.addRecord(Problem, want, "dkim_bad", append(args, "now", all[0])...)
		return bad
	case !same(public, k.Public):
		e.addRecord(Problem, want, "dkim_other", args...)
		return bad
	case slices.Contains(words(tags["t"]), "y"):
		e.addRecord(Warning, want, "dkim_testing", args...)
		return bad
	}
	e.add(OK, "dkim_ok", append(args, "type", k.Type)...)
	return good
}

// readTags reads a list such as "v=DKIM1; p=…" (RFC 6376, section 3.2).
func readTags(s string) (map[string]string, bool) {
	tags := map[string]string{}
	for pair := range strings.SplitSeq(s, ";") {
		name, value, ok := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		switch _, twice := tags[name]; {
		case !ok && name == "":
			continue
		case !ok || name == "" || twice:
			return tags, false
		}
		tags[name] = strings.TrimSpace(value)
	}
	return tags, true
}

func hasTag(tags map[string]string, name string) bool { _, ok := tags[name]; return ok }

// allows reports whether a list of what is allowed, if there is one, has a word
// or an asterisk.
func allows(tags map[string]string, name, word string) bool {
	if !hasTag(tags, name) {
		return true
	}
	list := words(tags[name])
	return slices.Contains(list, word) || slices.Contains(list, "*")
}

// words splits a list with colons, around which there may be spaces.
func words(list string) (all []string) {
	for one := range strings.SplitSeq(list, ":") {
		all = append(all, strings.TrimSpace(one))
	}
	return all
}

// readPublic reads the key of a record.
func readPublic(tags map[string]string) (crypto.PublicKey, bool) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(tags["p"]), ""))
	if err != nil {
		return nil, false
	}
	switch tags["k"] {
	case "ed25519":
		return ed25519.PublicKey(der), len(der) == ed25519.PublicKeySize
	case "rsa", "":
		if key, err := x509.ParsePKIXPublicKey(der); err == nil {
			return key, true
		}
		key, err := x509.ParsePKCS1PublicKey(der) // RFC 6376, erratum 3017
		return key, err == nil
	}
	return nil, false
}

func same(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}
