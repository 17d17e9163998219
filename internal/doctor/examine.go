package doctor

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Limits on what is looked at in one page, beyond what any true page has: the work
// is that of every form with every policy.
const (
	mostForms    = 10
	mostPolicies = 20
)

// exam is the looking at one page.
type exam struct {
	page     Page
	site     Site
	want     Want
	in       contents
	policies []policy
	findings []Finding
}

// Examine says whether the form works in a page.
func Examine(p Page, s Site, w Want) Report {
	x := &exam{page: p, site: s, want: w, in: read(p)}
	x.readPolicies()
	all := x.in.placedIn(s.Base)
	live := slices.DeleteFunc(slices.Clone(all), func(p placed) bool { return p.e.in != "" })
	switch {
	case len(live) > 0:
		x.placed(live[:min(len(live), mostForms)])
	case len(all) > 0:
		x.add(Broken, "in_"+all[0].e.in, all[0].e.tag("", ""))
	default:
		x.nothing()
	}
	order := []Severity{Broken, WorksBut, Works}
	slices.SortStableFunc(x.findings, func(a, b Finding) int {
		return slices.Index(order, a.Severity) - slices.Index(order, b.Severity)
	})
	return Report{x.findings}
}

// add notes a finding, once.
func (x *exam) add(s Severity, code, line string, args ...string) {
	f := Finding{Severity: s, Code: code, Args: args, Line: line}
	if !slices.ContainsFunc(x.findings, func(g Finding) bool {
		return g.Code == f.Code && g.Line == f.Line && slices.Equal(g.Args, f.Args)
	}) {
		x.findings = append(x.findings, f)
	}
}

func (x *exam) scriptTag() string {
	return `<script async src="` + html.EscapeString(x.site.Base.String()) + `/embed.js"></script>`
}

// nothing is for a page without a form; its policies are looked at as they would
// be with one.
func (x *exam) nothing() {
	if _, _, found := x.in.embedScript(x.site.Base); found {
		x.add(Broken, "nothing_to_show", x.link())
	} else {
		x.add(Broken, "nothing", x.link()+x.scriptTag())
	}
	x.checkScriptPolicy(script{url: x.site.Base.JoinPath("embed.js")}, "")
	x.checkFramePolicy(x.site.Base.JoinPath("embed", or(x.want.Partner, "partner"), "c", or(x.want.Campaign, "campaign")))
	x.checkOrigin(x.want.Partner)
}

// link is the link that our script turns into the form.
func (x *exam) link() string {
	u := x.site.Base.JoinPath("c", or(x.want.Campaign, "CAMPAIGN"))
	u.RawQuery = "partner=" + or(x.want.Partner, "PARTNER")
	return `<a class="postbag" href="` + html.EscapeString(u.String()) + `">Write to your MP</a>`
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// placed is for a page with forms in it.
func (x *exam) placed(all []placed) {
	seen := map[[2]string]bool{}
	scripted := false
	for _, p := range all {
		key := [2]string{p.partner, p.campaign}
		if seen[key] {
			x.add(WorksBut, "twice", "", "campaign", p.campaign)
		}
		seen[key] = true
		x.add(Works, "found_"+string(p.way), "", "campaign", p.campaign, "partner", or(p.partner, "–"))
		if !x.ours(p) {
			continue
		}
		x.checkNames(p)
		if p.way == byFrame {
			x.checkFrame(p)
		} else {
			scripted = true
		}
		x.checkFramePolicy(x.frameOf(p))
	}
	if scripted {
		x.checkScript()
	}
	x.checkSandboxPolicy(scripted)
	x.checkHeaders()
}

// frameOf is the address of a form's frame.
func (x *exam) frameOf(p placed) *url.URL {
	if p.way == byFrame {
		for _, name := range append([]string{"src"}, lazyNames...) {
			if u := x.in.resolve(p.e.attr[name]); u != nil && u.Host != "" {
				return u
			}
		}
	}
	return x.site.Base.JoinPath("embed", p.partner, "c", p.campaign)
}

// ours reports whether a form is of this Postbag, at the address that it has now.
func (x *exam) ours(p placed) bool {
	if Origin(p.base) == Origin(x.site.Base) {
		return true
	}
	was := or(p.e.attr["src"], p.e.attr["href"])
	u := x.in.resolve(was)
	if u == nil {
		u = p.base
	}
	now := *u
	now.Scheme, now.Host = x.site.Base.Scheme, x.site.Base.Host
	name := "href"
	if p.way == byFrame {
		name = "src"
	}
	code := "old_base"
	if p.base.Scheme == "http" && strings.EqualFold(p.base.Hostname(), x.site.Base.Hostname()) {
		code = "mixed"
	}
	x.add(Broken, code, p.e.tag(name, now.String()), "address", Origin(p.base), "base", Origin(x.site.Base))
	return false
}

// checkNames looks at which partner and campaign a form is of.
func (x *exam) checkNames(p placed) {
	partner, known := x.site.Partners[p.partner]
	switch {
	case p.partner == "" && p.way == byFrame && !p.public:
		x.add(Broken, "card_only", x.frameTag(p), "campaign", p.campaign)
	case p.partner == "":
		x.add(Broken, "no_partner", x.link())
	case x.want.Partner != "" && p.partner != x.want.Partner:
		x.add(Broken, "other_partner", x.fixed(p), "partner", p.partner, "wanted", x.want.Partner)
	case x.site.Partners == nil:
	case !known:
		x.add(Broken, "unknown_partner", "", "partner", p.partner)
	case partner.Retired:
		x.add(Broken, "retired_partner", "", "partner", p.partner)
	default:
		x.checkOrigin(p.partner)
	}
	if p.public && p.way == byFrame {
		x.add(Broken, "public_page", x.frameTag(p))
	}
	takes, known := x.site.Campaigns[p.campaign]
	switch {
	case p.campaign == "":
		x.add(Broken, "no_campaign", "")
	case x.want.Campaign != "" && p.campaign != x.want.Campaign:
		x.add(Broken, "other_campaign", x.fixed(p), "campaign", p.campaign, "wanted", x.want.Campaign)
	case x.site.Campaigns == nil:
	case !known:
		x.add(Broken, "unknown_campaign", "", "campaign", p.campaign)
	case !takes:
		x.add(WorksBut, "closed_campaign", "", "campaign", p.campaign)
	}
}

// fixed is a form's tag as it should be.
func (x *exam) fixed(p placed) string {
	switch p.way {
	case byScript:
		return x.link()
	case byElement:
		return `<postbag-letter campaign="` + html.EscapeString(or(x.want.Campaign, p.campaign)) + `" partner="` + html.EscapeString(or(x.want.Partner, p.partner)) + `"></postbag-letter>`
	}
	return x.frameTag(p)
}

func (x *exam) frameTag(p placed) string {
	u := x.site.Base.JoinPath("embed", or(x.want.Partner, or(p.partner, "PARTNER")), "c", or(x.want.Campaign, p.campaign))
	return p.e.tag("src", u.String())
}

// checkOrigin looks whether the partner's list has the site of the page.
func (x *exam) checkOrigin(slug string) {
	p, known := x.site.Partners[slug]
	origin := Origin(x.page.URL)
	switch {
	case !known || slices.Contains(p.Origins, origin):
	case x.page.URL.Scheme == "http" && slices.Contains(p.Origins, "https://"+x.page.URL.Host):
		secure := *x.page.URL
		secure.Scheme = "https"
		x.add(Broken, "not_https", secure.String(), "address", x.page.URL.String())
	default:
		x.add(Broken, "origin", origin, "origin", origin, "partner", slug)
	}
}

// checkScript looks at the script that shows the form in place of a link.
func (x *exam) checkScript() {
	e, u, found := x.in.embedScript(x.site.Base)
	if !found {
		x.add(Broken, "no_script", x.scriptTag())
		x.checkScriptPolicy(script{url: x.site.Base.JoinPath("embed.js")}, "")
		return
	}
	if Origin(u) != Origin(x.site.Base) {
		code := "old_base"
		if u.Scheme == "http" && strings.EqualFold(u.Hostname(), x.site.Base.Hostname()) {
			code = "mixed"
		}
		x.add(Broken, code, x.scriptTag(), "address", Origin(u), "base", Origin(x.site.Base))
		return
	}
	switch {
	case e.in != "":
		x.add(Broken, "in_"+e.in, x.scriptTag())
	case !runs(e.attr["type"]):
		x.add(Broken, "script_type", x.scriptTag(), "type", e.attr["type"])
	case x.in.resolve(e.attr["src"]) == nil:
		x.add(Broken, "script_inert", x.scriptTag())
	}
	if e.attr["integrity"] != "" {
		x.add(WorksBut, "integrity", e.tag("", "", "integrity")+"</script>")
	}
	x.checkScriptPolicy(script{u, e.attr["nonce"], e.attr["integrity"]}, e.tag("nonce", "…")+"</script>")
}
