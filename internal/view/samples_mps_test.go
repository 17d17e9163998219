package view

import (
	"fmt"
	"strings"
	"testing"

	"postbag/internal/campaign"
)

// mpsSamples is the pledge list and the pages of constituencies in every state.
func mpsSamples(t testing.TB, lang string) map[string]Page {
	c := shipped(t)
	frame := func(title string) Frame {
		return Frame{Lang: lang, Title: title, Path: "/c/" + c.Slug + "/mps", Campaign: c, Text: c.Text(lang)}
	}
	unlisted := frame("Which MPs have pledged?")
	unlisted.NoIndex = true
	base := At(lang, "/c/"+c.Slug+"/mps/")
	rows := []MPRow{
		{Class: "y r2", URL: base + "leeds", Constituency: "Leeds Central and Headingley", MP: "Jane Example", Party: "Labour (Co-op)", Tag: "ok", Pledge: "has pledged", Since: "23 November 2026", Evidence: "https://example.org/pledge?a=1&b=2", Letters: "1,204 letters"},
		{Class: "n r2", URL: base + "ynys-mon", Constituency: "Ynys Môn", Also: "Anglesey", MP: "John Sample", Party: "Plaid Cymru", Pledge: "not yet", Letters: "under 5 letters"},
		{Class: "o r2", URL: base + "hull", Constituency: "Kingston upon Hull North and Cottingham", MP: "Dame Very Long-Hyphenated-Name", Party: "Social Democratic & Labour Party", Tag: "hold", Pledge: "took it back", Since: "1 November 2026", Letters: "12 letters"},
		{Class: "o r2", URL: base + "chorley", Constituency: "Chorley", MP: "Sir Lindsay Hoyle", Party: "Speaker", Pledge: "signs no pledges", Letters: "under 5 letters"},
		{Class: "o r2", URL: base + "x", Constituency: "Orkney and Shetland", MP: "No MP just now", Tag: "hold", Pledge: "seat is vacant", Letters: "under 5 letters"},
	}
	filters := []MPFilter{
		{Name: "pledge", Legend: "Show", Options: []MPOption{{"p-all", "All", 650}, {"p-y", "has pledged", 103}, {"p-n", "not yet", 545}, {"p-o", "Others", 2}}},
		{Name: "place", Legend: "Only one part of the country", Options: []MPOption{{"p-uk", "The whole UK", 650}, {"p-r2", "North West", 73}}},
	}
	sorts := []MPSort{{"Constituency", base, true}, {"MP’s surname", base + "?sort=name", false}}
	var whole []MPGroup
	for g := range 13 {
		group := MPGroup{ID: fmt.Sprintf("g%d", g), Name: fmt.Sprintf("Region %d", g), Note: "3 of 50 have pledged"}
		for i := range 50 {
			group.Rows = append(group.Rows, rows[(g+i)%len(rows)])
		}
		whole = append(whole, group)
	}
	few := []MPGroup{{ID: "found", Name: "5 MPs", Rows: rows}}
	pages := map[string]Page{
		"map": MapPage{
			Frame: frame("Map of letters and pledges"), By: "letters", Ways: []MapWay{{"letters sent", base, true}, {"who has pledged", base + "?by=pledge", false}},
			Map: `<svg class="hexmap" viewBox="0 0 20 24" role="img" aria-label="Map"><path class="h3" d="M10 0l10 6v12l-10 6-10-6V6z"/></svg>`,
			Key: []MapKey{{`<svg class="hexmap swatch" viewBox="0 0 20 24" aria-hidden="true"><path class="h3" d="M10 0l10 6v12l-10 6-10-6V6z"/></svg>`, "5 to 9"}}, Groups: few,
		},
		"mps":         MPs{Frame: frame("Which MPs have pledged?"), Pledged: 103, Total: 650, Sorts: sorts, Filters: filters, Groups: whole},
		"mps-none":    MPs{Frame: frame("Which MPs have pledged?"), Total: 650, Sorts: sorts, Filters: filters, Groups: []MPGroup{{ID: "g", Name: "Wales", Note: "0 of 5 have pledged", Rows: rows}}},
		"mps-error":   MPs{Frame: unlisted, Pledged: 1, Total: 650, Find: "LS6 <3", Error: "That is not a UK postcode we know. It should look like LS6 3HN.", Partial: true},
		"mps-found":   MPs{Frame: unlisted, Pledged: 2, Total: 650, Find: "leeds", Answer: "5 matches", Partial: true, Groups: few},
		"mps-nothing": MPs{Frame: unlisted, Pledged: 2, Total: 650, Find: "Atlantis", Answer: "Nothing on the list fits “Atlantis”.", Partial: true},
	}
	near := []NearSeat{{"Leeds North West", base + "a", "John Sample", "7 km", "", "not yet"}, {"Ynys Môn", base + "b", "No MP just now", "12 km", "hold", "seat is vacant"}}
	seat := SeatPage{
		Name: "Leeds Central and Headingley", Region: "Yorkshire and The Humber, England", MP: "Jane Example", FullTitle: "Rt Hon Jane Example MP", Party: "Labour (Co-op)",
		Letters: "1,204 letters have gone from here.", Near: near, ListURL: base, Check: At(lang, "/c/"+c.Slug+"/check"),
	}
	for _, s := range campaign.Standings() {
		p := seat
		p.Frame, p.Standing = frame("Leeds Central and Headingley: has Jane Example pledged?"), string(s)
		switch s {
		case campaign.StandingPledged:
			p.Tag, p.Since, p.Evidence = "ok", "23 November 2026", "https://example.org/pledge"
		case campaign.StandingWithdrawn:
			p.Tag, p.Since, p.Until, p.UntilEvidence, p.Evidence = "hold", "1 November 2026", "23 November 2026", "https://example.org/back", "https://example.org/pledge"
		case campaign.StandingVacant:
			p.MP, p.FullTitle, p.Party, p.Tag = "", "", "", "hold"
			p.Name, p.Other, p.OtherLang = "Ynys Môn", "Anglesey", "en"
		case campaign.StandingNotYet:
			p.Letters, p.LettersHidden = "Fewer than 5 letters have gone from here.", true
		}
		pages["seat-"+string(s)] = p
	}
	return pages
}

// TestCatalogue_Standings: every standing has what the list and the pages say.
func TestCatalogue_Standings(t *testing.T) {
	for lang, w := range catalogues(t) {
		for _, s := range campaign.Standings() {
			for _, key := range []string{"standing." + string(s), "seat.standing." + string(s) + ".title", "seat.standing." + string(s) + ".text", "seat.standing." + string(s) + ".summary"} {
				if w.messages[key] == nil {
					t.Errorf("%s: %q is missing", lang, key)
				}
			}
		}
	}
}

func TestRenderer_Day(t *testing.T) {
	r := newRenderer(t)
	for _, tt := range []struct{ lang, day, want string }{
		{"en", "2026-11-03", "3\u00a0November 2026"},
		{"cy", "2026-11-03", "3\u00a0Tachwedd 2026"},
		{"xx", "2026-07-01", "1\u00a0July 2026"},
		{"en", "soon", "soon"},
	} {
		if got := r.Day(tt.lang, tt.day); got != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.day, tt.lang, got, tt.want)
		}
	}
}

// TestMPs_Escapes puts hostile words wherever the list and a constituency's page
// show something.
func TestMPs_Escapes(t *testing.T) {
	const bad = `"><script>alert('x')</script>{{.}}`
	r := newRenderer(t)
	c := shipped(t)
	frame := Frame{Lang: DefaultLang, Title: bad, Campaign: c, Text: c.Text(DefaultLang)}
	row := MPRow{bad, bad, bad, bad, bad, bad, bad, bad, bad, "https://example.org/" + bad, bad}
	for _, p := range []Page{
		MPs{
			Frame: frame, Pledged: 1, Total: 650, Find: bad, Error: bad, Answer: bad, Sorts: []MPSort{{bad, bad, false}},
			Filters: []MPFilter{{bad, bad, []MPOption{{bad, bad, 1}}}}, Groups: []MPGroup{{bad, bad, bad, []MPRow{row}}},
		},
		SeatPage{
			Frame: frame, Name: bad, Other: bad, OtherLang: bad, Region: bad, MP: bad, FullTitle: bad, Party: bad, Standing: "withdrawn",
			Tag: bad, Since: bad, Until: bad, Evidence: bad, UntilEvidence: bad, Letters: bad, Near: []NearSeat{{bad, bad, bad, bad, bad, bad}}, ListURL: bad, Check: bad,
		},
	} {
		out := strings.ReplaceAll(render(t, r, p), `<script src="/assets/`, "")
		if strings.Contains(out, "<script") || !strings.Contains(out, "&lt;script") {
			t.Errorf("%s: a script got through, or the words are not in it", p.template())
		}
	}
	for _, evidence := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example", "x"} {
		if out := string((&words{}).mpRows([]MPRow{{Evidence: evidence}})); strings.Contains(out, "noopener") {
			t.Errorf("%s became a link", evidence)
		}
	}
}
