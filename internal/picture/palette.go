package picture

import (
	"encoding/binary"
	"image"
	"image/color"
)

// The site's light colours, as in assets/style.css.
var (
	paper     = color.RGBA{0xfd, 0xf7, 0xe8, 0xff} // --envelope
	sheetTint = color.RGBA{0xff, 0xfd, 0xf7, 0xff} // --sheet
	ink       = color.RGBA{0x1c, 0x23, 0x31, 0xff} // --ink
	ink2      = color.RGBA{0x4d, 0x54, 0x66, 0xff} // --ink-2
	red       = color.RGBA{0xb3, 0x20, 0x2a, 0xff} // --air-1
	blue      = color.RGBA{0x1f, 0x3f, 0x77, 0xff} // --air-2
	stampEdge = color.RGBA{0xff, 0xfe, 0xfa, 0xff} // --stamp-edge
	stampRed  = color.RGBA{0xa8, 0x1c, 0x27, 0xff} // --stamp
	onStamp   = color.RGBA{0xff, 0xf6, 0xe6, 0xff} // --on-stamp
	shade     = color.RGBA{0xc9, 0xbf, 0xa8, 0xff} // the darkest of the stamp's shadow
)

// cancelled is how strongly the postmark covers what it is struck on.
const cancelled = 0.55

// postmarkInk is translucent.
var postmarkInk = color.NRGBA{ink.R, ink.G, ink.B, 140} // cancelled of 255

// looks are the colours that depend on the campaign.
type looks struct{ accent, onAccent color.RGBA }

// looksOf takes the campaign's accent, opaque, and the lighter or darker of the
// two colours for words on it, whichever stands out more.
func looksOf(accent color.Color) looks {
	l := looks{stampRed, onStamp}
	if accent == nil {
		return l
	}
	if c := color.NRGBAModel.Convert(accent).(color.NRGBA); c.A > 0 {
		l.accent = color.RGBA{c.R, c.G, c.B, 0xff}
	}
	if contrast(l.accent, ink) > contrast(l.accent, onStamp) {
		l.onAccent = ink
	}
	return l
}

// palette holds the flat colours of a card and the shades of every edge where
// two of them meet: few where the edge is a pixel wide, more for the shadow.
func (l looks) palette() color.Palette {
	struck := func(c color.RGBA) color.RGBA { return mix(c, ink, cancelled) }
	meetings := []struct {
		a, b   color.RGBA
		shades int
	}{
		{paper, ink, 16}, {l.accent, l.onAccent, 16}, {paper, shade, 28},
		{paper, ink2, 10}, {paper, red, 10}, {paper, blue, 10}, {paper, l.accent, 10}, {paper, stampEdge, 4},
		{shade, stampEdge, 10}, {stampEdge, l.accent, 10}, {ink, l.accent, 8}, {sheetTint, ink, 10}, {sheetTint, l.accent, 8},
		{paper, struck(paper), 10}, {stampEdge, struck(stampEdge), 10}, {l.accent, struck(l.accent), 8},
		{shade, struck(shade), 6}, {l.accent, onSeal(l), 8},
	}
	p := make(color.Palette, 0, 256)
	has := map[color.RGBA]bool{}
	for _, m := range meetings {
		for i := range m.shades {
			c := mix(m.a, m.b, float64(i)/float64(m.shades-1))
			if !has[c] {
				has[c] = true
				p = append(p, c)
			}
		}
	}
	return p
}

// mix is a, covered by the share t of b.
func mix(a, b color.RGBA, t float64) color.RGBA {
	part := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t + 0.5) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 0xff}
}

// toIndexed gives every pixel of from the nearest colour of the palette. A card
// has few colours and long runs of each, so that hardly any pixel is searched
// for.
func toIndexed(to *image.Paletted, from *image.RGBA, p color.Palette) {
	to.Palette = p
	flat := make([][3]int, len(p))
	for i, c := range p {
		c := c.(color.RGBA)
		flat[i] = [3]int{int(c.R), int(c.G), int(c.B)}
	}
	known := make(map[uint32]uint8, 4096)
	last, index := uint32(0), uint8(0)
	for i := range to.Pix {
		c := binary.LittleEndian.Uint32(from.Pix[4*i:])
		if c != last {
			found, ok := known[c]
			if !ok {
				found = nearest(flat, int(c&0xff), int(c>>8&0xff), int(c>>16&0xff))
				known[c] = found
			}
			last, index = c, found
		}
		to.Pix[i] = index
	}
}

// nearest is the place of the colour that differs least. The eye is surest of
// green and least sure of blue.
func nearest(flat [][3]int, r, g, b int) uint8 {
	best, least := 0, 1<<30
	for i, c := range flat {
		dr, dg, db := c[0]-r, c[1]-g, c[2]-b
		if d := 2*dr*dr + 4*dg*dg + db*db; d < least {
			best, least = i, d
		}
	}
	return uint8(best)
}
