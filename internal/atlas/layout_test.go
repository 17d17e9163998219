package atlas

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// codes lists the constituencies in the order of the map.
func (l *Layout) codes() []string {
	codes := make([]string, len(l.seats))
	for i, s := range l.seats {
		codes[i] = s.Code
	}
	return codes
}

// hex returns the hexagon of a constituency.
func (l *Layout) hex(code string) (Hex, bool) {
	i, ok := l.index[code]
	if !ok {
		return Hex{}, false
	}
	return l.hexes[i], true
}

func TestLayout_HasEveryConstituencyOnce(t *testing.T) {
	l := committed(t)
	seats, _ := roster()
	if len(seats) != 650 || len(l.codes()) != 650 {
		t.Fatalf("%d constituencies, %d on the map, want 650", len(seats), len(l.codes()))
	}
	at := map[Hex]string{}
	for _, s := range seats {
		h, ok := l.hex(s.Code)
		if !ok {
			t.Errorf("%s has no hexagon", s.Code)
		}
		if other, taken := at[h]; taken {
			t.Errorf("%s and %s share a hexagon", s.Code, other)
		}
		at[h] = s.Code
	}
	if _, ok := l.hex("E14000530"); ok {
		t.Error("a constituency of before 2024 is on the map")
	}
}

func TestLayout_WalksFromNorthToSouth(t *testing.T) {
	l := committed(t)
	codes := l.codes()
	if !slices.IsSortedFunc(codes, func(a, b string) int {
		x, _ := l.hex(a)
		y, _ := l.hex(b)
		if x.R != y.R {
			return x.R - y.R
		}
		return x.Q - y.Q
	}) {
		t.Error("the order is not from the north to the south and from the west to the east")
	}
	if codes[0] != "S14000051" {
		t.Errorf("the first is %s, want Orkney and Shetland", codes[0])
	}
}

// Islands that stand off the coast touch nothing; the Isle of Wight and Ynys Môn
// touch their own nation, which TestQuality_Floors sees by their pieces.
func TestLayout_KeepsIslandsOff(t *testing.T) {
	l := committed(t)
	for _, code := range detached {
		h, _ := l.hex(code)
		closest := 1 << 30
		for i, other := range l.hexes {
			if l.seats[i].Code != code {
				closest = min(closest, h.distance(other))
			}
		}
		if closest < strait || closest > strait+1 {
			t.Errorf("%s lies %d steps from the rest, want %d or a little more", code, closest, strait)
		}
	}
}

// The map is recognised by its outline.
func TestLayout_LooksLikeTheCountry(t *testing.T) {
	l := committed(t)
	at := func(name string) point {
		_, names := roster()
		for code, n := range names {
			if n == name {
				h, _ := l.hex(code)
				return h.centre()
			}
		}
		t.Fatalf("no constituency %q", name)
		return point{}
	}
	west := func(a, b string) {
		t.Helper()
		if at(a).x >= at(b).x {
			t.Errorf("%s is not to the west of %s", a, b)
		}
	}
	north := func(a, b string) {
		t.Helper()
		if at(a).y >= at(b).y {
			t.Errorf("%s is not to the north of %s", a, b)
		}
	}
	west("St Ives", "Camborne and Redruth")
	west("Camborne and Redruth", "Exeter")
	west("Exeter", "Salisbury")
	west("Mid and South Pembrokeshire", "Cardiff East")
	west("Ynys Môn", "Wrexham")
	west("Cities of London and Westminster", "Lowestoft")
	west("Lincoln", "Lowestoft")
	west("Foyle", "Belfast North")
	west("Strangford", "Dumfries and Galloway")
	west("Glasgow North", "Edinburgh North and Leith")
	north("Caithness, Sutherland and Easter Ross", "Glasgow North")
	north("Glasgow North", "Dumfries and Galloway")
	north("Dumfries and Galloway", "Barrow and Furness")
	north("Wrexham", "Cardiff East")
	north("Great Grimsby and Cleethorpes", "Norwich North")
	north("Enfield North", "Croydon South")
	north("Winchester", "Isle of Wight West")
	north("North Norfolk", "Ipswich")
	west("Boston and Skegness", "North Norfolk")
	west("Mid and South Pembrokeshire", "Montgomeryshire and Glyndwr")
}

func TestLoad_Refuses(t *testing.T) {
	seats := []Seat{{Code: "A", Nation: "Wales", Region: "Wales"}, {Code: "B", Nation: "Wales", Region: "Wales"}}
	head := "# postbag hexes 1\n# source: s\n# date: d\n# rows: 2\ncode\tq\tr\n"
	if _, err := Load(fstest.MapFS{HexesFile: {Data: []byte(head + "A\t0\t0\nB\t1\t0\n")}}, seats); err != nil {
		t.Fatalf("a sound table is refused: %v", err)
	}
	for name, c := range map[string]struct{ table, says string }{
		"two on one cell":      {head + "A\t0\t0\nB\t0\t0\n", "same hexagon"},
		"a constituency twice": {head + "A\t0\t0\nA\t1\t0\n", "stands twice"},
		"an unknown one":       {head + "A\t0\t0\nC\t1\t0\n", `"B" has no hexagon`},
		"one too many":         {strings.Replace(head, "rows: 2", "rows: 3", 1) + "A\t0\t0\nB\t1\t0\nC\t2\t0\n", "3 hexagons"},
		"a cut file":           {head + "A\t0\t0\n", "damaged"},
		"a place that is none": {head + "A\t0\tx\nB\t1\t0\n", "invalid syntax"},
		"a place far away":     {head + "A\t3000\t0\nB\t1\t0\n", "far from the others"},
		"a place above them":   {head + "A\t0\t-1\nB\t1\t0\n", "far from the others"},
		"a field too few":      {head + "A\t0\nB\t1\t0\n", "fields"},
		"a later format":       {strings.Replace(head, "hexes 1", "hexes 2", 1) + "A\t0\t0\nB\t1\t0\n", "not a table of hexes"},
		"another table":        {"# postbag members 1\ncode\tname\n", "not a table of hexes"},
		"an empty file":        {"", "not a table of hexes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{HexesFile: {Data: []byte(c.table)}}, seats)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
	if _, err := Load(fstest.MapFS{}, seats); err == nil {
		t.Error("a missing table is no error")
	}
}

func TestTables_WriteWhatTheyRead(t *testing.T) {
	fsys := os.DirFS(embedded)
	table, err := readTable(fsys, HexesFile, "hexes", hexColumns)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(embedded + "/" + HexesFile)
	if err != nil {
		t.Fatal(err)
	}
	if got := committed(t).Table(table.source); string(got) != string(want) {
		t.Error("the layout writes another table of hexagons than it was read from")
	}
	borders, source, err := LoadBorders(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if want, err = os.ReadFile(embedded + "/" + BordersFile); err != nil {
		t.Fatal(err)
	}
	if got := BordersTable(borders, source); string(got) != string(want) {
		t.Error("the borders write another table than they were read from")
	}
}
