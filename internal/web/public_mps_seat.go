package web

import (
	"math"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/parliament"
	"postbag/internal/view"
)

// nearby is how many neighbours a constituency's page shows.
const nearby = 6

// maxGuesses is how many constituencies are offered for an address that is none.
const maxGuesses = 8

// showSeat answers GET /c/{campaign}/mps/{seat}: the page of one constituency.
// Its address has the English name; the Welsh one, an ONS code and other cases
// lead there.
func (s *Server) showSeat(c echo.Context) error {
	facts, err := s.askedFacts(c)
	if err != nil {
		return err
	}
	lang, asked := s.lang(c), c.Param("seat")
	seat, ok := seatAt(facts.roster, asked)
	if !ok {
		return s.showNoSeat(c, facts, asked)
	}
	path := "/c/" + facts.campaign.Slug + "/mps/" + parliament.Slug(seat.Constituency)
	if asked != parliament.Slug(seat.Constituency) {
		c.Response().Header().Set("Cache-Control", "no-cache")
		return c.Redirect(http.StatusMovedPermanently, view.At(lang, path))
	}
	page := s.seatPage(lang, facts, facts.of(seat))
	page.NoIndex, page.Path, page.Suggest = false, path, s.suggest(c, path)
	letters := facts.public.Disclosed[seat.Constituency.Code]
	page.ShareTitle = s.seatHeadline(lang, seat, letters)
	page.Picture = pictureOf(path, page.ShareTitle, letters)
	return s.sendAnew(c, page)
}

// seatAt finds the seat that an address asks for.
func seatAt(roster *parliament.Roster, asked string) (parliament.Seat, bool) {
	if seat, ok := roster.BySlug(strings.ToLower(asked)); ok {
		return seat, true
	}
	if seat, ok := roster.Seat(strings.ToUpper(asked)); ok {
		return seat, true
	}
	return roster.ByName(asked) // whatever stands between the words
}

// seatPage is the page of a constituency.
func (s *Server) seatPage(lang string, f listFacts, of *seatFacts) view.SeatPage {
	w := s.rowWords(lang, f)
	row, c, m := w.row(of), of.Constituency, of.Member
	t := func(key string, args ...any) string { return s.View.T(lang, key, args...) }
	page := view.SeatPage{
		Frame: s.campaignFrame(lang, f.campaign), Name: row.Constituency, Region: s.region(lang, c),
		MP: m.Name, FullTitle: m.FullTitle, Party: m.Party,
		Standing: string(of.standing), Tag: row.Tag,
		Evidence: of.pledge.Evidence, UntilEvidence: of.pledge.WithdrawnEvidence,
		Letters: t("seat.under"), LettersHidden: of.letters == 0,
		ListURL: view.At(lang, "/c/"+f.campaign.Slug+"/mps"), Check: view.At(lang, "/c/"+f.campaign.Slug+"/check"),
	}
	if row.Also != "" {
		page.Other, page.OtherLang = row.Also, "cy"
		if row.Also == c.Name {
			page.OtherLang = view.DefaultLang
		}
	}
	if of.pledge.On != "" {
		page.Since = s.View.Day(lang, of.pledge.On)
	}
	if of.pledge.WithdrawnOn != "" {
		page.Until = s.View.Day(lang, of.pledge.WithdrawnOn)
	}
	if of.letters > 0 {
		page.Letters = t("seat.letters", "n", of.letters)
	}
	for _, n := range f.roster.Near(c.Code, nearby) {
		near := w.row(f.of(n.Seat))
		page.Near = append(page.Near, view.NearSeat{
			Name: near.Constituency, URL: near.URL, MP: near.MP, Tag: near.Tag, Pledge: near.Pledge,
			Away: t("seat.away", "km", max(1, int(math.Round(n.Km)))),
		})
	}
	page.Title = t("seat.page", "constituency", page.Name, "mp", m.Name)
	if of.Vacant() {
		page.Title = t("seat.page_vacant", "constituency", page.Name)
	}
	page.Summary = t("seat.standing."+page.Standing+".summary", "mp", m.Name, "since", page.Since, "until", page.Until)
	return page
}

// region says where a constituency lies: "North West, England", or "Wales".
func (s *Server) region(lang string, c parliament.Constituency) string {
	name := s.View.Region(lang, c.Region)
	if country := s.View.Region(lang, c.Country); country != name && !strings.HasSuffix(name, country) {
		name += ", " + country
	}
	return name
}

// showNoSeat answers for an address of no constituency, with those that may be
// meant.
func (s *Server) showNoSeat(c echo.Context, f listFacts, asked string) error {
	lang := s.lang(c)
	words := tidySearch(strings.ReplaceAll(asked, "-", " "))
	var seats []parliament.Seat
	if !s.tellsWhere(words) {
		seats = f.roster.Search(words, maxGuesses)
	}
	page := s.resultPage(lang, f, seats)
	page.Title = s.View.T(lang, "message.404.heading")
	page.Answer = s.View.T(lang, "mps.lost_all")
	if len(seats) > 0 {
		page.Answer = s.View.T(lang, "mps.lost")
	}
	return s.page(c, http.StatusNotFound, page)
}
