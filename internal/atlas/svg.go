package atlas

import (
	"fmt"
	"io"
	"strconv"
	"strings"
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

// Cell is what the map shows of a constituency.
type Cell struct {
	Class int    // 0 to 5: its shade
	Mark  bool   // a mark in the hexagon, that tells more than its colour
	Title string // its name and numbers, in words: what hover and a screen reader tell
	Href  string // where a click goes
}

// Options say how to draw a map.
type Options struct {
	// Title names the map for those who do not see it. ID makes the names of
	// elements unique on the page; without it they begin with "map".
	Title, ID string
	// Cell tells what to show of a constituency. Of an overview only Class and
	// Mark are asked.
	Cell func(code string) Cell
}

func (o Options) id() string {
	if o.ID == "" {
		return "map"
	}
	return o.ID
}

// drawing is what all pictures of a layout have in common, as SVG.
type drawing struct {
	viewBox string
	x, y    []int16  // the top corner of each seat's hexagon
	moves   []string // to that corner, as path data
	nations string   // path data of the outlines
	regions string   // path data of the lines between regions
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
	d.viewBox = fmt.Sprintf("0 0 %d %d", right+margin, low+margin)
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
func (l *Layout) outline(d *drawing, line func(a, b *Seat) bool) string {
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
	var b strings.Builder
	walk := func(at spot) {
		first := at
		fmt.Fprintf(&b, "M%d %d", at[0], at[1])
		for {
			tos := next[at]
			if len(tos) == 0 {
				return
			}
			to := tos[0]
			next[at] = tos[1:]
			if to == first && len(next[to]) == 0 {
				b.WriteString("z")
				return
			}
			relative(&b, to[0]-at[0], to[1]-at[1])
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
	return b.String()
}

func relative(b *strings.Builder, dx, dy int) {
	if dx == 0 {
		fmt.Fprintf(b, "v%d", dy)
		return
	}
	fmt.Fprintf(b, "l%d", dx)
	if dy >= 0 {
		b.WriteByte(' ')
	}
	b.WriteString(strconv.Itoa(dy))
}

// hexagon is the path of one from its top corner, closed.
const hexagon = "l10 6v12l-10 6-10-6v-12z"

// dot is the path of a mark from the same corner: a diamond in the middle.
const dot = "m0 7l5 5-5 5-5-5z"

const bufferSize = 100 << 10

// Overview writes the map as a small picture: a path for each class, one for
// the marks, the outlines, and no links.
func (l *Layout) Overview(w io.Writer, o Options) error {
	var classes [len(Steps)][]byte
	var marks []byte
	for i := range l.seats {
		c := o.Cell(l.seats[i].Code)
		class := min(max(c.Class, 0), len(Steps)-1)
		classes[class] = append(append(classes[class], l.drawing.moves[i]...), hexagon...)
		if c.Mark {
			marks = append(append(marks, l.drawing.moves[i]...), dot...)
		}
	}
	b := make([]byte, 0, bufferSize)
	b = l.open(b, o, `role="img" `)
	for class, path := range classes {
		if len(path) > 0 {
			b = append(b, `<path class="h`...)
			b = strconv.AppendInt(b, int64(class), 10)
			b = append(b, `" d="`...)
			b = append(append(b, path...), `"/>`...)
		}
	}
	b = l.lines(b)
	if len(marks) > 0 {
		b = append(append(append(b, `<path class="hm" d="`...), marks...), `"/>`...)
	}
	b = append(b, "</svg>"...)
	_, err := w.Write(b)
	return err
}

// Full writes the map with a link for each constituency, which says its title
// on hover and to a screen reader.
func (l *Layout) Full(w io.Writer, o Options) error {
	b := make([]byte, 0, bufferSize)
	b = l.open(b, o, `role="group" `)
	for i := range l.seats {
		c := o.Cell(l.seats[i].Code)
		b = append(b, `<a href="`...)
		b = appendEscaped(b, c.Href)
		b = append(b, `" class="h`...)
		b = strconv.AppendInt(b, int64(min(max(c.Class, 0), len(Steps)-1)), 10)
		b = append(b, `"><title>`...)
		b = appendEscaped(b, c.Title)
		b = append(b, `</title><path d="`...)
		b = append(append(b, l.drawing.moves[i]...), hexagon...)
		b = append(b, `"/>`...)
		if c.Mark {
			b = append(b, `<path class="hm" d="`...)
			b = append(append(b, l.drawing.moves[i]...), dot...)
			b = append(b, `"/>`...)
		}
		b = append(b, "</a>"...)
	}
	b = l.lines(b)
	b = append(b, "</svg>"...)
	_, err := w.Write(b)
	return err
}

func (l *Layout) open(b []byte, o Options, role string) []byte {
	id := o.id()
	b = append(b, `<svg class="hexmap" viewBox="`...)
	b = append(append(b, l.drawing.viewBox...), `" `...)
	b = append(append(b, role...), `aria-labelledby="`...)
	b = append(appendEscaped(b, id), `-title"><title id="`...)
	b = append(appendEscaped(b, id), `-title">`...)
	return append(appendEscaped(b, o.Title), "</title>"...)
}

// lines draws the borders over the hexagons.
func (l *Layout) lines(b []byte) []byte {
	b = append(append(append(b, `<path class="hr" d="`...), l.drawing.regions...), `"/>`...)
	return append(append(append(b, `<path class="hn" d="`...), l.drawing.nations...), `"/>`...)
}

// appendEscaped writes text for an attribute or an element, without the control
// characters that XML cannot hold.
func appendEscaped(b []byte, text string) []byte {
	for _, r := range text {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&#34;"...)
		case r == '\'':
			b = append(b, "&#39;"...)
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			b = append(b, ' ')
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}
