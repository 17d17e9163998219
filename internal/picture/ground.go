package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// edge is the width of the airmail edge, in pixels.
const edge = 22

// drawGround draws what all cards have in common: paper, its edge, and the
// stamp's paper with its shadow.
func drawGround(c *canvas) {
	draw.Draw(c.img, c.img.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	drawAirmail(c)
	stamp := onStampPaper(perforated(stampWidth, stampHeight))
	drawShadow(c, stamp)
	c.fill(stamp, stampEdge)
}

// drawAirmail runs slanting bands of red and blue round the edge.
func drawAirmail(c *canvas) {
	// Forty bands, every other one bare, go from the top left corner along two
	// sides to the bottom right; they start so that no corner has a sliver.
	const band = (Width + Height) / 40.0
	const start = 0.7 * band
	between := c.img.SubImage(image.Rect(0, edge, Width, Height-edge)).(*image.RGBA)
	for i := range 20 {
		c.ink.C = red
		if i%2 == 1 {
			c.ink.C = blue
		}
		from := start + float64(i)*2*band // the band is where x+y is between from and to
		to := from + band
		for _, y := range []float64{0, Height - edge} {
			c.draw(polygon(point{from - y, y}, point{to - y, y}, point{to - y - edge, y + edge}, point{from - y - edge, y + edge}), c.img)
		}
		for _, x := range []float64{0, Width - edge} {
			c.draw(polygon(point{x + edge, from - x - edge}, point{x + edge, to - x - edge}, point{x, to - x}, point{x, from - x}), between)
		}
	}
}

// drawShadow darkens the paper under and below the shape, softly.
func drawShadow(c *canvas, shape path) {
	const blur, below = 7, 6
	shape = shape.place(1, 0, 0, below)
	mask := image.NewAlpha(shape.bounds().Inset(-3 * blur).Intersect(c.img.Rect))
	c.ink.C = color.Alpha{0xff}
	c.draw(shape, mask)
	for range 3 { // three boxes come close to a bell
		mask = blurred(mask, blur)
	}
	for y := mask.Rect.Min.Y; y < mask.Rect.Max.Y; y++ {
		for x := mask.Rect.Min.X; x < mask.Rect.Max.X; x++ {
			c.img.SetRGBA(x, y, mix(paper, shade, float64(mask.AlphaAt(x, y).A)/255))
		}
	}
}

// blurred is the mean of every pixel's neighbours up to r away, along and then
// down; beyond the border all is clear.
func blurred(from *image.Alpha, r int) *image.Alpha {
	along, down := image.NewAlpha(from.Rect), image.NewAlpha(from.Rect)
	w, h := from.Rect.Dx(), from.Rect.Dy()
	for y := range h {
		row := y * from.Stride
		blurLine(along.Pix[row:], from.Pix[row:], w, 1, r)
	}
	for x := range w {
		blurLine(down.Pix[x:], along.Pix[x:], h, from.Stride, r)
	}
	return down
}

// blurLine takes the running mean of n pixels that are a step apart.
func blurLine(to, from []uint8, n, step, r int) {
	sum := 0
	for i := -r; i < n; i++ {
		if i+r < n {
			sum += int(from[(i+r)*step])
		}
		if i > r {
			sum -= int(from[(i-r-1)*step])
		}
		if i >= 0 {
			to[i*step] = uint8(sum / (2*r + 1))
		}
	}
}
