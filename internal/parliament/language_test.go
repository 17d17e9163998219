package parliament

import (
	"strings"
	"testing"
)

func TestConstituency_NameIn(t *testing.T) {
	welsh := Constituency{Name: "Anglesey", NameCy: "Ynys Môn"}
	english := Constituency{Name: "Leeds North West"}
	for name, test := range map[string]struct {
		seat Constituency
		lang string
		want string
	}{
		"Welsh where there is a Welsh name":     {welsh, "cy", "Ynys Môn"},
		"English on an English page":            {welsh, "en", "Anglesey"},
		"English in a language we do not have":  {welsh, "gd", "Anglesey"},
		"English where no language is given":    {welsh, "", "Anglesey"},
		"English where there is no Welsh name":  {english, "cy", "Leeds North West"},
		"English, and there is no other either": {english, "en", "Leeds North West"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.seat.NameIn(test.lang); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestSortByName(t *testing.T) {
	seats := []Seat{
		{Constituency: Constituency{Name: "Brecon", NameCy: "Aberhonddu"}},
		{Constituency: Constituency{Name: "Bridgend", NameCy: "Pen-y-bont"}},
		{Constituency: Constituency{Name: "Gower"}},
		{Constituency: Constituency{Name: "Alyn and Deeside", NameCy: "Ôl"}},
	}
	for lang, want := range map[string]string{"en": "Alyn and Deeside, Brecon, Bridgend, Gower", "cy": "Aberhonddu, Gower, Ôl, Pen-y-bont"} {
		SortByName(seats, lang)
		var names []string
		for _, s := range seats {
			names = append(names, s.Constituency.NameIn(lang))
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%s: %s, want %s", lang, got, want)
		}
	}
}
