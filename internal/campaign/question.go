package campaign

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/postcode"
)

// Limits on a question to the check.
const (
	// MaxQuestion is how many characters are read: the longest name of a
	// constituency has 40.
	MaxQuestion = 100

	// MaxMatches is how many constituencies a name may fit before a fuller one
	// is asked for: two screens of a phone.
	MaxMatches = 20
)

// FieldQuestion is the name of the check's one field.
const FieldQuestion = "who"

// Match says what a question fits.
type Match string

// The matches, the whole list. With the first four there are answers.
const (
	MatchOne             Match = "one"              // one seat
	MatchSeveral         Match = "several"          // several seats or members of that name
	MatchNear            Match = "near"             // a postcode we do not know, among those of these seats
	MatchNorthernIreland Match = "northern_ireland" // no data for the postcode, but these seats
	MatchEmpty           Match = "empty"            // nothing was typed
	MatchLong            Match = "long"             // more than MaxQuestion
	MatchNobody          Match = "nobody"           // no such member or constituency
	MatchMany            Match = "too_many"         // it fits more than MaxMatches
	MatchMalformed       Match = "malformed"        // it has figures in it and is no postcode
	MatchUnknown         Match = "unknown"          // a postcode of a district that we do not know
	MatchNonGeographic   Match = "non_geographic"   // a postcode that is no place
	MatchOutside         Match = "outside"          // a postcode of Place
)

// Finding is what is known about what somebody asked.
type Finding struct {
	Match   Match
	Answers []Safety       // one if found; those to choose from, where there are several
	Within  string         // with MatchNear: the sector or district that they share
	Place   postcode.Place // with MatchOutside
}

// Ask answers "is my MP safe to talk to?" for a postcode, a constituency's name
// or an MP's. It writes nothing, logs nothing and counts nothing, and what was
// typed is in no error. not_found if there is no such campaign.
func (s *Service) Ask(ctx context.Context, slug, typed string) (Finding, error) {
	c, err := s.Campaign(slug)
	if err != nil {
		return Finding{}, err
	}
	pledges, err := s.Pledges(ctx, slug)
	if err != nil {
		return Finding{}, fmt.Errorf("check: %w", err)
	}
	roster, _ := s.Roster()
	f, seats := s.find(roster, typed)
	for _, seat := range seats {
		f.Answers = append(f.Answers, c.Safety(seat, pledges))
	}
	return f, nil
}

// AskAbout answers for the constituency of an ONS code; not_found if there is
// none, or no such campaign.
func (s *Service) AskAbout(ctx context.Context, slug, code string) (Finding, error) {
	c, err := s.Campaign(slug)
	if err != nil {
		return Finding{}, err
	}
	roster, _ := s.Roster()
	seat, ok := roster.Seat(code)
	if !ok {
		return Finding{}, fault.New(fault.NotFound, "error.no_constituency")
	}
	pledges, err := s.Pledges(ctx, slug)
	if err != nil {
		return Finding{}, fmt.Errorf("check: %w", err)
	}
	return Finding{Match: MatchOne, Answers: []Safety{c.Safety(seat, pledges)}}, nil
}

// find says which seats somebody may mean. The look-up of postcodes takes the
// letter O for a nought and L for a one, so that "Lloyd" reads as a postcode
// in Liverpool: what has no figure in it is a name first.
func (s *Service) find(roster *parliament.Roster, typed string) (Finding, []parliament.Seat) {
	typed = strings.TrimSpace(typed)
	switch {
	case typed == "":
		return Finding{Match: MatchEmpty}, nil
	case utf8.RuneCountInString(typed) > MaxQuestion:
		return Finding{Match: MatchLong}, nil
	}
	figures := strings.ContainsFunc(typed, unicode.IsDigit)
	if !figures {
		if f, seats := named(roster, typed); f.Match != MatchNobody {
			return f, seats
		}
	}
	r := s.Locate(typed)
	if match, seats := MatchPostcode(roster, r); match != MatchMalformed {
		f := Finding{Match: match, Within: r.Within}
		if match == MatchOutside {
			f.Place = r.Place
		}
		return f, seats
	}
	if !figures {
		return Finding{Match: MatchNobody}, nil
	}
	// An ONS code, perhaps: advisers may have one.
	if f, seats := named(roster, typed); f.Match != MatchNobody {
		return f, seats
	}
	return Finding{Match: MatchMalformed}, nil
}

// MatchPostcode says what the answer about a postcode leads to: the seat, those
// that it can be in, or why there are none to choose from (MatchMalformed,
// MatchUnknown, MatchNonGeographic or MatchOutside).
func MatchPostcode(roster *parliament.Roster, r postcode.Result) (Match, []parliament.Seat) {
	switch r.Answer {
	case postcode.Found:
		return MatchOne, seatsOf(roster, r.Constituency)
	case postcode.UnknownUnit:
		if seats := seatsOf(roster, r.Candidates...); len(seats) > 0 {
			return MatchNear, seats
		}
		return MatchUnknown, nil
	case postcode.NonGeographic:
		return MatchNonGeographic, nil
	case postcode.OutsideData:
		if r.Place == postcode.NorthernIreland {
			return MatchNorthernIreland, northernIrish(roster)
		}
		return MatchOutside, nil
	}
	return MatchMalformed, nil
}

// named finds seats by a name: the one that bears it exactly, else all that it
// fits.
func named(roster *parliament.Roster, typed string) (Finding, []parliament.Seat) {
	typed = withoutMP(typed)
	seats := roster.Identify(typed)
	if len(seats) == 0 {
		seats = roster.Search(typed, MaxMatches+1)
	}
	switch n := len(seats); {
	case n == 0:
		return Finding{Match: MatchNobody}, nil
	case n == 1:
		return Finding{Match: MatchOne}, seats
	case n > MaxMatches:
		return Finding{Match: MatchMany}, nil
	}
	return Finding{Match: MatchSeveral}, seats
}

// withoutMP takes off what follows a member's name, in English or Welsh. Names
// are looked up without it.
func withoutMP(typed string) string {
	words := strings.Fields(typed)
	if last := len(words) - 1; last > 0 && (strings.EqualFold(words[last], "MP") || strings.EqualFold(words[last], "AS")) {
		words = words[:last]
	}
	return strings.Join(words, " ")
}

func seatsOf(roster *parliament.Roster, codes ...string) []parliament.Seat {
	var seats []parliament.Seat
	for _, code := range codes {
		if seat, ok := roster.Seat(code); ok {
			seats = append(seats, seat)
		}
	}
	return seats
}

// northernIrish returns the constituencies of Northern Ireland: its postcodes
// may be missing from the data, and they are few enough to offer.
func northernIrish(roster *parliament.Roster) []parliament.Seat {
	var seats []parliament.Seat
	for _, g := range roster.Groups() {
		if g.Country == "Northern Ireland" {
			seats = append(seats, g.Seats...)
		}
	}
	return seats
}
