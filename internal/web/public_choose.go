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
	page := view.Choose{}
	lang := f.Lang
	switch r.Answer {
	case postcode.UnknownUnit:
		page.Reason = s.View.T(lang, "choose.reason.unknown")
		if len(r.Candidates) > 0 {
			page.Reason = s.View.T(lang, "choose.reason.within", "within", r.Within)
			page.Choices = choicesOf(lang, roster, r.Candidates)
		}
	case postcode.NonGeographic:
		page.Reason = s.View.T(lang, "choose.reason.non_geographic")
	case postcode.OutsideData:
		page.Reason = s.View.T(lang, "place."+r.Place.String())
		if r.Place == postcode.NorthernIreland {
			page.Choices = choices(lang, campaign.NorthernIrish(roster))
		}
	}
	return s.showChoose(c, http.StatusOK, slug, f, page)
}

// showChoose completes the page and sends it. Without choices it offers all.
func (s *Server) showChoose(c echo.Context, code int, slug string, f letterForm, page view.Choose) error {
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return err
	}
	page.Frame = s.campaignFrame(f.Lang, found)
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
	}
	if f.Typed {
		return s.page(c, code, page)
	}
	return s.backPage(c, code, page)
}

func choicesOf(lang string, roster *parliament.Roster, codes []string) []view.Choice {
	var seats []parliament.Seat
	for _, code := range codes {
		if seat, ok := roster.Seat(code); ok {
			seats = append(seats, seat)
		}
	}
	return choices(lang, seats)
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
