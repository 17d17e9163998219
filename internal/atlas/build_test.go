package atlas

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"postbag/internal/testkit"
)

// TestBuild_MakesTheCommittedMap takes half a minute, so it is for CI; by hand
// it is "postbag map build", which compares and says so.
func TestBuild_MakesTheCommittedMap(t *testing.T) {
	testkit.Unhurried(t)
	if os.Getenv("CI") != "true" {
		t.Skip("takes half a minute; set CI=true, or run postbag map build")
	}
	seats, _ := roster()
	l, err := Build(t.Context(), seats, committedBorders(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := committed(t)
	for _, s := range seats {
		got, _ := l.hex(s.Code)
		if h, _ := want.hex(s.Code); got != h {
			t.Fatalf("%s is at %v, in the committed table at %v: run postbag map build --out db", s.Code, got, h)
		}
	}
}

// The facts lie beside the repository and are no part of it.
const factsPostcodes = "../../../shared/data/postcodes-gb.csv.gz"

func TestBorders_FindTheCommittedOnes(t *testing.T) {
	testkit.Unhurried(t)
	if os.Getenv("CI") != "true" {
		t.Skip("takes half a minute; set CI=true, or run postbag map build --postcodes")
	}
	f, err := os.Open(factsPostcodes)
	if err != nil {
		t.Fatalf("the reference facts are required in CI: %v", err)
	}
	defer f.Close()
	table, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	seats, _ := roster()
	got, err := Borders(t.Context(), table, seats)
	if err != nil {
		t.Fatal(err)
	}
	if string(BordersTable(got, Source{})) != string(BordersTable(committedBorders(t), Source{})) {
		t.Error("the neighbours are not the committed ones: run postbag map build --postcodes … --out db")
	}
}

// Two small lands are enough to see that the same input gives the same map.
func TestBuild_IsTheSameEachTime(t *testing.T) {
	seats := append(some("Wales"), some("Northern Ireland")...)
	borders := committedBorders(t)
	var tables [2]string
	for i := range tables {
		reached := 0
		l, err := Build(t.Context(), seats, borders, func(done, total int) { reached = max(reached, 100*done/total) })
		if err != nil {
			t.Fatal(err)
		}
		if reached < 90 {
			t.Errorf("progress ends at %d %%", reached)
		}
		tables[i] = string(l.Table(Source{Name: "test"}))
		q := l.Measure(borders)
		for _, p := range q.Parts {
			if p.Pieces != 1 {
				t.Errorf("%s is in %d pieces", p.Name, p.Pieces)
			}
		}
		if q.Apart < channel {
			t.Errorf("Northern Ireland lies %d steps from Great Britain, want %d", q.Apart, channel)
		}
	}
	if tables[0] != tables[1] {
		t.Error("two builds of the same input differ")
	}
}

func TestBuild_NeedsBothIslands(t *testing.T) {
	if _, err := Build(t.Context(), some("Wales"), nil, nil); err == nil {
		t.Error("a map without Northern Ireland is no error")
	}
	if _, err := Build(t.Context(), some("Northern Ireland"), nil, nil); err == nil {
		t.Error("a map without Great Britain is no error")
	}
}

// Two towns with a glen between them, an estuary, and an island.
func TestBorders(t *testing.T) {
	seats := []Seat{{Code: "E1", Nation: "England"}, {Code: "E2", Nation: "England"}, {Code: "E3", Nation: "England"},
		{Code: "N1", Nation: "Northern Ireland", Lon: -6, Lat: 54}, {Code: "N2", Nation: "Northern Ireland", Lon: -7, Lat: 54},
		{Code: "N3", Nation: "Northern Ireland", Lon: -8, Lat: 54}}
	var table strings.Builder
	table.WriteString("\uFEFFpcds,east1m,north1m,pcon24cd\n")
	town := func(code string, east, north, perSquare int) {
		for e := range 6 {
			for n := range 6 {
				for range perSquare {
					table.WriteString("X," + strconv.Itoa((east+e)*1000) + "," + strconv.Itoa((north+n)*1000) + "," + code + "\n")
				}
			}
		}
	}
	town("E1", 100, 100, 20)
	town("E2", 106, 100, 20) // touches E1
	town("E3", 120, 100, 20) // 8 km of water
	table.WriteString("X,0,0,\nX,112000,102000,E9\n")
	got, err := Borders(t.Context(), strings.NewReader(table.String()), seats)
	if err != nil {
		t.Fatal(err)
	}
	find := func(a, b string) (Border, bool) {
		for _, x := range got {
			if x.A == a && x.B == b {
				return x, true
			}
		}
		return Border{}, false
	}
	if b, ok := find("E1", "E2"); !ok || b.Length < 5 {
		t.Errorf("two that touch along 6 km: %v %t", b, ok)
	}
	if b, ok := find("E2", "E3"); !ok || b.Length != 0 {
		t.Errorf("an island and its nearest shore: %v %t, want a link of length 0", b, ok)
	}
	if b, ok := find("N1", "N2"); !ok || b.Length != 0 {
		t.Errorf("neighbours by centroids: %v %t", b, ok)
	}
	for _, pair := range [][2]string{{"E1", "E3"}, {"N1", "N3"}} {
		if b, ok := find(pair[0], pair[1]); ok {
			t.Errorf("%v are no neighbours", b)
		}
	}
	for name, bad := range map[string]string{"no columns": "a,b\n1,2\n", "empty": "", "no number": "east1m,north1m,pcon24cd\nx,1,E1\n"} {
		if _, err := Borders(t.Context(), strings.NewReader(bad), seats); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestBuild_StopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	_, err := Build(ctx, append(some("Wales"), some("Northern Ireland")...), committedBorders(t), func(int, int) {
		steps++
		cancel()
	})
	if !errors.Is(err, context.Canceled) || steps != 1 {
		t.Errorf("error %v after %d steps of progress, want it to stop at the first", err, steps)
	}
}
