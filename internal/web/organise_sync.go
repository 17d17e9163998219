package web

import (
	"encoding/json"
	"net/http"
	"strconv"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

// atSync is the address of the page on which Parliament's list is taken anew.
const atSync = atMPs + "/sync"

// showSync answers GET /organise/mps/sync.
func (s *Server) showSync(v visit) error { return s.syncPage(v, http.StatusOK, nil) }

// syncPage shows how far the sync has come, and why the last press did nothing.
func (s *Server) syncPage(v visit, code int, wrong error) error {
	ctx := v.Request().Context()
	state, err := s.Sync.State(ctx)
	if err != nil {
		return err
	}
	page := view.RosterSync{
		Desk: within(s.deskFrame(v, "desk.title.sync"), atMPs), Stage: string(state.Stage), ID: state.ID, Version: state.Version, By: state.By,
		StartedAt: state.StartedAt, Done: state.Done, Total: state.Total, Problem: state.Problem, Diff: state.Diff,
	}
	page.NeedsForce = state.Stage == campaign.SyncReady && !state.Diff.Complete()
	if wrong != nil {
		sentences, ok := s.wrong(wrong)
		if !ok {
			return wrong
		}
		page.Error = sentences[""]
	}
	all, err := s.Service.Corrections(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Stands() {
			page.Held = append(page.Held, correctionRow(c))
		}
	}
	return s.deskPage(v, code, page)
}

// startSync answers POST /organise/mps/sync.
func (s *Server) startSync(v visit) error {
	if err := s.Sync.Start(v.by()); err != nil {
		return s.syncPage(v, status(err), err)
	}
	return s.done(v, atSync, "")
}

// applySync answers POST /organise/mps/sync/apply.
func (s *Server) applySync(v visit) error {
	version, _ := strconv.ParseInt(v.FormValue("version"), 10, 64)
	err := s.Sync.Apply(v.Request().Context(), v.by(), v.FormValue("id"), version, v.FormValue("force") != "")
	if err != nil {
		return s.syncPage(v, status(err), err)
	}
	return s.done(v, atMPs, "desk.done.sync_apply")
}

// discardSync answers POST /organise/mps/sync/discard.
func (s *Server) discardSync(v visit) error {
	if err := s.Sync.Discard(v.FormValue("id")); err != nil {
		return s.syncPage(v, status(err), err)
	}
	return s.done(v, atMPs, "desk.done.sync_discard")
}

// showDigest answers GET /organise/digest: the next weekly digest as it would be
// mailed.
func (s *Server) showDigest(v visit) error {
	digest, err := s.Service.NextDigest(v.Request().Context())
	if err != nil {
		return err
	}
	says, err := json.Marshal(digest)
	if err != nil {
		return err
	}
	page := view.DigestPage{Desk: s.deskFrame(v, "desk.title.digest"), Wanted: v.who.Digest}
	mail, err := s.View.AccountMail(account.MailDigest, v.who.Name, s.View.Base(), says)
	if err != nil {
		return err
	}
	page.Subject, page.Text = mail.Subject, mail.Text
	return s.deskPage(v, http.StatusOK, page)
}
