package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// point is a place in pixels, y downwards.
type point struct{ x, y float64 }

// step is one move of a path: to the last of its n points, the others being
// the curve's control points.
type step struct {
	n  int // 0 starts a contour at to[0]; 1 line, 2 quadratic, 3 cubic curve
	to [3]point
}

// path is a set of contours, each closed. Contours that overlap must run the
// same way round: clockwise as seen on the screen.
type path []step

// polygon is the contour through the points.
func polygon(points ...point) path {
	p := path{{to: [3]point{points[0]}}}
	for _, at := range points[1:] {
		p = append(p, step{n: 1, to: [3]point{at}})
	}
	return p
}

// rectangle has its corners at (x0, y0) and (x1, y1).
func rectangle(x0, y0, x1, y1 float64) path {
	return polygon(point{x0, y0}, point{x1, y0}, point{x1, y1}, point{x0, y1})
}

// circle is drawn with four cubic curves, true to 0.03 % of the radius.
func circle(x, y, r float64) path {
	const k = 0.5522847498
	h := k * r
	return path{
		{to: [3]point{{x + r, y}}},
		{3, [3]point{{x + r, y + h}, {x + h, y + r}, {x, y + r}}},
		{3, [3]point{{x - h, y + r}, {x - r, y + h}, {x - r, y}}},
		{3, [3]point{{x - r, y - h}, {x - h, y - r}, {x, y - r}}},
		{3, [3]point{{x + h, y - r}, {x + r, y - h}, {x + r, y}}},
	}
}

// stroke is the line through the points, with round ends and joins.
func stroke(width float64, points ...point) path {
	r := width / 2
	var p path
	for i, at := range points {
		p = append(p, circle(at.x, at.y, r)...)
		if i == 0 {
			continue
		}
		from := points[i-1]
		length := math.Hypot(at.x-from.x, at.y-from.y)
		if length == 0 {
			continue
		}
		nx, ny := (at.y-from.y)/length*r, (from.x-at.x)/length*r
		p = append(p, polygon(
			point{from.x + nx, from.y + ny}, point{at.x + nx, at.y + ny},
			point{at.x - nx, at.y - ny}, point{from.x - nx, from.y - ny})...)
	}
	return p
}

// place is scaled, then turned clockwise by an angle in radians, then moved.
func (p path) place(scale, angle, x, y float64) path {
	sin, cos := math.Sincos(angle)
	moved := make(path, len(p))
	for i, s := range p {
		for j, at := range s.to {
			ax, ay := at.x*scale, at.y*scale
			s.to[j] = point{x + ax*cos - ay*sin, y + ax*sin + ay*cos}
		}
		moved[i] = s
	}
	return moved
}

// bounds is the smallest rectangle of whole pixels around the path, or around
// the control points of its curves.
func (p path) bounds() image.Rectangle {
	if len(p) == 0 {
		return image.Rectangle{}
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range p {
		for _, at := range s.to[:max(s.n, 1)] {
			x0, x1 = min(x0, at.x), max(x1, at.x)
			y0, y1 = min(y0, at.y), max(y1, at.y)
		}
	}
	return image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
}

// canvas is a picture that paths are filled on.
type canvas struct {
	img    *image.RGBA
	raster vector.Rasterizer
	ink    image.Uniform
}

// fill covers the inside of p with the colour.
func (c *canvas) fill(p path, with color.Color) {
	c.ink.C = with
	c.draw(p, c.img)
}

// draw fills p on any picture, with the canvas's ink.
func (c *canvas) draw(p path, on draw.Image) {
	area := p.bounds().Intersect(on.Bounds())
	if area.Empty() {
		return
	}
	r := &c.raster
	r.Reset(area.Dx(), area.Dy())
	dx, dy := float64(area.Min.X), float64(area.Min.Y)
	f := func(at point) (x, y float32) { return float32(at.x - dx), float32(at.y - dy) }
	for i, s := range p {
		ax, ay := f(s.to[0])
		bx, by := f(s.to[1])
		cx, cy := f(s.to[2])
		switch s.n {
		case 0:
			if i > 0 {
				r.ClosePath()
			}
			r.MoveTo(ax, ay)
		case 1:
			r.LineTo(ax, ay)
		case 2:
			r.QuadTo(ax, ay, bx, by)
		case 3:
			r.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	r.ClosePath()
	r.Draw(on, area, &c.ink, image.Point{})
}
