package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

const (
	// atOwn begins the addresses of what a partner looks at who is signed in.
	atOwn = atDesk + "/own"
	// privatePartner begins the address of a partner's page that needs no account.
	privatePartner = "/partners/"
)

// partnerLinkRoutes declares the routes of partners' pages for whoever has their
// link. No cookie is read or set there, and what stands in the log is the route.
func (s *Server) partnerLinkRoutes(get func(string, echo.HandlerFunc)) {
	get("/partners/:token", s.byPartnerLink(s.showPartnerByLink))
	get("/partners/:token/embed/:campaign", s.byPartnerLink(s.showSnippetByLink))
	get("/partners/:token/preview/:campaign", s.byPartnerLink(func(c echo.Context, p *campaign.Partner) error { return s.embedPreview(c, p) }))
}

var noReferrer = []string{"no-referrer"}

// byPartnerLink finds out whose page a link leads to. One that was revoked is
// answered as one that never was.
func (s *Server) byPartnerLink(h func(echo.Context, *campaign.Partner) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header["X-Robots-Tag"], header["Referrer-Policy"] = noIndex, noReferrer
		p, err := s.Service.PartnerOfLink(c.Request().Context(), c.Param("token"))
		if err != nil {
			if fault.CodeOf(err) == fault.NotFound {
				return echo.ErrNotFound
			}
			return err
		}
		return h(c, p)
	}
}

// linkDesk is the frame of a page that a link leads to.
func (s *Server) linkDesk(c echo.Context, title string) view.Desk {
	return view.Desk{Title: title, Path: c.Request().URL.Path, Captured: s.Captured, TestMode: s.TestMode, Private: true}
}

// showPartnerByLink answers GET /partners/{token}.
func (s *Server) showPartnerByLink(c echo.Context, p *campaign.Partner) error {
	page, err := s.partnerPage(c.Request().Context(), p, privatePartner+c.Param("token"), false)
	if err != nil {
		return err
	}
	page.Desk = s.linkDesk(c, p.Name)
	return s.page(c, http.StatusOK, page)
}

// showSnippetByLink answers GET /partners/{token}/embed/{campaign}.
func (s *Server) showSnippetByLink(c echo.Context, p *campaign.Partner) error {
	base := privatePartner + c.Param("token")
	return s.snippetPage(snippetDesk{c, p, s.linkDesk(c, s.View.Desk("desk.title.snippet")), base, base})
}

// showPartnerHome is /organise for a partner: its own page.
func (s *Server) showPartnerHome(v visit) error {
	page := view.PartnerPage{Own: true, Name: v.who.Partner} // a name from before there were partners
	if p, err := s.Service.AnyPartner(v.who.Partner); err == nil {
		if page, err = s.partnerPage(v.Request().Context(), p, atOwn, false); err != nil {
			return err
		}
	}
	page.Desk = s.deskFrame(v, "desk.title.partner_page")
	return s.deskPage(v, http.StatusOK, page)
}
