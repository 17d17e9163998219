package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

func (s *Server) mpRoutes(d desk) {
	d.get("/organise/mps", account.SeeCounts, s.showDeskMPs)
	d.get("/organise/mps/sync", account.KeepMPs, s.showSync)
	d.post("/organise/mps/sync", account.KeepMPs, s.startSync)
	d.post("/organise/mps/sync/apply", account.KeepMPs, s.applySync)
	d.post("/organise/mps/sync/discard", account.KeepMPs, s.discardSync)
	d.get("/organise/mps/:seat", account.SeeCounts, s.showDeskSeat)
	d.post("/organise/mps/:seat", account.KeepMPs, s.correctMP)
	d.post("/organise/mps/:seat/end", account.KeepMPs, s.endCorrection)
	d.post("/organise/mps/:seat/clear", account.KeepMPs, s.clearFailing)
	d.get("/organise/digest", account.SeeCounts, s.showDigest)
}

// atMPs is the address of the list of MPs.
const atMPs = atDesk + "/mps"

// atMP is the address of a constituency's page.
func atMP(code string) string { return atMPs + "/" + code }

// showDeskMPs answers GET /organise/mps.
func (s *Server) showDeskMPs(v visit) error {
	roster, _ := s.Service.Roster()
	corrected, err := s.correctedSeats(v)
	if err != nil {
		return err
	}
	failing, err := s.failing(v, "")
	if err != nil {
		return err
	}
	page := view.DeskMPs{
		Desk: s.deskFrame(v, "desk.title.mps"), Query: strings.TrimSpace(v.QueryParam("q")), Region: v.QueryParam("where"), Party: v.QueryParam("party"),
		Show: v.QueryParam("show"), Total: roster.Len(), May: v.who.Role.May(account.KeepMPs),
		Source: roster.MemberSource().Name, Date: roster.MemberSource().Date,
		Failing: failing,
	}
	page.Regions = append(page.Regions, view.Group{Value: "England", Name: "England"})
	for _, g := range roster.Groups() {
		page.Regions = append(page.Regions, view.Group{Value: g.Region, Name: g.Region})
	}
	seats := roster.Seats()
	for _, seat := range seats {
		row := deskMP(seat, corrected)
		if row.Party != "" && !slices.Contains(page.Parties, row.Party) {
			page.Parties = append(page.Parties, row.Party)
		}
		switch {
		case row.Vacant:
			page.Vacant++
		case row.Email == "":
			page.NoEmail++
		}
		if row.Corrected {
			page.Corrected++
		}
	}
	slices.Sort(page.Parties)
	if page.Query != "" {
		seats = roster.Search(page.Query, 0)
	}
	for _, seat := range seats {
		c, row := seat.Constituency, deskMP(seat, corrected)
		switch {
		case page.Region != "" && page.Region != c.Region && page.Region != c.Country:
		case page.Party != "" && page.Party != row.Party:
		case page.Show == "vacant" && !row.Vacant, page.Show == "corrected" && !row.Corrected:
		case page.Show == "no_email" && (row.Vacant || row.Email != ""):
		default:
			page.Rows = append(page.Rows, row)
		}
	}
	return s.deskPage(v, http.StatusOK, page)
}

// correctedSeats are the codes of seats with a correction that stands.
func (s *Server) correctedSeats(v visit) (map[string]bool, error) {
	all, err := s.Service.Corrections(v.Request().Context())
	if err != nil {
		return nil, err
	}
	codes := map[string]bool{}
	for _, c := range campaign.StandingCorrections(all) {
		codes[c.Constituency] = true
	}
	return codes, nil
}

func deskMP(seat parliament.Seat, corrected map[string]bool) view.DeskMP {
	c, m := seat.Constituency, seat.Member
	return view.DeskMP{
		Code: c.Code, Place: c.Name, Region: c.Region, MP: m.Name, Party: m.Party, Email: m.Email,
		Vacant: seat.Vacant(), Corrected: corrected[c.Code],
	}
}

// showDeskSeat answers GET /organise/mps/{seat}.
func (s *Server) showDeskSeat(v visit) error {
	page, err := s.deskSeat(v)
	if err != nil {
		return err
	}
	page.Form.Values = map[string]string{campaign.FieldMPEmail: page.Seat.Email}
	return s.deskPage(v, http.StatusOK, page)
}

func (s *Server) deskSeat(v visit) (view.DeskSeat, error) {
	ctx := v.Request().Context()
	roster, _ := s.Service.Roster()
	seat, ok := seatAt(roster, v.Param("seat"))
	if !ok {
		return view.DeskSeat{}, fault.New(fault.NotFound, "error.no_constituency")
	}
	all, err := s.Service.Corrections(ctx)
	if err != nil {
		return view.DeskSeat{}, err
	}
	code := seat.Constituency.Code
	page := view.DeskSeat{
		Desk: within(s.deskFrame(v, "desk.title.mp"), atMPs), Seat: deskMP(seat, nil), PlaceCy: seat.Constituency.NameCy, MemberID: seat.Member.ID,
		May: v.who.Role.May(account.KeepMPs),
	}
	page.Title = seat.Constituency.Name
	for _, c := range all {
		if c.Constituency == code {
			page.Corrections = append(page.Corrections, correctionRow(c))
		}
	}
	page.Seat.Corrected = page.Held()
	if page.Failing, err = s.failing(v, code); err != nil {
		return page, err
	}
	for _, c := range s.Service.Campaigns() {
		one, err := s.seatCampaign(v, c, seat, roster)
		if err != nil {
			return page, err
		}
		page.Campaigns = append(page.Campaigns, one)
	}
	return page, nil
}

func correctionRow(c campaign.MPCorrection) view.CorrectionRow {
	row := view.CorrectionRow{
		ID: c.ID, Field: string(c.Field), MP: c.MemberName, Value: c.Value, Listed: c.Listed, Source: c.Source, By: c.RecordedBy, At: campaign.Day(c.At),
		EndedBy: c.EndedBy,
	}
	if !c.Stands() {
		row.EndedAt = campaign.Day(c.EndedAt)
	}
	return row
}

// seatCampaign is how a campaign stands in a constituency, exactly.
func (s *Server) seatCampaign(v visit, c *campaign.Campaign, seat parliament.Seat, roster *parliament.Roster) (view.SeatCampaign, error) {
	ctx := v.Request().Context()
	one := view.SeatCampaign{Slug: c.Slug, Title: c.Text(view.DefaultLang).Title}
	n, err := s.Service.SeatCounts(ctx, c.Slug, seat.Constituency.Code)
	if err != nil {
		return one, err
	}
	one.Written, one.Confirmed, one.Sent, one.Failed = n.Written, n.Confirmed, n.Sent, n.Failed
	one.Bounced, one.Uncertain, one.SaidPledged, one.SaidRefused = n.Bounced, n.Uncertain, n.Replies.Pledged, n.Replies.Refused
	if seat.Vacant() {
		return one, nil
	}
	p, err := s.Service.LatestPledge(ctx, c.Slug, seat.Member.ID)
	switch fault.CodeOf(err) {
	case "":
		row := pledgeRow(c.Slug, roster, p)
		one.Pledge = &row
	case fault.NotFound:
		err = nil
	}
	return one, err
}

// correctMP answers POST /organise/mps/{seat}.
func (s *Server) correctMP(v visit) error {
	c := campaign.MPCorrection{Source: v.FormValue(campaign.FieldSource)}
	c.Constituency = strings.ToUpper(v.Param("seat"))
	c.MemberID, _ = strconv.Atoi(v.FormValue("member"))
	field, prefix, done := v.FormValue("field"), "", "desk.done.mp_email"
	if c.Field = parliament.CorrectedEmail; field == string(parliament.CorrectedVacant) {
		c.Field, prefix, done = parliament.CorrectedVacant, "vacant-", "desk.done.mp_vacant"
	} else {
		seen := v.FormValue("seen")
		c.Value, c.Seen = strings.TrimSpace(v.FormValue(campaign.FieldMPEmail)), &seen
	}
	err := s.Service.CorrectMP(v.Request().Context(), v.by(), c)
	wrong, ok := s.wrong(err)
	switch {
	case err == nil:
		return s.done(v, atMP(c.Constituency), done)
	case !ok:
		return err
	}
	page, bad := s.deskSeat(v)
	if bad != nil {
		return bad
	}
	page.Open = string(c.Field)
	page.Form.Values = map[string]string{campaign.FieldMPEmail: c.Value, prefix + campaign.FieldSource: c.Source}
	page.Form.Errors = map[string]string{}
	for field, sentence := range wrong {
		if field == campaign.FieldSource {
			field = prefix + field
		}
		page.Form.Errors[field] = sentence
	}
	if fault.CodeOf(err) == fault.Conflict && c.Seen != nil {
		page.Changed = []view.Compared{{What: s.View.Desk("desk.field.mp_email.label"), Now: page.Seat.Email, Typed: c.Value}}
	}
	return s.deskPage(v, status(err), page)
}

// endCorrection answers POST /organise/mps/{seat}/end.
func (s *Server) endCorrection(v visit) error {
	id, _ := strconv.ParseInt(v.FormValue("id"), 10, 64)
	err := s.Service.EndCorrection(v.Request().Context(), v.by(), strings.ToUpper(v.Param("seat")), id)
	if wrong, ok := s.wrong(err); ok {
		page, bad := s.deskSeat(v)
		if bad != nil {
			return bad
		}
		page.Form.Errors = wrong
		return s.deskPage(v, status(err), page)
	}
	if err != nil {
		return err
	}
	return s.done(v, atMP(v.Param("seat")), "desk.done.mp_end")
}
