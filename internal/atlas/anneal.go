package atlas

import (
	"context"
	"math"
)

const (
	annealSteps = 12_000_000 // for the whole country; fewer for less
	hottest     = 900.0      // the first temperature, in the unit of the costs
	coldest     = 12.0
	maxMoved    = 96 // seats in one move
)

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

// place makes moves, and undo takes them back.
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
		r.moving[m.seat] = true
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
		r.moving[m.seat] = false
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
	var was [maxSets]int
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

// run anneals: it tries moves at random, takes what makes the layout better
// and, while it is hot, some of what makes it worse.
func (r *refiner) run(ctx context.Context, steps int, progress func(done, total int)) error {
	moves := make([]change, 0, maxMoved)
	cooling := math.Log(coldest / hottest)
	heat := hottest
	for step := range steps {
		if step%4096 == 0 {
			heat = hottest * math.Exp(cooling*float64(step)/float64(steps))
			if progress != nil {
				progress(step, steps)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		allowed := int(-heat * math.Log(r.random.fraction()))
		i := r.random.below(len(r.cell))
		from := r.cell[i]
		kind := r.random.below(100)
		switch {
		case kind < 6: // a row along
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
		default: // to a cell nearby, or swapped with who is there
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
	return nil
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
