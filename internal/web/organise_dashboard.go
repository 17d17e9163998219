package web

import (
	"net/http"

	"postbag/internal/account"
	"postbag/internal/view"
)

func (s *Server) dashboardRoutes(d desk) {
	d.get("/organise", account.SignedIn, s.showDeskHome)
}

// showDeskHome answers GET /organise: the campaigns.
func (s *Server) showDeskHome(v visit) error {
	page := view.DeskHome{Desk: s.deskFrame(v, "desk.title.home")}
	if v.who.Role.May(account.SeeCounts) {
		for _, c := range s.Service.AllCampaigns() {
			page.Campaigns = append(page.Campaigns, view.DeskCampaignRow{Slug: c.Slug, Title: titleAtDesk(c), State: string(c.Stage)})
		}
	}
	return s.deskPage(v, http.StatusOK, page)
}
