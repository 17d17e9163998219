package parliament_test

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postbag/internal/parliament"
)

// names returns the constituencies of seats, joined.
func names(seats []parliament.Seat) string {
	var all []string
	for _, s := range seats {
		all = append(all, s.Constituency.Name)
	}
	return strings.Join(all, "; ")
}

func TestRoster_Search(t *testing.T) {
	const sobel = "Leeds Central and Headingley"
	tests := []struct {
		name, typed string
		limit       int
		want        string
	}{
		{"a constituency's name", "Leeds North West", 0, "Leeds North West"},
		{"in another case, blanks around", "  leeds NORTH west ", 0, "Leeds North West"},
		{"words begun", "lee nor w", 0, "Leeds North West"},
		{"words in another order", "west leeds north", 0, "Leeds North West"},
		{"quarters abbreviated", "leeds nw", 0, "Leeds North West"},
		{"a word of several names, by name", "leeds", 3, "Leeds Central and Headingley; Leeds East; Leeds North East"},
		{"the whole name before those that begin with it", "Chorley", 0, "Chorley"},
		{"a name before one that has the word inside", "wigan", 0, "Wigan"},
		{"without gaps", "ynysmon", 0, "Ynys Môn"},
		{"without accents", "ynys mon", 0, "Ynys Môn"},
		{"a Welsh name", "Pen-y-bont", 0, "Bridgend"},
		{"a Welsh name begun", "merthyr tud", 0, "Merthyr Tydfil and Aberdare"},
		{"an ampersand", "harborough & wig", 0, "Harborough, Oadby and Wigston"},
		{"no apostrophe", "queens park", 1, "Queen's Park and Maida Vale"},
		{"a member's last name", "sobel", 0, sobel},
		{"a member's name", "alex SOBEL", 0, sobel},
		{"a member's name begun", "al sob", 0, sobel},
		{"a member with a title", "Sir Lindsay Hoyle", 0, "Chorley"},
		{"a member without the title", "lindsay hoyle", 0, "Chorley"},
		{"another title than Parliament gives", "Mr Hoyle", 0, "Chorley"},
		{"an apostrophe that is curly", "O’Hara", 0, "Argyll, Bute and South Lochaber"},
		{"member and constituency together", "sobel headingley", 0, sobel},
		{"a code", "w07000112", 0, "Ynys Môn"},

		{"a word of neither", "leeds zebra", 0, ""},
		{"the end of a word", "ingley", 0, ""},
		{"nothing", "", 0, ""},
		{"punctuation only", " -,' ", 0, ""},
		{"broken text", "\xff\xfe", 0, ""},
		{"very long", strings.Repeat("leeds ", 20000) + "x", 0, ""},
	}
	roster := embedded(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := names(roster.Search(tt.typed, tt.limit)); got != tt.want {
				t.Errorf("Search(%q) = %q, want %q", tt.typed, got, tt.want)
			}
		})
	}
}

// Whoever types the whole of a name finds that seat first.
func TestRoster_Search_FindsEveryName(t *testing.T) {
	roster := embedded(t)
	for _, seat := range roster.Seats() {
		c := seat.Constituency
		for _, typed := range []string{c.Name, c.NameCy, strings.ToUpper(c.Name), seat.Member.Name} {
			if typed == "" {
				continue
			}
			found := roster.Search(typed, 1)
			if len(found) != 1 || found[0].Constituency.Code != c.Code {
				t.Errorf("Search(%q) finds %q first, want %q", typed, names(found), c.Name)
			}
		}
	}
}

func TestRoster_Search_SkipsTheMemberOfAVacantSeat(t *testing.T) {
	roster := with(t, func(code string, seat *parliament.Seat) {
		if code == chorley {
			seat.Member = parliament.Member{}
		}
	})
	if got := names(roster.Search("hoyle", 0)); got != "" {
		t.Errorf("a member who left is found: %q", got)
	}
	if got := names(roster.Search("chorley", 0)); got != "Chorley" {
		t.Errorf("the vacant seat: %q", got)
	}
}

func TestRoster_Identify(t *testing.T) {
	roster := with(t, func(code string, seat *parliament.Seat) {
		switch code {
		case aldershot:
			seat.Member.Name = "Ann Other"
		case ynysMon:
			seat.Member.Name = "Dame Ann Other"
		case chorley:
			seat.Member.Name = "Bishop Auckland" // also a constituency
		}
	})
	for _, tt := range []struct{ name, typed, want string }{
		{"a member's number", "4658", "Leeds Central and Headingley"},
		{"a code", "e14001319", "Leeds Central and Headingley"},
		{"a name", "leeds central & headingley", "Leeds Central and Headingley"},
		{"a Welsh name", "pen y bont", "Bridgend"},
		{"a member", "ALEX sobel", "Leeds Central and Headingley"},
		{"a member with a title that is not theirs", "Dr Alex Sobel", "Leeds Central and Headingley"},
		{"two members of one name", "Ann Other", "Aldershot; Ynys Môn"},
		{"their title does not decide", "Dame Ann Other", "Aldershot; Ynys Môn"},
		{"a member who is called like a constituency", "Bishop Auckland", "Bishop Auckland; Chorley"},
		{"a last name alone is not enough", "sobel", ""},
		{"a name cut short", "Leeds", ""},
		{"an unknown number", "999999", ""},
		{"a negative number", "-1", ""},
		{"an unknown code", "E14000001", ""},
		{"nothing", "  ", ""},
		{"punctuation", "-", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := names(roster.Identify(tt.typed)); got != tt.want {
				t.Errorf("Identify(%q) = %q, want %q", tt.typed, got, tt.want)
			}
		})
	}
}

func TestRoster_ByMember(t *testing.T) {
	roster := embedded(t)
	for _, want := range roster.Seats() {
		if got, ok := roster.ByMember(want.Member.ID); !ok || got != want {
			t.Errorf("ByMember(%d) = %v", want.Member.ID, got)
		}
	}
	for _, id := range []int{0, -1, 1 << 40} {
		if got, ok := roster.ByMember(id); ok {
			t.Errorf("ByMember(%d) = %v", id, got)
		}
	}
}

func TestSlug(t *testing.T) {
	roster := embedded(t)
	shape := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]string{}
	for _, want := range roster.Seats() {
		slug := parliament.Slug(want.Constituency)
		if !shape.MatchString(slug) {
			t.Errorf("%s: slug %q", want.Constituency.Name, slug)
		}
		if other, twice := seen[slug]; twice {
			t.Errorf("%s and %s are both %q", other, want.Constituency.Name, slug)
		}
		seen[slug] = want.Constituency.Name
		if got, ok := roster.BySlug(slug); !ok || got != want {
			t.Errorf("BySlug(%q) = %v", slug, got)
		}
	}
	for name, want := range map[string]string{
		"Leeds North West":              "leeds-north-west",
		"Ynys Môn":                      "ynys-mon",
		"Queen's Park and Maida Vale":   "queens-park-and-maida-vale",
		"Harborough, Oadby and Wigston": "harborough-oadby-and-wigston",
		"Na h-Eileanan an Iar":          "na-h-eileanan-an-iar",
	} {
		if seen[want] != name {
			t.Errorf("%q is the slug of %q, want %q", want, seen[want], name)
		}
	}
	for _, slug := range []string{"", "Leeds-North-West", "leeds", "leeds-north-west-", "E14001323"} {
		if got, ok := roster.BySlug(slug); ok {
			t.Errorf("BySlug(%q) = %v", slug, got)
		}
	}
}

func TestRoster_Near(t *testing.T) {
	roster := embedded(t)
	near := roster.Near(ynysMon, 3)
	if len(near) != 3 || near[0].Seat.Constituency.Name != "Bangor Aberconwy" && near[0].Seat.Constituency.Name != "Dwyfor Meirionnydd" {
		t.Fatalf("near Ynys Môn: %v", near)
	}
	for i, n := range near {
		if n.Seat.Constituency.Code == ynysMon || i > 0 && n.Km < near[i-1].Km || n.Km <= 0 || n.Km > 120 {
			t.Errorf("number %d: %s, %.1f km", i, n.Seat.Constituency.Name, n.Km)
		}
	}
	// The few are the first of the many.
	for _, code := range []string{ynysMon, chorley} {
		whole := roster.Near(code, 1000)
		for n := range 8 {
			if few := roster.Near(code, n); !slices.Equal(few, whole[:n]) {
				t.Errorf("the %d nearest to %s are %v", n, code, few)
			}
		}
	}
	// Both ways round it is as far, and the whole country is within reach.
	all := roster.Near(chorley, 1000)
	if len(all) != parliament.SeatCount-1 {
		t.Fatalf("%d neighbours", len(all))
	}
	far := all[len(all)-1]
	for _, back := range roster.Near(far.Seat.Constituency.Code, 1000) {
		if back.Seat.Constituency.Code == chorley && math.Abs(back.Km-far.Km) > 1e-9 {
			t.Errorf("%f there, %f back", far.Km, back.Km)
		}
	}
	for _, c := range []struct {
		code string
		n    int
	}{{"E99999999", 5}, {"", 5}, {chorley, 0}, {chorley, -1}} {
		if got := roster.Near(c.code, c.n); len(got) > 0 {
			t.Errorf("Near(%q, %d) = %v", c.code, c.n, got)
		}
	}
}

// A quarter of the meridian is 10,001.97 km; one degree of it, 111.2.
func TestRoster_Near_Kilometres(t *testing.T) {
	roster := with(t, func(code string, seat *parliament.Seat) {
		switch code {
		case aldershot:
			seat.Constituency.Lat, seat.Constituency.Lon = 0, 0
		case chorley:
			seat.Constituency.Lat, seat.Constituency.Lon = 1, 0
		}
	})
	near := roster.Near(aldershot, 1)
	if near[0].Seat.Constituency.Code != chorley || math.Abs(near[0].Km-111.195) > 0.01 {
		t.Errorf("%s is %f km away", near[0].Seat.Constituency.Name, near[0].Km)
	}
}

func BenchmarkRoster_Search(b *testing.B) {
	roster := embedded(b)
	for b.Loop() {
		roster.Search("leeds nw", 10)
	}
}

func BenchmarkNewRoster(b *testing.B) {
	base := embedded(b)
	seats := base.Seats()
	for b.Loop() {
		if _, err := parliament.NewRoster(seats, base.ConstituencySource(), base.MemberSource()); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRoster_Regions: the headings of Groups, without the seats.
func TestRoster_Regions(t *testing.T) {
	r := embedded(t)
	var want []string
	for _, g := range r.Groups() {
		want = append(want, g.Region)
	}
	if got := r.Regions(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
