package web

import (
	"encoding/json"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"

	"postbag/internal/parliament"
)

// apiConstituency is a constituency with its MP, null while the seat is vacant.
type apiConstituency struct {
	Code    string     `json:"code"`
	Name    string     `json:"name"`
	NameCy  string     `json:"name_cy,omitempty"`
	Country string     `json:"country"`
	Region  string     `json:"region"`
	MP      *apiMember `json:"mp"`
}

type apiMember struct {
	ID       int    `json:"id"` // Parliament's member id
	Name     string `json:"name"`
	Party    string `json:"party"`
	HasEmail bool   `json:"has_email"`
}

func apiSeats(seats []parliament.Seat) []apiConstituency {
	list := make([]apiConstituency, len(seats))
	for i, seat := range seats {
		list[i] = apiSeat(seat)
	}
	return list
}

func apiSeat(seat parliament.Seat) apiConstituency {
	c := seat.Constituency
	out := apiConstituency{Code: c.Code, Name: c.Name, NameCy: c.NameCy, Country: c.Country, Region: c.Region}
	if !seat.Vacant() {
		m := seat.Member
		out.MP = &apiMember{ID: m.ID, Name: m.Name, Party: m.Party, HasEmail: m.HasEmail()}
	}
	return out
}

// rosterCache holds the JSON of every constituency for one version of the
// roster, so that a lookup need not make it.
type rosterCache struct {
	mu      sync.RWMutex
	version int64
	json    map[string][]byte
}

func (s *Server) seatJSON(code string) ([]byte, error) {
	roster, version := s.Service.Roster()
	s.rosters.mu.RLock()
	body, ok := s.rosters.json[code]
	fresh := s.rosters.version == version
	s.rosters.mu.RUnlock()
	if ok && fresh {
		return body, nil
	}
	all := make(map[string][]byte, parliament.SeatCount)
	for _, seat := range roster.Seats() {
		body, err := json.Marshal(apiSeat(seat))
		if err != nil {
			return nil, err
		}
		all[seat.Constituency.Code] = body
	}
	s.rosters.mu.Lock()
	s.rosters.version, s.rosters.json = version, all
	s.rosters.mu.Unlock()
	return all[code], nil
}

// apiConstituencies answers GET /api/v1/constituencies: all of them, by name.
func (s *Server) apiConstituencies(c echo.Context) error {
	kind, err := apiFormat(c)
	if err != nil {
		return err
	}
	roster, version := s.Service.Roster()
	seats := roster.Seats()
	return s.sendData(c, data{noun: "constituencies", kind: kind, version: uint64(version), cache: minuteCache}, func() any {
		return struct {
			Attribution    []string          `json:"attribution"`
			Constituencies []apiConstituency `json:"constituencies"`
		}{roster.Attribution(), apiSeats(seats)}
	}, func() [][]string {
		records := [][]string{{"code", "constituency", "constituency_cy", "nation", "region", "member_id", "mp", "party", "has_email"}}
		for _, seat := range seats {
			c, m := seat.Constituency, seat.Member
			record := []string{c.Code, c.Name, c.NameCy, c.Country, c.Region, "", "", "", ""}
			if !seat.Vacant() {
				record = append(record[:5], strconv.Itoa(m.ID), m.Name, m.Party, strconv.FormatBool(m.HasEmail()))
			}
			records = append(records, record)
		}
		return records
	})
}

// apiOneConstituency answers GET /api/v1/constituencies/{code}.
func (s *Server) apiOneConstituency(c echo.Context) error {
	body, err := s.seatJSON(c.Param("code"))
	if err != nil {
		return err
	}
	if body == nil {
		return echo.ErrNotFound
	}
	return s.sendDocument(c, json.RawMessage(body))
}
