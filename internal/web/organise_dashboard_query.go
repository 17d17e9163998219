package web

import (
	"cmp"
	"net/url"
	"slices"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// Parameters of the dashboard's address.
const (
	askNation  = "nation"
	askRegion  = "region"
	askParty   = "party"
	askPledge  = "pledge"
	askLetters = "letters" // "0": only where nobody has written
	askFind    = "q"
	askSort    = "sort"
	askTurned  = "turned" // "1": the other way round
	askRange   = "range"
	askFrom    = campaign.FieldFrom
	askTo      = campaign.FieldTo
	askUnit    = "by"
	askMap     = "map"
)

// mapByReplies is what else the map's colours tell to organisers.
const mapByReplies = "replies"

// dashQuery is what the dashboard's address asks for.
type dashQuery struct {
	path   string // of the dashboard
	asked  url.Values
	seats  campaign.SeatQuery
	series campaign.SeriesQuery
	mapBy  string
}

// readDashQuery reads an address of the dashboard or of one of its files. What
// makes no sense is left out, but for days: whoever types those is told.
func readDashQuery(u *url.URL) dashQuery {
	asked, kept := u.Query(), url.Values{}
	get := func(name string, known ...string) string {
		value := tidySearch(asked.Get(name))
		if value == "" || len(known) > 0 && !slices.Contains(known, value) {
			return ""
		}
		kept.Set(name, value)
		return value
	}
	var sorts, standings []string
	for _, each := range campaign.SeatSorts() {
		sorts = append(sorts, string(each))
	}
	for _, each := range campaign.Standings() {
		standings = append(standings, string(each))
	}
	q := dashQuery{asked: kept}
	q.seats = campaign.SeatQuery{
		Nation: get(askNation), Region: get(askRegion), Party: get(askParty), Pledge: campaign.Standing(get(askPledge, standings...)),
		NoLetters: get(askLetters, "0") != "", Find: get(askFind),
		Sort: campaign.SeatSort(get(askSort, sorts...)), Turned: get(askTurned, "1") != "",
	}
	if q.seats.Sort == "" {
		q.seats.Sort = campaign.SortLetters
	}
	q.series = campaign.SeriesQuery{
		Range: get(askRange, campaign.Ranges()...), By: campaign.Unit(get(askUnit, string(campaign.ByDay), string(campaign.ByHour))),
		From: get(askFrom), To: get(askTo),
	}
	if q.mapBy = get(askMap, mapByPledge, mapByReplies); q.mapBy == "" {
		q.mapBy = mapByLetters
	}
	q.path = dashPath(u.Path)
	return q
}

// dashPath is the dashboard's path, given its own or that of one of its files.
func dashPath(path string) string {
	rest := path[len(atDesk+"/c/"):]
	for i := range rest {
		if rest[i] == '/' {
			return atDesk + "/c/" + rest[:i]
		}
	}
	return path
}

// with is the address with some parameters changed: pairs of name and value, an
// empty value for none. The path may be that of a file.
func (q dashQuery) with(path string, pairs ...string) string {
	values := url.Values{}
	for name, value := range q.asked {
		values[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			values.Del(pairs[i])
		} else {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// filters are the parameters that leave rows out.
var filters = []string{askNation, askRegion, askParty, askPledge, askLetters, askFind}

// only is the dashboard with no other filters than these.
func (q dashQuery) only(pairs ...string) string {
	var none []string
	for _, name := range filters {
		none = append(none, name, "")
	}
	return q.with(q.path, append(none, pairs...)...)
}

// keep are the parameters that a form's own fields do not set.
func (q dashQuery) keep(fields ...string) []view.Hidden {
	var kept []view.Hidden
	for name := range q.asked {
		if !slices.Contains(fields, name) {
			kept = append(kept, view.Hidden{Name: name, Value: q.asked.Get(name)})
		}
	}
	slices.SortFunc(kept, func(a, b view.Hidden) int { return cmp.Compare(a.Name, b.Name) })
	return kept
}
