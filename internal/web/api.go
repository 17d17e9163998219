package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/postcode"
	"postbag/internal/view"
)

// apiError is what an answer that is not 200 holds.
type apiError struct {
	Status  string `json:"status"`  // a code for programs
	Message string `json:"message"` // a sentence for people
}

// failJSON is fail for programs.
func (s *Server) failJSON(c echo.Context, code int) error {
	e := apiError{Status: statusWord(code), Message: http.StatusText(code)}
	if key := "message." + strconv.Itoa(code) + ".heading"; s.View.Has(view.DefaultLang, key) {
		e.Message = s.View.T(view.DefaultLang, key)
	}
	return s.json(c, code, e)
}

// statusWord names an HTTP status of failure for programs: as package fault
// does where it has a name.
func statusWord(code int) string {
	switch code {
	case http.StatusUnauthorized:
		return "unauthorized"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotFound:
		return "not_found"
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusConflict:
		return "conflict"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusTooManyRequests:
		return "rate_limited"
	case http.StatusNotImplemented:
		return "not_implemented"
	case http.StatusServiceUnavailable:
		return "unavailable"
	}
	if code < http.StatusInternalServerError {
		return "invalid"
	}
	return "internal"
}

func (s *Server) json(c echo.Context, code int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	if h.Get("Cache-Control") == "" {
		h["Cache-Control"] = noStore
	}
	return send(c, code, typeJSON, append(body, '\n'))
}

// apiConstituency is a constituency with its MP, null while the seat is vacant.
type apiConstituency struct {
	Code    string     `json:"code"`
	Name    string     `json:"name"`
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
	out := apiConstituency{Code: c.Code, Name: c.Name, Country: c.Country, Region: c.Region}
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

// apiPostcode answers GET /api/v1/postcodes/{postcode}: 200 with constituency
// and MP, 404 with candidates, 400 for what is no postcode, 422 for one that
// has no constituency in the data, with candidates in Northern Ireland.
func (s *Server) apiPostcode(c echo.Context) error {
	c.Response().Header()["Cache-Control"] = noStore
	r := s.Service.Locate(typedPostcode(c))
	if r.Answer == postcode.Found {
		seat, err := s.seatJSON(r.Constituency)
		if err != nil {
			return err
		}
		buf := make([]byte, 0, 512)
		buf = append(buf, `{"status":"found","postcode":"`...)
		buf = append(buf, r.Postcode.String()...) // letters, digits and a space
		buf = append(buf, `","constituency":`...)
		buf = append(buf, seat...)
		buf = append(buf, "}\n"...)
		return send(c, http.StatusOK, typeJSON, buf)
	}
	out := struct {
		apiError
		Postcode   string            `json:"postcode,omitempty"`
		Within     string            `json:"within,omitempty"`
		Place      string            `json:"place,omitempty"`
		Candidates []apiConstituency `json:"candidates,omitempty"`
	}{apiError: apiError{Status: r.Answer.String()}}
	if r.Answer == postcode.Malformed {
		out.Message = s.View.T(view.DefaultLang, "field.postcode.malformed")
		return s.json(c, http.StatusBadRequest, out)
	}
	roster, _ := s.Service.Roster()
	message, seats := s.whereElse(view.DefaultLang, roster, r)
	out.Message, out.Postcode, out.Within, out.Candidates = message, r.Postcode.String(), r.Within, apiSeats(seats)
	if r.Answer == postcode.UnknownUnit {
		return s.json(c, http.StatusNotFound, out)
	}
	if r.Answer == postcode.OutsideData {
		out.Place = r.Place.String()
	}
	return s.json(c, http.StatusUnprocessableEntity, out)
}

// typedPostcode returns the postcode of the address. Echo matches the address
// as it was escaped where that is not the usual way (a "%2d" for a hyphen), and
// then leaves the escapes in. A faulty escape is no part of any postcode.
func typedPostcode(c echo.Context) string {
	typed := c.Param("postcode")
	if c.Request().URL.RawPath == "" {
		return typed
	}
	plain, err := url.PathUnescape(typed)
	if err != nil {
		return typed
	}
	return plain
}

// apiCount is one constituency in the public counts; Letters is null where
// there are fewer than campaign.SuppressBelow.
type apiCount struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Letters *int   `json:"letters"`
}

// apiCounts answers GET /api/v1/campaigns/{campaign}/counts: what everyone may
// know, small numbers suppressed (see campaign.Suppress).
func (s *Server) apiCounts(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	public, err := s.Service.PublicCounts(c.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	out := struct {
		Campaign       string     `json:"campaign"`
		Letters        int        `json:"letters"`
		SelfReported   *int       `json:"self_reported"` // null while it may not be told
		Goal           int        `json:"goal"`
		SuppressBelow  int        `json:"suppress_below"`
		Constituencies []apiCount `json:"constituencies"`
	}{Campaign: found.Slug, Letters: public.Total, Goal: found.Goal, SuppressBelow: campaign.SuppressBelow}
	if public.SelfReported > 0 {
		out.SelfReported = &public.SelfReported
	}
	roster, _ := s.Service.Roster()
	for _, seat := range roster.Seats() {
		row := apiCount{Code: seat.Constituency.Code, Name: seat.Constituency.Name}
		if n, ok := public.Disclosed[row.Code]; ok {
			row.Letters = &n
		}
		out.Constituencies = append(out.Constituencies, row)
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	c.Response().Header().Set("Access-Control-Allow-Origin", "*")
	return s.json(c, http.StatusOK, out)
}
