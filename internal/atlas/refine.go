package atlas

import (
	"math"
	"slices"
)

// What a layout costs, in thousandths of a pair of neighbours that are torn
// apart. The figures were found by looking at maps.
const (
	costTorn      = 1000 // a pair of neighbours that does not touch, whatever the distance
	costFar       = 700  // each width more between neighbours
	costTurned    = 900  // a pair of neighbours whose direction is off by a right angle
	costStranger  = 260  // each side shared by two that are no neighbours
	costAstray    = 300  // a seat one width from where spread put it; grows as the square
	costInPieces  = 6000 // each piece too many of a nation or region
	costCoast     = 100  // each side of the outline
	costHole      = 6000 // an empty cell with land all around
	costInlet     = 2500 // an empty cell with land on five sides
	costBay       = 150  // an empty cell with land on four sides
	costFrontier  = 120  // each side between two regions or nations
	tableReach    = 14   // widths for which the cost of a pair is tabulated
	tableSide     = 2*tableReach + 1
	refineSteps   = 12_000_000
	coldest       = 12.0
	hottest       = 900.0
	boardSide     = 128
	boardMiddle   = boardSide / 2
	emptyCell     = -1
	maxMoved      = 96
	componentSets = 16
)

// refiner improves a layout by simulated annealing. It counts in integers and
// has its own random numbers, so that it does the same on every machine.
type refiner struct {
	g       *graph
	aim     []point
	tables  [][]int32 // per edge: the cost by offset of b from a
	near    []bool    // seats*seats: neighbours
	cell    []Hex
	board   []int16
	parting []int    // a seat's region
	sets    [][]bool // by component set, by region: whether it belongs
	pieces  []int
	random  random

	mark   []int32
	stamp  int32
	queue  []int32
	inMove []bool
}

// random is a splitmix64 generator.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9E3779B97F4A7C15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

func (r *random) below(n int) int { return int(r.next() >> 33 % uint64(n)) }

// fraction is a number above 0 and up to 1.
func (r *random) fraction() float64 { return float64(r.next()>>11+1) / (1 << 53) }

func boardAt(h Hex) int { return (h.R+boardMiddle)*boardSide + h.Q + boardMiddle }

var boardStep = func() (steps [6]int) {
	for i, h := range around {
		steps[i] = boardAt(h) - boardAt(Hex{})
	}
	return
}()

// newRefiner starts from a layout. The regions named apart are to be in one
// piece each, as is each nation and everything together.
func newRefiner(g *graph, aim []point, cells []Hex, seed uint64) *refiner {
	n := len(g.seats)
	r := &refiner{g: g, aim: aim, cell: slices.Clone(cells), random: random(seed), inMove: make([]bool, n),
		near: make([]bool, n*n), board: make([]int16, boardSide*boardSide), mark: make([]int32, boardSide*boardSide)}
	for i := range r.board {
		r.board[i] = emptyCell
	}
	regions := map[string]int{}
	var nations []string
	for i, s := range g.seats {
		if _, ok := regions[s.parting()]; !ok {
			regions[s.parting()] = len(regions)
			nations = append(nations, s.Nation)
		}
		r.parting = append(r.parting, regions[s.parting()])
		r.board[boardAt(cells[i])] = int16(i)
	}
	add := func(in func(region int) bool) {
		set := make([]bool, len(regions))
		for k := range set {
			set[k] = in(k)
		}
		if !slices.ContainsFunc(r.sets, func(other []bool) bool { return slices.Equal(other, set) }) {
			r.sets = append(r.sets, set)
		}
	}
	for k := range len(regions) {
		add(func(region int) bool { return region == k })
	}
	for _, nation := range nations {
		add(func(region int) bool { return nations[region] == nation })
	}
	add(func(int) bool { return true })
	for _, e := range g.edges {
		r.near[e.a*n+e.b], r.near[e.b*n+e.a] = true, true
		table := make([]int32, tableSide*tableSide)
		for dq := -tableReach; dq <= tableReach; dq++ {
			for dr := -tableReach; dr <= tableReach; dr++ {
				o := Hex{dq, dr}.centre()
				d := o.length()
				if d == 0 {
					continue
				}
				c := costTurned * (1 - o.dot(e.toward)/d)
				if d > 1.01 {
					c += costTorn + costFar*(d-1)
				}
				table[(dr+tableReach)*tableSide+dq+tableReach] = int32(math.Round(c * e.weight))
			}
		}
		r.tables = append(r.tables, table)
	}
	r.pieces = make([]int, len(r.sets))
	for s := range r.sets {
		r.pieces[s] = r.countPieces(s)
	}
	return r
}

// countPieces counts the connected pieces of a set of regions.
func (r *refiner) countPieces(set int) int {
	in := r.sets[set]
	r.stamp++
	pieces := 0
	for i := range r.cell {
		start := boardAt(r.cell[i])
		if !in[r.parting[i]] || r.mark[start] == r.stamp {
			continue
		}
		pieces++
		r.mark[start] = r.stamp
		r.queue = append(r.queue[:0], int32(start))
		for len(r.queue) > 0 {
			at := int(r.queue[len(r.queue)-1])
			r.queue = r.queue[:len(r.queue)-1]
			for _, step := range boardStep {
				to := at + step
				if o := r.board[to]; o >= 0 && r.mark[to] != r.stamp && in[r.parting[o]] {
					r.mark[to] = r.stamp
					r.queue = append(r.queue, int32(to))
				}
			}
		}
	}
	return pieces
}

// change is a seat's move.
type change struct {
	seat     int
	from, to Hex
}

// pairCost is the cost of an edge where its ends are now.
func (r *refiner) pairCost(e int) int {
	d := r.cell[r.g.edges[e].b].minus(r.cell[r.g.edges[e].a])
	dq := min(max(d.Q, -tableReach), tableReach)
	dr := min(max(d.R, -tableReach), tableReach)
	return int(r.tables[e][(dr+tableReach)*tableSide+dq+tableReach])
}

// cost is what the moved seats cost where they are now: with their neighbours,
// with those around them, and for being astray. What two moved seats share is
// counted once.
func (r *refiner) cost(moves []change) int {
	n := len(r.cell)
	sum := 0
	for _, m := range moves {
		for _, e := range r.g.of[m.seat] {
			other := r.g.edges[e].a + r.g.edges[e].b - m.seat
			if !r.inMove[other] || m.seat < other {
				sum += r.pairCost(e)
			}
		}
		h := r.cell[m.seat]
		at := boardAt(h)
		for _, step := range boardStep {
			o := int(r.board[at+step])
			if o < 0 || r.inMove[o] && m.seat > o {
				continue
			}
			if !r.near[m.seat*n+o] {
				sum += costStranger
			}
			if r.parting[m.seat] != r.parting[o] {
				sum += costFrontier
			}
		}
		d := h.centre().minus(r.aim[m.seat])
		sum += int(costAstray * d.dot(d))
	}
	return sum
}

// shore is the cost of the outline around two cells, of which one is filled and
// the other empty.
func (r *refiner) shore(a, b int) int {
	r.stamp++
	sum := 0
	look := func(at int) {
		if r.board[at] != emptyCell || r.mark[at] == r.stamp {
			return
		}
		r.mark[at] = r.stamp
		land := 0
		for _, step := range boardStep {
			if r.board[at+step] != emptyCell {
				land++
			}
		}
		sum += land * costCoast
		switch land {
		case 6:
			sum += costHole
		case 5:
			sum += costInlet
		case 4:
			sum += costBay
		}
	}
	for _, c := range [2]int{a, b} {
		look(c)
		for _, step := range boardStep {
			look(c + step)
		}
	}
	return sum
}

func (r *refiner) place(moves []change) {
	for _, m := range moves {
		r.board[boardAt(m.from)] = emptyCell
	}
	for _, m := range moves {
		r.board[boardAt(m.to)] = int16(m.seat)
		r.cell[m.seat] = m.to
	}
}

func (r *refiner) undo(moves []change) {
	for _, m := range moves {
		r.board[boardAt(m.to)] = emptyCell
	}
	for _, m := range moves {
		r.board[boardAt(m.from)] = int16(m.seat)
		r.cell[m.seat] = m.from
	}
}

// try makes the moves if they cost no more than allowed. filled and emptied are
// the cells whose being land changes; they are the same when none is.
func (r *refiner) try(moves []change, filled, emptied Hex, allowed int) bool {
	for _, m := range moves {
		r.inMove[m.seat] = true
	}
	shore := filled != emptied
	before := r.cost(moves)
	if shore {
		before += r.shore(boardAt(filled), boardAt(emptied))
	}
	r.place(moves)
	after := r.cost(moves)
	if shore {
		after += r.shore(boardAt(filled), boardAt(emptied))
	}
	for _, m := range moves {
		r.inMove[m.seat] = false
	}
	excess := -len(r.pieces)
	for _, n := range r.pieces {
		excess += n
	}
	if after-before-costInPieces*excess > allowed { // not even mending all would pay
		r.undo(moves)
		return false
	}
	touched := r.touched(moves, shore)
	var was [componentSets]int
	for s := range r.sets {
		if touched[s] {
			was[s] = r.pieces[s]
			r.pieces[s] = r.countPieces(s)
			after += costInPieces * (r.pieces[s] - was[s])
		}
	}
	if after-before <= allowed {
		return true
	}
	for s := range r.sets {
		if touched[s] {
			r.pieces[s] = was[s]
		}
	}
	r.undo(moves)
	return false
}

// run anneals.
func (r *refiner) run(steps int, progress func(done, total int)) {
	moves := make([]change, 0, maxMoved)
	cooling := math.Log(coldest / hottest)
	heat := hottest
	for step := range steps {
		if step%4096 == 0 {
			heat = hottest * math.Exp(cooling*float64(step)/float64(steps))
			if progress != nil {
				progress(step, steps)
			}
		}
		allowed := int(-heat * math.Log(r.random.fraction()))
		i := r.random.below(len(r.cell))
		from := r.cell[i]
		kind := r.random.below(100)
		switch {
		case kind < 6:
			if list, filled, emptied, ok := r.push(moves[:0], from); ok {
				r.try(list, filled, emptied, allowed)
			}
		case kind < 30: // three in a ring
			k := r.random.below(6)
			b, c := from.plus(around[k]), from.plus(around[(k+1)%6])
			j, l := r.board[boardAt(b)], r.board[boardAt(c)]
			if j >= 0 && l >= 0 {
				list := append(moves[:0], change{i, from, b}, change{int(j), b, c}, change{int(l), c, from})
				r.try(list, from, from, allowed)
			}
		default:
			to := from
			for range 1 + r.random.below(3) {
				to = to.plus(around[r.random.below(6)])
			}
			if to == from {
				continue
			}
			j := r.board[boardAt(to)]
			if j < 0 {
				r.try(append(moves[:0], change{i, from, to}), to, from, allowed)
			} else {
				r.try(append(moves[:0], change{i, from, to}, change{int(j), to, from}), from, from, allowed)
			}
		}
	}
}

// push moves a row of seats by one cell each: out to the sea in one direction
// from a cell, and in from the sea in another.
func (r *refiner) push(moves []change, from Hex) (list []change, filled, emptied Hex, ok bool) {
	out := r.random.below(6)
	in := r.random.below(6)
	if in == out {
		return nil, filled, emptied, false
	}
	h := from
	for {
		i := r.board[boardAt(h)]
		if i < 0 {
			break
		}
		to := h.plus(around[out])
		moves = append(moves, change{int(i), h, to})
		h = to
		if len(moves) > maxMoved/2 {
			return nil, filled, emptied, false
		}
	}
	filled = h
	to := from
	h = from.plus(around[in])
	for {
		i := r.board[boardAt(h)]
		if i < 0 {
			break
		}
		moves = append(moves, change{int(i), h, to})
		to = h
		h = h.plus(around[in])
		if len(moves) >= maxMoved {
			return nil, filled, emptied, false
		}
	}
	return moves, filled, to, to != filled
}

// touched tells which sets of regions may have come apart or together. A swap
// within a region changes none, and one across a border not the whole.
func (r *refiner) touched(moves []change, shore bool) (sets [componentSets]bool) {
	first := r.parting[moves[0].seat]
	for s := range r.sets {
		in := r.sets[s][first]
		for _, m := range moves {
			if has := r.sets[s][r.parting[m.seat]]; has != in || shore && has {
				sets[s] = true
				break
			}
		}
	}
	return sets
}
