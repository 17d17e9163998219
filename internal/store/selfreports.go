package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// AddSelfReport implements campaign.Store.
func (s *Store) AddSelfReport(ctx context.Context, r campaign.SelfReport) error {
	id, err := s.campaignID(ctx, r.Campaign)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error { return tx.addSelfReport(id, r) })
}

func (t *tx) addSelfReport(campaignID int64, r campaign.SelfReport) error {
	today := campaign.Day(t.now)
	result, err := t.exec(`
		INSERT INTO self_reports (campaign_id, constituency, way, day, token_hash) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (token_hash) DO NOTHING`,
		campaignID, r.Constituency, string(r.Way), today, r.TokenHash)
	if err != nil {
		return fmt.Errorf("insert self-report: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err // counted before
	}
	var reports int
	err = t.queryRow(`
		SELECT COALESCE(SUM(letters), 0)
		FROM counters
		WHERE campaign_id = $1 AND constituency = $2 AND partner = '' AND day = $3 AND state = $4`,
		[]any{&reports}, campaignID, r.Constituency, today, countSelfReported)
	if err != nil {
		return fmt.Errorf("select self-reports of the day: %w", err)
	}
	reports += t.pending(sum{table: counters, campaign: campaignID, key: r.Constituency, day: today, state: countSelfReported})
	if reports >= campaign.MaxSelfReports {
		return fault.New(fault.RateLimited, "error.too_many_reports")
	}
	return t.count(row{campaign: campaignID, constituency: r.Constituency}, countSelfReported)
}

// ForgetSelfReports implements campaign.Store.
func (s *Store) ForgetSelfReports(ctx context.Context, limit int) (int, error) {
	return s.forget(ctx, campaign.SelfReportDays, limit, `
		DELETE FROM self_reports
		WHERE id IN (SELECT id FROM self_reports WHERE day < $1 ORDER BY day LIMIT $2)`)
}
