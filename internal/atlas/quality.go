package atlas

import (
	"math"
)

// Quality says how good a layout is.
type Quality struct {
	Seats      int     `json:"seats"`
	Borders    int     `json:"borders"`     // pairs of true neighbours
	Kept       int     `json:"kept"`        // of them, those whose hexagons touch
	KeptLength float64 `json:"kept_length"` // the share of the length of all borders that Kept have
	Near       int     `json:"near"`        // true neighbours that touch or have one hexagon between them
	Touching   int     `json:"touching"`    // pairs of hexagons that touch
	MeanOff    float64 `json:"mean_off"`    // displacement in hexagon widths, once the country is fitted to the map by moving and scaling
	MaxOff     float64 `json:"max_off"`
	Turned     float64 `json:"turned"` // mean angle between the true direction of neighbours and that on the map, in degrees
	Apart      int     `json:"apart"`  // steps from Northern Ireland to Great Britain; 1 would be touching
	Parts      []Part  `json:"parts"`
}

// Part is the quality of a nation or region.
type Part struct {
	Name    string `json:"name"`
	Pieces  int    `json:"pieces"`  // connected pieces, the islands that stand off Scotland left out
	Borders int    `json:"borders"` // pairs of true neighbours of which both lie in it
	Kept    int    `json:"kept"`
}

// Measure compares the layout with the true borders.
func (l *Layout) Measure(borders []Border) Quality {
	q := Quality{Seats: len(l.seats), Apart: math.MaxInt}
	for _, name := range l.names() {
		q.Parts = append(q.Parts, Part{Name: name, Pieces: l.pieces(name)})
	}
	g := newGraph(l.seats, borders)
	var turned, length, kept float64
	for _, e := range g.edges {
		if e.linked {
			continue
		}
		steps := l.hexes[e.a].distance(l.hexes[e.b])
		q.Borders++
		length += e.km
		if steps == 1 {
			q.Kept++
			kept += e.km
		}
		if steps <= 2 {
			q.Near++
		}
		for i := range q.Parts {
			if p := &q.Parts[i]; l.seats[e.a].in(p.Name) && l.seats[e.b].in(p.Name) {
				p.Borders++
				if steps == 1 {
					p.Kept++
				}
			}
		}
		d := l.hexes[e.b].centre().minus(l.hexes[e.a].centre())
		turned += math.Acos(min(max(d.dot(e.toward)/d.length(), -1), 1))
	}
	q.KeptLength = kept / length
	q.Turned = turned / float64(q.Borders) * 180 / math.Pi
	for _, h := range l.hexes {
		for _, step := range around[:3] {
			if _, ok := l.cells[h.plus(step)]; ok {
				q.Touching++
			}
		}
	}
	q.MeanOff, q.MaxOff = l.astray(g.at)
	for i, s := range l.seats {
		for j, t := range l.seats {
			if s.Nation == "Northern Ireland" && t.Nation != s.Nation {
				q.Apart = min(q.Apart, l.hexes[i].distance(l.hexes[j]))
			}
		}
	}
	return q
}

// in reports whether a seat belongs to a nation or region.
func (s Seat) in(name string) bool { return s.Nation == name || s.Region == name }

// names are the nations and regions.
func (l *Layout) names() []string {
	set := map[string]bool{}
	for _, s := range l.seats {
		set[s.Nation], set[s.Region] = true, true
	}
	return sortedKeys(set)
}

// pieces counts the connected pieces of a nation or region, without detached
// islands.
func (l *Layout) pieces(name string) int {
	joined := newForest(len(l.seats))
	roots := map[int]bool{}
	for i, s := range l.seats {
		if !s.in(name) {
			continue
		}
		for _, step := range around[:3] {
			if j, ok := l.cells[l.hexes[i].plus(step)]; ok && l.seats[j].in(name) {
				joined.join(i, j)
			}
		}
	}
	for i, s := range l.seats {
		if s.in(name) && !isDetached(s.Code) {
			roots[joined.find(i)] = true
		}
	}
	return len(roots)
}

// astray fits the true places to the map by moving and scaling (east-west and
// north-south alike) and measures what is left.
func (l *Layout) astray(at []point) (mean, most float64) {
	n := float64(len(at))
	var a, b point
	for i := range at {
		a = a.plus(at[i])
		b = b.plus(l.hexes[i].centre())
	}
	a, b = a.times(1/n), b.times(1/n)
	var dot, square float64
	for i := range at {
		x, y := at[i].minus(a), l.hexes[i].centre().minus(b)
		dot += x.dot(y)
		square += x.dot(x)
	}
	for i := range at {
		off := at[i].minus(a).times(dot / square).plus(b).apart(l.hexes[i].centre())
		mean += off / n
		most = max(most, off)
	}
	return mean, most
}
