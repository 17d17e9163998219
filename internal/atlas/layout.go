// Package atlas holds the hex map of the United Kingdom: the places of the 650
// constituencies on a grid of hexagons, how that layout was found and how good
// it is, and the map as SVG.
//
// The layout is computed once by "postbag map build" and committed as a table
// (HexesFile), with the borders between constituencies that it is computed from
// (BordersFile). Serving pages only reads them.
package atlas

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
)

// Seat is what the map needs to know of a constituency.
type Seat struct {
	Code     string // ONS code
	Nation   string // England, Scotland, Wales or Northern Ireland
	Region   string // one of England's nine regions; elsewhere the nation again
	Lon, Lat float64
}

// Layout gives each constituency a hexagon. It never changes once made, and any
// number of goroutines may use it.
type Layout struct {
	seats []Seat // from the north to the south, and from the west to the east
	hexes []Hex
	index map[string]int // of a code in both
	cells map[Hex]int

	drawing drawing
}

// Load reads the committed layout for these constituencies. It refuses a table
// that has not exactly one hexagon for each of them.
func Load(fsys fs.FS, seats []Seat) (*Layout, error) {
	table, err := readTable(fsys, HexesFile, "hexes", hexColumns)
	if err != nil {
		return nil, err
	}
	at := make(map[string]Hex, len(table.rows))
	for _, row := range table.rows {
		h, err := parseHex(row[1], row[2])
		if err != nil {
			return nil, fmt.Errorf("%s: constituency %q: %w", HexesFile, row[0], err)
		}
		if _, twice := at[row[0]]; twice {
			return nil, fmt.Errorf("%s: constituency %q stands twice", HexesFile, row[0])
		}
		at[row[0]] = h
	}
	l, err := newLayout(seats, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", HexesFile, err)
	}
	return l, nil
}

// newLayout checks and sorts a layout, and prepares its drawing.
func newLayout(seats []Seat, at map[string]Hex) (*Layout, error) {
	l := &Layout{
		seats: slices.Clone(seats), hexes: make([]Hex, len(seats)),
		index: make(map[string]int, len(seats)), cells: make(map[Hex]int, len(seats)),
	}
	for _, s := range seats {
		if _, ok := at[s.Code]; !ok {
			return nil, fmt.Errorf("constituency %q has no hexagon", s.Code)
		}
	}
	if len(at) != len(seats) {
		return nil, fmt.Errorf("%d hexagons for %d constituencies", len(at), len(seats))
	}
	slices.SortFunc(l.seats, func(a, b Seat) int {
		x, y := at[a.Code], at[b.Code]
		return cmp.Or(cmp.Compare(x.R, y.R), cmp.Compare(x.Q, y.Q))
	})
	for i, s := range l.seats {
		h := at[s.Code]
		if j, taken := l.cells[h]; taken {
			return nil, fmt.Errorf("constituencies %q and %q have the same hexagon", l.seats[j].Code, s.Code)
		}
		l.hexes[i], l.index[s.Code], l.cells[h] = h, i, i
	}
	l.drawing = l.draw()
	return l, nil
}

// parting names what is kept apart on the map by a line: a region of England,
// or another nation.
func (s Seat) parting() string { return s.Nation + "/" + s.Region }

// detached are the islands that stand off the coast in the map as they do at
// sea. The Isle of Wight and Ynys Môn touch their coasts.
var detached = []string{
	"S14000051", // Orkney and Shetland
	"S14000027", // Na h-Eileanan an Iar
}

func isDetached(code string) bool { return slices.Contains(detached, code) }
