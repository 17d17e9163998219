package parliament

import (
	"fmt"
	"io"
	"strconv"
)

// FromCSV makes a roster from nothing: constituencies from a CSV with the
// columns code, name, name_cy, country, region, longitude and latitude, and
// members from one that ReadCSV understands. The project's own tables are made
// with it; a test holds that they are what the reference facts give.
func FromCSV(constituencies, members io.Reader, constituencySource, memberSource Source) (*Roster, error) {
	report := &FileError{}
	s, err := ReadSheet(constituencies, report)
	if err != nil {
		return nil, fmt.Errorf("constituencies: %w", err)
	}
	if err := s.Need("code", "name", "name_cy", "country", "region", "longitude", "latitude"); err != nil {
		return nil, fmt.Errorf("constituencies: %w", err)
	}
	seats := make([]Seat, 0, SeatCount)
	for _, row := range s.Rows {
		f := row.Fields
		c := Constituency{Code: f["code"], Name: f["name"], NameCy: f["name_cy"], Country: f["country"], Region: f["region"]}
		c.Lon = coordinate(row, "longitude", report)
		c.Lat = coordinate(row, "latitude", report)
		seats = append(seats, Seat{Constituency: c, Unlisted: true})
	}
	if err := report.OrNil(); err != nil {
		return nil, fmt.Errorf("constituencies: %w", err)
	}
	empty, err := NewRoster(seats, constituencySource, Source{})
	if err != nil {
		return nil, fmt.Errorf("constituencies: %w", err)
	}
	roster, err := ReadCSV(members, empty, memberSource)
	if err != nil {
		return nil, fmt.Errorf("members: %w", err)
	}
	return roster, nil
}

// coordinate returns a column as degrees, or notes that it is none.
func coordinate(row SheetRow, column string, report *FileError) float64 {
	x, err := strconv.ParseFloat(row.Fields[column], 64)
	if err != nil || x < -90 || x > 90 {
		report.Add(row.Line, "%s %q is not a number of degrees", column, row.Fields[column])
	}
	return x
}
