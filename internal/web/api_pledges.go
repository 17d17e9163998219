package web

import (
	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
)

// apiPledges answers GET /api/v1/campaigns/{campaign}/pledges: the MPs who sit
// now and have pledged, or have taken that back. Their rows are those of the
// list of all 650 (see mpsJSON).
func (s *Server) apiPledges(c echo.Context) error {
	f, kind, err := s.askedData(c)
	if err != nil {
		return err
	}
	list := func() []listed {
		return listing(f, func(seat *seatFacts) bool {
			return seat.standing == campaign.StandingPledged || seat.standing == campaign.StandingWithdrawn
		})
	}
	s.setSources(c, f.campaign)
	d := data{slug: f.campaign.Slug, noun: "pledges", kind: kind, version: f.version, cache: minuteCache}
	return s.sendData(c, d, func() any {
		return struct {
			Campaign      string   `json:"campaign"`
			Page          string   `json:"page"`
			Attribution   []string `json:"attribution"`
			SuppressBelow int      `json:"suppress_below"`
			Pledged       int      `json:"pledged"` // how many pledges stand
			Pledges       []listed `json:"pledges"`
		}{
			Campaign: f.campaign.Slug, Page: s.View.Base() + "/c/" + f.campaign.Slug + "/mps", Attribution: f.roster.Attribution(),
			SuppressBelow: campaign.SuppressBelow, Pledged: f.pledges.Standing, Pledges: list(),
		}
	}, func() [][]string { return listedRecords(list()) })
}
