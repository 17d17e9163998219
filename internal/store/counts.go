package store

import (
	"context"

	"postbag/internal/campaign"
)

// Counters are named after the state that letters came to, save these.
const (
	countConfirmed    = "confirmed"
	countSelfReported = "self_reported"
	countReply        = "reply_" // and the answer
)

// counted are the states whose arrivals are counted. Queued, sending and held
// are not: letters pass through them any number of times.
var counted = map[campaign.State]bool{
	campaign.StateAwaiting: true, campaign.StateSent: true, campaign.StateFailed: true, campaign.StateBounced: true,
	campaign.StateUncertain: true, campaign.StateWithdrawn: true, campaign.StateExpired: true,
}

// Counts implements campaign.Store.
func (s *Store) Counts(ctx context.Context, slug string) ([]campaign.Count, error) {
	tallies, err := s.Tallies(ctx, slug)
	if err != nil {
		return nil, err
	}
	counts := make([]campaign.Count, len(tallies))
	for i, t := range tallies {
		counts[i] = t.Count
	}
	return counts, nil
}
