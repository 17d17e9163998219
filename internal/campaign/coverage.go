package campaign

import (
	"context"
	"fmt"

	"postbag/internal/parliament"
)

// Coverage says whom each rule catches as things stand.
type Coverage struct {
	Rules []RuleCover
	Rest  []parliament.Seat // whom no rule catches: they are asked
}

// RuleCover is what one rule catches.
type RuleCover struct {
	Rule  Rule
	Seats []parliament.Seat // that it decides
	Fits  int               // seats that it fits, those included that a rule before it takes
	Flaw  Flaw
}

// Flaw says why a rule catches nobody; empty when it catches somebody.
type Flaw string

// The flaws.
const (
	FlawNobody   Flaw = "nobody"   // it fits nobody as things stand, and may one day
	FlawNever    Flaw = "never"    // it fits nobody, whatever becomes of pledges, seats and addresses
	FlawShadowed Flaw = "shadowed" // a rule before it takes everyone that it fits
)

// Coverage tells how many of the constituencies fall to each rule of a campaign.
func (s *Service) Coverage(ctx context.Context, c *Campaign) (Coverage, error) {
	pledges, err := s.Pledges(ctx, c.Slug)
	if err != nil {
		return Coverage{}, fmt.Errorf("coverage: %w", err)
	}
	roster, _ := s.Roster()
	return c.coverage(roster, pledges), nil
}

func (c *Campaign) coverage(roster *parliament.Roster, pledges PledgeList) Coverage {
	cover := Coverage{Rules: make([]RuleCover, len(c.Rules))}
	could, wins := make([]bool, len(c.Rules)), make([]bool, len(c.Rules))
	for i, r := range c.Rules {
		cover.Rules[i].Rule = r
	}
	for _, seat := range roster.Seats() {
		now := situationOf(seat, pledges.pledgeState(seat.Member.ID))
		for i := range c.Rules {
			if c.Rules[i].fits(now) {
				cover.Rules[i].Fits++
			}
		}
		if n := c.ruling(now).Rule; n == Rest {
			cover.Rest = append(cover.Rest, seat)
		} else {
			cover.Rules[n].Seats = append(cover.Rules[n].Seats, seat)
		}
		for _, maybe := range maybes(seat) {
			for i := range c.Rules {
				could[i] = could[i] || c.Rules[i].fits(maybe)
			}
			if n := c.ruling(maybe).Rule; n != Rest {
				wins[n] = true
			}
		}
	}
	for i := range cover.Rules {
		r := &cover.Rules[i]
		switch {
		case !could[i]:
			r.Flaw = FlawNever
		case !wins[i]:
			r.Flaw = FlawShadowed
		case len(r.Seats) == 0:
			r.Flaw = FlawNobody
		}
	}
	return cover
}

// maybes are the situations that a seat may come to: its member may pledge or
// take it back, be without an address, or leave.
func maybes(seat parliament.Seat) []situation {
	all := make([]situation, 0, 7)
	for _, pledge := range PledgeStates() {
		s := situationOf(seat, pledge)
		s.vacant = false
		for _, s.noEmail = range []bool{false, true} {
			all = append(all, s)
		}
	}
	return append(all, situation{seat: seat.Constituency, vacant: true, pledge: StandingNotYet})
}
