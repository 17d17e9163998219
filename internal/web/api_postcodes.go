package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"postbag/internal/postcode"
	"postbag/internal/view"
)

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
