package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

func (s *Server) pledgeRoutes(d desk) {
	d.get("/organise/c/:campaign/pledges", account.SeeCounts, s.showPledgeBook)
	d.post("/organise/c/:campaign/pledges", account.KeepPledges, s.recordPledge)
	d.post("/organise/c/:campaign/pledges/reports", account.KeepPledges, s.judgeReports)
	d.get("/organise/c/:campaign/pledges/import", account.KeepPledges, s.showPledgeImport)
	d.post("/organise/c/:campaign/pledges/import", account.KeepPledges, s.importPledges)
	d.get("/organise/c/:campaign/pledges/:id", account.SeeCounts, s.showPledgeRecord)
	d.post("/organise/c/:campaign/pledges/:id/correct", account.KeepPledges, s.correctPledge)
	d.post("/organise/c/:campaign/pledges/:id/withdraw", account.KeepPledges, s.withdrawPledge)
	d.post("/organise/c/:campaign/pledges/:id/void", account.KeepPledges, s.voidPledge)
	s.mpRoutes(d)
}

// atPledges is the address of a campaign's record of pledges.
func atPledges(slug string) string { return atDesk + "/c/" + slug + "/pledges" }

// The states of a pledge, as the list can be narrowed to them.
const (
	pledgeStands    = "stands"
	pledgeWithdrawn = "withdrawn"
	pledgeVoided    = "voided"
)

// showPledgeBook answers GET /organise/c/{campaign}/pledges.
func (s *Server) showPledgeBook(v visit) error {
	page, err := s.pledgeBook(v)
	if err != nil {
		return err
	}
	page.Form.Values = map[string]string{campaign.PledgeMember: v.QueryParam("mp")}
	return s.deskPage(v, http.StatusOK, page)
}

// pledgeBook is the page with nothing typed.
func (s *Server) pledgeBook(v visit) (view.PledgeBook, error) {
	d, c, err := s.campaignDesk(v, "desk.title.pledges")
	if err != nil {
		return view.PledgeBook{}, err
	}
	ctx := v.Request().Context()
	page := view.PledgeBook{Desk: within(d, atPledges(c.Slug)), May: v.who.Role.May(account.KeepPledges), Show: v.QueryParam("show")}
	if !slices.Contains([]string{pledgeStands, pledgeWithdrawn, pledgeVoided}, page.Show) {
		page.Show = ""
	}
	history, err := s.Service.PledgeHistory(ctx, c.Slug)
	if err != nil {
		return page, err
	}
	voided, err := s.Service.VoidedPledges(ctx, c.Slug)
	if err != nil {
		return page, err
	}
	roster, _ := s.Service.Roster()
	var rows []view.PledgeRow
	for _, p := range history {
		rows = append(rows, pledgeRow(c.Slug, roster, p))
	}
	for _, p := range voided {
		row := pledgeRow(c.Slug, roster, p.Pledge)
		rows = append(rows, voidedRow(row, p))
	}
	for _, row := range rows {
		switch row.State {
		case pledgeStands:
			page.Standing++
		case pledgeWithdrawn:
			page.Withdrawn++
		default:
			page.Voided++
		}
		if page.Show == "" || page.Show == row.State {
			page.Rows = append(page.Rows, row)
		}
	}
	slices.SortStableFunc(page.Rows, func(a, b view.PledgeRow) int { return cmp.Or(cmp.Compare(b.On, a.On), cmp.Compare(a.MP, b.MP)) })
	page.Reports, page.Refusals, err = s.reports(ctx, c.Slug, roster, history)
	return page, err
}

// reports is what supporters say of the MPs' answers.
func (s *Server) reports(ctx context.Context, slug string, roster *parliament.Roster, history []campaign.Pledge) ([]view.PledgeReport, []view.Refusal, error) {
	waiting, err := s.Service.PledgeReports(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	var reports []view.PledgeReport
	for _, r := range waiting {
		seat, _ := roster.Seat(r.Constituency)
		reports = append(reports, view.PledgeReport{
			MemberID: r.MemberID, MP: r.MemberName, Place: seat.Constituency.Name, Supporters: r.Supporters, First: r.First, Last: r.Last,
			Until: r.Last.Format(time.RFC3339Nano), ID: "report-" + strconv.Itoa(r.MemberID) + "-",
			Recorded: slices.ContainsFunc(history, func(p campaign.Pledge) bool { return p.MemberID == r.MemberID && p.Stands() }),
		})
	}
	refused, err := s.Service.Refusals(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	var refusals []view.Refusal
	for _, r := range refused {
		if seat, ok := roster.Seat(r.Constituency); ok {
			refusals = append(refusals, view.Refusal{MP: seat.Member.Name, Place: seat.Constituency.Name, URL: atMP(r.Constituency), Supporters: r.Supporters})
		}
	}
	return reports, refusals, nil
}

func pledgeRow(slug string, roster *parliament.Roster, p campaign.Pledge) view.PledgeRow {
	row := view.PledgeRow{
		URL: atPledges(slug) + "/" + strconv.FormatInt(p.ID, 10), MP: p.MemberName, On: p.On, State: pledgeStands,
		Evidence: p.Evidence, Note: p.Note, RecordedBy: p.RecordedBy, RecordedAt: campaign.Day(p.RecordedAt),
		WithdrawnOn: p.WithdrawnOn, WithdrawnEvidence: p.WithdrawnEvidence, Reason: p.WithdrawnReason, EndedBy: p.WithdrawnBy,
	}
	if !p.Stands() {
		row.State = pledgeWithdrawn
	}
	if seat, ok := roster.ByMember(p.MemberID); ok {
		row.MP, row.Place, row.PlaceURL = seat.Member.Name, seat.Constituency.Name, atMP(seat.Constituency.Code)
	}
	return row
}

// voidedRow makes the row of a pledge that of one that was voided.
func voidedRow(row view.PledgeRow, p campaign.VoidedPledge) view.PledgeRow {
	row.State, row.Reason, row.EndedBy = pledgeVoided, p.Reason, p.VoidedBy
	return row
}

// within marks the link of the navigation that a page is reached by.
func within(d view.Desk, path string) view.Desk {
	links := [][]view.DeskLink{d.Nav}
	if d.Campaign != nil {
		links = append(links, d.Campaign.Nav)
	}
	for _, list := range links {
		for i := range list {
			list[i].Current = list[i].Current || list[i].URL == path
		}
	}
	return d
}

// pledgeWrong returns the sentences about a form whose pledge was refused; prefix
// begins the ids of its fields.
func (s *Server) pledgeWrong(err error, prefix string) (map[string]string, bool) {
	if p, ok := errors.AsType[*campaign.PledgeError](err); ok {
		if len(p.Fields) == 0 {
			p.Fields = map[string]string{p.Field: p.Text}
		}
		wrong := map[string]string{}
		for field, text := range p.Fields {
			if field != "" {
				field = prefix + field
			}
			wrong[field] = s.View.Desk("desk.error.pledge_text", "text", begun(text))
		}
		return wrong, true
	}
	return s.wrong(err)
}

// begun is a text with a capital, as a sentence begins.
func begun(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}

// typedPledge reads what is typed of a pledge.
func typedPledge(v visit) campaign.Pledge {
	field := func(name string) string { return strings.TrimSpace(v.FormValue(name)) }
	return campaign.Pledge{
		On: field(campaign.PledgeDate), Evidence: field(campaign.PledgeEvidence), Note: field(campaign.PledgeNote),
		WithdrawnOn: field(campaign.PledgeWithdrawnDate), WithdrawnEvidence: field(campaign.PledgeWithdrawnEvidence),
		WithdrawnReason: field(campaign.PledgeReason),
	}
}

// pledgeValues are the fields of a pledge, under ids that begin with prefix.
func pledgeValues(prefix string, p campaign.Pledge) map[string]string {
	return map[string]string{
		prefix + campaign.PledgeDate: p.On, prefix + campaign.PledgeEvidence: p.Evidence, prefix + campaign.PledgeNote: p.Note,
		prefix + campaign.PledgeWithdrawnDate: p.WithdrawnOn, prefix + campaign.PledgeWithdrawnEvidence: p.WithdrawnEvidence,
		prefix + campaign.PledgeReason: p.WithdrawnReason,
	}
}

// recordPledge answers POST /organise/c/{campaign}/pledges.
func (s *Server) recordPledge(v visit) error {
	ctx, slug := v.Request().Context(), v.Param("campaign")
	p, who := typedPledge(v), v.FormValue(campaign.PledgeMember)
	p.WithdrawnOn, p.WithdrawnEvidence, p.WithdrawnReason = "", "", ""
	how := campaign.Correction{Replace: v.FormValue("correct") != "", Reinstate: v.FormValue("reinstate") != "", Notes: true}
	change, err := s.Service.RecordPledge(ctx, v.by(), slug, who, p, how)
	if wrong, ok := s.pledgeWrong(err, ""); ok {
		page, bad := s.pledgeBook(v)
		if bad != nil {
			return bad
		}
		page.Form = view.DeskForm{Values: pledgeValues("", p), Errors: wrong}
		page.Form.Values[campaign.PledgeMember] = who
		refused, _ := errors.AsType[*campaign.PledgeError](err)
		page.Replace = refused != nil && (refused.Differs || v.FormValue("correct") != "")
		page.Reinstate = refused != nil && (refused.Ended || v.FormValue("reinstate") != "")
		return s.deskPage(v, status(err), page)
	}
	if err != nil {
		return err
	}
	if change.Action == campaign.PledgeUnchanged {
		return s.done(v, atPledges(slug), "desk.done.pledge_same")
	}
	return s.done(v, atPledges(slug), "desk.done.pledge_add")
}

// judgeReports answers POST /organise/c/{campaign}/pledges/reports.
func (s *Server) judgeReports(v visit) error {
	ctx, slug := v.Request().Context(), v.Param("campaign")
	until, err := time.Parse(time.RFC3339Nano, v.FormValue("until"))
	member, bad := strconv.Atoi(v.FormValue("member"))
	p, done := typedPledge(v), "desk.done.report_confirm"
	p.MemberID, p.WithdrawnOn, p.WithdrawnEvidence, p.WithdrawnReason = member, "", "", ""
	switch {
	case err != nil || bad != nil:
		err = fault.New(fault.Invalid, "desk.error.report_gone")
	case v.FormValue("verdict") == "confirm":
		_, err = s.Service.ConfirmReports(ctx, v.by(), slug, until, p)
	default:
		err, done = s.Service.DismissReports(ctx, v.by(), slug, until, member), "desk.done.report_dismiss"
	}
	if fault.CodeOf(err) == fault.NotFound { // of an MP who is in no list any more
		err = fault.New(fault.Conflict, "desk.error.report_gone")
	}
	prefix := "report-" + v.FormValue("member") + "-"
	if wrong, ok := s.pledgeWrong(err, prefix); ok {
		page, bad := s.pledgeBook(v)
		if bad != nil {
			return bad
		}
		page.Form.Errors = wrong
		there := false
		for i, r := range page.Reports {
			if r.MemberID == member {
				page.Reports[i].Form, there = view.DeskForm{Values: pledgeValues(prefix, p), Errors: wrong}, true
			}
		}
		if !there { // somebody has judged it meanwhile: what was typed can be recorded by itself
			page.Form.Values = pledgeValues("", p)
			page.Form.Values[campaign.PledgeMember] = v.FormValue("member")
		}
		return s.deskPage(v, status(err), page)
	}
	if err != nil {
		return err
	}
	return s.done(v, atPledges(slug), done)
}
