package atlas

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// seed is that of the one map there is: the best to look at of the first few.
// Another gives another map, about as good.
const seed = 2

// Build computes the layout from the constituencies and their borders. The same
// input gives the same layout; a processor whose arithmetic rounds otherwise may
// give another, about as good.
//
// Great Britain is first spread, so that each constituency has the room of a
// hexagon and lies in its true direction from its neighbours; then seated on
// the grid with the least displacement; then refined by simulated annealing,
// which brings neighbours together, keeps nations and regions in one piece, and
// smooths the coast. Northern Ireland is laid out in the same way on its own
// and set down beyond a channel, as near to its true place as that allows, and
// so are the islands that stand off Scotland.
func Build(ctx context.Context, seats []Seat, borders []Border, progress func(done, total int)) (*Layout, error) {
	var britain, ireland, islands []Seat
	for _, s := range seats {
		switch {
		case s.Nation == "Northern Ireland":
			ireland = append(ireland, s)
		case isDetached(s.Code):
			islands = append(islands, s)
		default:
			britain = append(britain, s)
		}
	}
	if len(britain) == 0 || len(ireland) == 0 {
		return nil, errors.New("build map: Great Britain or Northern Ireland has no constituency")
	}
	at := make(map[string]Hex, len(seats))
	main := newGraph(britain, borders)
	cells, err := main.lay(ctx, progress)
	if err != nil {
		return nil, fmt.Errorf("build map: %w", err)
	}
	for i, h := range cells {
		at[britain[i].Code] = h
	}
	other := newGraph(ireland, borders)
	if cells, err = other.lay(ctx, nil); err != nil {
		return nil, fmt.Errorf("build map: %w", err)
	}
	setDown(at, ireland, cells, main.aside(at, other.at, cells), channel)
	for _, s := range islands {
		setDown(at, []Seat{s}, []Hex{{}}, main.offshore(at, s.grid()), strait)
	}
	l, err := newLayout(seats, fromCorner(at))
	if err != nil {
		return nil, fmt.Errorf("build map: %w", err)
	}
	return l, nil
}

// How many steps of the grid lie at least between Great Britain and what is
// set down beside it: a channel shows two empty hexagons, a strait one.
const (
	channel = 3
	strait  = 2
)

// lay lays out one land mass.
func (g *graph) lay(ctx context.Context, progress func(done, total int)) ([]Hex, error) {
	aim := g.spread()
	r := newRefiner(g, aim, seatCells(aim), seed)
	if err := r.run(ctx, annealSteps*len(g.seats)/650, progress); err != nil {
		return nil, err
	}
	return r.cell, nil
}

// setDown places a land mass as near to where as it can be, at least gap steps
// from all that is there.
func setDown(at map[string]Hex, seats []Seat, cells []Hex, where point, gap int) {
	middle := nearest(where)
	best, bestOff := Hex{}, math.Inf(1)
	const search = 25
	for q := -search; q <= search; q++ {
		for r := -search; r <= search; r++ {
			shift := middle.plus(Hex{q, r})
			if off := shift.centre().apart(where); off < bestOff && apartBy(at, cells, shift, gap) {
				best, bestOff = shift, off
			}
		}
	}
	for i, s := range seats {
		at[s.Code] = cells[i].plus(best)
	}
}

func apartBy(at map[string]Hex, cells []Hex, shift Hex, gap int) bool {
	for _, c := range cells {
		c = c.plus(shift)
		for _, h := range at {
			if c.distance(h) < gap {
				return false
			}
		}
	}
	return true
}

// aside says where the origin of a land mass belongs that has these true places
// and these cells: beside the seats nearest to it, at the scale of the map.
func (g *graph) aside(at map[string]Hex, places []point, cells []Hex) point {
	const nearby, kmPerWidth = 12, 36
	sum := point{}
	for i, p := range places {
		for _, j := range g.byDistance(p)[:nearby] {
			beside := at[g.seats[j].Code].centre().plus(p.minus(g.at[j]).times(1.0 / kmPerWidth))
			sum = sum.plus(beside.minus(cells[i].centre()))
		}
	}
	return sum.times(1 / float64(nearby*len(places)))
}

// offshore says where an island belongs that has this true place: beyond the
// seat nearest to it.
func (g *graph) offshore(at map[string]Hex, p point) point {
	nearest := g.byDistance(p)[0]
	off := p.minus(g.at[nearest])
	return at[g.seats[nearest].Code].centre().plus(off.times(strait / off.length()))
}

// byDistance lists the seats from the nearest to p.
func (g *graph) byDistance(p point) []int {
	order := make([]int, len(g.at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.at[a].apart(p), g.at[b].apart(p)) })
	return order
}

// fromCorner moves the map so that its topmost row is 0 and its westernmost
// hexagon touches the left edge, at Q = 0 in an even row or nearly so.
func fromCorner(at map[string]Hex) map[string]Hex {
	top, left := math.MaxInt, math.Inf(1)
	for _, h := range at {
		top = min(top, h.R)
	}
	for _, h := range at {
		left = min(left, Hex{h.Q, h.R - top}.centre().x)
	}
	moved := make(map[string]Hex, len(at))
	for code, h := range at {
		moved[code] = Hex{h.Q - int(math.Floor(left)), h.R - top}
	}
	return moved
}
