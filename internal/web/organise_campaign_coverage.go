package web

import (
	"net/http"
	"strconv"
	"strings"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

// showCoverage answers GET /organise/c/{campaign}/coverage: whom each rule
// catches, and what became of each letter.
func (s *Server) showCoverage(v visit) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_coverage")
	if err != nil {
		return err
	}
	ctx := v.Request().Context()
	cover, err := s.Service.Coverage(ctx, found)
	if err != nil {
		return err
	}
	page := view.CampaignCoverage{CampaignDesk: d, MayEdit: v.who.Role.May(account.EditCampaigns)}
	if page.Variants, err = s.Service.Variants(ctx, found.Slug); err != nil {
		return err
	}
	at := atDesk + "/c/" + found.Slug + "/preview?seat="
	for i, r := range cover.Rules {
		page.Rules = append(page.Rules, view.CoverRule{
			Number: i + 1, Name: r.Rule.Name, When: s.conditions(r.Rule), Then: s.then(r.Rule), Flaw: string(r.Flaw), Fits: r.Fits, Seats: coverSeats(at, r.Seats),
		})
	}
	page.Rules = append(page.Rules, view.CoverRule{Then: s.then(campaign.Rule{Letter: string(campaign.VariantAsk)}), Seats: coverSeats(at, cover.Rest)})
	return s.deskPage(v, http.StatusOK, page)
}

func coverSeats(at string, seats []parliament.Seat) []view.CoverSeat {
	list := make([]view.CoverSeat, len(seats))
	for i, seat := range seats {
		list[i] = view.CoverSeat{Code: seat.Constituency.Code, Name: seat.Constituency.Name, MP: seat.Member.Name, Party: seat.Member.Party, URL: at + seat.Constituency.Code}
	}
	return list
}

// then says what follows when a rule fits.
func (s *Server) then(r campaign.Rule) string {
	if r.Exclude != "" {
		return s.View.Desk("desk.rules.then_exclude", "key", r.Exclude)
	}
	return s.View.Desk("desk.rules.then_letter", "key", r.Letter)
}

// conditions says when a rule fits, a line for each condition.
func (s *Server) conditions(r campaign.Rule) []string {
	roster, _ := s.Service.Roster()
	var lines []string
	add := func(key string, values []string) {
		if len(values) > 0 {
			lines = append(lines, s.View.Desk("desk.rules."+key)+": "+strings.Join(values, ", "))
		}
	}
	var pledges []string
	for _, p := range r.Pledge {
		pledges = append(pledges, s.View.Desk("desk.rules."+string(p)))
	}
	var members []string
	for _, id := range r.Member {
		members = append(members, nameMembers(roster, strconv.Itoa(id)))
	}
	var seats []string
	for _, code := range r.Constituency {
		seats = append(seats, nameSeats(roster, code))
	}
	add("pledge", pledges)
	add("party", r.Party)
	add("nation", r.Nation)
	add("region", r.Region)
	add("constituency", seats)
	add("member", members)
	if r.Vacant != nil {
		add("vacant", []string{s.View.Desk("desk.rules.vacant_" + strconv.FormatBool(*r.Vacant))})
	}
	if r.NoEmail != nil {
		add("no_email", []string{s.View.Desk("desk.rules.no_email_" + strconv.FormatBool(*r.NoEmail))})
	}
	return lines
}
