package picture

import "image/color"

// What the ink of the mark covers, in its own units.
const (
	markLeft, markTop     = 1.0, 2.0
	markWidth, markHeight = 34.0, 27.0
)

// drawMark draws the mark of the site, an envelope with a round seal and a tick,
// in the units of the mark in the head of every page, from its corner (x, y).
func drawMark(c *canvas, x, y, scale float64, look looks) {
	at := func(p path) path { return p.place(scale, 0, x, y) }
	c.fill(at(rectangle(2, 3, 30, 23)), sheetTint)
	body := stroke(2, point{2, 3}, point{30, 3}, point{30, 23}, point{2, 23}, point{2, 3})
	flap := stroke(2, point{2, 4}, point{16, 15}, point{30, 4})
	c.fill(at(append(body, flap...)), ink)
	c.fill(at(circle(27.5, 21.5, 7.5)), look.accent)
	c.fill(at(stroke(2, point{24, 21.7}, point{26.5, 24.2}, point{30.8, 19.2})), onSeal(look))
}

// onSeal is the tick's colour.
func onSeal(look looks) color.RGBA {
	if look.onAccent == ink {
		return ink
	}
	return color.RGBA{0xff, 0xff, 0xff, 0xff}
}
