package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/doctor"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// Hosts reads pages of other sites.
type Hosts interface {
	// Fetch reads a page, going to these origins alone; none named: to any. What
	// it says to a person is a *fault.Error.
	Fetch(ctx context.Context, address *url.URL, origins []string) (doctor.Page, error)
}

func (s *Server) doctorRoutes(d desk) {
	d.get("/organise/partners/:partner/check", account.KeepPartners, s.showDoctor)
	d.post("/organise/partners/:partner/check", account.KeepPartners, s.askDoctor)
}

// doctorPage is the page before anything is checked.
func (s *Server) doctorPage(v visit, p *campaign.Partner) view.DeskDoctor {
	page := view.DeskDoctor{Desk: s.deskFrame(v, "desk.title.doctor"), Slug: p.Slug, Name: p.Name}
	page.Form.Values = map[string]string{"address": v.FormValue("address")}
	chosen := v.FormValue("campaign")
	for _, c := range s.Service.Campaigns() {
		page.Campaigns = append(page.Campaigns, view.DeskChoice{Value: c.Slug, Words: titleAtDesk(c), Chosen: c.Slug == chosen})
	}
	return page
}

// showDoctor answers GET /organise/partners/{partner}/check.
func (s *Server) showDoctor(v visit) error {
	p, err := s.Service.AnyPartner(v.Param("partner"))
	if err != nil {
		return err
	}
	return s.deskPage(v, http.StatusOK, s.doctorPage(v, p))
}

// askDoctor answers POST /organise/partners/{partner}/check. It changes nothing;
// but it makes us go to another site, which a link must not do.
func (s *Server) askDoctor(v visit) error {
	p, err := s.Service.AnyPartner(v.Param("partner"))
	if err != nil {
		return err
	}
	page := s.doctorPage(v, p)
	address, report, err := s.examine(v, p)
	if err == nil {
		page.Checked, page.Checkup = address, s.View.Checkup(report)
		return s.deskPage(v, http.StatusOK, page)
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code == fault.Internal {
		return err
	}
	page.Form.Errors = map[string]string{"address": s.View.Desk(f.Safe)}
	code := http.StatusUnprocessableEntity
	if f.Code == fault.RateLimited {
		code = http.StatusTooManyRequests
	}
	return s.deskPage(v, code, page)
}

// examine reads the page that was typed and says what is to be said of it: one
// at a time for each account. In production only the partner's own sites are
// gone to.
func (s *Server) examine(v visit, p *campaign.Partner) (string, doctor.Report, error) {
	address, err := doctor.ParseAddress(v.FormValue("address"))
	if err != nil {
		return "", doctor.Report{}, err
	}
	site, err := doctor.NewSite(s.View.Base(), s.Service.Partners(), s.Service.Campaigns())
	if err != nil {
		return "", doctor.Report{}, err
	}
	var origins []string
	if s.Production {
		if origins = p.Origins; address.Scheme == "https" && !p.MayFrame(doctor.Origin(address)) {
			return address.String(), doctor.Elsewhere(address, p.Slug), nil
		}
	}
	if _, busy := s.doctor.LoadOrStore(v.who.ID, true); busy {
		return "", doctor.Report{}, fault.New(fault.RateLimited, "desk.doctor.error.busy")
	}
	defer s.doctor.Delete(v.who.ID)
	page, err := s.Hosts.Fetch(v.Request().Context(), address, origins)
	if err != nil {
		return "", doctor.Report{}, err
	}
	return page.URL.String(), doctor.Examine(page, site, doctor.Want{Partner: p.Slug, Campaign: v.FormValue("campaign")}), nil
}
