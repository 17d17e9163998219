package atlas

import "math"

// graph is the seats with their neighbours, by number.
type graph struct {
	seats []Seat
	at    []point // true places, in kilometres
	edges []edge
	of    [][]int // the numbers of each seat's edges
}

type edge struct {
	a, b   int
	toward point   // the true direction from a to b, of length 1
	length float64 // how far apart the two want to lie, in hexagon widths
	weight float64 // a longer common border matters more; about 1
	km     float64 // length of the common border
	linked bool    // across water, no border
}

// newGraph takes the borders among the seats given, and leaves out others.
func newGraph(seats []Seat, borders []Border) *graph {
	g := &graph{seats: seats, at: make([]point, len(seats)), of: make([][]int, len(seats))}
	number := make(map[string]int, len(seats))
	for i, s := range seats {
		number[s.Code] = i
		g.at[i] = s.grid()
	}
	for _, b := range borders {
		i, okA := number[b.A]
		j, okB := number[b.B]
		if !okA || !okB {
			continue
		}
		d := g.at[j].minus(g.at[i])
		weight := 1.0
		if b.Length > 0 {
			// Against the size of the two: 10 km is much in a town.
			weight = min(max(2.5*float64(b.Length)/d.length(), 0.5), 1.5)
		}
		e := edge{i, j, d.times(1 / d.length()), min(max(d.length()/48, 1), 2), weight, float64(b.Length), b.Length == 0 && seats[i].Nation != "Northern Ireland"}
		g.of[i] = append(g.of[i], len(g.edges))
		g.of[j] = append(g.of[j], len(g.edges))
		g.edges = append(g.edges, e)
	}
	return g
}

// rounds is how often spread moves every seat; by then they lie still.
const rounds = 4000

// spread lays the seats out so that each has the room of a hexagon. Every pair
// of neighbours wants to lie one width apart in its true direction, which keeps
// the country's look while its towns swell; and no two seats want to be nearer
// than that.
func (g *graph) spread() []point {
	middle := point{}
	for _, at := range g.at {
		middle = middle.plus(at.times(1 / float64(len(g.at))))
	}
	p := make([]point, len(g.at))
	for i := range p {
		p[i] = g.at[i].minus(middle).times(1.0 / 22) // about the scale in the end
	}
	pull := make([]point, len(p))
	share := make([]float64, len(p))
	for round := range rounds {
		clear(pull)
		clear(share)
		for _, e := range g.edges {
			d := p[e.b].minus(p[e.a]).minus(e.toward.times(e.length))
			pull[e.a] = pull[e.a].plus(d.times(e.weight))
			pull[e.b] = pull[e.b].minus(d.times(e.weight))
			share[e.a] += e.weight
			share[e.b] += e.weight
		}
		push := 3 * min(1, 2*float64(round)/rounds)
		for i := range p {
			for j := range i {
				dx, dy := p[j].x-p[i].x, p[j].y-p[i].y
				if d2 := dx*dx + dy*dy; d2 < 1 && d2 > 0 {
					d := math.Sqrt(d2)
					off := point{dx, dy}.times(push * (d - 1) / d)
					pull[i] = pull[i].plus(off)
					pull[j] = pull[j].minus(off)
					share[i] += push
					share[j] += push
				}
			}
		}
		for i := range p {
			if share[i] > 0 {
				p[i] = p[i].plus(pull[i].times(0.5 / share[i]))
			}
		}
	}
	return p
}
