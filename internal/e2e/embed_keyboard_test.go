package e2e

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestEmbed_Keyboard: Tab leads from the site into the form, through it in the
// order in which it is read, and out again on the other side; Shift and Tab lead
// back. Nothing in a frame sticks to its edge: it is as tall as what it shows.
func TestEmbed_Keyboard(t *testing.T) {
	t.Parallel()
	p := start(t)
	h := p.siteFor("friends", "localhost")
	h.article(p.frame(desktop, "/embed/friends/c/"+slug))
	b := p.openAt(desktop, h)
	b.visitHost(h, "/act")
	form := b.guest(inside, "#postcode")
	form.settles()

	where := func() string {
		if at := eval[string](b, `document.activeElement.tagName === "IFRAME" ? "" : document.activeElement.innerText.slice(0, 30)`); at != "" {
			return "site: " + at
		}
		form.checkFocus()
		return eval[string](form, `(e => e.id || e.className || e.innerText)(document.activeElement)`)
	}
	order := func(steps int, modifier chromedp.Modifier) []string {
		var stops []string
		for range steps {
			b.key(kb.Tab, modifier)
			stops = append(stops, where())
		}
		return stops
	}
	want := []string{"site: Go on", "twin", "postcode", "btn", p.say("embed.open"), "site: What we did last year"}
	if got := order(len(want), chromedp.ModifierNone); !slices.Equal(got, want) {
		t.Errorf("Tab leads to %q, want %q", got, want)
	}
	back := slices.Clone(want[:len(want)-1])
	slices.Reverse(back)
	if got := order(len(back), chromedp.ModifierShift); !slices.Equal(got, back) {
		t.Errorf("and back to %q, want %q", got, back)
	}

	// The whole way by key.
	order(2, chromedp.ModifierNone)
	b.insert(zofia.typed)
	form.arrive(200, func() { b.key(kb.Enter) })
	form.nothingSticks()
	form.tabTo("#subject")
	for _, field := range zofia.fields() {
		form.tabTo("#" + field[0])
		b.insert(field[1])
	}
	form.arrive(200, func() { b.key(kb.Enter) })
	form.nothingSticks()
	form.tabTo(embeddedSend)
	form.arrive(200, func() { b.key(kb.Enter) })
	form.sees(p.say("check.heading"))
	form.nothingSticks()
	p.smtp.Next(t)
}

// nothingSticks fails the test if anything is to stay at the edge of a window
// that is nowhere near the reader's.
func (b *tab) nothingSticks() {
	b.t.Helper()
	if stuck := eval[[]string](b, `[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && ["sticky", "fixed"].includes(getComputedStyle(e).position)).map(e => e.outerHTML.slice(0, 80))`); len(stuck) > 0 {
		b.t.Errorf("%s has what sticks: %q", b.path(), stuck)
	}
}

// TestEmbed_LinksThatLeave: whatever leads away opens a new tab, shows that it
// does, and says so.
func TestEmbed_LinksThatLeave(t *testing.T) {
	t.Parallel()
	p := start(t)
	h := p.siteFor("friends", "localhost")
	for _, path := range []string{"/embed/friends/c/" + slug, "/embed/c/" + slug, "/embed/friends/c/nowhere"} {
		h.article(p.frame(desktop, path))
		b := p.openAt(desktop, h)
		b.visitHost(h, "/act")
		form := b.guest(inside, "h1")
		for _, wrong := range eval[[]string](form, `[...document.querySelectorAll("a[href]")].filter(a => {
			const stays = new URL(a.href).pathname.includes("/embed/") || a.getAttribute("href").startsWith("#");
			const says = document.getElementById(a.getAttribute("aria-describedby"))?.textContent.includes("new tab");
			const shows = getComputedStyle(a, "::after").content.includes("\u2197");
			return stays ? a.target : a.target !== "_blank" || !says || !shows;
		}).map(a => a.outerHTML)`) {
			t.Errorf("%s: %s", path, wrong)
		}
		if form.count(`a[target]`) == 0 {
			t.Errorf("%s has no way out", path)
		}
	}
}
