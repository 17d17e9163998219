package doctor

import (
	"net/url"
	"strings"
)

// way is how a form was put into a page.
type way string

// The ways.
const (
	byScript  way = "script"
	byElement way = "element"
	byFrame   way = "frame"
)

// placed is one form in a page.
type placed struct {
	way               way
	partner, campaign string
	base              *url.URL // of the Postbag that it is of
	public            bool     // the campaign's own page, which nobody may frame
	e                 element
	lazy              bool // its address waits in another attribute
}

// ofAddress reads a form's address: /embed/PARTNER/c/CAMPAIGN, /embed/c/CAMPAIGN
// or /c/CAMPAIGN?partner=PARTNER, each perhaps in Welsh.
func ofAddress(u *url.URL) (p placed, ok bool) {
	if u == nil || u.Host == "" || !network(u.Scheme) {
		return p, false
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) > 0 && parts[0] == "cy" {
		parts = parts[1:]
	}
	p.base = &url.URL{Scheme: u.Scheme, Host: u.Host}
	switch {
	case len(parts) == 4 && parts[0] == "embed" && parts[2] == "c":
		p.partner, p.campaign = parts[1], parts[3]
	case len(parts) == 3 && parts[0] == "embed" && parts[1] == "c":
		p.campaign = parts[2]
	case len(parts) == 2 && parts[0] == "c":
		p.partner, p.campaign, p.public = u.Query().Get("partner"), parts[1], true
	default:
		return p, false
	}
	return p, true
}

// lazyNames are the attributes in which scripts that load late keep an address.
var lazyNames = []string{"data-src", "data-lazy-src", "data-original", "data-cmp-src", "data-cookieblock-src"}

// placedIn finds the forms in a page.
func (c *contents) placedIn(base *url.URL) (all []placed) {
	for _, e := range c.links {
		if p, ok := ofAddress(c.resolve(e.attr["href"])); ok {
			p.way, p.e = byScript, e
			all = append(all, p)
		}
	}
	for _, e := range c.elements {
		all = append(all, placed{way: byElement, partner: e.attr["partner"], campaign: e.attr["campaign"], base: base, e: e})
	}
	for _, e := range c.frames {
		p, ok := ofAddress(c.resolve(e.attr["src"]))
		for i := 0; i < len(lazyNames) && !ok; i++ {
			p, ok = ofAddress(c.resolve(e.attr[lazyNames[i]]))
			p.lazy = ok
		}
		if ok && (!p.public || sameHost(p.base, base) || hasClass(e.attr["class"], "postbag")) {
			p.way, p.e = byFrame, e
			all = append(all, p)
		}
	}
	return all
}

func sameHost(a, b *url.URL) bool {
	return strings.EqualFold(a.Hostname(), b.Hostname()) && (a.Scheme != b.Scheme || port(a) == port(b))
}

// embedScript is our script in a page, if it is there.
func (c *contents) embedScript(base *url.URL) (e element, u *url.URL, found bool) {
	best := -1
	for _, s := range c.scripts {
		at, lazy := c.resolve(s.attr["src"]), false
		for i := 0; i < len(lazyNames) && at == nil; i++ {
			at = c.resolve(s.attr[lazyNames[i]])
			lazy = true
		}
		if at == nil || at.Path != "/embed.js" {
			continue
		}
		score := 0
		if Origin(at) == Origin(base) {
			score += 4
		}
		if s.in == "" {
			score += 2
		}
		if !lazy && runs(s.attr["type"]) {
			score++
		}
		if score > best {
			best, e, u, found = score, s, at, true
		}
	}
	return e, u, found
}

// runs reports whether browsers run a script of this type.
func runs(kind string) bool {
	kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(kind)), ";")
	switch strings.TrimSpace(kind) {
	case "", "module", "text/javascript", "application/javascript", "application/ecmascript", "text/ecmascript", "application/x-javascript", "text/jscript":
		return true
	}
	return false
}
