package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboard goes from the campaign page to "check your email" and on to the
// confirmed letter without a pointer.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	p := start(t)
	d := desktop
	d.noScript = true
	b := p.open(d)
	b.visit(atCampaign)

	b.key(kb.Tab)
	if got := b.text(":focus"); got != p.say("layout.skip") {
		t.Errorf("the first stop is %q", got)
	}
	if top := eval[float64](b, `document.activeElement.getBoundingClientRect().top`); top < 0 {
		t.Errorf("the first stop is hidden at %v", top)
	}
	b.key(kb.Enter)
	b.tabTo("#postcode")
	b.insert(zofia.typed)
	b.arrive(200, func() { b.key(kb.Enter) })

	b.at(atLetter)
	for _, field := range zofia.fields() {
		b.tabTo("#" + field[0])
		b.insert(field[1])
	}
	b.arrive(200, func() { b.key(kb.Enter) }) // from the last field

	b.at(atPreview)
	b.tabTo(toSend)
	b.arrive(200, func() { b.key(kb.Enter) })
	b.at(atSend)
	b.sees(p.say("check.heading"))

	b.openPrivate(privateLink(t, p.smtp.Next(t)))
	b.tabTo("details:has(" + toErase + ") summary")
	b.key(" ")
	b.tabTo(toErase)
	b.backTo(toConfirm)
	b.arrive(200, func() { b.key(" ") })
	b.sees(p.say("done.confirmed"))
	if got := p.smtp.Next(t).To[0]; got != "alex.sobel.mp@parliament.uk" {
		t.Errorf("the letter goes to %s", got)
	}
}

// key presses a key.
func (b *tab) key(key string, modifiers ...chromedp.Modifier) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
}

// mostStops is how far a person goes on with Tab before they give up.
const mostStops = 40

// tabTo goes on with Tab until an element has the keyboard. Every stop on the
// way must show where it is.
func (b *tab) tabTo(css string) { b.t.Helper(); b.step(css, chromedp.ModifierNone) }

// backTo goes back with Shift and Tab.
func (b *tab) backTo(css string) { b.t.Helper(); b.step(css, chromedp.ModifierShift) }

func (b *tab) step(css string, modifier chromedp.Modifier) {
	b.t.Helper()
	b.find(css)
	for range mostStops {
		b.key(kb.Tab, modifier)
		b.checkFocus()
		if eval[bool](b, `document.activeElement.matches(%s)`, css) {
			return
		}
	}
	b.t.Fatalf("%s cannot be reached with Tab on %s", css, b.path())
}

// checkFocus fails the test unless it is to be seen where the keyboard is.
func (b *tab) checkFocus() {
	b.t.Helper()
	if hidden := eval[string](b, `(() => {
		const e = document.activeElement;
		if (e === document.body) return "";
		const style = getComputedStyle(e), box = e.getBoundingClientRect();
		const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none";
		const inside = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
		return ring && inside ? "" : e.outerHTML.slice(0, 120);
	})()`); hidden != "" {
		b.t.Errorf("on %s one cannot see that the keyboard is at %s", b.path(), hidden)
	}
}
