package web

import (
	"cmp"
	"net/http"
	"strings"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

func (s *Server) retentionRoutes(d desk) {
	d.get("/organise/retention", account.SeeAudit, s.showRetention)
	d.get("/organise/cookies", account.Anyone, s.showCookies)
	d.get("/organise/retention/ledger.txt", account.SeeAudit, s.exportLedger)
}

// showRetention answers GET /organise/retention: what is kept of people until when,
// and the erasure ledger.
func (s *Server) showRetention(v visit) error {
	ctx := v.Request().Context()
	kept, err := s.Service.Kept(ctx)
	if err != nil {
		return err
	}
	ledger, err := s.Service.Erasures(ctx)
	if err != nil {
		return err
	}
	page := view.DeskRetention{Desk: s.deskFrame(v, "desk.title.retention")}
	titles := map[string]string{}
	for _, c := range s.Service.AllCampaigns() {
		titles[c.Slug] = titleAtDesk(c)
		page.Campaigns = append(page.Campaigns, view.DeskKeep{Slug: c.Slug, Title: titleAtDesk(c), Keep: c.Keep.Or()})
	}
	for _, k := range kept {
		page.Kept = append(page.Kept, view.DeskKept{Campaign: cmp.Or(titles[k.Campaign], k.Campaign), What: s.View.Desk("desk.retention.kind_" + string(k.Kind)), Day: k.Day, Ended: k.Kind == campaign.ErasedOptIn, Records: k.Records})
	}
	if page.Head, page.Wrong = campaign.CheckErasures(ledger); page.Head == campaign.FirstErasure {
		page.Head = ""
	}
	for i := len(ledger) - 1; i >= 0 && len(page.Ledger) < ledgerShown; i-- {
		e := ledger[i]
		page.Ledger = append(page.Ledger, view.DeskErasure{
			Number: e.Number, Day: e.Day, Campaign: e.Campaign, What: s.View.Desk("desk.retention.kind_" + string(e.Kind)),
			Why: s.View.Desk("desk.retention.why_" + string(e.Why)), Records: e.Records, Hash: e.Hash,
		})
	}
	page.More = len(ledger) - len(page.Ledger)
	return s.deskPage(v, http.StatusOK, page)
}

// ledgerShown is how many of the ledger's lines are shown, the latest; the file has
// all.
const ledgerShown = 100

// exportLedger answers GET /organise/retention/ledger.txt: the lines that are closed,
// each with its hash, as "postbag retention prove" prints them.
func (s *Server) exportLedger(v visit) error {
	ledger, err := s.Service.Erasures(v.Request().Context())
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, e := range ledger {
		if e.Number > 0 {
			b.WriteString(e.String() + "  " + e.Hash + "\n")
		}
	}
	h := v.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="erasure-ledger.txt"`)
	return v.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(b.String()))
}
