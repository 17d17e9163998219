package campaign

import (
	"slices"
	"time"
)

// What a partner may know of the letters that came through it.
//
// The public is told a campaign's letters by constituency, where there are
// SuppressBelow or more, to the minute. Whoever subtracts from that what a
// partner's page tells has the letters of everybody else: another partner's, or
// of people who came by themselves. Nobody may find a small number in that way,
// neither by place nor by day, nor by watching the page for weeks. So its numbers
// are told in steps.
//
// A step of a number is told at the end of a day by which the partner's own
// letters since the last step, and the others', are SuppressBelow or more both.
// Then they are added to what is told, and both begin at nought again: between any
// two numbers that are told there lie enough letters of either kind. What was
// told once is never taken back.
//
// That alone is not enough. When the public number is 10 one evening and 11 the
// next, and only then 6 of them are told to be the partner's, then it was 6
// before, and the others' fifth came on that day. So a number that could not be
// told is looked at again only when twice as many letters have come since the
// last step, which is a moment that depends on public numbers alone.
//
// Last, numbers are told together: the whole of a campaign, and those of its
// constituencies, on the same evenings. What the whole has and no constituency
// tells lies somewhere among the others. Of either kind it must be twice
// SuppressBelow or more, or it would tell of some that they have none, and no more
// than they could hold without a certain one of them; and they must be
// minSuppressed or more. Constituencies wait for the next time while it is fewer.
// In worlds of three constituencies there are still a few histories in which a
// number can be found out from all the others; in those of four that could be
// searched there is none. There are 650.
//
// Today is never told: a day's number is its last one.

// PartnerSeat is what came from one constituency: letters sent, less those
// returned.
type PartnerSeat struct {
	Own int // through the partner
	All int // by anybody
}

// PartnerDay is a day on which letters came or were returned.
type PartnerDay struct {
	Day   string // in London
	Seats map[string]PartnerSeat
}

// PartnerStep is a span of days whose letters are told together.
type PartnerStep struct {
	From, To string // days, both included
	Letters  int
}

// PartnerSight is what a partner may know of its letters in a campaign.
type PartnerSight struct {
	Letters int            // in all
	Seats   map[string]int // by ONS code; the others are not told
	Steps   []PartnerStep
	Since   string // first day of what is not told yet; empty: there was none
}

// tellable is a number that is told in steps.
type tellable struct {
	own, all int // since the last step
	told     int
	next     int // letters of anybody's since the last step, at which to look
}

// due reports whether it is time to look at the number, and whether it may be
// told then.
func (n *tellable) due(least int) (look, tell bool) {
	look = n.all >= max(n.next, 2*least)
	return look, look && n.own >= least && n.all-n.own >= least
}

// tell tells the number.
func (n *tellable) tell() { *n = tellable{told: n.told + n.own} }

// wait has the number looked at when twice as many letters have come.
func (n *tellable) wait() { n.next = 2 * n.all }

// sighting works out a partner's sight day by day.
type sighting struct {
	least int      // SuppressBelow, but in tests
	few   int      // constituencies that must not be told: minSuppressed, but in tests
	codes []string // of every constituency
	whole tellable
	seats map[string]*tellable
	total map[string]int // letters of anybody's, as the public is told them
	sight PartnerSight
}

func newSighting(codes []string, least, few int) *sighting {
	s := &sighting{least: least, few: few, codes: codes, seats: map[string]*tellable{}, total: map[string]int{}}
	s.sight.Seats = map[string]int{}
	return s
}

// day adds a day. Days come in their order.
func (s *sighting) day(d PartnerDay) {
	if s.sight.Since == "" {
		s.sight.Since = d.Day
	}
	for code, seat := range d.Seats {
		n := s.seats[code]
		if n == nil {
			n = &tellable{}
			s.seats[code] = n
		}
		n.own, n.all = n.own+seat.Own, n.all+seat.All
		s.whole.own, s.whole.all = s.whole.own+seat.Own, s.whole.all+seat.All
		s.total[code] += seat.All
	}
	look, tell := s.whole.due(s.least)
	if !look {
		return
	}
	chosen, ok := s.choose()
	if !tell || !ok {
		s.whole.wait()
		return
	}
	s.sight.Steps = append(s.sight.Steps, PartnerStep{From: s.sight.Since, To: d.Day, Letters: s.whole.own})
	s.sight.Since = nextDay(d.Day)
	for _, code := range s.codes {
		n := s.seats[code]
		if n == nil {
			continue
		}
		if slices.Contains(chosen, code) {
			n.tell()
			s.sight.Seats[code] = n.told
		} else if look, _ := n.due(s.least); look {
			n.wait()
		}
	}
	s.whole.tell()
	s.sight.Letters = s.whole.told
}

// choose returns the constituencies that may be told together with the whole,
// and whether the whole may.
func (s *sighting) choose() (chosen []string, ok bool) {
	var hidden came // in no constituency that is told
	for _, n := range s.seats {
		hidden.own, hidden.others = hidden.own+n.own, hidden.others+n.all-n.own
	}
	for _, code := range s.codes {
		n := s.seats[code]
		if n == nil {
			continue
		}
		left := came{hidden.own - n.own, hidden.others - (n.all - n.own)}
		if _, tell := n.due(s.least); tell && left.own >= 2*s.least && left.others >= 2*s.least {
			chosen, hidden = append(chosen, code), left
		}
	}
	room, most, places := 0, 0, 0
	for _, code := range s.codes {
		could := s.least - 1 // where the public is told nothing
		if n := s.seats[code]; n != nil && s.total[code] >= s.least {
			could = max(n.all, 0)
			if slices.Contains(chosen, code) {
				could = 0
			}
		}
		room, most = room+could, max(most, could)
		if could > 0 {
			places++
		}
	}
	room -= most
	return chosen, places >= s.few && min(hidden.own, hidden.others) >= 2*s.least && max(hidden.own, hidden.others) <= room
}

// came is what came of either kind.
type came struct{ own, others int }

// nextDay is the day after a day.
func nextDay(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.AddDate(0, 0, 1).Format(time.DateOnly)
}
