package campaign

import "postbag/internal/parliament"

// Safety is the answer to "is my MP safe to talk to?" for one seat.
type Safety struct {
	Seat     parliament.Seat
	Standing Standing
	Pledge   Pledge // the one that stands or was taken back; the zero Pledge with every other standing
}

// Safety says how a seat stands, given the campaign's pledges.
func (c *Campaign) Safety(seat parliament.Seat, pledges PledgeList) Safety {
	standing, pledge := c.Standing(seat, pledges)
	return Safety{Seat: seat, Standing: standing, Pledge: pledge}
}

// About returns what the campaign says in lang of an MP who is not asked to
// pledge; empty when its file says nothing of this one.
func (c *Campaign) About(lang string, s Safety) string {
	if s.Standing != StandingExempt {
		return ""
	}
	about := c.Text(lang).check(c.Ruling(s.Seat, StandingNotYet))
	return fill(about, map[string]string{
		PlaceMPName: s.Seat.Member.Name, PlaceConstituency: s.Seat.Constituency.NameIn(lang), PlaceParty: s.Seat.Member.Party,
	})
}
