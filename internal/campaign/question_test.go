package campaign_test

import (
	"slices"
	"strings"
	"testing"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/postcode"
)

func TestService_Ask(t *testing.T) {
	d := newDesk(t)
	for name, test := range map[string]struct {
		typed string
		match Match
		codes []string // of the answers; nil: not looked at
	}{
		"a postcode": {"ls6 3hn", MatchOne, []string{"E14001319"}},
		"a postcode with the letter O for a nought": {"LS6 3HN ", MatchOne, []string{"E14001319"}},
		"a constituency":                        {"leeds north west", MatchOne, []string{"E14001322"}},
		"a constituency by its Welsh name":      {"ynys mon", MatchOne, []string{"W07000112"}},
		"a constituency that others begin with": {"Ashford", MatchOne, nil},
		"an MP":                                 {"Alex Sobel", MatchOne, []string{"E14001319"}},
		"an MP with a title":                    {"Sir Lindsay Hoyle MP", MatchOne, nil},
		"an MP by surname alone":                {"sobel", MatchOne, []string{"E14001319"}},
		"an ONS code":                           {"E14001319", MatchOne, []string{"E14001319"}},
		"several of one surname":                {"Smith", MatchSeveral, nil},
		"several constituencies":                {"leeds", MatchSeveral, nil},
		"a name that reads as a postcode":       {"Lloyd", MatchOne, []string{"E14001485"}},
		"a name that fits half the country":     {"north", MatchMany, nil},
		"a new postcode":                        {"LS6 3ZZ", MatchNear, []string{"E14001319"}},
		"a new postcode between two":            {"LS1 1AA", MatchNear, []string{"E14001319", "E14001323"}},
		"a district that is not there":          {"LS50 9ZZ", MatchUnknown, []string{}},
		"Northern Ireland":                      {"bt7 1nn", MatchNorthernIreland, nil},
		"a PO box":                              {"GIR 0AA", MatchNonGeographic, []string{}},
		"Jersey":                                {"JE2 3AB", MatchOutside, []string{}},
		"half a postcode":                       {"LS6", MatchMalformed, []string{}},
		"nobody":                                {"Qwertyuiop", MatchNobody, []string{}},
		"marks alone":                           {"?!", MatchNobody, []string{}},
		"nothing":                               {" \t", MatchEmpty, []string{}},
		"a whole letter":                        {strings.Repeat("é", MaxQuestion+1), MatchLong, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := d.Ask(t.Context(), slug, test.typed)
			if err != nil {
				t.Fatal(err)
			}
			codes := []string{}
			for _, a := range f.Answers {
				codes = append(codes, a.Seat.Constituency.Code)
			}
			if f.Match != test.match || test.codes != nil && !slices.Equal(codes, test.codes) {
				t.Errorf("%s %v, want %s %v", f.Match, codes, test.match, test.codes)
			}
			if several := f.Match == MatchSeveral || f.Match == MatchNear || f.Match == MatchNorthernIreland; several != (len(codes) > 1) && f.Match != MatchNear {
				t.Errorf("%s with %d answers", f.Match, len(codes))
			}
			if (f.Match == MatchOutside) != (f.Place != postcode.NoPlace) || (f.Match == MatchNear) != (f.Within != "") {
				t.Errorf("%s with the place %v within %q", f.Match, f.Place, f.Within)
			}
		})
	}
	if _, err := d.Ask(t.Context(), "nothing", "LS6 3HN"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a campaign that is not there: %v", err)
	}
	if _, err := d.AskAbout(t.Context(), slug, "E14000000"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a constituency that is not there: %v", err)
	}
	if strings.Contains(d.log.String(), "LS6") || d.log.Len() > 0 {
		t.Errorf("the log says %s", d.log.String())
	}
}

// The answer is about who sits now, whoever pledged before.
func TestService_Ask_standings(t *testing.T) {
	d := newDesk(t)
	ask := func(typed string) Safety {
		t.Helper()
		f, err := d.Ask(t.Context(), slug, typed)
		if err != nil || len(f.Answers) != 1 {
			t.Fatalf("%s: %+v, %v", typed, f, err)
		}
		return f.Answers[0]
	}
	if got := ask("Chorley"); got.Standing != StandingExempt {
		t.Errorf("the Speaker is %+v", got)
	}
	if got := ask("City of Durham"); got.Standing != StandingNotYet {
		t.Errorf("an MP who has not pledged is %+v", got)
	}
	d.reseat(t, durham, vacate)
	if got := ask("City of Durham"); got.Standing != StandingVacant {
		t.Errorf("a vacant seat is %+v", got)
	}
}
