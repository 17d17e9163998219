package web

import (
	"net/http"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// decideLetters answers POST /organise/c/{campaign}/letters/decide. The first
// time it shows which letters it is about and asks once more; what comes from
// there is done, for every letter that it can be done for.
func (s *Server) decideLetters(v visit) error {
	form, err := readValues(v)
	if err != nil {
		return err
	}
	if form.Get("whole") == "1" {
		return s.decideAll(v, form)
	}
	decision, letters := campaign.Decision(form.Get("decision")), chosen(form["letter"])
	if form.Get("all") == "1" {
		letters = chosen(form["shown"])
	}
	switch {
	case len(letters) == 0:
		return s.queuePage(v, http.StatusUnprocessableEntity, map[string]string{"": s.View.Desk("desk.error.none_chosen")})
	case !decision.Valid() || len(letters) > campaign.MaxChosen:
		return s.queuePage(v, http.StatusUnprocessableEntity, map[string]string{"": s.View.Desk("desk.error.decision")})
	case form.Get("sure") != "1":
		return s.askDecide(v, http.StatusOK, decision, letters, filterOf(form), view.DeskForm{})
	}
	d, found, err := s.campaignDesk(v, "desk.title.letters")
	if err != nil {
		return err
	}
	note := form.Get(campaign.FieldNote)
	judged, err := s.Service.Decide(v.Request().Context(), v.by(), found.Slug, decision, letters, note)
	if wrong, ok := s.wrong(err); ok {
		return s.askDecide(v, status(err), decision, letters, filterOf(form), view.DeskForm{Values: map[string]string{campaign.FieldNote: note}, Errors: wrong})
	}
	if err != nil {
		return err
	}
	page := view.DeskDecided{Desk: d, Decision: string(decision), Back: backTo(found.Slug, filterOf(form))}
	page.Done, page.Refused = s.judgedRows(judged)
	return s.deskPage(v, http.StatusOK, page)
}

// askDecide shows what is about to be done, and to which letters.
func (s *Server) askDecide(v visit, code int, decision campaign.Decision, letters []campaign.Chosen, f campaign.OpenFilter, form view.DeskForm) error {
	d, found, err := s.campaignDesk(v, "desk.title.letters")
	if err != nil {
		return err
	}
	judged, err := s.Service.Weigh(v.Request().Context(), found.Slug, decision, letters)
	if err != nil {
		return err
	}
	page := view.DeskDecide{Desk: d, Decision: string(decision), Form: form, MaxNote: campaign.MaxDeclineNote, Back: backTo(found.Slug, f), All: filterFields(f)}
	page.Letters, page.Refused = s.judgedRows(judged)
	return s.deskPage(v, code, page)
}

// judgedRows sets those that a decision holds for apart from the others, with
// what stands in their way.
func (s *Server) judgedRows(judged []campaign.Judged) (done, refused []view.DeskLetterRow) {
	roster, _ := s.Service.Roster()
	for _, j := range judged {
		row := s.letterRow(j.DeskLetter, roster)
		if j.Refused == "" {
			done = append(done, row)
			continue
		}
		row.Refused = s.View.Desk("desk.refused." + j.Refused)
		refused = append(refused, row)
	}
	return done, refused
}
