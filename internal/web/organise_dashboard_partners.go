package web

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

// fillPartners shows what each partner brought; nothing where there is none.
func (s *Server) fillPartners(d *dash, page *view.Dashboard) error {
	all, err := s.Service.ByPartner(d.Request().Context(), d.board.Campaign.Slug)
	if err != nil {
		return err
	}
	if len(all) == 1 && len(all[0].Sources) == 0 {
		return nil
	}
	for _, p := range all {
		row := view.DashPartner{
			Name: s.partnerName(p.Partner), Written: p.Written, Confirmed: p.Confirmed, Letters: p.Letters(), Share: percent(p.Confirmed, p.Written),
		}
		if p.Partner != "" && d.who.Role.May(account.KeepPartners) {
			row.URL = atPartner(p.Partner)
		}
		for _, c := range p.Sources {
			row.Sources = append(row.Sources, view.DashSource{Words: s.sourceWords(c.Credit), Written: c.Written, Confirmed: c.Confirmed, Letters: c.Letters()})
		}
		page.Partners = append(page.Partners, row)
	}
	for _, kind := range []struct{ name, file string }{{"csv", "partners.csv"}, {"csv_excel", "partners.csv?" + askBOM + "=1"}, {"json", "partners.json"}} {
		page.PartnerFiles = append(page.PartnerFiles, view.DeskLink{Name: s.View.Desk("desk.export." + kind.name), URL: d.query.path + "/" + kind.file})
	}
	return nil
}

// partnerName is what organisers call the partner of a slug.
func (s *Server) partnerName(slug string) string {
	if p, err := s.Service.AnyPartner(slug); err == nil {
		return p.Name
	}
	return cmp.Or(slug, s.View.Desk("desk.by_partner.none"))
}

// sourceWords says where letters came from: the page, and what its link said.
func (s *Server) sourceWords(c campaign.Credit) string {
	if c.Source == campaign.OtherSource {
		return s.View.Desk("desk.by_partner.too_many")
	}
	var parts []string
	if c.Via != "" {
		_, host, _ := strings.Cut(c.Via, "://")
		parts = append(parts, host)
	}
	if c.Source != "" {
		parts = append(parts, strings.ReplaceAll(c.Source, "&", ", "))
	}
	return cmp.Or(strings.Join(parts, ": "), s.View.Desk("desk.by_partner.no_source"))
}

// credited is what one link of a partner's brought, for programs.
type credited struct {
	Partner   string `json:"partner"` // slug; empty: none
	Name      string `json:"name"`
	Source    string `json:"source"`
	Origin    string `json:"origin"`
	Written   int    `json:"written"`
	Confirmed int    `json:"confirmed"`
	Sent      int    `json:"sent"`
	Bounced   int    `json:"bounced"`
	Letters   int    `json:"letters"`
}

// creditedFile gathers the rows of a file: one for each thing that brought
// letters, and one for all of which nothing is known.
func (s *Server) creditedFile(v visit) (*dash, []credited, error) {
	d, err := s.dashFile(v)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.Service.ByPartner(v.Request().Context(), d.board.Campaign.Slug)
	if err != nil {
		return nil, nil, err
	}
	rows := []credited{}
	for _, p := range all {
		sources, rest := p.Sources, p.Credited
		for _, c := range sources {
			rest.Written, rest.Confirmed, rest.Sent, rest.Bounced = rest.Written-c.Written, rest.Confirmed-c.Confirmed, rest.Sent-c.Sent, rest.Bounced-c.Bounced
		}
		if p.Partner == "" {
			sources = append(sources[:len(sources):len(sources)], rest)
		}
		for _, c := range sources {
			row := credited{p.Partner, "", c.Source, c.Via, c.Written, c.Confirmed, c.Sent, c.Bounced, c.Letters()}
			if p.Partner != "" {
				row.Name = s.partnerName(p.Partner)
			}
			rows = append(rows, row)
		}
	}
	return d, rows, nil
}

// partnersCSV answers GET /organise/c/{campaign}/partners.csv.
func (s *Server) partnersCSV(v visit) error {
	d, rows, err := s.creditedFile(v)
	if err != nil {
		return err
	}
	records := [][]string{{"partner", "name", "source", "origin", "written", "confirmed", "sent", "bounced", "letters"}}
	for _, r := range rows {
		record := []string{r.Partner, r.Name, r.Source, r.Origin}
		for _, n := range []int{r.Written, r.Confirmed, r.Sent, r.Bounced, r.Letters} {
			record = append(record, strconv.Itoa(n))
		}
		records = append(records, record)
	}
	return s.sendCSV(d, "partners", records)
}

// partnersJSON answers GET /organise/c/{campaign}/partners.json.
func (s *Server) partnersJSON(v visit) error {
	d, rows, err := s.creditedFile(v)
	if err != nil {
		return err
	}
	return s.sendJSON(d, "partners", struct {
		Campaign string     `json:"campaign"`
		At       string     `json:"at"`
		Partners []credited `json:"partners"`
	}{d.board.Campaign.Slug, s.Service.Now().UTC().Format(time.RFC3339), rows})
}
