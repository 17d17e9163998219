package web

import (
	"errors"
	"net/http"
	"strconv"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// showPledgeRecord answers GET /organise/c/{campaign}/pledges/{id}.
func (s *Server) showPledgeRecord(v visit) error {
	id, err := recordID(v)
	if err != nil {
		return err
	}
	p, err := s.Service.RecordedPledge(v.Request().Context(), v.Param("campaign"), id)
	if fault.CodeOf(err) == fault.NotFound {
		page, err := s.voidedRecord(v, id)
		if err != nil {
			return err
		}
		return s.deskPage(v, http.StatusOK, page)
	}
	if err != nil {
		return err
	}
	page, err := s.pledgeRecord(v, p)
	if err != nil {
		return err
	}
	page.Form.Values = pledgeValues("correct-", p)
	return s.deskPage(v, http.StatusOK, page)
}

func recordID(v visit) (int64, error) {
	id, err := strconv.ParseInt(v.Param("id"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, "desk.error.no_pledge")
	}
	return id, nil
}

func (s *Server) pledgeRecord(v visit, p campaign.Pledge) (view.PledgeRecord, error) {
	d, c, err := s.campaignDesk(v, "desk.title.pledge")
	if err != nil {
		return view.PledgeRecord{}, err
	}
	roster, _ := s.Service.Roster()
	return view.PledgeRecord{
		Desk: within(d, atPledges(c.Slug)), Row: pledgeRow(c.Slug, roster, p), ID: p.ID, MemberID: p.MemberID, Version: p.Version(),
		May: v.who.Role.May(account.KeepPledges), Reinstate: v.FormValue("reinstate") != "",
	}, nil
}

// voidedRecord is the page of a pledge that was voided: it says so, and has nothing
// to press; not_found.
func (s *Server) voidedRecord(v visit, id int64) (view.PledgeRecord, error) {
	p, err := s.Service.VoidedRecord(v.Request().Context(), v.Param("campaign"), id)
	if err != nil {
		return view.PledgeRecord{}, err
	}
	page, err := s.pledgeRecord(v, p.Pledge)
	page.Row, page.VoidedOn, page.May = voidedRow(page.Row, p), campaign.Day(p.VoidedAt), false
	return page, err
}

// correctPledge answers POST /organise/c/{campaign}/pledges/{id}/correct.
func (s *Server) correctPledge(v visit) error {
	return s.changeRecord(v, "correct", func(of campaign.PledgeEdit, p campaign.Pledge) error {
		reinstate := v.FormValue("reinstate") != ""
		if reinstate {
			p.WithdrawnOn, p.WithdrawnEvidence, p.WithdrawnReason = "", "", ""
		}
		_, err := s.Service.CorrectPledge(v.Request().Context(), v.by(), v.Param("campaign"), of, p, reinstate)
		return err
	})
}

// withdrawPledge answers POST /organise/c/{campaign}/pledges/{id}/withdraw.
func (s *Server) withdrawPledge(v visit) error {
	return s.changeRecord(v, "withdraw", func(of campaign.PledgeEdit, p campaign.Pledge) error {
		_, err := s.Service.WithdrawRecorded(v.Request().Context(), v.by(), v.Param("campaign"), of, p)
		return err
	})
}

// voidPledge answers POST /organise/c/{campaign}/pledges/{id}/void.
func (s *Server) voidPledge(v visit) error {
	return s.changeRecord(v, "void", func(of campaign.PledgeEdit, p campaign.Pledge) error {
		_, err := s.Service.VoidRecorded(v.Request().Context(), v.by(), v.Param("campaign"), of, p.WithdrawnReason)
		return err
	})
}

// changeRecord does what a form of a pledge's page asks. What is refused comes
// back with what was typed, and if somebody else was quicker with what is
// recorded by now: pressing again then is about that.
func (s *Server) changeRecord(v visit, form string, change func(campaign.PledgeEdit, campaign.Pledge) error) error {
	id, err := recordID(v)
	if err != nil {
		return err
	}
	ctx, slug, typed := v.Request().Context(), v.Param("campaign"), typedPledge(v)
	err = change(campaign.PledgeEdit{ID: id, Seen: v.FormValue("seen")}, typed)
	wrong, ok := s.pledgeWrong(err, form+"-")
	switch {
	case err == nil:
		return s.done(v, atPledges(slug), "desk.done.pledge_"+form)
	case !ok:
		return err
	}
	now, bad := s.Service.RecordedPledge(ctx, slug, id)
	if fault.CodeOf(bad) == fault.NotFound {
		member, _ := strconv.Atoi(v.FormValue("member"))
		now, bad = s.Service.LatestPledge(ctx, slug, member)
	}
	if fault.CodeOf(bad) == fault.NotFound {
		return s.recordGone(v, id, form, typed, wrong)
	}
	if bad != nil {
		return bad
	}
	page, bad := s.pledgeRecord(v, now)
	if bad != nil {
		return bad
	}
	page.Form = view.DeskForm{Values: pledgeValues(form+"-", typed), Errors: wrong}
	page.Open = form
	if form != "correct" {
		for id, value := range pledgeValues("correct-", now) {
			page.Form.Values[id] = value
		}
	}
	if refused, ok := errors.AsType[*campaign.PledgeError](err); ok && refused.Stale {
		page.Changed = s.compared(now, typed, form)
	}
	return s.deskPage(v, status(err), page)
}

// recordGone answers a form of a pledge that counts no more, and in whose place
// there is none: what was typed stands beside what became of it, or in the form
// that records a pledge.
func (s *Server) recordGone(v visit, id int64, form string, typed campaign.Pledge, wrong map[string]string) error {
	page, err := s.voidedRecord(v, id)
	if err == nil {
		page.Form.Errors = wrong
		now, _ := s.Service.VoidedRecord(v.Request().Context(), v.Param("campaign"), id)
		page.Changed = s.compared(now.Pledge, typed, form)
		return s.deskPage(v, http.StatusConflict, page)
	}
	if fault.CodeOf(err) != fault.NotFound {
		return err
	}
	book, err := s.pledgeBook(v)
	if err != nil {
		return err
	}
	book.Form = view.DeskForm{Values: pledgeValues("", typed), Errors: map[string]string{"": s.View.Desk("desk.error.no_pledge")}}
	book.Form.Values[campaign.PledgeMember] = v.FormValue("member")
	return s.deskPage(v, http.StatusConflict, book)
}

// compared sets what is recorded beside what was typed.
func (s *Server) compared(now, typed campaign.Pledge, form string) []view.Compared {
	row := func(key, is, was string) view.Compared {
		return view.Compared{What: s.View.Desk(key), Now: is, Typed: was}
	}
	all := []view.Compared{
		row("desk.field.pledge_date.label", now.On, typed.On),
		row("desk.field.evidence.label", now.Evidence, typed.Evidence),
		row("desk.field.note.label", now.Note, typed.Note),
		row("desk.field.withdrawn_date.label", now.WithdrawnOn, typed.WithdrawnOn),
		row("desk.field.withdrawn_evidence.label", now.WithdrawnEvidence, typed.WithdrawnEvidence),
		row("desk.field.withdraw_reason.label", now.WithdrawnReason, typed.WithdrawnReason),
	}
	if form == "correct" {
		return all
	}
	for i := range all[:3] { // not asked for
		all[i].Typed = ""
	}
	return all
}
