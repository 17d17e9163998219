package parliament_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/parliament"
)

func TestRoster_Seat(t *testing.T) {
	seat, ok := embedded(t).Seat(ynysMon)
	if !ok {
		t.Fatal("not found")
	}
	want := parliament.Seat{
		Constituency: parliament.Constituency{
			Code: ynysMon, Name: "Ynys Môn", NameCy: "Ynys Môn", Country: "Wales", Region: "Wales", Lon: -4.3591, Lat: 53.2871,
		},
		Member: parliament.Member{
			ID: 5085, Name: "Llinos Medi", FullTitle: "Llinos Medi MP", Party: "Plaid Cymru", Email: "llinos.medi.mp@parliament.uk",
		},
	}
	if diff := cmp.Diff(want, seat); diff != "" {
		t.Errorf("seat (-want +got):\n%s", diff)
	}
	for _, code := range []string{"", "E14000530", "e14001063", "W07000112 "} {
		if seat, ok := embedded(t).Seat(code); ok {
			t.Errorf("Seat(%q) = %v", code, seat)
		}
	}
}

func TestRoster_Groups(t *testing.T) {
	groups := embedded(t).Groups()
	var headings []string
	var total int
	for _, g := range groups {
		headings = append(headings, g.Country+"/"+g.Region)
		total += len(g.Seats)
	}
	want := []string{
		"England/North East", "England/North West", "England/Yorkshire and The Humber", "England/East Midlands",
		"England/West Midlands", "England/East of England", "England/London", "England/South East", "England/South West",
		"Scotland/Scotland", "Wales/Wales", "Northern Ireland/Northern Ireland",
	}
	if diff := cmp.Diff(want, headings); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
	if total != parliament.SeatCount {
		t.Errorf("%d seats in the groups", total)
	}
	var names []string
	for _, s := range groups[9].Seats { // Scotland: hyphens, capitals, Gaelic
		names = append(names, s.Constituency.Name)
	}
	if !slices.IsSortedFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }) {
		t.Errorf("Scotland is not sorted: %q", names)
	}
	wales := groups[10].Seats
	if last := wales[len(wales)-1].Constituency.Name; last != "Ynys Môn" {
		t.Errorf("Wales ends with %s, not with Ynys Môn", last)
	}
}

func TestRoster_NeverChanges(t *testing.T) {
	roster := with(t, func(string, *parliament.Seat) {})
	before := roster.Seats()

	roster.Seats()[0].Member.Name = "Nobody"
	roster.Groups()[0].Seats[0].Member.Name = "Nobody"
	roster.MemberSource().Attribution[0] = "mine"
	roster.Attribution()[0] = "mine"

	if diff := cmp.Diff(before, roster.Seats()); diff != "" {
		t.Errorf("a caller changed the roster (-before +after):\n%s", diff)
	}
	if got := roster.MemberSource().Attribution[0]; got == "mine" {
		t.Error("a caller changed the source")
	}
}

func TestRoster_IsSafeForManyReaders(t *testing.T) {
	roster := embedded(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, s := range roster.Seats() {
				if _, ok := roster.ByName(s.Constituency.Name); !ok {
					t.Error(s.Constituency.Name)
				}
				roster.Seat(s.Constituency.Code)
			}
			roster.Groups()
		})
	}
	group.Wait()
}

func TestNewRoster_Refuses(t *testing.T) {
	base := embedded(t)
	tests := map[string]struct {
		edit func([]parliament.Seat) []parliament.Seat
		want string
	}{
		"too few seats":     {func(s []parliament.Seat) []parliament.Seat { return s[1:] }, "649 constituencies in place of 650"},
		"a code twice":      {func(s []parliament.Seat) []parliament.Seat { s[1].Constituency.Code = s[0].Constituency.Code; return s }, "stands twice"},
		"a code of no kind": {func(s []parliament.Seat) []parliament.Seat { s[1].Constituency.Code = "E1400"; return s }, "not an ONS code"},
		"a member twice":    {func(s []parliament.Seat) []parliament.Seat { s[1].Member.ID = s[0].Member.ID; return s }, "holds both"},
		"no member number":  {func(s []parliament.Seat) []parliament.Seat { s[1].Member.ID = 0; return s }, "has no number"},
		"no member name":    {func(s []parliament.Seat) []parliament.Seat { s[1].Member.Name = ""; return s }, "name is missing"},
		"a broken line":     {func(s []parliament.Seat) []parliament.Seat { s[1].Member.Party = "Labour\nBcc: x@y.uk"; return s }, "party holds a line break"},
		"a turned text":     {func(s []parliament.Seat) []parliament.Seat { s[1].Member.Salutation = "a\u202eb"; return s }, "U+202E"},
		"unlisted and held": {func(s []parliament.Seat) []parliament.Seat { s[1].Unlisted = true; return s }, "unlisted, and yet has a member"},
		"a tab in a name":   {func(s []parliament.Seat) []parliament.Seat { s[1].Constituency.Name = "a\tb"; return s }, "U+0009"},
		"a very long name":  {func(s []parliament.Seat) []parliament.Seat { s[1].Member.Name = strings.Repeat("a", 201); return s }, "longer than 200"},
		"not UTF-8":         {func(s []parliament.Seat) []parliament.Seat { s[1].Member.Name = "Ren\xe9"; return s }, "not UTF-8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parliament.NewRoster(tt.edit(base.Seats()), base.ConstituencySource(), base.MemberSource())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestMember_AddressAs(t *testing.T) {
	tests := []struct {
		name, salutation, want string
	}{
		{"Alex Baker", "", "Alex Baker"},
		{"Mr Connor Rand", "", "Connor Rand"},
		{"Sir Lindsay Hoyle", "", "Lindsay Hoyle"},
		{"Rt Hon Dame Meg Hillier", "", "Meg Hillier"},
		{"Dr. Rupa Huq", "", "Rupa Huq"},
		{"Ms Diane Abbott", "Ms Abbott", "Ms Abbott"},
		{"Freddie van Mierlo", "", "Freddie van Mierlo"},
		{"Órfhlaith Begley", "", "Órfhlaith Begley"},
		{"Dean Missing", "", "Dean Missing"}, // begins with no title, though it holds "Miss"
		{"Sir", "", "Sir"},
		{"", "", ""},
	}
	for _, tt := range tests {
		m := parliament.Member{Name: tt.name, Salutation: tt.salutation}
		if got := m.AddressAs(); got != tt.want {
			t.Errorf("%q, %q: AddressAs() = %q, want %q", tt.name, tt.salutation, got, tt.want)
		}
	}
}

// What the facts say about members without an address, held against the table.
func TestEmbedded_EdgeCases(t *testing.T) {
	var without []string
	elsewhere := 0
	for _, s := range embedded(t).Seats() {
		switch {
		case s.Vacant() || s.Unlisted:
			t.Errorf("%s is vacant", s.Constituency.Name)
		case !s.Member.HasEmail():
			without = append(without, s.Constituency.Name)
		case !strings.HasSuffix(s.Member.Email, "parliament.uk"):
			elsewhere++
		}
	}
	slices.Sort(without)
	if want := []string{"Bolton South and Walkden", "New Forest East", "Preston", "West Tyrone"}; !slices.Equal(without, want) {
		t.Errorf("without email: %q, want %q", without, want)
	}
	if elsewhere == 0 {
		t.Error("no address outside parliament.uk; there are some")
	}
	if s, _ := embedded(t).Seat(chorley); s.Member.Party != "Speaker" {
		t.Errorf("Chorley's party is %q", s.Member.Party)
	}
}
