package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// statementOf is the day on which the accessibility statement was last held
// against the pages.
var statementOf = time.Date(2026, time.November, 28, 12, 0, 0, 0, campaign.London)

// showAccessibility answers GET /accessibility: the accessibility statement.
func (s *Server) showAccessibility(c echo.Context) error {
	lang := s.lang(c)
	page := view.Accessibility{Frame: s.plainFrame(lang), Prepared: statementOf}
	if campaigns := s.Service.Campaigns(); len(campaigns) == 1 {
		page.Frame = s.campaignFrame(lang, campaigns[0])
		page.Organisers = campaigns[0].Organisers
	}
	page.NoIndex = false
	page.Path = "/accessibility"
	page.Suggest = s.suggest(c, page.Path)
	page.Title = s.View.T(lang, "title.accessibility")
	page.Summary = s.View.T(lang, "access.lead")
	return s.page(c, http.StatusOK, page)
}
