package web

import (
	"encoding/json"
	"net/http"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// showFind answers GET /organise/people: the form by which what is held about
// a person is found. Whoever is looked for never stands in an address.
func (s *Server) showFind(v visit) error {
	return s.deskPage(v, http.StatusOK, view.DeskPeople{Desk: s.deskFrame(v, "desk.title.find")})
}

// findPeople answers POST /organise/people.
func (s *Server) findPeople(v visit) error {
	page := view.DeskPeople{Desk: s.deskFrame(v, "desk.title.find")}
	typed := v.FormValue(campaign.FieldSought)
	page.Form.Values = map[string]string{campaign.FieldSought: typed}
	found, err := s.Service.FindLetters(v.Request().Context(), v.by(), typed)
	if wrong, ok := s.wrong(err); ok {
		page.Form.Errors = wrong
		return s.deskPage(v, status(err), page)
	}
	if err != nil {
		return err
	}
	page.Searched = true
	optIns, err := s.Service.FindOptIns(v.Request().Context(), typed)
	if err != nil {
		return err
	}
	page.OptIns = len(optIns)
	roster, _ := s.Service.Roster()
	for _, l := range found {
		page.Letters = append(page.Letters, s.letterRow(l, roster))
		if l.Kept {
			page.Kept++
		}
	}
	return s.deskPage(v, http.StatusOK, page)
}

// copyPeople answers POST /organise/people/copy: all that is held about a
// person, for them to have.
func (s *Server) copyPeople(v visit) error {
	copies, err := s.Service.CopyLetters(v.Request().Context(), v.by(), v.FormValue(campaign.FieldSought))
	if _, ok := s.wrong(err); ok {
		return s.findPeople(v)
	}
	if err != nil {
		return err
	}
	optIns, err := s.Service.CopyOptIns(v.Request().Context(), v.by(), v.FormValue(campaign.FieldSought))
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(map[string]any{"letters": copies, "opt_ins": optIns}, "", "  ")
	if err != nil {
		return err
	}
	v.Response().Header().Set("Content-Disposition", `attachment; filename="copy.json"`)
	return send(v.Context, http.StatusOK, typeJSON, body)
}

// erasePeople answers POST /organise/people/erase: it asks once more, and then
// deletes whatever identifies the person, in every letter that was found.
func (s *Server) erasePeople(v visit) error {
	ctx, typed := v.Request().Context(), v.FormValue(campaign.FieldSought)
	page := view.DeskErase{Desk: s.deskFrame(v, "desk.title.find"), Sought: typed, Done: v.FormValue("sure") == "1"}
	roster, _ := s.Service.Roster()
	if !page.Done {
		found, err := s.Service.FindLetters(ctx, v.by(), typed)
		if _, ok := s.wrong(err); ok {
			return s.findPeople(v)
		}
		if err != nil {
			return err
		}
		for _, l := range found {
			if l.Kept {
				page.Letters = append(page.Letters, s.letterRow(l, roster))
			}
		}
		optIns, err := s.Service.FindOptIns(ctx, typed)
		if err != nil {
			return err
		}
		page.OptIns = len(optIns)
		return s.deskPage(v, http.StatusOK, page)
	}
	// First: with the letters end those that were given with them, and nobody would
	// be told how many.
	var err error
	if page.OptIns, err = s.Service.EndOptInsOf(ctx, v.by(), typed); err != nil {
		return err
	}
	judged, err := s.Service.EraseLetters(ctx, v.by(), typed)
	if _, ok := s.wrong(err); ok {
		return s.findPeople(v)
	}
	if err != nil {
		return err
	}
	var done []view.DeskLetterRow
	done, page.Letters = s.judgedRows(judged)
	page.Erased = len(done)
	return s.deskPage(v, http.StatusOK, page)
}
