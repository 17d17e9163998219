package e2e

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/testkit"
)

// elect gives a seat another MP.
func (p *program) elect(code string) {
	p.t.Helper()
	roster, _ := p.app.Service().Roster()
	seats := roster.Seats()
	for i := range seats {
		if seats[i].Constituency.Code == code {
			seats[i].Member = parliament.Member{
				ID: 999_999, Name: "Nia Newcomer", FullTitle: "Nia Newcomer MP", Salutation: "Nia Newcomer", Party: "Labour", Email: "nia.newcomer.mp@parliament.uk",
			}
		}
	}
	p.applyRoster(parliament.NewRoster(seats, roster.ConstituencySource(), roster.MemberSource()))
}

// tourHeld shows the private page of a letter that waits in line, or for its
// supporter or its MP.
func tourHeld(t *testing.T, d device, see func(b *tab, name string)) {
	clock := testkit.NewClock(monday)
	begin := func(settings ...string) (*program, *tab) {
		p := start(t, at(clock), func(_ *app.Options, all map[string]string) {
			for _, s := range settings {
				name, value, _ := strings.Cut(s, "=")
				all[name] = value
			}
		})
		p.mayWarn = true
		return p, p.open(d)
	}
	letter := func(p *program, b *tab, name string) {
		s := amina
		s.email = name + "@example.org"
		b.openPrivate(p.submit(s))
	}

	p, b := begin("POSTBAG_MP_PER_HOUR=60")
	for _, name := range []string{"first", "second", "third"} {
		letter(p, b, name)
		b.follow(toConfirm)
		if name == "first" {
			p.smtp.Next(t)
		}
	}
	b.reload()
	see(b, "private-queued")

	p, b = begin("POSTBAG_DISSOLVED=" + campaign.Day(monday) + "/" + campaign.Day(monday.AddDate(0, 0, 30)))
	b.visit(atCampaign)
	see(b, "campaign-dissolved")
	letter(p, b, "dissolved")
	b.follow(toConfirm)
	see(b, "private-queued-dissolved")

	p, b = begin()
	letter(p, b, "bounced")
	b.follow(toConfirm)
	b.reloadUntil(".postmark.sent")
	sent := p.smtp.Next(t)
	if m, err := mail.ReadMessage(bytes.NewReader(sent.Data)); err != nil {
		t.Fatal(err)
	} else if _, err := p.app.Service().TakeReturn(t.Context(), campaign.Returned{
		Kind: campaign.ReturnFailed, MessageID: strings.Trim(m.Header.Get("Message-ID"), "<>"), Enhanced: "5.1.1", Identity: []byte("1"),
	}); err != nil {
		t.Fatal(err)
	}
	p.smtp.Next(t) // which tells the supporter
	b.reload()
	see(b, "private-bounced")

	// The worker finds the MP pledged, or another in their place.
	letter(p, b, "pledged")
	p.pledge(leeds)
	b.follow(toConfirm)
	b.reloadUntil(".postmark.held")
	see(b, "private-held-pledged")

	p, b = begin()
	letter(p, b, "changed")
	p.elect(leeds)
	b.follow(toConfirm)
	b.reloadUntil(".postmark.held")
	see(b, "private-held-changed")
	b.fill("#body", "   ")
	b.followFor(422, `form[action$="/readdress"] button.btn`)
	see(b, "private-held-changed-wrong")
}
