package view

import (
	"html/template"
	"strings"
	"testing"
)

func deskDashboardSamples(testing.TB) map[string]Page {
	return map[string]Page{
		"desk-home": DeskHome{Desk: ownerDesk("Campaigns"), Campaigns: []DeskCampaignRow{
			{Slug: "mps-not-border-guards", Title: "MPs Not Border Guards", State: "live", Letters: 4182, Awaiting: 31, Open: 3, OpenURL: "/organise/c/mps-not-border-guards/letters"},
			{Slug: "other", Title: "Save the library", State: "draft", Letters: 1, Open: 1},
		}},
		"desk-home-empty":      DeskHome{Desk: ownerDesk("Campaigns")},
		"desk-dashboard":       dashboardSample(),
		"desk-dashboard-empty": emptyDashboard(),
		"desk-dashboard-of-one": func() Page { // every number is in the singular
			p := dashboardSample()
			p.SelfReported, p.OwnOf = 1, 1
			for i := range p.Todos {
				p.Todos[i].N = 1
			}
			return p
		}(),
		"desk-dashboard-wrong": func() Page {
			p := dashboardSample()
			p.Span.Errors = map[string]string{"from": "Choose a day.", "to": "This day is before the first one."}
			return p
		}(),
	}
}

func emptyDashboard() Dashboard {
	return Dashboard{
		OptIns: []OptInCount{{Standing: 1204, Ended: 3, Export: "/organise/c/x/opt-ins.csv"}, {Partner: "Friends of <Leeds>", Standing: 12}},
		Desk:   campaignDesk("Overview"), Live: "/organise/c/x/live", Span: DeskForm{Values: map[string]string{"from": "2026-11-01", "to": "2026-11-28"}},
		Chart: `<svg class="chart"></svg>`, Map: `<svg class="hexmap"></svg>`, Table: DashTable{Path: "/organise/c/x", Total: 650},
	}
}

func dashboardSample() Dashboard {
	p := emptyDashboard()
	p.Version, p.SelfReported, p.OwnOf, p.NoPostcodes = 7, 12, 40, true
	p.Tiles = []DashTile{{Key: "confirmed", N: 1, Today: 1}, {Key: "sent", N: 4182, Today: 31}, {Key: "held", N: 2, Today: -1, URL: "/organise/c/x/letters?state=held", Wants: true}}
	p.Ranges = []DeskLink{{"Today", "/organise/c/x?range=today", false}, {"30 days", "/organise/c/x?range=30", true}}
	p.Units = []DeskLink{{"By day", "/organise/c/x?by=day", true}, {"By hour", "/organise/c/x?by=hour", false}}
	p.SpanKeep = []Hidden{{"map", "pledge"}}
	p.Said = "Letters by day."
	p.Points = []DashPoint{{At: day, Written: 3, Sent: 2}}
	p.SeriesFiles = []DeskLink{{"CSV", "/organise/c/x/series.csv", false}, {"JSON", "/organise/c/x/series.json", false}}
	p.Funnel = []DashBar{{Key: "found", N: 100, Percent: 100, Of: -1}, {Key: "written", N: 50, Percent: 50, Of: 50}, {Key: "confirmed", N: 1, Percent: 1, Of: 1}}
	p.Own = []DashBar{{Key: "none", N: 30, Percent: 100, Of: 75}, {Key: "yours", N: 10, Percent: 33, Of: 25}}
	p.Todos = []DashTodo{
		{Key: "waiting", N: 1, URL: "/organise/c/x/letters", Items: []DashItem{{Name: "held", URL: "/organise/c/x/letters?state=held", Note: "1"}}},
		{Key: "silent", N: 40, Items: []DashItem{{Name: "London", Note: "40/75"}}},
	}
	p.MapWays = []MapWay{{"Letters", "/organise/c/x", true}, {"Pledge", "/organise/c/x?map=pledge", false}}
	p.Key = []MapKey{{Swatch: template.HTML(`<svg class="hexmap swatch"></svg>`), Words: "0"}}
	p.MapFile = "/organise/c/x/map.svg"
	p.Table.Selects = []DashSelect{{Name: "nation", Options: []DashOption{{"", "All", false}, {"Wales", "Wales", true}}}}
	p.Table.Columns = []DashColumn{{Name: "Constituency", URL: "/organise/c/x?sort=place"}, {Name: "Letters", URL: "/organise/c/x?turned=1", Sort: "descending", Number: true}}
	p.Table.Rows = []DashRow{
		{Code: "W07000112", URL: "/organise/mps/W07000112", Place: "Swansea West", Also: "Gorllewin Abertawe", MP: "A Member", Party: "Labour", Tag: "ok", Pledge: "pledged", Letters: 1200, Share: "3.4", Replies: 2, Last: day},
		{Code: "N05000001", URL: "/organise/mps/N05000001", Place: "Belfast East", MP: "Vacant", Tag: "off", Pledge: "seat vacant"},
	}
	p.Partners = []DashPartner{
		{Name: "Friends", URL: "/organise/partners/friends", Written: 40, Confirmed: 30, Letters: 28, Share: 75, Sources: []DashSource{{"friends.example: source=mail", 30, 25, 24}, {"not told", 10, 5, 4}}},
		{Name: "No partner", Written: 4000, Confirmed: 3900, Letters: 3800, Share: 98, Sources: []DashSource{{"source=mail", 3, 2, 1}}},
	}
	p.PartnerFiles = []DeskLink{{"CSV", "/organise/c/x/partners.csv", false}}
	p.Table.Narrow, p.Table.Reset, p.Table.Silent, p.Table.Find = true, "/organise/c/x", true, "swan"
	p.Table.Keep = []Hidden{{"sort", "letters"}}
	p.Table.Files = []DeskLink{{"CSV", "/organise/c/x/seats.csv", false}}
	return p
}

// The rows escape by themselves what templates otherwise escape.
func TestSeatRows_Escape(t *testing.T) {
	const bad = `"><script>alert('x')</script>{{.}}`
	p := emptyDashboard()
	p.Table.Rows = []DashRow{{Code: bad, URL: bad, Place: bad, Also: bad, MP: bad, Party: bad, Tag: bad, Pledge: bad, Share: bad, Last: day}}
	if page := render(t, newRenderer(t), p); strings.Contains(page, "<script>alert") || strings.Contains(page, `"">`) {
		t.Error("a row is not escaped")
	}
}
