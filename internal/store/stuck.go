package store

import (
	"context"
	"fmt"
	"time"

	"postbag/internal/campaign"
)

// Stuck counts what waits to be sent and what somebody has to look at. Late is
// what should have gone before the given time.
func (s *Store) Stuck(ctx context.Context, before time.Time) (campaign.Stuck, error) {
	var k campaign.Stuck
	err := s.queryRow(ctx, `
		SELECT count(*), COALESCE(sum(next_at < $1), 0)
		FROM outbox
		WHERE status = 'ready'`, []any{&k.Waiting, &k.Late}, formatTime(before))
	if err != nil {
		return k, fmt.Errorf("count what waits: %w", err)
	}
	err = s.queryRow(ctx, `
		SELECT COALESCE(sum(l.state = 'uncertain'), 0), COALESCE(sum(l.state IN ('failed', 'bounced')), 0)
		FROM letters l
		WHERE `+isOpen, []any{&k.Uncertain, &k.Failed})
	if err != nil {
		return k, fmt.Errorf("count open letters: %w", err)
	}
	return k, nil
}
