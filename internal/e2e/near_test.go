package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

const nearForm = `form.near`

// shownNear reports whether the second postcode form is to be seen, within the
// window.
const shownNear = `(() => {
	const form = document.querySelector("form.near"), r = form.getBoundingClientRect();
	return form.checkVisibility({visibilityProperty: true}) && r.top < innerHeight && r.bottom > 0;
})()`

// nearPostcode: the postcode form stays near while one reads on, and is out of
// the way while the first one is to be seen.
func nearPostcode(t *testing.T, p *program) {
	for _, d := range []device{phone, desktop} {
		b := p.open(d)
		b.visit(atCampaign)
		if eval[bool](b, shownNear) {
			t.Errorf("%s: both forms are to be seen at the top", d.name)
		}
		eval[bool](b, `(scrollTo(0, document.querySelector("#how").getBoundingClientRect().top), true)`)
		await[string](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(""))))`)
		if !eval[bool](b, shownNear) {
			t.Errorf("%s: no form is near in the middle of the page", d.name)
		}
		b.fill(nearForm+" input", zofia.typed)
		b.follow(nearForm + " button")
		b.at(atLetter)
	}
}

// nearCoversNothing: whoever goes through the page by keyboard sees every stop
// whole, above the form that sticks to the lower edge.
func nearCoversNothing(t *testing.T, p *program) {
	for _, d := range []device{phone, desktop, {name: "enlarged to 400 %", width: 320, height: 256}} {
		d.touch = false
		b := p.open(d)
		b.visit(atCampaign)
		stops := 0
		for ; stops < 60; stops++ {
			b.key(kb.Tab)
			if eval[bool](b, `document.activeElement === document.body`) {
				break
			}
			under := eval[string](b, `(() => {
				const e = document.activeElement, form = document.querySelector("form.near");
				const a = e.getBoundingClientRect(), r = form.getBoundingClientRect();
				const seen = form.checkVisibility({visibilityProperty: true}) && !form.contains(e);
				return seen && a.bottom > r.top + 1 && a.top < r.bottom - 1 ? e.outerHTML.slice(0, 80) : "";
			})()`)
			if under != "" {
				t.Errorf("%s: the form that stays near covers %s", d.name, under)
			}
		}
		if stops < 8 {
			t.Errorf("%s: only %d stops on the page", d.name, stops)
		}
	}
}
