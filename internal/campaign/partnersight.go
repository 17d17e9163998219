package campaign

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// partnerSights are what partners may know, worked out up to a day: of a day that
// is over nothing changes any more.
type partnerSights struct {
	mu   sync.Mutex
	each map[[2]string]*keptSight // by campaign and partner
}

type keptSight struct {
	mu   sync.Mutex // held while days are added
	upTo string     // the last day that is in it; empty: none
	*sighting
}

// firstDay is before any letter.
const firstDay = "2000-01-01"

// PartnerSight returns what a partner may know of its letters in a campaign, up
// to yesterday in London; not_found if there is no such campaign.
func (s *Service) PartnerSight(ctx context.Context, slug, partner string) (PartnerSight, error) {
	if _, err := s.AnyCampaign(slug); err != nil {
		return PartnerSight{}, err
	}
	// What was under way at midnight is written down an hour later, surely.
	y, m, d := s.now().Add(-time.Hour).In(London).Date()
	yesterday := time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	key := [2]string{slug, partner}
	s.sights.mu.Lock()
	have := s.sights.each[key]
	if have == nil {
		have = &keptSight{}
		if s.sights.each == nil {
			s.sights.each = map[[2]string]*keptSight{}
		}
		s.sights.each[key] = have
	}
	s.sights.mu.Unlock()

	have.mu.Lock()
	defer have.mu.Unlock()
	if have.sighting == nil {
		roster, _ := s.Roster()
		var codes []string
		for _, seat := range roster.Seats() {
			codes = append(codes, seat.Constituency.Code)
		}
		have.sighting = newSighting(codes, SuppressBelow, minSuppressed)
	}
	if have.upTo < yesterday {
		from := firstDay
		if have.upTo != "" {
			from = nextDay(have.upTo)
		}
		days, err := s.store.PartnerDays(ctx, slug, partner, from, yesterday)
		if err != nil {
			return PartnerSight{}, fmt.Errorf("sight of %s: %w", partner, err)
		}
		for _, day := range days {
			have.day(day)
		}
		have.upTo = yesterday
	}
	return have.seen(), nil
}

// seen is a copy of what may be known.
func (s *sighting) seen() PartnerSight {
	seen := s.sight
	seen.Seats, seen.Steps = maps.Clone(seen.Seats), slices.Clone(seen.Steps)
	return seen
}
