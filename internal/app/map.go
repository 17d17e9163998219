package app

import (
	"io/fs"

	"postbag/db"
	"postbag/internal/atlas"
	"postbag/internal/parliament"
)

// EmbeddedMap is the hex map that ships with the program.
func EmbeddedMap() (*atlas.Layout, error) {
	seats, err := MapSeats()
	if err != nil {
		return nil, err
	}
	return atlas.Load(db.FS, seats)
}

// MapSeats is what the hex map needs to know of the constituencies.
func MapSeats() ([]atlas.Seat, error) {
	roster, err := EmbeddedRoster()
	if err != nil {
		return nil, err
	}
	seats := make([]atlas.Seat, 0, parliament.SeatCount)
	for _, s := range roster.Seats() {
		c := s.Constituency
		seats = append(seats, atlas.Seat{Code: c.Code, Nation: c.Country, Region: c.Region, Lon: c.Lon, Lat: c.Lat})
	}
	return seats, nil
}

// MapBorders is the borders that the embedded map is computed from.
func MapBorders() ([]atlas.Border, atlas.Source, error) { return atlas.LoadBorders(db.FS) }

// MapTable is the embedded table of the map that has this name.
func MapTable(name string) ([]byte, error) { return fs.ReadFile(db.FS, name) }
