package atlas

import (
	"fmt"
	"strconv"
)

// Units of the drawing. A hexagon is 20 wide and 24 high on a grid of rows 18
// apart: within 4 % of regular, and every corner is a whole number.
const (
	halfWidth = 10
	side      = 12 // the upright sides
	shoulder  = 6  // from a corner at the top to one at the side
	rowStep   = side + shoulder
	margin    = 3
)

// hexagon is the path of one from its top corner, closed.
const hexagon = "l10 6v12l-10 6-10-6v-12z"

// diamond is the path of a mark from the same corner, in the middle.
const diamond = "m0 7l5 5-5 5-5-5z"

// drawing is what all pictures of a layout have in common, as SVG.
type drawing struct {
	viewBox string
	width   int
	height  int
	x, y    []int16  // the top corner of each seat's hexagon
	moves   []string // to that corner, as path data
	nations []byte   // path data of the outlines
	regions []byte   // path data of the lines between regions
}

// draw prepares the drawing.
func (l *Layout) draw() drawing {
	var d drawing
	right, low, left := 0, 0, 1<<30
	for _, h := range l.hexes {
		left = min(left, halfWidth*(2*h.Q+h.R)-halfWidth)
	}
	for _, h := range l.hexes {
		x, y := halfWidth*(2*h.Q+h.R)-left+margin, h.R*rowStep+margin
		d.x, d.y = append(d.x, int16(x)), append(d.y, int16(y))
		d.moves = append(d.moves, "M"+strconv.Itoa(x)+" "+strconv.Itoa(y))
		right, low = max(right, x+halfWidth), max(low, y+side+2*shoulder)
	}
	d.width, d.height = right+margin, low+margin
	d.viewBox = fmt.Sprintf("0 0 %d %d", d.width, d.height)
	d.nations = l.outline(&d, func(a, b *Seat) bool { return b == nil || a.Nation != b.Nation })
	d.regions = l.outline(&d, func(a, b *Seat) bool { return b != nil && a.Nation == b.Nation && a.Region != b.Region })
	return d
}

// corners are those of a hexagon, measured from its top corner, so that the
// side towards around[k] runs from corner k to corner k+1.
var corners = [7][2]int{
	{halfWidth, shoulder}, {halfWidth, shoulder + side}, {0, side + 2*shoulder},
	{-halfWidth, shoulder + side}, {-halfWidth, shoulder}, {0, 0}, {halfWidth, shoulder},
}

// outline draws the sides of hexagons between which there is a line, as few
// long strokes. Each pair of seats is asked once in each direction; b is nil
// for the sea.
func (l *Layout) outline(d *drawing, line func(a, b *Seat) bool) []byte {
	type spot [2]int
	next := map[spot][]spot{} // with the land on the right
	var starts []spot
	for i := range l.seats {
		for k, step := range around {
			var b *Seat
			j, ok := l.cells[l.hexes[i].plus(step)]
			if ok {
				b = &l.seats[j]
			}
			if !line(&l.seats[i], b) || ok && j < i { // a line between two is drawn once
				continue
			}
			from := spot{int(d.x[i]) + corners[k][0], int(d.y[i]) + corners[k][1]}
			to := spot{int(d.x[i]) + corners[k+1][0], int(d.y[i]) + corners[k+1][1]}
			if next[from] == nil {
				starts = append(starts, from)
			}
			next[from] = append(next[from], to)
		}
	}
	// Begin where a stroke cannot be entered, so that it comes out whole.
	ins := map[spot]int{}
	for _, tos := range next {
		for _, to := range tos {
			ins[to]++
		}
	}
	var b []byte
	walk := func(at spot) {
		first := at
		b = fmt.Appendf(b, "M%d %d", at[0], at[1])
		for {
			tos := next[at]
			if len(tos) == 0 {
				return
			}
			to := tos[0]
			next[at] = tos[1:]
			if to == first && len(next[to]) == 0 {
				b = append(b, 'z')
				return
			}
			b = appendStep(b, to[0]-at[0], to[1]-at[1])
			at = to
		}
	}
	for _, s := range starts {
		for len(next[s]) > ins[s] {
			walk(s)
			ins[s]++
		}
	}
	for _, s := range starts {
		for len(next[s]) > 0 {
			walk(s)
		}
	}
	return b
}

func appendStep(b []byte, dx, dy int) []byte {
	if dx == 0 {
		return strconv.AppendInt(append(b, 'v'), int64(dy), 10)
	}
	b = strconv.AppendInt(append(b, 'l'), int64(dx), 10)
	if dy >= 0 {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(dy), 10)
}
