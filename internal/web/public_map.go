package web

import (
	"html/template"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/atlas"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

// What the map's colours tell, as it stands in addresses.
const (
	mapByLetters = "letters"
	mapByPledge  = "pledge"
)

// showMap answers GET /c/{campaign}/map: the hex map of all constituencies with
// a table that says the same. It is drawn once for each state of its facts.
func (s *Server) showMap(c echo.Context) error {
	facts, err := s.askedFacts(c)
	if err != nil {
		return err
	}
	by := mapByLetters
	if c.QueryParam("by") == mapByPledge {
		by = mapByPledge
	}
	lang, path := s.lang(c), "/c/"+facts.campaign.Slug+"/map"
	suggest := s.suggest(c, path)
	key := listKey{slug: facts.campaign.Slug, lang: lang, suggested: suggest != nil, kind: "map by " + by}
	return s.sendKept(c, key, facts.version, func() (view.Page, error) {
		page, err := s.mapPage(lang, facts, by)
		page.NoIndex, page.Path, page.Suggest = false, path, suggest
		return page, err
	})
}

func (s *Server) mapPage(lang string, f listFacts, by string) (view.MapPage, error) {
	page := view.MapPage{Frame: s.campaignFrame(lang, f.campaign), By: by}
	page.Title = s.View.T(lang, "title.map")
	page.Summary = s.View.T(lang, "map.lead")
	path := view.At(lang, "/c/"+f.campaign.Slug+"/map")
	page.Ways = []view.MapWay{
		{Name: s.View.T(lang, "map.by_letters"), URL: path, Current: by == mapByLetters},
		{Name: s.View.T(lang, "map.by_pledge"), URL: path + "?by=" + mapByPledge, Current: by == mapByPledge},
	}
	w := s.rowWords(lang, f)
	w.base = "mps/" // from the map's own address: 1300 links are there
	seats := f.roster.Seats()
	parliament.SortByName(seats, lang)
	page.Groups = w.byRegion(f.roster, f.ofAll(seats))
	for _, g := range page.Groups {
		for i := range g.Rows { // what the map does not tell is in the list of MPs
			g.Rows[i].Also, g.Rows[i].Party, g.Rows[i].Since, g.Rows[i].Evidence = "", "", "", ""
		}
	}
	var svg strings.Builder
	err := s.Map.Full(&svg, atlas.Options{Title: s.View.T(lang, "title.map"), Cell: func(code string) atlas.Cell {
		seat, _ := f.roster.Seat(code)
		of := f.of(seat)
		row := w.row(of)
		cell := atlas.Cell{
			Class: atlas.Shade(of.letters), Mark: of.standing == campaign.StandingPledged, Href: row.URL,
			Title: s.View.T(lang, "map.hexagon", "constituency", row.Constituency, "letters", row.Letters, "pledge", row.Pledge),
		}
		if by == mapByPledge {
			cell.Class = 0
			if cell.Mark {
				cell.Class = atlas.Pledged
			}
		}
		return cell
	}})
	if err != nil {
		return page, err
	}
	page.Map = template.HTML(svg.String()) //nolint:gosec // our own drawing, which escapes what it is given
	page.Key, err = s.mapKey(lang, by)
	return page, err
}

// mapKey is the map's legend.
func (s *Server) mapKey(lang, by string) ([]view.MapKey, error) {
	var key []view.MapKey
	add := func(class int, mark bool, words string) error {
		var svg strings.Builder
		if err := atlas.Swatch(&svg, class, mark); err != nil {
			return err
		}
		key = append(key, view.MapKey{Swatch: template.HTML(svg.String()), Words: words}) //nolint:gosec // our own drawing
		return nil
	}
	if by == mapByPledge {
		if err := add(0, false, s.View.T(lang, "map.key_not")); err != nil {
			return nil, err
		}
		return key, add(atlas.Pledged, true, s.View.T(lang, "map.key_pledged"))
	}
	for class, step := range atlas.Steps {
		words := s.View.T(lang, "map.key_under", "n", step.To+1)
		switch {
		case step.To == 0:
			words = s.View.T(lang, "map.key_from", "from", step.From)
		case class > 0:
			words = s.View.T(lang, "map.key_range", "from", step.From, "to", step.To)
		}
		if err := add(class, false, words); err != nil {
			return nil, err
		}
	}
	return key, add(0, true, s.View.T(lang, "map.key_pledged"))
}
