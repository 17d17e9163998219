package e2e

import (
	"net/http"
	"testing"
	"time"

	"postbag/internal/app"
	"postbag/internal/testkit"
)

// Whoever writes while very many do waits on a page that keeps the letter, and sends
// it from there; that page, and the field that nobody sees, are in nobody's way.
func TestLetter_busy(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(monday)
	p := start(t, at(clock), func(_ *app.Options, settings map[string]string) { settings["POSTBAG_LIMITS"] = "campaign_hour=1" })
	p.submit(amina)
	b := p.open(phone)
	b.askFor(zofia.typed)
	if got := eval[bool](b, `document.getElementById("website").parentElement.getBoundingClientRect().width > 1`); got {
		t.Error("the field that nobody sees is seen")
	}
	b.details(zofia)
	b.follow(toPreview)
	letter := b.content(verbatim)
	b.followFor(http.StatusTooManyRequests, toSend)
	b.sees(p.say("busy.heading"), p.say("busy.campaign"), p.say("busy.kept"), p.say("busy.itself"))
	b.checkAxe(readAxe(t), "busy")
	if n := p.rows("letters"); n != 1 {
		t.Errorf("%d letters are written", n)
	}
	b.followFor(http.StatusTooManyRequests, "#busy button") // as the page does by itself
	clock.Advance(time.Hour)
	b.follow("#busy button")
	b.at(atSend)
	b.sees(zofia.email)
	if n := p.rows("letters"); n != 2 {
		t.Errorf("%d letters are written, want 2: %s", n, letter)
	}
}
