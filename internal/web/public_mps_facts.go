package web

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

// seatFacts is what everyone may know of one constituency in a campaign.
type seatFacts struct {
	parliament.Seat
	standing campaign.Standing
	pledge   campaign.Pledge // the zero Pledge where there never was one
	letters  int             // 0 where they are too few to be told
}

// listFacts is what everyone may know of all of them.
type listFacts struct {
	campaign *campaign.Campaign
	roster   *parliament.Roster
	public   campaign.PublicCounts
	pledges  campaign.PledgeList
	version  uint64 // the same as long as the facts are
}

// facts gathers what the pledge list is made of.
func (s *Server) facts(ctx context.Context, found *campaign.Campaign) (listFacts, error) {
	roster, version := s.Service.Roster()
	public, err := s.Service.PublicCounts(ctx, found.Slug)
	if err != nil {
		return listFacts{}, err
	}
	pledges, err := s.Service.Pledges(ctx, found.Slug)
	if err != nil {
		return listFacts{}, err
	}
	f := listFacts{campaign: found, roster: roster, public: public, pledges: pledges}
	sum := fnv.New64a()
	fmt.Fprintln(sum, version, pledges.Version, public.Total, found.Version, found.Stage)
	f.version = sum.Sum64()
	for code, letters := range public.Disclosed { // in any order, so each by itself
		one := fnv.New64a()
		fmt.Fprintln(one, code, letters)
		f.version += one.Sum64()
	}
	return f, nil
}

// askedFacts gathers it for the campaign that a request's address names.
func (s *Server) askedFacts(c echo.Context) (listFacts, error) {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return listFacts{}, err
	}
	return s.facts(c.Request().Context(), found)
}

// of says what is known of a seat.
func (f listFacts) of(seat parliament.Seat) *seatFacts {
	standing, pledge := f.campaign.Standing(seat, f.pledges)
	return &seatFacts{seat, standing, pledge, f.public.Disclosed[seat.Constituency.Code]}
}

// ofAll says it of several.
func (f listFacts) ofAll(seats []parliament.Seat) []*seatFacts {
	list := make([]*seatFacts, len(seats))
	for i, seat := range seats {
		list[i] = f.of(seat)
	}
	return list
}
