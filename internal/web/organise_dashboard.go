package web

import (
	"cmp"
	"net/http"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

func (s *Server) dashboardRoutes(d desk) {
	d.get("/organise", account.SignedIn, s.showDeskHome)
	d.get("/organise/c/:campaign", account.SeeCounts, s.showDashboard)
	d.get("/organise/c/:campaign/live", account.SeeCounts, s.showLive)
	d.get("/organise/c/:campaign/seats.csv", account.SeeCounts, s.seatsCSV)
	d.get("/organise/c/:campaign/seats.json", account.SeeCounts, s.seatsJSON)
	d.get("/organise/c/:campaign/series.csv", account.SeeCounts, s.seriesCSV)
	d.get("/organise/c/:campaign/series.json", account.SeeCounts, s.seriesJSON)
	d.get("/organise/c/:campaign/partners.csv", account.SeeCounts, s.partnersCSV)
	d.get("/organise/c/:campaign/partners.json", account.SeeCounts, s.partnersJSON)
	d.get("/organise/c/:campaign/chart.svg", account.SeeCounts, s.chartFile)
	d.get("/organise/c/:campaign/map.svg", account.SeeCounts, s.mapFile)
}

// showDeskHome answers GET /organise: the campaigns.
func (s *Server) showDeskHome(v visit) error {
	if v.who.Role == account.Partner {
		return s.showPartnerHome(v)
	}
	page := view.DeskHome{Desk: s.deskFrame(v, "desk.title.home")}
	if v.who.Role.May(account.SeeCounts) {
		for _, c := range s.Service.AllCampaigns() {
			total, err := s.Service.Totals(v.Request().Context(), c.Slug)
			if err != nil {
				return err
			}
			row := view.DeskCampaignRow{
				Slug: c.Slug, Title: titleAtDesk(c), State: string(c.Stage),
				Letters: total.Letters(), Awaiting: total.Now.Awaiting, Open: total.Now.Open(),
			}
			if v.who.Role.May(account.DecideLetters) {
				row.OpenURL = atDesk + "/c/" + c.Slug + "/letters"
			}
			page.Campaigns = append(page.Campaigns, row)
		}
	}
	return s.deskPage(v, http.StatusOK, page)
}

// dash is what one request asks about a campaign's numbers.
type dash struct {
	visit
	query  dashQuery
	board  *campaign.Board
	series *campaign.Series
	err    error // what is wrong with the days that were asked for
}

// dash gathers it. Where the days make no sense, the series is the one that is
// shown first.
func (s *Server) dash(v visit) (*dash, error) {
	ctx, slug := v.Request().Context(), v.Param("campaign")
	d := &dash{visit: v, query: readDashQuery(v.Request().URL)}
	var err error
	if d.board, err = s.Service.Board(ctx, slug); err != nil {
		return nil, err
	}
	d.series, err = s.Service.Series(ctx, slug, d.query.series)
	if fault.CodeOf(err) == fault.Invalid {
		d.err = err
		d.series, err = s.Service.Series(ctx, slug, campaign.SeriesQuery{})
	}
	return d, err
}

// showDashboard answers GET /organise/c/{campaign}.
func (s *Server) showDashboard(v visit) error {
	frame, found, err := s.campaignDesk(v, "desk.title.dashboard")
	if err != nil {
		return err
	}
	d, err := s.dash(v)
	if err != nil {
		return err
	}
	today, err := s.Service.Today(v.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	page := view.Dashboard{Desk: frame, Version: d.board.Version, Live: d.query.path + "/live", SelfReported: d.board.Total.SelfReported}
	page.Tiles = d.tiles(today)
	page.Todos = s.todos(d)
	page.Funnel = funnelBars(d.series.Funnel)
	page.Own, page.OwnOf = ownBars(d.board.Own)
	if page.OptIns, err = s.optInCounts(v, found.Slug); err != nil {
		return err
	}
	page.Table = s.dashTable(d)
	for _, row := range page.Table.Rows {
		page.NoPostcodes = page.NoPostcodes || row.Share == ""
	}
	if err := s.fillChart(d, &page); err != nil {
		return err
	}
	if err := s.fillMap(d, &page); err != nil {
		return err
	}
	if err := s.fillPartners(d, &page); err != nil {
		return err
	}
	code := http.StatusOK
	if d.err != nil {
		code = status(d.err)
	}
	return s.deskPage(v, code, page)
}

// tiles are the numbers at the top: of all time with today's, then of now.
func (d *dash) tiles(today campaign.Moves) []view.DashTile {
	total := d.board.Total
	letters := func(state campaign.State) string {
		if !d.who.Role.May(account.DecideLetters) {
			return ""
		}
		return d.query.path + "/letters?state=" + string(state)
	}
	open := func(state campaign.State, n int) view.DashTile {
		return view.DashTile{Key: string(state), N: n, Today: -1, URL: letters(state), Wants: n > 0}
	}
	return []view.DashTile{
		{Key: "confirmed", N: total.Confirmed, Today: today.Confirmed},
		{Key: "sent", N: total.Letters(), Today: today.Sent},
		{Key: "awaiting", N: total.Now.Awaiting, Today: -1},
		{Key: "queued", N: total.Now.Queued, Today: -1},
		open(campaign.StateHeld, total.Now.Held),
		open(campaign.StateFailed, total.Now.Failed),
		open(campaign.StateBounced, total.Now.Bounced),
		open(campaign.StateUncertain, total.Now.Uncertain),
	}
}

func percent(n, of int) int {
	if of <= 0 {
		return 0
	}
	return (200*n + of) / (2 * of)
}

func funnelBars(f campaign.Funnel) []view.DashBar {
	steps := []view.DashBar{
		{Key: "found", N: f.Found}, {Key: "previewed", N: f.Previewed},
		{Key: "written", N: f.Written}, {Key: "confirmed", N: f.Confirmed}, {Key: "sent", N: f.Sent},
	}
	most := 0
	for _, step := range steps {
		most = max(most, step.N)
	}
	for i := range steps {
		steps[i].Percent, steps[i].Of = percent(steps[i].N, most), -1
		if i > 0 && steps[i-1].N > 0 {
			steps[i].Of = percent(steps[i].N, steps[i-1].N)
		}
	}
	return steps
}

func ownBars(own campaign.OwnShares) (bars []view.DashBar, of int) {
	levels := own.ByLevel()
	most := 0
	for _, n := range levels {
		of += n
		most = max(most, n)
	}
	for _, level := range campaign.OwnLevels() {
		n := levels[level]
		bars = append(bars, view.DashBar{Key: string(level), N: n, Percent: percent(n, most), Of: percent(n, of)})
	}
	return bars, of
}

// todos puts what might be done next into words, with where to do it.
func (s *Server) todos(d *dash) []view.DashTodo {
	decide := d.who.Role.May(account.DecideLetters)
	var all []view.DashTodo
	for _, t := range d.board.Next() {
		todo := view.DashTodo{Key: string(t.Kind), N: t.N}
		switch t.Kind {
		case campaign.TodoWaiting:
			for _, each := range []struct {
				state campaign.State
				n     int
			}{
				{campaign.StateHeld, t.Now.Held}, {campaign.StateUncertain, t.Now.Uncertain},
				{campaign.StateFailed, t.Now.Failed}, {campaign.StateBounced, t.Now.Bounced},
			} {
				if each.n == 0 {
					continue
				}
				item := view.DashItem{Name: s.View.Desk("desk.tile." + string(each.state) + ".name"), Note: s.View.Number(view.DefaultLang, each.n)}
				if decide {
					item.URL = d.query.path + "/letters?state=" + string(each.state)
				}
				todo.Items = append(todo.Items, item)
			}
			if decide {
				todo.URL = d.query.path + "/letters"
			}
		case campaign.TodoSilent:
			todo.URL = d.query.only(askLetters, "0") + "#table"
			for _, r := range t.Regions[:min(len(t.Regions), 5)] {
				todo.Items = append(todo.Items, view.DashItem{
					Name: r.Region, URL: d.query.only(askLetters, "0", askRegion, r.Region) + "#table",
					Note: s.View.Number(view.DefaultLang, r.N) + "/" + s.View.Number(view.DefaultLang, r.Of),
				})
			}
		default:
			if t.Kind == campaign.TodoPush {
				todo.URL = d.query.only(askPledge, string(campaign.StandingNotYet)) + "#table"
			}
			for _, seat := range t.Seats {
				todo.Items = append(todo.Items, view.DashItem{
					Name: cmp.Or(seat.Member.Name, seat.Constituency.Name), URL: mpAtDesk(seat.Constituency.Code),
					Note: seat.Constituency.Name + s.todoNote(t.Kind, seat),
				})
			}
		}
		all = append(all, todo)
	}
	return all
}

func (s *Server) todoNote(kind campaign.TodoKind, seat *campaign.SeatTally) string {
	switch kind {
	case campaign.TodoPush:
		return " · " + s.View.Desk("desk.seat_letters", "n", seat.Tally.Letters())
	case campaign.TodoBounces:
		return " · " + s.View.Desk("desk.seat_letters", "n", seat.Tally.Now.Bounced+seat.Tally.Now.Failed)
	case campaign.TodoThanks:
		return " · " + s.View.Day(view.DefaultLang, seat.Pledge.On)
	}
	return ""
}

// mpAtDesk is the page of a constituency's MP in the workspace.
func mpAtDesk(code string) string { return atDesk + "/mps/" + code }
