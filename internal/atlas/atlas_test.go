package atlas

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// embedded is the folder of the committed tables.
const embedded = "../../db"

// roster reads the constituencies that the program ships with, and their names
// by code.
var roster = sync.OnceValues(func() ([]Seat, map[string]string) {
	raw, err := os.ReadFile(embedded + "/constituencies.tsv")
	if err != nil {
		panic(err)
	}
	var seats []Seat
	names := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 7 || f[0] == "code" {
			continue
		}
		lon, _ := strconv.ParseFloat(f[5], 64)
		lat, _ := strconv.ParseFloat(f[6], 64)
		seats = append(seats, Seat{Code: f[0], Nation: f[3], Region: f[4], Lon: lon, Lat: lat})
		names[f[0]] = f[1]
	}
	return seats, names
})

// committed is the layout that the program ships with.
func committed(tb testing.TB) *Layout {
	tb.Helper()
	seats, _ := roster()
	l, err := Load(os.DirFS(embedded), seats)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func committedBorders(tb testing.TB) []Border {
	tb.Helper()
	borders, _, err := LoadBorders(os.DirFS(embedded))
	if err != nil {
		tb.Fatal(err)
	}
	return borders
}

// some returns the seats of one region or nation.
func some(name string) []Seat {
	seats, _ := roster()
	var list []Seat
	for _, s := range seats {
		if s.in(name) {
			list = append(list, s)
		}
	}
	return list
}
