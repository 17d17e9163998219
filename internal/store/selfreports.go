package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
)

// AddSelfReport implements campaign.Store.
func (s *Store) AddSelfReport(ctx context.Context, r campaign.SelfReport) error {
	id, err := s.campaignID(ctx, r.Campaign)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error {
		result, err := tx.exec(`
			INSERT INTO self_reports (campaign_id, constituency, way, day, token_hash) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (token_hash) DO NOTHING`,
			id, r.Constituency, string(r.Way), campaign.Day(tx.now), r.TokenHash)
		if err != nil {
			return fmt.Errorf("insert self-report: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err // counted before
		}
		return tx.count(id, r.Constituency, "", countSelfReported)
	})
}
