package web

import (
	"context"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/account"
	"postbag/internal/atlas"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

// atPartners is the address of the list of partners.
const atPartners = atDesk + "/partners"

// atPartner is the address of a partner's page, for organisers.
func atPartner(slug string) string { return atPartners + "/" + slug }

func (s *Server) partnerRoutes(d desk) {
	d.get("/organise/partners", account.KeepPartners, s.showPartners)
	d.get("/organise/partners/new", account.KeepPartners, s.showNewPartner)
	d.post("/organise/partners/new", account.KeepPartners, s.addPartner)
	d.get("/organise/partners/:partner", account.KeepPartners, s.showPartner)
	d.get("/organise/partners/:partner/edit", account.KeepPartners, s.showEditPartner)
	d.post("/organise/partners/:partner/edit", account.KeepPartners, s.editPartner)
	d.post("/organise/partners/:partner/retire", account.KeepPartners, s.retirePartner)
	d.post("/organise/partners/:partner/return", account.KeepPartners, s.returnPartner)
	d.post("/organise/partners/:partner/links", account.KeepPartners, s.addPartnerLink)
	d.post("/organise/partners/:partner/links/:link/revoke", account.KeepPartners, s.revokePartnerLink)
	d.get("/organise/partners/:partner/embed/:campaign", account.KeepPartners, s.showSnippet)
	d.get("/organise/partners/:partner/preview/:campaign", account.KeepPartners, s.showEmbedPreview)
	d.get("/organise/own/embed/:campaign", account.SeeOwnPartner, s.showOwnSnippet)
	d.get("/organise/own/preview/:campaign", account.SeeOwnPartner, s.showOwnEmbedPreview)
}

// showPartners answers GET /organise/partners.
func (s *Server) showPartners(v visit) error {
	ctx := v.Request().Context()
	page := view.PartnerList{Desk: s.deskFrame(v, "desk.title.partners")}
	letters := map[string]int{}
	for _, c := range s.Service.AllCampaigns() {
		partners, err := s.Service.ByPartner(ctx, c.Slug)
		if err != nil {
			return err
		}
		for _, p := range partners {
			letters[p.Partner] += p.Letters()
		}
	}
	for _, p := range s.Service.Partners() {
		health, err := s.Service.EmbedHealth(ctx, p.Slug)
		if err != nil {
			return err
		}
		page.Partners = append(page.Partners, view.PartnerRow{
			Slug: p.Slug, Name: p.Name, Origins: p.Origins, Retired: p.Retired(),
			Letters: letters[p.Slug], Loads: health.Times(), LastOn: health.LastOn(), Refused: len(health.Refused),
		})
	}
	return s.deskPage(v, http.StatusOK, page)
}

// showPartner answers GET /organise/partners/{partner}.
func (s *Server) showPartner(v visit) error { return s.partnerDesk(v, http.StatusOK, view.DeskForm{}) }

// partnerDesk shows a partner to organisers.
func (s *Server) partnerDesk(v visit, code int, form view.DeskForm) error {
	ctx := v.Request().Context()
	p, err := s.Service.AnyPartner(v.Param("partner"))
	if err != nil {
		return err
	}
	page, err := s.partnerPage(ctx, p, atPartner(p.Slug), true)
	if err != nil {
		return err
	}
	page.Desk = s.deskFrame(v, "desk.title.partner_page")
	page.Desk.Title = p.Name
	page.At, page.Version, page.Form, page.Health.Edit = atPartner(p.Slug), p.Version, form, atPartner(p.Slug)+"/edit"
	if page.Links, err = s.Service.PartnerLinks(ctx, p.Slug); err != nil {
		return err
	}
	return s.deskPage(v, code, page)
}

// partnerPage gathers what a partner's page shows; base is its address. Exact
// numbers are for organisers alone.
func (s *Server) partnerPage(ctx context.Context, p *campaign.Partner, base string, exact bool) (view.PartnerPage, error) {
	page := view.PartnerPage{
		Own: !exact, Slug: p.Slug, Name: p.Name, Website: p.Website, Logo: partnerLogo(p, 400, 64), Retired: p.Retired(), Least: campaign.SuppressBelow,
	}
	var err error
	if page.Health.EmbedHealth, err = s.Service.EmbedHealth(ctx, p.Slug); err != nil {
		return page, err
	}
	page.Health.Days = campaign.HealthDays
	for _, c := range s.Service.Campaigns() {
		each := view.PartnerCampaign{Slug: c.Slug, Title: titleAtDesk(c), State: string(c.Stage)}
		if !p.Retired() && c.Writing() {
			each.Snippet = base + "/embed/" + c.Slug
		}
		sight, err := s.Service.PartnerSight(ctx, c.Slug, p.Slug)
		if err != nil {
			return page, err
		}
		if err := s.fillSight(&each, sight); err != nil {
			return page, err
		}
		if exact {
			each.Exact = &campaign.Credited{}
			all, err := s.Service.ByPartner(ctx, c.Slug)
			if err != nil {
				return page, err
			}
			for _, b := range all {
				if b.Partner == p.Slug {
					each.Exact = &b.Credited
				}
			}
		}
		page.Campaigns = append(page.Campaigns, each)
	}
	return page, nil
}

// partnerLogo is a partner's logo, as large as it is shown: no larger than this in
// pixels. Whoever shows it at its own size needs no room made when it comes.
func partnerLogo(p *campaign.Partner, widest, highest int) *view.PartnerLogo {
	if p.Logo == nil {
		return nil
	}
	logo := &view.PartnerLogo{URL: logoURL(p), Width: p.Logo.Width, Height: p.Logo.Height}
	if logo.Height > highest {
		logo.Width, logo.Height = max(logo.Width*highest/logo.Height, 1), highest
	}
	if logo.Width > widest {
		logo.Width, logo.Height = widest, max(logo.Height*widest/logo.Width, 1)
	}
	return logo
}

// logoURL is where a partner's logo is.
func logoURL(p *campaign.Partner) string {
	return "/embed/logo/" + p.Slug + "/" + p.Logo.Hash + "." + p.Logo.Ext
}

// fillSight shows what a partner may know of its letters.
func (s *Server) fillSight(page *view.PartnerCampaign, sight campaign.PartnerSight) error {
	page.Letters = sight.Letters
	if len(sight.Steps) == 0 {
		return nil
	}
	roster, _ := s.Service.Roster()
	for _, seat := range roster.Seats() {
		if n, ok := sight.Seats[seat.Constituency.Code]; ok {
			page.Seats = append(page.Seats, view.PartnerSeat{Place: seat.Constituency.Name, Letters: n})
		}
	}
	number := func(n int) string { return s.View.Number(view.DefaultLang, n) }
	chart := atlas.Chart{ID: "chart-" + page.Slug, Number: number}
	for i := len(sight.Steps) - 1; i >= 0; i-- {
		step := sight.Steps[i]
		page.Steps = append(page.Steps, view.PartnerStep{From: step.From, To: step.To, Letters: step.Letters})
	}
	first := max(0, len(sight.Steps)-mostSteps)
	for _, step := range sight.Steps[first:] {
		bar := atlas.Bar{
			Title: s.View.Desk("desk.partners.bar", "letters", number(step.Letters), "to", s.View.Day(view.DefaultLang, step.To)), Solid: step.Letters,
		}
		if at, err := time.Parse(time.DateOnly, step.To); err == nil {
			bar.Label = s.View.ShortDate(view.DefaultLang, at)
		}
		chart.Bars = append(chart.Bars, bar)
	}
	last := sight.Steps[len(sight.Steps)-1]
	page.UpTo = last.To
	chart.Title = s.View.Desk("desk.partners.chart", "letters", number(sight.Letters), "to", s.View.Day(view.DefaultLang, last.To))
	var svg strings.Builder
	if err := chart.Write(&svg); err != nil {
		return err
	}
	page.Chart = template.HTML(svg.String()) //nolint:gosec // our own drawing, which escapes what it is given
	return nil
}

// mostSteps is how many bars a partner's chart has.
const mostSteps = 60

// retirePartner answers POST /organise/partners/{partner}/retire.
func (s *Server) retirePartner(v visit) error { return s.turnPartner(v, true) }

// returnPartner answers POST /organise/partners/{partner}/return.
func (s *Server) returnPartner(v visit) error { return s.turnPartner(v, false) }

func (s *Server) turnPartner(v visit, retire bool) error {
	was, err := s.Service.AnyPartner(v.Param("partner"))
	if err != nil {
		return err
	}
	p, done := *was, "desk.done.partner_returned"
	p.Version, _ = strconv.Atoi(v.FormValue("version"))
	if !retire {
		p.RetiredAt = time.Time{}
	} else if done = "desk.done.partner_retired"; !p.Retired() {
		p.RetiredAt = s.Service.Now()
	}
	err = s.Service.EditPartner(v.Request().Context(), v.by(), p)
	if wrong, ok := s.wrong(err); ok {
		return s.partnerDesk(v, status(err), view.DeskForm{Errors: wrong})
	}
	if err != nil {
		return err
	}
	return s.done(v, atPartner(p.Slug), done)
}

// addPartnerLink answers POST /organise/partners/{partner}/links: the address is
// shown this once.
func (s *Server) addPartnerLink(v visit) error {
	slug, name := v.Param("partner"), v.FormValue("name")
	token, err := s.Service.NewPartnerLink(v.Request().Context(), v.by(), slug, name)
	if wrong, ok := s.wrong(err); ok {
		return s.partnerDesk(v, status(err), view.DeskForm{Values: map[string]string{"name": name}, Errors: wrong})
	}
	if err != nil {
		return err
	}
	p, err := s.Service.AnyPartner(slug)
	if err != nil {
		return err
	}
	return s.deskPage(v, http.StatusOK, view.PartnerNew{
		Desk: s.deskFrame(v, "desk.title.partner_link"), Name: p.Name, For: name, URL: s.View.Base() + privatePartner + token, Back: atPartner(slug),
	})
}

// revokePartnerLink answers POST /organise/partners/{partner}/links/{link}/revoke.
func (s *Server) revokePartnerLink(v visit) error {
	id, err := strconv.ParseInt(v.Param("link"), 10, 64)
	if err != nil {
		return echo.ErrNotFound
	}
	if err := s.Service.RevokePartnerLink(v.Request().Context(), v.by(), v.Param("partner"), id); err != nil {
		return err
	}
	return s.done(v, atPartner(v.Param("partner")), "desk.done.partner_link_revoked")
}
