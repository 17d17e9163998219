package campaign

import (
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

// Sight is a letter as somebody would find it, for organisers who try a campaign
// out. Nothing is written or counted.
type Sight struct {
	Seat     parliament.Seat
	Pledge   Standing // one of PledgeStates
	Lang     string
	Draft    Draft
	Excluded Exclusion // where Draft.To.Ruling says so
}

// Look shows what a campaign, saved or not, writes to the member for a
// constituency whose pledge stands as given. letter, where it is not empty, is
// shown whatever the rules say. invalid with the field seat when there is no such
// constituency.
func (s *Service) Look(c *Campaign, code string, pledge Standing, lang, letter string) (Sight, error) {
	roster, _ := s.Roster()
	seat, ok := roster.Seat(code)
	if !ok {
		return Sight{}, fault.Fieldwise(map[string]string{"seat": "desk.error.seat"})
	}
	to := recipientOf(seat)
	to.Pledged, to.Ruling = pledge == StandingPledged, c.Ruling(seat, pledge)
	if letter != "" {
		to.Ruling.Letter, to.Ruling.Exclude = letter, ""
	}
	sight := Sight{Seat: seat, Pledge: pledge, Lang: lang}
	sight.Draft = c.draft(lang, lang, to, s.words.T(lang, "letter.vacant_name", "Constituency", to.Seat.NameIn(lang)))
	if to.Ruling.Exclude != "" {
		sight.Excluded = c.Excluded(lang, to)
	}
	return sight, nil
}

// Seek returns the constituencies that somebody may mean by a name, an MP's name,
// an ONS code or a postcode.
func (s *Service) Seek(typed string) []parliament.Seat {
	roster, _ := s.Roster()
	if code := aCode.FindString(typed); code != "" {
		if seat, ok := roster.Seat(code); ok {
			return []parliament.Seat{seat}
		}
	}
	f, seats := s.find(roster, typed)
	switch f.Match {
	case MatchOne, MatchSeveral, MatchNear, MatchNorthernIreland:
		return seats
	}
	return nil
}

// Named returns the ONS code and the member that a name means, where it means
// one.
func (s *Service) Named(name string) (code string, member int) {
	if seats := s.Seek(name); len(seats) == 1 {
		return seats[0].Constituency.Code, seats[0].Member.ID
	}
	return "", 0
}

// Example is a constituency to try a campaign out with: that of the first member
// in the roster whom letters reach.
func (s *Service) Example() parliament.Seat {
	roster, _ := s.Roster()
	seats := roster.Seats()
	for _, seat := range seats {
		if seat.Member.HasEmail() {
			return seat
		}
	}
	return seats[0]
}
