package web

import (
	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
)

// apiCount is one constituency in the public counts; Letters is null where
// there are fewer than campaign.SuppressBelow.
type apiCount struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Letters *int   `json:"letters"`
}

// apiCounts answers GET /api/v1/campaigns/{campaign}/counts: what everyone may
// know, small numbers suppressed (see campaign.Suppress).
func (s *Server) apiCounts(c echo.Context) error {
	f, kind, err := s.askedData(c)
	if err != nil {
		return err
	}
	counts := func() []apiCount {
		var rows []apiCount
		for _, seat := range f.roster.Seats() {
			row := apiCount{Code: seat.Constituency.Code, Name: seat.Constituency.Name}
			if n, ok := f.public.Disclosed[row.Code]; ok {
				row.Letters = &n
			}
			rows = append(rows, row)
		}
		return rows
	}
	d := data{slug: f.campaign.Slug, noun: "counts", kind: kind, version: f.version + uint64(f.public.SelfReported), cache: minuteCache}
	return s.sendData(c, d, func() any {
		out := struct {
			Campaign       string     `json:"campaign"`
			Letters        int        `json:"letters"`
			SelfReported   *int       `json:"self_reported"` // null while it may not be told
			Goal           int        `json:"goal"`
			SuppressBelow  int        `json:"suppress_below"`
			Constituencies []apiCount `json:"constituencies"`
		}{Campaign: f.campaign.Slug, Letters: f.public.Total, Goal: f.campaign.Goal, SuppressBelow: campaign.SuppressBelow, Constituencies: counts()}
		if f.public.SelfReported > 0 {
			out.SelfReported = &f.public.SelfReported
		}
		return out
	}, func() [][]string {
		records := [][]string{{"code", "constituency", "letters"}}
		for _, row := range counts() {
			records = append(records, []string{row.Code, row.Name, figure(row.Letters)})
		}
		return records
	})
}
