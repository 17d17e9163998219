package atlas

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// tile is the side of a raster square, in metres, and tiles are those in a
// kilometre.
const (
	tile  = 500
	tiles = 1000 / tile
)

// raster is Great Britain in squares of a tile, each given to the
// constituency that has most postcodes in it or, where there are none, to that
// of the nearest square that has some.
type raster struct {
	seats []Seat
	owner map[square]int32 // a seat's number
}

type square struct{ e, n int32 } // tiles east and north on the National Grid

// readRaster reads a postcode table: ONSPD, NSPL or any CSV with the columns
// east1m, north1m and pcon24cd. Rows without a place or of an unknown
// constituency are skipped.
func readRaster(ctx context.Context, table io.Reader, seats []Seat) (*raster, error) {
	rows := csv.NewReader(table)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	east, north, code := -1, -1, -1
	for i, name := range header {
		switch name = strings.ToLower(strings.Trim(name, "\uFEFF ")); {
		case name == "east1m" || name == "oseast1m":
			east = i
		case name == "north1m" || name == "osnrth1m":
			north = i
		case strings.HasPrefix(name, "pcon"):
			code = i
		}
	}
	if east < 0 || north < 0 || code < 0 {
		return nil, errors.New("the header lacks the columns east1m, north1m or pcon24cd")
	}
	number := make(map[string]int32, len(seats))
	for i, s := range seats {
		number[s.Code] = int32(i)
	}
	counts := map[square]map[int32]int{}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the table: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		seat, known := number[row[code]]
		if !known || strings.HasPrefix(row[code], "N") { // Irish Grid
			continue
		}
		e, errE := strconv.Atoi(row[east])
		n, errN := strconv.Atoi(row[north])
		if err := errors.Join(errE, errN); err != nil {
			return nil, fmt.Errorf("read the table: %w", err)
		}
		s := square{int32(e / tile), int32(n / tile)}
		if counts[s] == nil {
			counts[s] = map[int32]int{}
		}
		counts[s][seat]++
	}
	r := &raster{seats: seats, owner: make(map[square]int32, 4*len(counts))}
	postcodes := make([]int, len(seats))
	squares := make([]int, len(seats))
	for s, in := range counts {
		best := int32(-1)
		for seat, n := range in {
			if best < 0 || n > in[best] || n == in[best] && seat < best {
				best = seat
			}
			postcodes[seat] += n
		}
		r.owner[s] = best
		squares[best]++
	}
	r.grow(reaches(postcodes, squares))
	return r, nil
}

// reaches says how far from its last postcode a constituency is taken to go on,
// in tiles: hardly at all in towns, so that it does not cross an estuary,
// and some way in the Highlands, where whole glens are empty.
func reaches(postcodes, squares []int) []float64 {
	far := make([]float64, len(postcodes))
	for i := range far {
		if squares[i] > 0 {
			perSquare := float64(postcodes[i]) / float64(squares[i]) * tiles
			far[i] = tiles * min(max(1.5, 30/perSquare), 12)
		}
	}
	return far
}

// grow gives empty squares to the nearest owner that reaches them.
func (r *raster) grow(reach []float64) {
	type claim struct {
		d2    int32
		owner int32
	}
	best := map[square]claim{}
	for s, seat := range r.owner {
		limit := int32(reach[seat])
		limit2 := int32(reach[seat] * reach[seat])
		for de := -limit; de <= limit; de++ {
			for dn := -limit; dn <= limit; dn++ {
				d2 := de*de + dn*dn
				to := square{s.e + de, s.n + dn}
				if d2 == 0 || d2 > limit2 {
					continue
				}
				if _, taken := r.owner[to]; taken {
					continue
				}
				was, ok := best[to]
				if !ok || d2 < was.d2 || d2 == was.d2 && seat < was.owner {
					best[to] = claim{d2, seat}
				}
			}
		}
	}
	for s, c := range best {
		r.owner[s] = c.owner
	}
}

// minBorder is the shortest common border that makes two constituencies
// neighbours, in kilometres of the raster's stairs.
const minBorder = 1

// borders lists the pairs of constituencies that have a common border.
func (r *raster) borders() []Border {
	length := map[[2]int32]int{}
	for s, a := range r.owner {
		for _, to := range [2]square{{s.e + 1, s.n}, {s.e, s.n + 1}} {
			if b, ok := r.owner[to]; ok && b != a {
				length[[2]int32{min(a, b), max(a, b)}]++
			}
		}
	}
	var list []Border
	for pair, n := range length {
		if n >= minBorder*tiles {
			a, b := r.seats[pair[0]].Code, r.seats[pair[1]].Code
			list = append(list, Border{min(a, b), max(a, b), (n + tiles/2) / tiles})
		}
	}
	slices.SortFunc(list, compareBorders)
	return list
}

// Borders finds the neighbours among the constituencies.
//
// In Great Britain it draws them on a raster from a postcode table, and takes
// as neighbours those whose squares touch along minBorder or more. What it
// cannot see: the true line between two postcodes, and whether a gap between
// them is empty land or water, so that a few pairs across a narrow firth count
// as neighbours and a few that meet on a hill-top do not. In Northern Ireland,
// whose postcodes are under another licence, it takes the Gabriel graph of the
// centroids, which is a guess.
//
// An island that nothing touches gets a link to the nearest shore.
func Borders(ctx context.Context, postcodes io.Reader, seats []Seat) ([]Border, error) {
	r, err := readRaster(ctx, postcodes, seats)
	if err != nil {
		return nil, fmt.Errorf("find borders: %w", err)
	}
	list := r.borders()
	list = append(list, r.links(list)...)
	var irish []Seat
	for _, s := range seats {
		if s.Nation == "Northern Ireland" {
			irish = append(irish, s)
		}
	}
	list = append(list, gabriel(irish)...)
	slices.SortFunc(list, compareBorders)
	return list, nil
}

// links ties every seat of an island to its nearest seat on the mainland, which
// is the largest set of seats that borders join.
func (r *raster) links(borders []Border) []Border {
	number := map[string]int{}
	for i, s := range r.seats {
		number[s.Code] = i
	}
	joined := newForest(len(r.seats))
	for _, b := range borders {
		joined.join(number[b.A], number[b.B])
	}
	main := 0
	for i := range r.seats {
		if joined.size(i) > joined.size(main) {
			main = i
		}
	}
	type place struct {
		square
		owner int32
	}
	var shore []place
	far := map[int32][]square{}
	for s, owner := range r.owner {
		switch {
		case !r.coast(s):
		case joined.find(int(owner)) == joined.find(main):
			shore = append(shore, place{s, owner})
		default:
			far[owner] = append(far[owner], s)
		}
	}
	var list []Border
	for seat, squares := range far {
		best, to := int32(1<<30), int32(-1)
		for _, a := range squares {
			for _, b := range shore {
				d2 := (a.e-b.e)*(a.e-b.e) + (a.n-b.n)*(a.n-b.n)
				if d2 < best || d2 == best && b.owner < to {
					best, to = d2, b.owner
				}
			}
		}
		a, b := r.seats[seat].Code, r.seats[to].Code
		list = append(list, Border{A: min(a, b), B: max(a, b)})
	}
	return list
}

// coast reports whether a square has nothing on some side.
func (r *raster) coast(s square) bool {
	for _, to := range [4]square{{s.e + 1, s.n}, {s.e - 1, s.n}, {s.e, s.n + 1}, {s.e, s.n - 1}} {
		if _, ok := r.owner[to]; !ok {
			return true
		}
	}
	return false
}
