package picture

import "math"

// The stamp, in pixels.
const (
	stampX, stampY          = 1006.0, 200.0 // its middle
	stampWidth, stampHeight = 212.0, 256.0
	stampTurn               = 3.2 * math.Pi / 180
	stampInset              = 19.0 // from its edge to what is printed
	hole                    = 6.4  // radius of the perforation
)

// onStampPaper turns and moves a path around (0, 0) to where the stamp is.
func onStampPaper(p path) path { return p.place(1, stampTurn, stampX, stampY) }

// perforated is a rectangle around (0, 0) with half a hole every so often along
// its sides.
func perforated(w, h float64) path {
	const turns = 8 // lines to half a hole
	var p []point
	side := func(x, y, dx, dy, length float64) {
		n := math.Round(length / (hole * 3.1))
		for i := range int(n) {
			middle := (float64(i) + 0.5) * length / n
			for turn := range turns + 1 {
				sin, cos := math.Sincos(math.Pi * float64(turn) / turns)
				along, in := middle-hole*cos, hole*sin
				p = append(p, point{x + dx*along - dy*in, y + dy*along + dx*in})
			}
		}
		p = append(p, point{x + dx*length, y + dy*length})
	}
	side(-w/2, -h/2, 1, 0, w)
	side(w/2, -h/2, 0, 1, h)
	side(w/2, h/2, -1, 0, w)
	side(-w/2, h/2, 0, -1, h)
	return polygon(p...)
}

// drawStamp prints the stamp's panel, number and words, and cancels it.
func (p *Painter) drawStamp(c *canvas, card Card, look looks) {
	const w, h = stampWidth - 2*stampInset, stampHeight - 2*stampInset
	c.fill(onStampPaper(rectangle(-w/2, -h/2, w/2, h/2)), look.accent)

	number := p.serif.fit(card.Stamp, box{width: w - 24, height: 70, largest: 76, least: 24, lines: 1, leading: 1})
	words := p.sans.fit(card.StampWords, box{width: w - 24, height: 62, largest: 23, least: 16, lines: 3, leading: 1.25})
	gap := 0.0
	if len(words.lines) > 0 && len(number.lines) > 0 {
		gap = 22
	}
	// Below the middle: the postmark strikes the top.
	y := 0.1*h - (number.height()+gap+words.height())/2
	for _, b := range []block{number, words} {
		for i, line := range b.lines {
			baseline := y + b.size*(capitals+float64(i)*b.leading)
			at := b.face.outline(line).place(b.size, 0, -b.size*b.face.width(line)/2, baseline)
			c.fill(onStampPaper(at), look.onAccent)
		}
		y += b.height() + gap
	}
	c.fill(p.postmark, postmarkInk)
}

// waves are the postmark: four lines across the stamp's top left corner, as one
// shape, so that the ink is no thicker where the pieces of a line overlap.
func waves() path {
	const length, apart, swing, periods = 164, 17, 5, 3
	var p path
	for i := range 4 {
		var points []point
		for x := 0.0; x <= length; x += 4 {
			points = append(points, point{x, apart*float64(i) - swing*math.Sin(x/length*periods*2*math.Pi)})
		}
		p = append(p, stroke(2.8, points...)...)
	}
	return p.place(1, -0.07, 842, 100)
}
