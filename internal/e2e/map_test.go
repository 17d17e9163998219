package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestMap_Says: the hexagon where the keyboard is, or that is pointed at, is
// named where it can be read, and nothing moves for it.
func TestMap_Says(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.pledge(leeds)
	b := p.open(desktop)
	b.visit(atMap)
	const north, line = `.hexmap a:first-of-type`, "#says"
	const top = `document.querySelector(".atlas .hexmap").getBoundingClientRect().top - document.querySelector(".atlas").getBoundingClientRect().top`
	before := eval[float64](b, top)
	if got := b.text(line); got != "" {
		t.Errorf("before anything is pointed at the line says %q", got)
	}
	b.tabTo(north)
	want := b.content(north + " title")
	if got := b.text(line); got != want || want == "" {
		t.Errorf("the keyboard is at %q, the line says %q", want, got)
	}
	const ours = `.hexmap a[href$="/leeds-central-and-headingley"]`
	x, y := b.middle(b.find(ours))
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
	if got, want := b.text(line), b.content(ours+" title"); got != want {
		t.Errorf("%q is pointed at, the line says %q", want, got)
	}
	if moved := eval[float64](b, top) - before; moved != 0 {
		t.Errorf("the map moves, by %v", moved)
	}
	if got := b.attribute(line, "aria-hidden"); got != "true" {
		t.Errorf("a screen reader hears it twice: aria-hidden is %q", got)
	}
	b.follow(ours)
	b.at(atMPs + "/leeds-central-and-headingley")
}
