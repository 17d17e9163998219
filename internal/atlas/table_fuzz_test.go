package atlas

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzBorders: of whatever table of postcodes, those who are taken for neighbours are
// two that there are, each pair once.
func FuzzBorders(f *testing.F) {
	const head = "pcds,east1m,north1m,pcon24cd\n"
	f.Add(head + "GU11 1AA,486000,150000,E14001063\nGU11 1AB,486500,150000,E14001064\nBT1 1AA,333000,374000,N05000002\n")
	f.Add("\uFEFFPCON24CD, OSEAST1M,osnrth1m\nE14001063,-1,2147483648000\nE14001064,9223372036854775807,-9223372036854775808\n")
	f.Add(head + "\"a\n")
	seats := []Seat{{Code: "E14001063", Nation: "England", Region: "South East"}, {Code: "E14001064", Nation: "England", Region: "South East"}, {Code: "N05000002", Nation: "Northern Ireland"}}
	f.Fuzz(func(t *testing.T, table string) {
		r, err := readRaster(t.Context(), strings.NewReader(table), seats)
		if err != nil {
			return
		}
		rows := strings.Count(table, "\n") + strings.Count(table, "\r") + 1
		if len(r.owner) > rows*(2*12*tiles+1)*(2*12*tiles+1) {
			t.Errorf("%d rows make %d squares", rows, len(r.owner))
		}
		for i, b := range r.borders() {
			if b.A != "E14001063" || b.B != "E14001064" || b.Length < minBorder || i > 0 {
				t.Errorf("neighbours: %+v", b)
			}
		}
	})
}

// FuzzTables: a map that is taken can be drawn within bounds, and is written as it
// was; so are borders.
func FuzzTables(f *testing.F) {
	const head = "# postbag hexes 1\n# source: s\n# date: d\n# attribution: a\n# rows: 2\ncode\tq\tr\n"
	const borders = "# postbag neighbours 1\n# source: s\n# date: d\n# rows: 1\na\tb\tkm\n"
	f.Add(head+"E14001063\t0\t0\nW07000081\t1\t0\n", borders+"E14001063\tW07000081\t12\n")
	f.Add(head+"E14001063\t-2\t9\nW07000081\t-2\t9\n", borders+"\t\t-9\n")
	f.Add(head+"E14001063\t9223372036854775807\t0\nW07000081\t-9223372036854775808\t1\n", borders+"a\tb\t99999999999999999999\n")
	f.Add(head+"E14001063\t3000\t0\nW07000081\t0\t4000\n", strings.ReplaceAll(borders, "rows: 1", "rows: 01"))
	f.Add(strings.ReplaceAll(head, "2\ncode", "0\ncode"), "")
	seats := []Seat{{Code: "E14001063", Nation: "England", Region: "South East"}, {Code: "W07000081", Nation: "Wales"}}
	f.Fuzz(func(t *testing.T, hexes, neighbours string) {
		files := fstest.MapFS{HexesFile: {Data: []byte(hexes)}, BordersFile: {Data: []byte(neighbours)}}
		if list, source, err := LoadBorders(files); err == nil {
			again, _, err := LoadBorders(fstest.MapFS{BordersFile: {Data: BordersTable(list, source)}})
			if err != nil || !slices.Equal(again, list) {
				t.Errorf("%+v is written and read as %+v, %v", list, again, err)
			}
		}
		l, err := Load(files, seats)
		if err != nil {
			return
		}
		again, err := Load(fstest.MapFS{HexesFile: {Data: l.Table(Source{})}}, seats)
		if err != nil || !slices.Equal(again.hexes, l.hexes) {
			t.Fatalf("%v is written and read anew: %v", l.hexes, err)
		}
		var b bytes.Buffer
		if err := l.File(&b, Options{Title: "<&>", Cell: func(string) Cell { return Cell{} }}, nil); err != nil {
			t.Fatal(err)
		}
		if b.Len() > 20_000 {
			t.Errorf("a picture of %d bytes", b.Len())
		}
		for i := range l.hexes {
			if l.drawing.x[i] < 0 || l.drawing.y[i] < 0 || int(l.drawing.x[i]) > l.drawing.width || int(l.drawing.y[i]) > l.drawing.height {
				t.Errorf("%v stands at %d, %d of %s", l.hexes[i], l.drawing.x[i], l.drawing.y[i], l.drawing.viewBox)
			}
		}
		d := xml.NewDecoder(&b)
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("the picture is no XML: %v", err)
			}
		}
	})
}
