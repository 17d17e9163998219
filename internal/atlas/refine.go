package atlas

import (
	"math"
	"slices"
)

// What a layout costs, in thousandths of a pair of neighbours that are torn
// apart. The figures were found by looking at maps.
const (
	costTorn     = 1000 // a pair of neighbours that does not touch, whatever the distance
	costFar      = 700  // each width more between neighbours
	costTurned   = 900  // a pair of neighbours whose direction is off by a right angle
	costStranger = 260  // each side shared by two that are no neighbours
	costAstray   = 300  // a seat one width from where spread put it; grows as the square
	costInPieces = 6000 // each piece too many of a nation or region
	costFrontier = 120  // each side between two regions or nations
	costCoast    = 100  // each side of the outline
	costHole     = 6000 // an empty cell with land all around
	costInlet    = 2500 // an empty cell with land on five sides
	costBay      = 150  // an empty cell with land on four sides
)

const (
	tableReach = 14 // steps for which the cost of a pair is tabulated
	tableSide  = 2*tableReach + 1

	boardSide   = 128 // more than any map is wide or high
	boardMiddle = boardSide / 2
	emptyCell   = -1

	maxSets = 16 // of regions that are to hang together; 13 are used
)

// refiner improves a layout by simulated annealing.
type refiner struct {
	g      *graph
	aim    []point   // where spread put the seats
	tables [][]int32 // by edge: what it costs, by the offset of its b from its a
	near   []bool    // by seat and seat: whether they are neighbours

	cell   []Hex    // by seat
	board  []int16  // by cell: its seat or emptyCell
	region []int    // by seat
	sets   [][]bool // sets of regions that are to hang together, by region
	pieces []int    // by set: how many pieces it is in now

	random random
	moving []bool  // by seat: in the move that is being tried
	mark   []int32 // by cell: the last search that saw it
	search int32
	queue  []int32
}

// boardAt is the place of a cell on the board, and boardStep what leads to its
// neighbours.
func boardAt(h Hex) int { return (h.R+boardMiddle)*boardSide + h.Q + boardMiddle }

var boardStep = func() (steps [6]int) {
	for i, h := range around {
		steps[i] = boardAt(h) - boardAt(Hex{})
	}
	return
}()

// newRefiner starts from a layout. Each region is to be in one piece, as is each
// nation, and everything together.
func newRefiner(g *graph, aim []point, cells []Hex, seed uint64) *refiner {
	n := len(g.seats)
	r := &refiner{g: g, aim: aim, cell: slices.Clone(cells), random: random(seed), moving: make([]bool, n),
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
		r.region = append(r.region, regions[s.parting()])
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
		r.tables = append(r.tables, pairTable(e))
	}
	r.pieces = make([]int, len(r.sets))
	for s := range r.sets {
		r.pieces[s] = r.countPieces(s)
	}
	return r
}

// pairTable tabulates what an edge costs by the offset between its ends.
func pairTable(e edge) []int32 {
	table := make([]int32, tableSide*tableSide)
	for dr := -tableReach; dr <= tableReach; dr++ {
		for dq := -tableReach; dq <= tableReach; dq++ {
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
	return table
}
