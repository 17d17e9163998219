package parliament_test

import (
	"strings"
	"testing"

	"postbag/internal/parliament"
)

func TestRoster_ByName_ForgivesSpelling(t *testing.T) {
	tests := []struct{ name, typed, want string }{
		{"as it stands", "Aldershot", "Aldershot"},
		{"upper case", "ALDERSHOT", "Aldershot"},
		{"blanks around", "  Aldershot ", "Aldershot"},
		{"ampersand", "Harborough, Oadby & Wigston", "Harborough, Oadby and Wigston"},
		{"ampersand without spaces", "Harborough, Oadby&Wigston", "Harborough, Oadby and Wigston"},
		{"no comma", "Harborough Oadby and Wigston", "Harborough, Oadby and Wigston"},
		{"a comma before and", "Harborough, Oadby, and Wigston", "Harborough, Oadby and Wigston"},
		{"no hyphens", "Ashton under Lyne", "Ashton-under-Lyne"},
		{"dashes for hyphens", "Stoke–on–Trent Central", "Stoke-on-Trent Central"},
		{"hyphen in one word", "Kinross-Shire and Perth", ""},
		{"compound in one word", "Perth and Kinrossshire", "Perth and Kinross-shire"},
		{"no apostrophe", "Queens Park and Maida Vale", "Queen's Park and Maida Vale"},
		{"curly apostrophe", "Queen’s Park and Maida Vale", "Queen's Park and Maida Vale"},
		{"no accent", "Ynys Mon", "Ynys Môn"},
		{"accent as a separate character", "Ynys Mo\u0302n", "Ynys Môn"},
		{"no-break space", "Ynys\u00a0Môn", "Ynys Môn"},
		{"Gaelic", "na h-eileanan an iar", "Na h-Eileanan an Iar"},
		{"Welsh", "Pen-y-bont", "Bridgend"},
		{"Welsh without accents", "Merthyr Tudful ac Aberdare", "Merthyr Tydfil and Aberdare"},
		{"full-width letters", "Ａｌｄｅｒｓｈｏｔ", "Aldershot"},

		{"a name cut short", "Hull East", ""},
		{"words in another order", "East Kingston upon Hull", ""},
		{"the county added", "Aldershot, Hampshire", ""},
		{"St for Saint is not guessed", "Saint Albans", ""},
		{"a seat of before 2024", "Isle of Wight", ""},
		{"nothing", "", ""},
		{"punctuation only", "-, &", ""},
	}
	roster := embedded(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seat, ok := roster.ByName(tt.typed)
			if got := seat.Constituency.Name; got != tt.want || ok != (tt.want != "") {
				t.Errorf("ByName(%q) = %q, %v; want %q", tt.typed, got, ok, tt.want)
			}
		})
	}
}

// Every real name, English or Welsh, in every spelling that is forgiven, finds
// its own seat: no two of the 650 are the same once normalised.
func TestRoster_ByName_KeepsAllNamesDistinct(t *testing.T) {
	roster := embedded(t)
	drop := strings.NewReplacer(",", "", "'", "", "-", " ", "ô", "o", "â", "a").Replace
	spellings := []func(string) string{
		func(s string) string { return s },
		strings.ToUpper,
		drop,
		func(s string) string { return strings.ReplaceAll(s, " and ", " & ") },
		func(s string) string { return strings.ReplaceAll(drop(s), " ", "") },
	}
	for _, seat := range roster.Seats() {
		c := seat.Constituency
		for _, name := range []string{c.Name, c.NameCy} {
			for _, spell := range spellings {
				typed := spell(name)
				if typed == "" {
					continue
				}
				found, ok := roster.ByName(typed)
				if !ok || found.Constituency.Code != c.Code {
					t.Errorf("ByName(%q) = %q, %v; want %s", typed, found.Constituency.Code, ok, c.Code)
				}
			}
		}
	}
}

// A Welsh name that is also another seat's name finds neither.
func TestRoster_ByName_DoesNotGuess(t *testing.T) {
	roster := with(t, func(code string, seat *parliament.Seat) {
		if code == ynysMon {
			seat.Constituency.NameCy = "Wrecsam" // the Welsh name of Wrexham
		}
	})
	if seat, ok := roster.ByName("Wrecsam"); ok {
		t.Errorf("a name of two seats found %s", seat.Constituency.Name)
	}
	for _, name := range []string{"Wrexham", "Ynys Môn"} {
		if _, ok := roster.ByName(name); !ok {
			t.Errorf("%s is not found by its English name any more", name)
		}
	}
}
