package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

const (
	atMPs = atCampaign + "/mps"
	atMap = atCampaign + "/map"
	toMPs = `form[action$="/mps"] button`
	// shownRows are the rows that are to be seen.
	shownRows = `[...document.querySelectorAll(".m")].filter(r => r.getClientRects().length)`
)

// history makes the list worth reading: of every seven MPs one has pledged, one
// in fifty took it back, and letters have gone from one place in five, a few or
// many.
func (p *program) history() {
	p.t.Helper()
	db := p.database()
	defer db.Close()
	roster, _ := p.app.Service().Roster()
	for i, seat := range roster.Seats() {
		if i%7 == 2 && !seat.Vacant() {
			pledge := campaign.Pledge{
				MemberID: seat.Member.ID, On: fmt.Sprintf("2026-%02d-%02d", 9+i%2, 1+i%28), RecordedBy: "organiser@campaign.example",
				Evidence: fmt.Sprintf("https://pledges.example.org/2026/%d", seat.Member.ID),
			}
			if i%50 == 2 {
				pledge.WithdrawnOn, pledge.WithdrawnEvidence = "2026-11-20", "https://pledges.example.org/back"
			}
			if _, err := p.app.Service().AddPledge(p.t.Context(), slug, pledge, campaign.Correction{}); err != nil {
				p.t.Fatal(err)
			}
		}
		if letters := i * i % 37; i%5 == 0 && letters > 0 {
			p.sent(db, seat.Constituency.Code, letters)
		}
	}
}

// tourMPs shows the pledge list and the pages of constituencies. The whole list
// is shown once, narrowed to Wales: 650 rows are more than a picture can hold,
// take axe half a minute, and have nothing that 32 have not.
func tourMPs(t *testing.T, d device, see func(b *tab, name string)) {
	p := start(t, at(testkit.NewClock(monday)))
	p.history()
	p.vacate("W07000112") // Ynys Môn
	b := p.open(d)
	b.visit(atMPs)
	b.press(".sieve summary")
	b.press("label[for=p-r11]")
	see(b, "mps")
	b.visit(atMPs) // of the whole list, as axe leaves little of it
	b.press(".sieve summary")
	b.press("label[for=p-r11]")
	b.onPaper(func() { see(b, "mps-print") })
	b.visit(atMPs + "?q=leeds")
	see(b, "mps-found")
	b.visit(atMPs + "?q=atlantis")
	see(b, "mps-nothing")
	b.fill("#find", amina.typed)
	b.follow(toMPs)
	see(b, "mps-postcode")
	b.fill("#find", "LS6 3H")
	b.followFor(422, toMPs)
	see(b, "mps-malformed")
	b.visit(atMap)
	see(b, "map")
	b.visit(atMap + "?by=pledge")
	b.onPaper(func() { see(b, "map-print") })
	b.visit(atMap + "?by=pledge")
	see(b, "map-by-pledge")
	b.visitFor(404, atMPs+"/leeds")
	see(b, "seat-lost")
	for _, seat := range [][2]string{
		{"pledged", "hexham"}, {"withdrawn", "blyth-and-ashington"}, {"exempt", "chorley"}, {"not-yet", "leeds-north-west"},
		{"vacant", "W07000112"}, {"two-names", "cardiff-east"},
	} {
		b.visit(atMPs + "/" + seat[1])
		see(b, "seat-"+seat[0])
	}
	b.visit(atMPs + "/hexham")
	b.onPaper(func() { see(b, "seat-print") })
	b.visit(atCampaign)
	b.onPaper(func() { see(b, "campaign-print") })
}

// TestMPs_filters: the list narrows at a touch, with and without JavaScript,
// and nobody is asked for another page.
func TestMPs_filters(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.history()
	for _, off := range []bool{true, false} {
		t.Run(map[bool]string{true: "without JavaScript", false: "with JavaScript"}[off], func(t *testing.T) {
			d := phone
			d.noScript = off
			b := p.in(t).open(d)
			b.visit(atMPs)
			before := b.arrivals()
			rows := func(want int, why string) {
				t.Helper()
				if got := eval[int](b, shownRows+".length"); got != want {
					t.Errorf("%s: %d rows are shown, not %d", why, got, want)
				}
			}
			of := func(css string) int { return b.count(".m" + css) }
			rows(650, "at first")
			b.press("label[for=p-y]")
			rows(of(".y"), "pledged")
			b.press(".sieve summary")
			b.press("label[for=p-r11]")
			rows(of(".y.r11"), "pledged in Wales")
			if got := eval[int](b, `[...document.querySelectorAll(".g")].filter(g => g.getClientRects().length).length`); got != 1 {
				t.Errorf("%d headings are shown for Wales", got)
			}
			b.press("label[for=p-all]")
			rows(32, "Wales")
			b.press("label[for=p-e]")
			rows(543, "England")
			b.press("label[for=p-uk]")
			rows(650, "all again")
			if b.arrivals() != before {
				t.Error("another page came")
			}
			if of(".y") < 80 {
				t.Errorf("only %d have pledged: nothing was tried", of(".y"))
			}
		})
	}
}

// TestMPs_search: names are found as they are typed, and by the server just the
// same; a postcode is answered and stands in no address.
func TestMPs_search(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(desktop)
	b.visit(atMPs)
	shown := func() string {
		return eval[string](b, shownRows+`.map(r => r.cells[0].textContent).join("; ")`)
	}
	for typed, want := range map[string]string{
		"sobel": "Leeds Central and Headingley", "YNYS MON": "Ynys Môn", "ynys môn": "Ynys Môn", "leeds nw": "Leeds North West",
		"dwyrain caerdydd": "Cardiff East", "atlantis": "",
	} {
		b.fill("#find", typed)
		if got := shown(); got != want {
			t.Errorf("typing %q shows %s", typed, got)
		}
	}
	b.fill("#find", "atlantis")
	await[bool](b, `new Promise(done => { const look = () => document.querySelector(".tally b").textContent === "0" ? done(true) : setTimeout(look, 20); look(); })`)
	b.fill("#find", "ls6")
	if got := eval[int](b, shownRows+".length"); got != 650 {
		t.Errorf("half a postcode leaves %d rows", got)
	}

	for _, off := range []bool{true, false} {
		d := phone
		d.noScript = off
		b := p.open(d)
		b.visit(atMPs)
		b.fill("#find", "sobel")
		b.arrive(200, func() { b.do(chromedp.KeyEvent(kb.Enter)) })
		b.at(atMPs + "?q=sobel")
		if got := b.count(".m"); got != 1 {
			t.Errorf("%d rows for a name", got)
		}
		b.fill("#find", zofia.typed)
		b.follow(toMPs)
		b.at(atMPs)
		b.sees("Alex Sobel", zofia.postcode)
		if got := b.count(".m"); got != 1 {
			t.Errorf("%d rows for a postcode", got)
		}
		b.follow(".m a")
		b.at(atMPs + "/leeds-central-and-headingley")
		b.fill("#postcode", zofia.typed)
		b.follow(`form[action$="/letter"] button`)
		b.at(atLetter)
		requests, _ := b.received()
		for _, r := range requests {
			if strings.Contains(strings.ToLower(r.url), "ls6") {
				t.Errorf("an address holds the postcode: %s", r.url)
			}
		}
	}
}
