package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/postcode"
	"postbag/internal/view"
)

// fieldFind is the field of the list's search.
const fieldFind = "find"

// maxFind is how many characters of a search are read; the longest name has
// fewer.
const maxFind = 80

// findMP answers POST /c/{campaign}/mps. A name leads on to an address that
// holds it, so that the answer can be shared. What may be a postcode is answered
// here: nothing of it may stand in an address, where histories and other
// people's logs would keep it.
func (s *Server) findMP(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	form, err := readValues(c)
	if err != nil {
		return err
	}
	typed := tidySearch(form.Get(fieldFind))
	switch {
	case typed == "":
		return s.askAgain(c, found, typed, "mps.find_missing")
	case s.tellsWhere(typed):
		return s.showWhere(c, found, typed)
	}
	return c.Redirect(http.StatusSeeOther, view.At(s.lang(c), "/c/"+found.Slug+"/mps")+"?q="+url.QueryEscape(typed))
}

// tidySearch makes a search one line of at most maxFind characters.
func tidySearch(typed string) string {
	typed = strings.Join(strings.Fields(strings.ToValidUTF8(typed, " ")), " ")
	if runes := []rune(typed); len(runes) > maxFind {
		typed = strings.TrimSpace(string(runes[:maxFind]))
	}
	return typed
}

// tellsWhere reports whether a search may tell where somebody lives. It may if
// it has a digit, as half a postcode and a street with its number have, and no
// name of an MP or a constituency. Or if it can be read as a postcode (with the
// letter O for a nought and the like) and fits no name: Chorley and Collins can
// be read as postcodes too.
func (s *Server) tellsWhere(typed string) bool {
	if strings.ContainsFunc(typed, unicode.IsNumber) {
		return true
	}
	roster, _ := s.Service.Roster()
	return s.Service.Locate(typed).Answer != postcode.Malformed && len(roster.Search(typed, 1)) == 0
}

// showFound answers GET /c/{campaign}/mps?q=: what a name leads to.
func (s *Server) showFound(c echo.Context, found *campaign.Campaign, q string) error {
	lang, q := s.lang(c), tidySearch(q)
	if q == "" || s.tellsWhere(q) {
		return c.Redirect(http.StatusSeeOther, view.At(lang, "/c/"+found.Slug+"/mps"))
	}
	facts, err := s.facts(c.Request().Context(), found)
	if err != nil {
		return err
	}
	seats := facts.roster.Search(q, 0)
	page := s.resultPage(lang, facts, seats)
	page.Find = q
	page.Answer = s.View.T(lang, "mps.nothing", "typed", q)
	if len(seats) > 0 {
		page.Answer = s.View.T(lang, "mps.found", "n", len(seats))
	}
	return s.backPage(c, http.StatusOK, page)
}

// showWhere answers what may be a postcode, in place.
func (s *Server) showWhere(c echo.Context, found *campaign.Campaign, typed string) error {
	lang := s.lang(c)
	facts, err := s.facts(c.Request().Context(), found)
	if err != nil {
		return err
	}
	var seats []parliament.Seat
	var answer string
	r := s.Service.Locate(typed)
	switch r.Answer {
	case postcode.Malformed:
		seat, ok := facts.roster.Seat(strings.ToUpper(typed)) // or is it an ONS code?
		if !ok {
			return s.askAgain(c, found, typed, "field.postcode.malformed")
		}
		seats = []parliament.Seat{seat}
	case postcode.Found:
		if seat, ok := facts.roster.Seat(r.Constituency); ok {
			seats = []parliament.Seat{seat}
			whole := strings.ReplaceAll(r.Postcode.String(), " ", "\u00a0")
			answer = s.View.T(lang, "mps.your_mp", "postcode", whole)
		}
	default:
		answer, seats = s.whereElse(lang, facts.roster, r)
	}
	page := s.resultPage(lang, facts, seats)
	page.Find, page.Answer = typed, answer
	return s.page(c, http.StatusOK, page)
}

// whereElse says why a postcode leads to no constituency by itself, with those
// that it can be in; none where it can be any.
func (s *Server) whereElse(lang string, roster *parliament.Roster, r postcode.Result) (string, []parliament.Seat) {
	match, seats := campaign.MatchPostcode(roster, r)
	switch match {
	case campaign.MatchNear:
		return s.View.T(lang, "choose.reason.within", "within", r.Within), seats
	case campaign.MatchUnknown:
		return s.View.T(lang, "choose.reason.unknown"), nil
	case campaign.MatchNonGeographic:
		return s.View.T(lang, "choose.reason.non_geographic"), nil
	}
	return s.View.T(lang, "place."+r.Place.String()), seats
}

// askAgain shows the search with what was typed and what is wrong with it.
func (s *Server) askAgain(c echo.Context, found *campaign.Campaign, typed, key string) error {
	facts, err := s.facts(c.Request().Context(), found)
	if err != nil {
		return err
	}
	page := s.resultPage(s.lang(c), facts, nil)
	page.Find, page.Error = typed, s.View.T(page.Lang, key)
	return s.page(c, http.StatusUnprocessableEntity, page)
}

// resultPage is the list reduced to some seats, in their order.
func (s *Server) resultPage(lang string, f listFacts, seats []parliament.Seat) view.MPs {
	page := s.mpsPage(lang, f)
	page.Partial = true
	if len(seats) > 0 {
		page.Groups = []view.MPGroup{{
			ID: "found", Name: s.View.T(lang, "mps.count", "n", len(seats)), Rows: s.rowWords(lang, f).rows(f.ofAll(seats)),
		}}
	}
	return page
}
