package campaign

import "postbag/internal/parliament"

// Standing is where a constituency's MP stands with a campaign's pledge, as
// everyone may know it.
type Standing string

// The standings, the whole list.
const (
	StandingPledged   Standing = "pledged"
	StandingNotYet    Standing = "not_yet"
	StandingWithdrawn Standing = "withdrawn" // pledged once, and took it back
	StandingExempt    Standing = "exempt"    // by the campaign's rules not asked to pledge
	StandingVacant    Standing = "vacant"    // nobody sits
)

// Standings lists them in the order in which a reader wants them.
func Standings() []Standing {
	return []Standing{StandingPledged, StandingWithdrawn, StandingExempt, StandingVacant, StandingNotYet}
}

// Standing says where a seat's MP stands, given the campaign's pledges, with
// the pledge when there is or was one. A pledge is the member's own: whoever
// follows them in the seat has not made it. What an MP has said counts for more
// than that nobody was to ask them.
func (c *Campaign) Standing(seat parliament.Seat, pledges PledgeList) (Standing, Pledge) {
	if seat.Vacant() {
		return StandingVacant, Pledge{}
	}
	p, ok := pledges.ByMember[seat.Member.ID]
	switch {
	case ok && p.Stands():
		return StandingPledged, p
	case ok:
		return StandingWithdrawn, p
	}
	if c.Ruling(seat, StandingNotYet).Exempt {
		return StandingExempt, Pledge{}
	}
	return StandingNotYet, Pledge{}
}

// pledgeState is the standing of a member's pledge alone, as rules ask for it.
func (l PledgeList) pledgeState(memberID int) Standing {
	switch p, ok := l.ByMember[memberID]; {
	case !ok || memberID == 0:
		return StandingNotYet
	case p.Stands():
		return StandingPledged
	}
	return StandingWithdrawn
}
