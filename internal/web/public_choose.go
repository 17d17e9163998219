package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/postcode"
	"postbag/internal/view"
)

// chooseFor shows the constituencies that a postcode which leads to none by
// itself can be in, or all of them.
func (s *Server) chooseFor(c echo.Context, slug string, f letterForm, r postcode.Result) error {
	roster, _ := s.Service.Roster()
	reason, seats := s.whereElse(f.Lang, roster, r)
	page := view.Choose{Reason: reason, Choices: choices(f.Lang, seats)}
	return s.showChoose(c, http.StatusOK, slug, f, page)
}

// showChoose completes the page and sends it. Without choices it offers all.
func (s *Server) showChoose(c echo.Context, code int, slug string, f letterForm, page view.Choose) error {
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return err
	}
	page.Frame = s.campaignFrame(f.Lang, found)
	page.Embed = embed(c)
	page.Title = s.View.T(f.Lang, "title.choose")
	page.Postcode = f.Postcode
	if len(page.Choices) == 0 {
		roster, _ := s.Service.Roster()
		page.Groups = s.groups(f.Lang, roster)
	}
	if f.Typed {
		for _, h := range f.hidden() {
			if h.Name != campaign.FieldPostcode {
				page.Keep = append(page.Keep, h)
			}
		}
		drafted := f.Constituency
		if drafted == "" {
			drafted = f.Drafted
		}
		page.Keep = append(page.Keep, view.Hidden{Name: fieldDrafted, Value: drafted})
	} else {
		page.Keep = f.carried()
	}
	if f.Typed {
		return s.page(c, code, page)
	}
	return s.backPage(c, code, page)
}

// choices names the seats in a language, keeping their order.
func choices(lang string, seats []parliament.Seat) []view.Choice {
	list := make([]view.Choice, len(seats))
	for i, seat := range seats {
		list[i] = view.Choice{Code: seat.Constituency.Code, Name: seat.Constituency.NameIn(lang), MP: seat.Member.Name, Party: seat.Member.Party}
	}
	return list
}

// groups is every constituency by nation and region, as readers of lang look
// for them.
func (s *Server) groups(lang string, roster *parliament.Roster) []view.ChoiceGroup {
	var list []view.ChoiceGroup
	for _, g := range roster.Groups() {
		parliament.SortByName(g.Seats, lang)
		group := view.ChoiceGroup{Country: s.View.Region(lang, g.Country), Choices: choices(lang, g.Seats)}
		if g.Region != g.Country {
			group.Region = s.View.Region(lang, g.Region)
		}
		list = append(list, group)
	}
	return list
}
