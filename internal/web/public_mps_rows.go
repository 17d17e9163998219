package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

// tags are how the standings look: classes of .tag in the stylesheet.
var tags = map[campaign.Standing]string{
	campaign.StandingPledged: "ok", campaign.StandingWithdrawn: "hold", campaign.StandingVacant: "hold",
}

// rowWords are the words of the list's rows, looked up once for all of them.
type rowWords struct {
	lang, base string
	view       *view.Renderer
	standings  map[campaign.Standing]string
	regions    map[string]string // by region: its class
	noMP       string
	under      string
	letters    map[int]string
	days       map[string]string
}

func (s *Server) rowWords(lang string, f listFacts) *rowWords {
	w := &rowWords{
		lang: lang, view: s.View, base: view.At(lang, "/c/"+f.campaign.Slug+"/mps/"),
		standings: map[campaign.Standing]string{}, regions: regionClasses(f.roster),
		noMP: s.View.T(lang, "mps.no_mp"), under: s.View.T(lang, "mps.under"),
		letters: map[int]string{}, days: map[string]string{},
	}
	for _, each := range campaign.Standings() {
		w.standings[each] = s.View.T(lang, "standing."+string(each))
	}
	return w
}

// regionClasses are the classes of rows by region: its rank among all of them.
func regionClasses(roster *parliament.Roster) map[string]string {
	classes := map[string]string{}
	for i, region := range roster.Regions() {
		classes[region] = "r" + strconv.Itoa(i+1)
	}
	return classes
}

// sieve is the class of rows that the filter by pledge knows.
func sieve(s campaign.Standing) string {
	switch s {
	case campaign.StandingPledged:
		return "y"
	case campaign.StandingNotYet:
		return "n"
	}
	return "o"
}

// row puts a constituency into words.
func (w *rowWords) row(f *seatFacts) view.MPRow {
	c := f.Constituency
	row := view.MPRow{
		Class: sieve(f.standing) + " " + w.regions[c.Region], URL: w.base + parliament.Slug(c),
		Constituency: c.NameIn(w.lang), MP: f.Member.Name, Party: f.Member.Party,
		Tag: tags[f.standing], Pledge: w.standings[f.standing], Evidence: f.pledge.Evidence, Letters: w.under,
	}
	if c.NameCy != "" && c.NameCy != c.Name {
		row.Also = c.NameCy
		if row.Constituency == c.NameCy {
			row.Also = c.Name
		}
	}
	if f.Vacant() {
		row.MP = w.noMP
	}
	switch f.standing {
	case campaign.StandingPledged:
		row.Since = w.day(f.pledge.On)
	case campaign.StandingWithdrawn:
		row.Since, row.Evidence = w.day(f.pledge.WithdrawnOn), f.pledge.WithdrawnEvidence
	}
	if f.letters > 0 {
		row.Letters = w.count(f.letters)
	}
	return row
}

func (w *rowWords) rows(list []*seatFacts) []view.MPRow {
	rows := make([]view.MPRow, len(list))
	for i, f := range list {
		rows[i] = w.row(f)
	}
	return rows
}

func (w *rowWords) day(day string) string {
	said, ok := w.days[day]
	if !ok {
		said = w.view.Day(w.lang, day)
		w.days[day] = said
	}
	return said
}

func (w *rowWords) count(letters int) string {
	said, ok := w.letters[letters]
	if !ok {
		said = w.view.T(w.lang, "mps.letters", "n", letters)
		w.letters[letters] = said
	}
	return said
}

// groups puts the rows under headings, as the order wants them. The seats come
// by name, and stay so among equals: a number that is not told must not be told
// by the order either.
func (w *rowWords) groups(roster *parliament.Roster, all []*seatFacts, order listSort) []view.MPGroup {
	switch order {
	case bySurname:
		return w.bySurname(all)
	case byLetters:
		return w.byLetters(all)
	case byPledge:
		return w.byPledge(all)
	}
	return w.byRegion(roster, all)
}

func (w *rowWords) byRegion(roster *parliament.Roster, all []*seatFacts) []view.MPGroup {
	var groups []view.MPGroup
	for _, g := range roster.Groups() {
		var in []*seatFacts
		pledged := 0
		for _, f := range all {
			if f.Constituency.Region == g.Region {
				in = append(in, f)
				if f.standing == campaign.StandingPledged {
					pledged++
				}
			}
		}
		groups = append(groups, view.MPGroup{
			ID: strings.ReplaceAll(strings.ToLower(g.Region), " ", "-"), Name: w.view.Region(w.lang, g.Region),
			Note: w.view.T(w.lang, "mps.group", "pledged", pledged, "total", len(in)), Rows: w.rows(in),
		})
	}
	return groups
}

// bySurname is an index from A to Z; seats that nobody holds come last.
func (w *rowWords) bySurname(all []*seatFacts) []view.MPGroup {
	keys := make(map[string]string, len(all))
	for _, f := range all {
		keys[f.Constituency.Code] = cmp.Or(f.Member.SurnameKey(), "~")
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b *seatFacts) int {
		return cmp.Compare(keys[a.Constituency.Code], keys[b.Constituency.Code])
	})
	return w.split(sorted, func(f *seatFacts) (id, name string) {
		if f.Vacant() {
			return "vacant", w.standings[campaign.StandingVacant]
		}
		first := keys[f.Constituency.Code][:1]
		return "name-" + first, strings.ToUpper(first)
	}, false)
}

func (w *rowWords) byLetters(all []*seatFacts) []view.MPGroup {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b *seatFacts) int { return cmp.Compare(b.letters, a.letters) })
	return w.split(sorted, func(f *seatFacts) (id, name string) {
		if f.letters > 0 {
			return "more", w.view.T(w.lang, "mps.group_more")
		}
		return "under", w.view.T(w.lang, "mps.group_under")
	}, true)
}

// byPledge has the latest pledges first.
func (w *rowWords) byPledge(all []*seatFacts) []view.MPGroup {
	order := campaign.Standings()
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b *seatFacts) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.standing), slices.Index(order, b.standing)),
			cmp.Compare(b.pledge.On, a.pledge.On),
		)
	})
	return w.split(sorted, func(f *seatFacts) (id, name string) {
		return strings.ReplaceAll(string(f.standing), "_", "-"), w.standings[f.standing]
	}, true)
}

// split starts a group wherever the next seat has another id, with the number of
// its rows where numbers is set.
func (w *rowWords) split(sorted []*seatFacts, of func(*seatFacts) (id, name string), numbers bool) []view.MPGroup {
	var groups []view.MPGroup
	for _, f := range sorted {
		id, name := of(f)
		if n := len(groups); n == 0 || groups[n-1].ID != id {
			groups = append(groups, view.MPGroup{ID: id, Name: name})
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, w.row(f))
	}
	for i := range groups {
		if numbers {
			groups[i].Note = w.view.T(w.lang, "mps.count", "n", len(groups[i].Rows))
		}
	}
	return groups
}

// filters offers the rows by pledge and by part of the country, each with how
// many there are. The ids are those of the stylesheet.
func (w *rowWords) filters(roster *parliament.Roster, all []*seatFacts) []view.MPFilter {
	pledges, places := map[string]int{}, map[string]int{}
	for _, f := range all {
		pledges[sieve(f.standing)]++
		places[f.Constituency.Region]++
		if f.Constituency.Country != f.Constituency.Region {
			places[f.Constituency.Country]++
		}
	}
	t := func(key string) string { return w.view.T(w.lang, key) }
	byPledge := view.MPFilter{Name: "pledge", Legend: t("mps.by_pledge"), Options: []view.MPOption{{ID: "p-all", Label: t("mps.everyone"), Count: len(all)}}}
	for _, each := range []struct{ class, label string }{
		{"y", w.standings[campaign.StandingPledged]}, {"n", w.standings[campaign.StandingNotYet]}, {"o", t("mps.others")},
	} {
		if n := pledges[each.class]; n > 0 {
			byPledge.Options = append(byPledge.Options, view.MPOption{ID: "p-" + each.class, Label: each.label, Count: n})
		}
	}
	byPlace := view.MPFilter{Name: "place", Legend: t("mps.by_place"), Options: []view.MPOption{{ID: "p-uk", Label: t("mps.everywhere"), Count: len(all)}}}
	country := ""
	for _, g := range roster.Groups() {
		if g.Country != country && g.Country != g.Region {
			byPlace.Options = append(byPlace.Options, view.MPOption{ID: "p-e", Label: w.view.Region(w.lang, g.Country), Count: places[g.Country]})
		}
		country = g.Country
		byPlace.Options = append(byPlace.Options, view.MPOption{ID: "p-" + w.regions[g.Region], Label: w.view.Region(w.lang, g.Region), Count: places[g.Region]})
	}
	return []view.MPFilter{byPledge, byPlace}
}
