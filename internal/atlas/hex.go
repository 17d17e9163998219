package atlas

import "math"

// Hex is a cell of a grid of hexagons that stand on a corner ("pointy-top"), in
// axial coordinates: Q counts to the east, R to the south-east. Rows of equal R
// lie level; each row further down is half a hexagon further east.
type Hex struct{ Q, R int }

// around are the steps to a cell's six neighbours, from the east clockwise. The
// side that a cell shares with its neighbour k runs from its corner k to its
// corner k+1 (see corners).
var around = [6]Hex{{1, 0}, {0, 1}, {-1, 1}, {-1, 0}, {0, -1}, {1, -1}}

func (h Hex) plus(o Hex) Hex  { return Hex{h.Q + o.Q, h.R + o.R} }
func (h Hex) minus(o Hex) Hex { return Hex{h.Q - o.Q, h.R - o.R} }

// distance is the number of steps between two cells.
func (h Hex) distance(o Hex) int {
	d := h.minus(o)
	return (abs(d.Q) + abs(d.R) + abs(d.Q+d.R)) / 2
}

// rowHeight is the distance between two rows in hexagon widths.
var rowHeight = math.Sqrt(3) / 2

// point is a place on the plane, in hexagon widths, x to the east and y to the
// south.
type point struct{ x, y float64 }

func (p point) plus(o point) point    { return point{p.x + o.x, p.y + o.y} }
func (p point) minus(o point) point   { return point{p.x - o.x, p.y - o.y} }
func (p point) times(f float64) point { return point{p.x * f, p.y * f} }
func (p point) length() float64       { return math.Hypot(p.x, p.y) }
func (p point) dot(o point) float64   { return p.x*o.x + p.y*o.y }
func (p point) apart(o point) float64 { return p.minus(o).length() }

// centre is the middle of a cell.
func (h Hex) centre() point {
	return point{float64(h.Q) + float64(h.R)/2, float64(h.R) * rowHeight}
}

// nearest is the cell that holds p.
func nearest(p point) Hex {
	r := p.y / rowHeight
	q := p.x - r/2
	s := -q - r
	rq, rr, rs := math.Round(q), math.Round(r), math.Round(s)
	dq, dr, ds := math.Abs(rq-q), math.Abs(rr-r), math.Abs(rs-s)
	switch {
	case dq > dr && dq > ds:
		rq = -rr - rs
	case dr > ds:
		rr = -rq - rs
	}
	return Hex{int(rq), int(rr)}
}

func abs(n int) int { return max(n, -n) }
