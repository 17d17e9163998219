package atlas

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
			if !r.moving[other] || m.seat < other {
				sum += r.pairCost(e)
			}
		}
		h := r.cell[m.seat]
		at := boardAt(h)
		for _, step := range boardStep {
			o := int(r.board[at+step])
			if o < 0 || r.moving[o] && m.seat > o {
				continue
			}
			if !r.near[m.seat*n+o] {
				sum += costStranger
			}
			if r.region[m.seat] != r.region[o] {
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
	r.search++
	sum := 0
	look := func(at int) {
		if r.board[at] != emptyCell || r.mark[at] == r.search {
			return
		}
		r.mark[at] = r.search
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

// countPieces counts the connected pieces of a set of regions.
func (r *refiner) countPieces(set int) int {
	in := r.sets[set]
	r.search++
	pieces := 0
	for i := range r.cell {
		start := boardAt(r.cell[i])
		if !in[r.region[i]] || r.mark[start] == r.search {
			continue
		}
		pieces++
		r.mark[start] = r.search
		r.queue = append(r.queue[:0], int32(start))
		for len(r.queue) > 0 {
			at := int(r.queue[len(r.queue)-1])
			r.queue = r.queue[:len(r.queue)-1]
			for _, step := range boardStep {
				to := at + step
				if o := r.board[to]; o >= 0 && r.mark[to] != r.search && in[r.region[o]] {
					r.mark[to] = r.search
					r.queue = append(r.queue, int32(to))
				}
			}
		}
	}
	return pieces
}

// touched tells which sets of regions may have come apart or together. A swap
// within a region changes none, and one across a border not the whole.
func (r *refiner) touched(moves []change, shore bool) (sets [maxSets]bool) {
	first := r.region[moves[0].seat]
	for s := range r.sets {
		in := r.sets[s][first]
		for _, m := range moves {
			if has := r.sets[s][r.region[m.seat]]; has != in || shore && has {
				sets[s] = true
				break
			}
		}
	}
	return sets
}
