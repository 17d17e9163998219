package parliament

import (
	"cmp"
	"slices"
)

// Group is a region of England, or Scotland, Wales or Northern Ireland whole,
// as one heading of a list from which a person picks a constituency.
type Group struct {
	Country string
	Region  string // the heading; the country again outside England
	Seats   []Seat // by name, case and accents ignored
}

// place is a country and region in which constituencies lie.
type place struct{ country, region string }

// places is the order of every list: England's nine regions as the ONS orders
// them (by code, north to south), then the other nations as it does.
var places = []place{
	{"England", "North East"},
	{"England", "North West"},
	{"England", "Yorkshire and The Humber"},
	{"England", "East Midlands"},
	{"England", "West Midlands"},
	{"England", "East of England"},
	{"England", "London"},
	{"England", "South East"},
	{"England", "South West"},
	{"Scotland", "Scotland"},
	{"Wales", "Wales"},
	{"Northern Ireland", "Northern Ireland"},
}

// placeOf returns the constituency's rank in places, or len(places) if it lies
// nowhere known.
func placeOf(c Constituency) int {
	if i := slices.Index(places, place{c.Country, c.Region}); i >= 0 {
		return i
	}
	return len(places)
}

// Groups returns every seat under its heading: the regions of England from
// north to south, Scotland, Wales, Northern Ireland. The slices are the
// caller's own.
func (r *Roster) Groups() []Group {
	groups := make([]Group, 0, len(places))
	for _, s := range r.Seats() {
		c := s.Constituency
		if n := len(groups); n == 0 || groups[n-1].Country != c.Country || groups[n-1].Region != c.Region {
			groups = append(groups, Group{Country: c.Country, Region: c.Region})
		}
		last := &groups[len(groups)-1]
		last.Seats = append(last.Seats, s)
	}
	return groups
}

// Regions returns the regions of Groups in their order; a nation without regions
// is one.
func (r *Roster) Regions() []string {
	var regions []string
	for i := range r.seats {
		region := r.seats[i].Constituency.Region
		if n := len(regions); n == 0 || regions[n-1] != region {
			regions = append(regions, region)
		}
	}
	return regions
}

// SortByName puts seats into the order of their names in a language, case and
// accents ignored. Of Welsh names this is the Welsh order too: in none does a
// letter of two characters (ch, dd, ll) decide.
func SortByName(seats []Seat, lang string) {
	type keyed struct {
		key  string
		seat *Seat
	}
	order := make([]keyed, len(seats))
	before := slices.Clone(seats)
	for i := range before {
		order[i] = keyed{sortKey(before[i].Constituency.NameIn(lang)), &before[i]}
	}
	slices.SortStableFunc(order, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	for i, o := range order {
		seats[i] = *o.seat
	}
}
