package e2e

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// fit is what a page must be whatever it shows.
type fit struct {
	Title     string
	Lang      string
	Headings  []int    // their levels, in order
	Scripts   int      // elements
	Inline    []string // attributes that the policy would refuse
	Unnamed   []string // controls without a label or words
	Duplicate []string // ids that stand twice
	Clipped   []string // controls that reach out of the window
}

const fitScript = `(() => {
	const all = [...document.querySelectorAll("*")];
	const show = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.name ? "[name=" + e.name + "]" : "");
	const ids = all.filter(e => e.id).map(e => e.id);
	const shown = e => e.checkVisibility() && !e.closest(".vh, .skip");
	const controls = all.filter(e => e.matches("button, input:not([type=hidden]), textarea, select, summary, a[href]"));
	return {
		Title: document.title,
		Lang: document.documentElement.lang,
		Headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(h => +h.tagName[1]),
		Scripts: document.scripts.length,
		Inline: all.flatMap(e => [...e.attributes].filter(a => a.name === "style" || a.name.startsWith("on")).map(a => show(e) + " " + a.name)),
		Unnamed: controls.filter(e => !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels && e.labels.length)).map(show),
		Duplicate: ids.filter((id, i) => ids.indexOf(id) !== i),
		Clipped: controls.filter(shown).filter(e => {
			const r = e.getBoundingClientRect();
			return r.width > 0 && (r.left < -0.5 || r.right > document.documentElement.clientWidth + 0.5);
		}).map(show),
	};
})()`

// checkPage looks at the page that has just come.
func (b *tab) checkPage() {
	b.t.Helper()
	f, where := eval[fit](b, fitScript), b.path()
	if f.Title == "" || f.Lang == "" {
		b.t.Errorf("%s has the title %q and the language %q", where, f.Title, f.Lang)
	}
	level, tops := 0, 0
	for _, h := range f.Headings {
		if h == 1 {
			tops++
		}
		if h > level+1 && level > 0 {
			b.t.Errorf("%s jumps from a heading of level %d to %d", where, level, h)
		}
		level = h
	}
	if tops != 1 {
		b.t.Errorf("%s has %d headings of level 1", where, tops)
	}
	if f.Scripts > 0 && !shipsScripts() {
		b.t.Errorf("%s has %d scripts", where, f.Scripts)
	}
	for what, which := range map[string][]string{
		"inline style or script": f.Inline, "controls without a name": f.Unnamed,
		"ids that stand twice": f.Duplicate, "controls cut off at the side": f.Clipped,
	} {
		if len(which) > 0 {
			b.t.Errorf("%s has %s: %v", where, what, which)
		}
	}
	// What is wider than the window makes a page that slides sideways.
	m := call(b, page.GetLayoutMetrics, cdp.Empty{})
	if width := m.CSSContentSize.Width; width > float64(b.device.width) {
		b.t.Errorf("%s is %v wide in a window of %d", where, width, b.device.width)
	}
}
