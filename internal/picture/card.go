package picture

import "image/color"

// Where things stand on a card, in pixels.
const (
	left      = 84.0         // of the words
	right     = Width - left // of the host
	column    = 740.0        // the headline's width: up to the postmark
	markAt    = 64.0         // top of the mark
	markScale = 2.1          // pixels for one of the mark's units
	siteAt    = left + 88    // the campaign's title, right of the mark
	footAt    = Height - 72  // baseline of the last line
)

// drawCard draws what is a card's own.
func (p *Painter) drawCard(c *canvas, card Card, look looks) {
	p.drawStamp(c, card, look)

	drawMark(c, left-markLeft*markScale, markAt-markTop*markScale, markScale, look)
	site := p.serif.fit(card.Site, box{width: left + column - siteAt, height: 60, largest: 37, least: 26, lines: 1, leading: 1})
	// Its capitals stand in the middle of the envelope.
	site.draw(c, siteAt, markAt+11*markScale+site.height()/2, ink)

	// The last line: what is asked on the left, the host on the right.
	foot := p.sans.fit(card.Foot, box{width: 480, height: 40, largest: 28, least: 18, lines: 1, leading: 1})
	foot.draw(c, right-foot.width(), footAt, ink2)
	detail := p.sans.fit(card.Detail, box{width: right - left - foot.width() - 48, height: 80, largest: 37, least: 24, lines: 2, leading: 1.3})
	detail.draw(c, left, footAt-detail.height()+detail.size*capitals, ink)

	// The headline stands in the middle of what they leave.
	const top = markAt + 29*markScale + 34
	bottom := footAt - max(detail.height(), foot.height()) - 60
	headline := p.serif.fit(card.Headline, box{width: column, height: bottom - top, largest: 90, least: 40, lines: 5, leading: 1.1})
	headline.draw(c, left, (top+bottom-headline.height())/2+headline.size*capitals, ink)
}

// draw sets the block's lines from (x, y), the first baseline. Each line begins
// at x to the eye: the first letter's own margin is taken off, and an opening
// quotation mark hangs outside.
func (b block) draw(c *canvas, x, y float64, with color.Color) {
	for i, line := range b.lines {
		c.fill(b.face.outline(line).place(b.size, 0, x-b.size*b.face.margin(line), y+float64(i)*b.size*b.leading), with)
	}
}
