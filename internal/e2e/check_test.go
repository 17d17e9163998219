package e2e

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp/kb"

	"postbag/db"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/store"
)

const (
	atCheck = atCampaign + "/check"
	ask     = `form.ask-who button`
	leave   = `.exit a`
	pledged = "Alex Sobel has pledged"
)

// refuge starts the site that people leave for, and returns its address.
func refuge(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from := r.Header.Get("Referer"); from != "" {
			t.Errorf("the site that one leaves for learns of %s", from)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Weather</title><link rel="icon" href="data:,"><h1>Rain later</h1>`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// holding starts the program with a campaign of this name already in it, made
// from the file of the one that ships.
func holding(t *testing.T, name string, change func(file string) string) func(*app.Options, map[string]string) {
	return func(_ *app.Options, settings map[string]string) {
		t.Helper()
		file, err := fs.ReadFile(db.FS, "campaigns/"+slug+".toml")
		if err != nil {
			t.Fatal(err)
		}
		migrations, err := fs.Sub(db.FS, "migrations")
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		s, err := store.Open(ctx, store.Options{
			Dir: settings["POSTBAG_DATA_DIR"], Migrations: migrations, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.AddCampaign(ctx, name, change(string(file))); err != nil {
			t.Fatal(err)
		}
	}
}

// exitingTo starts the program with a campaign whose exit leads to an address.
func exitingTo(t *testing.T, address string) func(*app.Options, map[string]string) {
	return holding(t, slug, func(file string) string { return fmt.Sprintf("exit = %q\n%s", address+"/today", file) })
}

// checking starts a program with an exit on this machine and one pledge, and
// opens a window on it.
func checking(t *testing.T, d device) *tab {
	t.Helper()
	outside := refuge(t)
	p := start(t, exitingTo(t, outside))
	p.pledge(leeds)
	b := p.open(d)
	b.elsewhere = outside
	return b
}

// pledge records a pledge of whoever sits for a constituency.
func (p *program) pledge(code string) {
	p.t.Helper()
	roster, _ := p.app.Service().Roster()
	seat, _ := roster.Seat(code)
	_, err := p.app.Service().AddPledge(context.Background(), slug, campaign.Pledge{
		MemberID: seat.Member.ID, On: "2025-03-04", Evidence: "https://mp.example.org/pledge", RecordedBy: "Tester",
	}, campaign.Correction{})
	if err != nil {
		p.t.Fatal(err)
	}
}

// withdraw records that whoever sits for a constituency took their pledge back.
func (p *program) withdraw(code string) {
	p.t.Helper()
	roster, _ := p.app.Service().Roster()
	seat, _ := roster.Seat(code)
	_, err := p.app.Service().WithdrawPledge(context.Background(), slug, campaign.Pledge{
		MemberID: seat.Member.ID, WithdrawnOn: "2026-05-06", WithdrawnBy: "Tester",
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// answered does something that brings another answer in the same page, and
// waits until it is there.
func (b *tab) answered(do func()) {
	b.t.Helper()
	before, _ := b.received()
	loads := b.arrivals()
	do()
	if err := b.until(b.ctx, func() bool { return len(b.requests) > len(before) && b.settled() }); err != nil {
		b.t.Fatalf("no answer came: %v", err)
	}
	for !eval[bool](b, `!document.querySelector("main[aria-busy]") && document.activeElement.matches("main h1, #errors")`) {
		if b.ctx.Err() != nil {
			b.t.Fatalf("the answer was not put in place; the page says:\n%s", b.text("body"))
		}
	}
	if b.arrivals() != loads {
		b.t.Error("the answer came as another page")
	}
	b.checkPage()
}

// reaches does something that leads to a page of whatever site, and waits until
// it is there. When it is painted is not waited for: on its way to another site
// or back the browser changes to another process, and may not tell.
func (b *tab) reaches(address string, do func()) {
	b.t.Helper()
	before := b.arrivals()
	do()
	if err := b.until(b.ctx, func() bool { return b.loads > before }); err != nil {
		b.t.Fatalf("no new page came: %v", err)
	}
	for eval[string](b, `document.readyState === "complete" ? document.URL : ""`) != address {
		if b.ctx.Err() != nil {
			b.t.Fatalf("the window shows %s, not %s", b.path(), address)
		}
	}
}

// inquire asks, and waits for the answer.
func (b *tab) inquire(who string, status int64) {
	b.t.Helper()
	b.fill("#who", who)
	if b.device.noScript {
		b.followFor(status, ask)
		return
	}
	b.answered(func() { b.press(ask) })
}

// history returns the addresses that the window's Back and Forward lead to,
// and where in it the window is.
func (b *tab) history() (addresses []string, now int) {
	b.t.Helper()
	h := call(b, page.GetNavigationHistory, cdp.Empty{})
	for _, e := range h.Entries {
		addresses = append(addresses, strings.TrimPrefix(e.URL, b.program.base))
		e.Title = strings.TrimPrefix(e.Title, "Error: ")
		if e.Title != "" && e.Title != "MPs Not Border Guards" && e.Title != "ASau, nid Gwarchodwyr Ffiniau" && e.Title != "Weather" {
			b.t.Errorf("the history says %q", e.Title)
		}
	}
	return addresses, int(h.CurrentIndex)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, d := range []device{phone, desktop} {
		for _, off := range []bool{false, true} {
			d.noScript = off
			t.Run(fmt.Sprintf("%s, scripts off: %v", d.name, off), func(t *testing.T) {
				t.Parallel()
				b := checking(t, d)
				p := b.program
				b.visit(atCheck)
				for _, typed := range []string{"LS6 3H£", "Qwertyuiop", ""} {
					b.inquire(typed, 422)
					b.at(atCheck)
					if b.value("#who") != typed || b.attribute("#who", "aria-invalid") != "true" || b.text("#who-error") == "" {
						t.Errorf("%q came back as %q, with %q", typed, b.value("#who"), b.text("#who-error"))
					}
				}
				b.inquire(zofia.typed, 200)
				b.at(atCheck)
				b.sees(pledged, p.say("safe.limit_law"), "Project 17", p.say("safe.kept_nothing"))
				b.seesNot("ls6,3hn", "LS6 3HN\"")
				if href := b.attribute(`main a[href^="https:"]`, "rel"); href != "noopener noreferrer" {
					t.Errorf("the evidence is linked with %q", href)
				}
				b.inquire("LS1 1AA", 200)
				choose := func() { b.press(choice + "[value=E14001323]") }
				if d.noScript {
					b.arrive(200, choose)
				} else {
					b.answered(choose)
				}
				b.sees("has not pledged", p.say("safe.unknown", "mp", "Fabian Hamilton")[:15])
				if shown := b.text(".exit"); shown != p.say("safe.leave") {
					t.Errorf("the exit says %q", shown)
				}
				for _, table := range []string{"letters", "outbox"} {
					if n := p.rows(table); n != 0 {
						t.Errorf("%d rows in %s", n, table)
					}
				}
			})
		}
	}
}

// TestCheck_Leave: whichever way one leaves, Back does not lead to the answer.
// With a script it does not lead to the page at all.
func TestCheck_Leave(t *testing.T) {
	t.Parallel()
	three := func(key string) func(*tab) {
		return func(b *tab) {
			for range 3 {
				b.key(key)
			}
		}
	}
	for name, test := range map[string]struct {
		device device
		lang   string
		leave  func(*tab)
	}{
		"by pressing the button": {phone, "", func(b *tab) { b.press(leave) }},
		"in Welsh":               {desktop, "/cy", func(b *tab) { b.press(leave) }},
		"by keyboard": {desktop, "", func(b *tab) {
			eval[bool](b, `(document.activeElement.blur(), true)`)
			b.backTo(leave)
			b.key(kb.Enter)
		}},
		"after the skip link": {desktop, "", func(b *tab) {
			eval[bool](b, `(document.activeElement.blur(), true)`)
			b.backTo(".skip")
			b.key(kb.Enter)
			b.comes(`document.activeElement.id === "main"`)
			b.press(leave)
		}},
		"after the link in an error": {phone, "", func(b *tab) {
			b.inquire("", 422)
			b.press("#errors a")
			b.comes(`document.activeElement.id === "who" && document.activeElement.getBoundingClientRect().top < innerHeight / 2`)
			b.press(leave)
		}},
		"by Esc three times":   {desktop, "", three(kb.Escape)},
		"by Shift three times": {desktop, "", three(kb.Shift)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := checking(t, test.device)
			b.visit(test.lang + atCampaign)
			b.visit(test.lang + atCheck)
			b.inquire("LS6 3HN", 200)
			b.sees("Alex Sobel")
			b.inquire("Leeds South", 200)
			before, _ := b.history()
			b.reaches(b.elsewhere+"/today", func() { test.leave(b) })
			after, now := b.history()
			if len(after) != len(before) || after[now] != b.elsewhere+"/today" {
				t.Errorf("the history was %v and is %v", before, after)
			}
			for _, address := range after {
				if strings.Contains(address, "check") {
					t.Errorf("Back leads to %s", address)
				}
			}
			b.reaches(b.program.base+test.lang+atCampaign, func() { eval[bool](b, `(history.back(), true)`) })
		})
	}
}

// When what comes is no page of ours, as when the server behind a proxy is gone,
// nothing is lost: the form goes as it would without the script.
func TestCheck_AnswerOfAnother(t *testing.T) {
	t.Parallel()
	b := checking(t, phone)
	b.beforeEveryPage(`Object.defineProperty(XMLHttpRequest.prototype, "responseXML", {get: () => document.implementation.createHTMLDocument("502 Bad Gateway")})`)
	b.visit(atCheck)
	b.fill("#who", "LS6 3HN")
	b.follow(ask)
	b.sees(pledged)
}

// Without a script the button still leads away, and Back to no answer: the
// browser asks first whether to send the form again.
func TestCheck_LeaveWithoutScript(t *testing.T) {
	t.Parallel()
	d := phone
	d.noScript = true
	b := checking(t, d)
	b.visit(atCheck)
	b.press(".check details summary")
	b.sees(b.program.say("safe.leaving_back_unscripted"))
	b.inquire("LS6 3HN", 200)
	b.sees(pledged)
	b.reaches(b.elsewhere+"/today", func() { b.press(leave) })
	b.mayFail = "net::ERR_CACHE_MISS"
	h := call(b, page.GetNavigationHistory, cdp.Empty{})
	for _, e := range h.Entries {
		if !strings.HasSuffix(e.URL, atCheck) {
			continue
		}
		loads := b.arrivals()
		call(b, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: e.ID})
		if err := b.until(b.ctx, func() bool { return b.loads > loads }); err != nil {
			t.Fatalf("go back: %v", err)
		}
		b.seesNot("Sobel", "LS6 3HN\"")
	}
}

// What is said of the exit is true of this window.
func TestCheck_SaysWhatLeavingDoes(t *testing.T) {
	t.Parallel()
	b := checking(t, desktop)
	b.visit(atCheck)
	b.press(".check details summary")
	b.sees(b.program.say("safe.leaving_back"), b.program.say("safe.leaving_keys"), b.program.say("safe.leaving_list"), "127.0.0.1")
	if text := b.text("main"); strings.Contains(text, b.program.say("safe.leaving_back_unscripted")) {
		t.Error("the page says that no script runs")
	}
	b.inquire("LS6 3HN", 200)
	b.press(".check details summary")
	b.sees(b.program.say("safe.leaving_back"))
}

// The exit comes first after the way to the main part, and other keys between
// those that lead out begin the count anew.
func TestCheck_Keyboard(t *testing.T) {
	t.Parallel()
	b := checking(t, desktop)
	b.visit(atCheck)
	for _, want := range []string{b.program.say("layout.skip"), b.program.say("safe.leave")} {
		b.key(kb.Tab)
		b.checkFocus()
		if got := b.text(":focus"); got != want {
			t.Errorf("the keyboard is at %q, not %q", got, want)
		}
	}
	b.tabTo("#who")
	for _, key := range []string{kb.Escape, kb.Escape, "a", kb.Escape, kb.Shift, kb.Shift, kb.Escape} {
		b.key(key)
	}
	b.at(atCheck)
	b.fill("#who", "sobel")
	b.answered(func() { b.key(kb.Enter) })
	b.sees(pledged)
	if focus := b.text(":focus"); focus != pledged {
		t.Errorf("the keyboard is at %q", focus)
	}
	b.inquire("?!", 422)
	if focus := eval[string](b, `document.activeElement.id`); focus != "errors" {
		t.Errorf("the keyboard is at %q", focus)
	}
}

// The page in another language takes the place of this one, and whoever goes on
// to another page and back finds the question only.
func TestCheck_GoingOn(t *testing.T) {
	t.Parallel()
	b := checking(t, desktop)
	b.visit(atCampaign)
	b.visit(atCheck)
	b.inquire("LS6 3HN", 200)
	b.follow(`.top a[hreflang=cy]`)
	b.at("/cy" + atCheck)
	if addresses, _ := b.history(); len(addresses) > 3 { // with the empty page of a new window
		t.Errorf("the history is %v", addresses)
	}
	b.inquire("LS6 3HN", 200)
	b.sees("Mae addewid gan Alex Sobel")
	b.follow(`.mark`)
	b.reaches(b.program.base+"/cy"+atCheck, func() { eval[bool](b, `(history.back(), true)`) })
	b.seesNot("Sobel", "LS6 3HN\"")
}

// tourCheck shows the check in every state.
func tourCheck(b *tab, shot func(name string)) {
	p := b.program
	p.pledge(leeds)
	p.pledge("E14001320")
	p.withdraw("E14001320")
	p.vacate("E14001173")
	ask := func(who string, status int64) {
		b.visit(atCheck)
		b.inquire(who, status)
	}
	b.visit(atCheck)
	shot("safe-ask")
	b.press(".check details summary")
	shot("safe-ask-open")
	ask("LS6", 422)
	shot("safe-wrong")
	for _, state := range [][2]string{
		{"LS6 3HN", "pledged"}, {"Leeds South", "not-yet"}, {"Leeds East", "withdrawn"}, {"Chorley", "exempt"},
		{"City of Durham", "vacant"}, {"LS1 1AA", "which"}, {"BT7 1NN", "northern-ireland"},
	} {
		ask(state[0], 200)
		shot("safe-" + state[1])
	}
	b.visit(atCheck + "/card")
	shot("safe-card")
	b.onPaper(func() { shot("safe-card-print") })
}
