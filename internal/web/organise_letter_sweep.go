package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// sweepOf reads a decision about all that a filter finds: the first time with no
// time at which they were counted.
func sweepOf(form url.Values) campaign.Sweep {
	w := campaign.Sweep{
		Decision: campaign.Decision(form.Get("decision")), Filter: filterOf(form), Freed: form.Get("freed") == "1", Note: form.Get(campaign.FieldNote),
	}
	if w.Freed {
		w.Filter.State = campaign.StateHeld
	}
	if at, err := strconv.ParseInt(form.Get("asked"), 10, 64); err == nil {
		w.Asked = time.UnixMilli(at).UTC()
	}
	return w
}

// decideAll decides about every letter that a filter finds: it shows how many they
// are and asks once more; what comes from there is done, in steps.
func (s *Server) decideAll(v visit, form url.Values) error {
	w := sweepOf(form)
	switch {
	case !w.Decision.Valid():
		return s.queuePage(v, http.StatusUnprocessableEntity, map[string]string{"": s.View.Desk("desk.error.decision")})
	case form.Get("sure") != "1" || w.Asked.IsZero():
		w.Filter.After = 0
		w.Asked = s.Service.Now()
		return s.askSweep(v, http.StatusOK, w, view.DeskForm{})
	}
	swept, err := s.Service.Sweep(v.Request().Context(), v.by(), v.Param("campaign"), w)
	if wrong, ok := s.wrong(err); ok {
		return s.askSweep(v, status(err), w, view.DeskForm{Values: map[string]string{campaign.FieldNote: w.Note}, Errors: wrong})
	}
	if fault.CodeOf(err) == fault.NotFound {
		return err
	}
	d, found, deskErr := s.campaignDesk(v, "desk.title.letters")
	if deskErr != nil {
		return errors.Join(err, deskErr)
	}
	code := http.StatusOK
	page := view.DeskDecided{
		Desk: d, Decision: string(w.Decision), Back: backTo(found.Slug, w.Filter), Many: true,
		Count: swept.Done, Before: before(form), Left: len(swept.Refused),
	}
	_, page.Refused = s.judgedRows(swept.Refused[:min(len(swept.Refused), campaign.MaxChosen)])
	if err != nil { // what is done must be told all the same
		code, page.Broken = status(err), true
		s.logFailed(v, err)
	}
	if swept.After != 0 || page.Broken {
		w.Filter.After = swept.After
		page.On = append(sweepFields(w), view.DeskHidden{Name: "done", Value: strconv.Itoa(page.Before + swept.Done)})
	}
	return s.deskPage(v, code, page)
}

// before is for how many letters the steps of a sweep before were carried out.
func before(form url.Values) int {
	n, err := strconv.Atoi(form.Get("done"))
	if err != nil {
		return 0
	}
	return max(0, n)
}

// askSweep shows what is about to be done, and to how many letters.
func (s *Server) askSweep(v visit, code int, w campaign.Sweep, form view.DeskForm) error {
	d, found, err := s.campaignDesk(v, "desk.title.letters")
	if err != nil {
		return err
	}
	f := w.Filter
	f.After = 0
	q, err := s.Service.Queue(v.Request().Context(), found.Slug, f)
	if err != nil {
		return err
	}
	roster, _ := s.Service.Roster()
	var counted view.DeskQueue
	s.choices(&counted, q.Groups, f, roster)
	w.Note = "" // it is asked for here
	page := view.DeskDecide{
		Desk: d, Decision: string(w.Decision), Form: form, MaxNote: campaign.MaxDeclineNote, Back: backTo(found.Slug, f),
		Many: true, Count: counted.Found, All: sweepFields(w),
	}
	if w.Freed {
		page.Count = campaign.Freed(q.Groups, roster)
	}
	return s.deskPage(v, code, page)
}

// sweepFields are the hidden fields by which a sweep goes on.
func sweepFields(w campaign.Sweep) []view.DeskHidden {
	f := w.Filter
	fields := []view.DeskHidden{{Name: "whole", Value: "1"}, {Name: "asked", Value: strconv.FormatInt(w.Asked.UnixMilli(), 10)}}
	if w.Freed {
		fields = append(fields, view.DeskHidden{Name: "freed", Value: "1"})
	}
	if w.Note != "" {
		fields = append(fields, view.DeskHidden{Name: campaign.FieldNote, Value: w.Note})
	}
	return append(fields, filterFields(f)...)
}

// filterFields are the hidden fields of a filter.
func filterFields(f campaign.OpenFilter) []view.DeskHidden {
	var fields []view.DeskHidden
	for _, one := range []view.DeskHidden{
		{Name: "state", Value: string(f.State)}, {Name: "why", Value: f.Why}, {Name: "seat", Value: f.Constituency},
		{Name: "member", Value: strconv.Itoa(f.Member)}, {Name: "variant", Value: string(f.Variant)},
		{Name: "partner", Value: f.Partner}, {Name: "after", Value: strconv.FormatInt(f.After, 10)},
	} {
		if one.Value != "" && one.Value != "0" {
			fields = append(fields, one)
		}
	}
	return fields
}
