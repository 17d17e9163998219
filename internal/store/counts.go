package store

import (
	"context"
	"fmt"
	"strings"
	"time"

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

func (t *tx) count(campaignID int64, constituency, partner, state string) error {
	_, err := t.exec(`
		INSERT INTO counters (campaign_id, constituency, partner, day, state, letters)
		VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT (campaign_id, constituency, partner, day, state) DO UPDATE SET letters = letters + 1`,
		campaignID, constituency, partner, campaign.Day(t.now), state)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return nil
}

// uncount takes back what count counted at a time.
func (t *tx) uncount(campaignID int64, constituency, partner string, at time.Time, state string) error {
	_, err := t.exec(`
		UPDATE counters SET letters = letters - 1
		WHERE campaign_id = $1 AND constituency = $2 AND partner = $3 AND day = $4 AND state = $5`,
		campaignID, constituency, partner, campaign.Day(at), state)
	if err != nil {
		return fmt.Errorf("uncount: %w", err)
	}
	return nil
}

// Counts implements campaign.Store.
func (s *Store) Counts(ctx context.Context, slug string) ([]campaign.Count, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT constituency, state, SUM(letters)
		FROM counters
		WHERE campaign_id = $1
		GROUP BY constituency, state
		ORDER BY constituency`, id)
	if err != nil {
		return nil, fmt.Errorf("select counts: %w", err)
	}
	defer rows.Close()
	var counts []campaign.Count
	for rows.Next() {
		var constituency, state string
		var letters int
		if err := rows.Scan(&constituency, &state, &letters); err != nil {
			return nil, fmt.Errorf("select counts: %w", err)
		}
		if n := len(counts); n == 0 || counts[n-1].Constituency != constituency {
			counts = append(counts, campaign.Count{Constituency: constituency})
		}
		c := &counts[len(counts)-1]
		switch state {
		case string(campaign.StateAwaiting):
			c.Written = letters
		case countConfirmed:
			c.Confirmed = letters
		case string(campaign.StateSent):
			c.Sent = letters
		case string(campaign.StateFailed):
			c.Failed = letters
		case string(campaign.StateBounced):
			c.Bounced = letters
		case string(campaign.StateUncertain):
			c.Uncertain = letters
		case string(campaign.StateWithdrawn):
			c.Withdrawn = letters
		case string(campaign.StateExpired):
			c.Expired = letters
		case countSelfReported:
			c.SelfReported = letters
		default:
			if answer, ok := strings.CutPrefix(state, countReply); ok {
				c.Replies.Set(campaign.Answer(answer), letters)
			}
		}
	}
	return counts, rows.Err()
}
