package e2e

import (
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// friends is a partner with a site.
var friends = campaign.Partner{
	Slug: "friends", Name: "Friends of the Library", Website: "https://friends.example", Contact: "ola@friends.example",
	Origins: []string{"https://friends.example", "https://www.friends.example"},
}

// partner makes an organisation a partner of the site.
func (p *program) partner(partner campaign.Partner) {
	p.t.Helper()
	if err := p.app.Service().AddPartner(p.t.Context(), account.Actor{Name: "test"}, partner); err != nil {
		p.t.Fatal(err)
	}
}

// shows has pages of the origins show a partner's form, or try to.
func (p *program) shows(slug string, origins ...string) {
	p.t.Helper()
	partner, err := p.app.Service().AnyPartner(slug)
	if err != nil {
		p.t.Fatal(err)
	}
	for i, origin := range origins {
		for range 12 * (i + 1) {
			p.app.Service().NoteLoad(partner, origin, !partner.MayFrame(origin))
		}
	}
	if err := p.app.Service().KeepLoads(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

func tourDeskPartners(b *tab, clock *testkit.Clock, shot func(name string)) {
	b.signIn(account.Organiser)
	b.visit(atDesk + "/partners")
	shot("desk-partners-none")
	b.visit(atDesk + "/partners/new")
	shot("desk-partner-new")
	b.fill("#name", "Friends of the Library")
	b.fill("#website", "friends.example")
	b.followFor(422, "main form button")
	shot("desk-partner-new-wrong")
	b.program.partner(friends)
	young := friends
	young.Slug, young.Name = "young", "Young Friends of the Library"
	b.program.partner(young)
	b.visit(atDesk + "/partners/young")
	shot("desk-partner-empty")
	b.program.shows("friends", "https://friends.example", "https://new-site.example")
	b.visit(atDesk) // whose page asks for nothing by itself
	b.program.fill(20000, clock)
	b.visit(atDesk + "/partners")
	shot("desk-partners")
	b.visit(atDesk + "/partners/friends")
	for _, summary := range []string{".partner-sight details:first-child summary", ".partner-sight details:last-child summary"} {
		b.press(summary)
	}
	shot("desk-partner")
	b.fill("#name", "Ola")
	b.follow(".link-form button")
	shot("desk-partner-link")
	link := strings.TrimPrefix(b.value("#link"), b.program.base)
	b.visit(atDesk + "/partners/friends/embed/" + slug + "?theme=dark")
	shot("desk-snippet")
	b.visitFor(422, atDesk+"/partners/friends/embed/"+slug+"?accent=ffee00")
	shot("desk-snippet-wrong")
	b.visit(link)
	shot("partner-private")
	b.signIn(account.Partner)
	shot("desk-partner-own")
}

// TestDesk_Partners: an organiser makes a partner, looks at how the form will be
// there, and copies what to paste; the partner signs in and finds the same.
func TestDesk_Partners(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(desktop)
	b.signIn(account.Organiser)
	b.visit(atDesk)
	b.follow(`.desk-nav a[href$="/partners"]`)
	b.follow(`a[href$="/partners/new"]`)
	b.fill("#name", "Friends of the Library")
	b.fill("#slug", "friends")
	b.fill("#website", "https://friends.example")
	b.fill("#origins", "friends.example")
	b.follow("main form button")
	b.sees("The partner is there")
	b.follow(`a[href$="/embed/` + slug + `"]`)
	b.fill("#accent", "#1f6f50")
	b.follow("main form button")
	const inside = `document.querySelector("iframe").contentDocument`
	b.comes(inside + `.querySelector("#postcode") != null`)
	if !eval[bool](b, inside+`.querySelector("#write button").disabled`) {
		t.Error("a letter can be begun in the preview")
	}
	if got := eval[string](b, `getComputedStyle(`+inside+`.documentElement).getPropertyValue("--accent")`); got != "#1f6f50" {
		t.Errorf("the preview's accent is %s", got)
	}
	b.press(`[data-copy="s-script"]`)
	b.comes(`document.getElementById("s-script-copied").textContent == "Copied."`)
	own := p.in(t).open(phone)
	own.signIn(account.Partner)
	own.sees("Friends of the Library", "nothing to tell yet")
	own.follow(`a[href$="/own/embed/` + slug + `"]`)
	if got := own.value("#s-address"); got != p.base+"/c/"+slug+"?partner=friends" {
		t.Errorf("the address to paste is %s", got)
	}
}

// TestDesk_PartnerLink: whoever has the link reads the page without a cookie,
// until it is revoked.
func TestDesk_PartnerLink(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.partner(friends)
	b := p.open(desktop)
	b.signIn(account.Organiser)
	b.visit(atDesk + "/partners/friends")
	b.fill("#name", "Ola")
	b.follow(".link-form button")
	link := strings.TrimPrefix(b.value("#link"), p.base)
	other := p.in(t).open(phone)
	other.visit(link)
	other.sees("Friends of the Library")
	other.follow(`a[href$="/embed/` + slug + `"]`)
	if got := other.cookies(); len(got) > 0 {
		t.Errorf("it keeps %v", got)
	}
	b.follow(`main a.btn`)
	b.follow(`form[action$="/revoke"] button`)
	b.sees("The link works no more")
	other.visitFor(404, link)
}
