package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"postbag/internal/view"
)

// showStyle answers GET /dev/style: the design in all its parts and states, to
// be looked at in light and dark, in print, and on a narrow phone.
func (s *Server) showStyle(c echo.Context) error {
	page, err := s.View.Style()
	if err != nil {
		return err
	}
	lang := s.lang(c)
	page.Frame = s.plainFrame(lang)
	page.Title = s.View.T(lang, "title.style")
	page.Path = "/dev/style"
	wrong := s.View.T(lang, "field.email.at")
	page.Fields = map[string]view.Field{"name": {}, "phone": {}, "email": {Value: "amina.example.org", Error: wrong}}
	page.ErrorList = []view.FieldError{{Field: "email", Sentence: wrong}}
	roster, _ := s.Service.Roster()
	for i, seat := range roster.Seats()[:3] {
		page.Seats = append(page.Seats, view.Recipient{Constituency: seat.Constituency.Name, Name: seat.Member.Name, Party: seat.Member.Party, Pledged: i == 0, Vacant: i == 2})
		page.Bars = append(page.Bars, view.StyleBar{Label: seat.Constituency.Name, N: []int{212, 94, 6}[i], Max: 212})
	}
	return s.page(c, http.StatusOK, page)
}
