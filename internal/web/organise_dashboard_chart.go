package web

import (
	"html/template"
	"strings"
	"time"

	"postbag/internal/atlas"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

// fillChart draws a campaign's time, with the ways to ask for another part of it.
func (s *Server) fillChart(d *dash, page *view.Dashboard) error {
	q, series := d.query, d.series
	typed := q.series.From != "" || q.series.To != ""
	for _, each := range campaign.Ranges() {
		page.Ranges = append(page.Ranges, view.DeskLink{
			Name: s.View.Desk("desk.range." + each), URL: q.with(q.path, askRange, each, askFrom, "", askTo, ""),
			Current: !typed && each == cmpOrDays(q.series.Range),
		})
	}
	if len(series.Points) <= 14*25 && (series.By == campaign.ByHour || len(series.Points) <= 14) {
		for _, each := range []campaign.Unit{campaign.ByDay, campaign.ByHour} {
			page.Units = append(page.Units, view.DeskLink{
				Name: s.View.Desk("desk.unit." + string(each)), URL: q.with(q.path, askUnit, string(each)), Current: each == series.By,
			})
		}
	}
	page.Span = view.DeskForm{Values: map[string]string{askFrom: series.From, askTo: series.To}}
	if d.err != nil {
		page.Span.Values = map[string]string{askFrom: q.series.From, askTo: q.series.To}
		page.Span.Errors, _ = s.wrong(d.err)
	}
	page.SpanKeep = q.keep(askRange, askFrom, askTo)
	page.Hourly = series.By == campaign.ByHour
	for i := len(series.Points) - 1; i >= 0; i-- {
		p := series.Points[i]
		page.Points = append(page.Points, view.DashPoint{
			At: p.At, Written: p.Written, Confirmed: p.Confirmed, Sent: p.Sent, Failed: p.Failed, Bounced: p.Bounced, Uncertain: p.Uncertain,
		})
	}
	for _, kind := range []struct{ name, file, bom string }{
		{"csv", "series.csv", ""}, {"csv_excel", "series.csv", "1"}, {"json", "series.json", ""}, {"svg", "chart.svg", ""},
	} {
		page.SeriesFiles = append(page.SeriesFiles, view.DeskLink{
			Name: s.View.Desk("desk.export." + kind.name), URL: q.with(q.path+"/"+kind.file, askBOM, kind.bom),
		})
	}
	page.Said = s.chartSaid(series)
	var svg strings.Builder
	if err := s.chart(series).Write(&svg); err != nil {
		return err
	}
	page.Chart = template.HTML(svg.String()) //nolint:gosec // our own drawing, which escapes what it is given
	return nil
}

// cmpOrDays is the range that is shown when none is asked for.
func cmpOrDays(asked string) string {
	if asked == "" {
		return "30"
	}
	return asked
}

// chartSaid says what the chart shows.
func (s *Server) chartSaid(series *campaign.Series) string {
	number := func(n int) string { return s.View.Number(view.DefaultLang, n) }
	said := s.View.Desk("desk.chart.said_"+string(series.By),
		"from", s.View.Day(view.DefaultLang, series.From), "to", s.View.Day(view.DefaultLang, series.To),
		"confirmed", number(series.Total.Confirmed), "sent", number(series.Total.Sent))
	best := campaign.Point{}
	for _, p := range series.Points {
		if p.Sent > best.Sent {
			best = p
		}
	}
	if best.Sent > 0 {
		said += " " + s.View.Desk("desk.chart.most", "sent", number(best.Sent), "when", s.when(series.By, best.At))
	}
	return said
}

// when names a point of a series.
func (s *Server) when(by campaign.Unit, at time.Time) string {
	day := s.View.DayOf(view.DefaultLang, at)
	if by == campaign.ByHour {
		day += ", " + at.In(campaign.London).Format("15:04")
	}
	return day
}

func (s *Server) chart(series *campaign.Series) atlas.Chart {
	c := atlas.Chart{ID: "chart", Title: s.chartSaid(series), Number: func(n int) string { return s.View.Number(view.DefaultLang, n) }}
	for _, p := range series.Points {
		when := s.when(series.By, p.At)
		bar := atlas.Bar{Solid: p.Sent, Line: p.Confirmed, Label: s.View.ShortDate(view.DefaultLang, p.At)}
		if series.By == campaign.ByHour {
			bar.Label = ""
			at := p.At.In(campaign.London)
			switch {
			case series.From == series.To && at.Hour()%4 == 0:
				bar.Label = at.Format("15:04")
			case series.From != series.To && at.Hour() == 12:
				bar.Label = s.View.ShortDate(view.DefaultLang, at)
			}
		}
		if p.Sent > 0 {
			bar.Title = s.View.Desk("desk.chart.bar", "when", when, "sent", c.Number(p.Sent), "confirmed", c.Number(p.Confirmed))
		}
		c.Bars = append(c.Bars, bar)
	}
	return c
}

// chartFile answers GET /organise/c/{campaign}/chart.svg.
func (s *Server) chartFile(v visit) error {
	d, err := s.dashFile(v)
	if err != nil {
		return err
	}
	return s.sendSVG(d, "chart", func(b *strings.Builder) error {
		return s.chart(d.series).File(b, s.View.Desk("desk.chart.heading"), s.View.Desk("desk.dash.bars"), s.View.Desk("desk.dash.line"))
	})
}
