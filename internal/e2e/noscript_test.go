package e2e

import "testing"

// TestNoScript holds that a window without JavaScript really runs none, and
// that we can still read its pages. Else the tests without it would prove
// nothing.
func TestNoScript(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, off := range []bool{false, true} {
		d := desktop
		d.noScript = off
		b := p.open(d)
		b.visit("/")
		if got := eval[bool](b, `matchMedia("(scripting: none)").matches`); got != off {
			t.Errorf("with noScript %v the page believes that it runs no scripts: %v", off, got)
		}
	}
}
