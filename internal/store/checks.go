package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

const selectChecks = `SELECT settings FROM checks WHERE campaign_id = $1`

// Checks implements campaign.Store.
func (s *Store) Checks(ctx context.Context, slug string) (settings string, err error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return "", err
	}
	err = s.queryRow(ctx, selectChecks, []any{&settings}, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("select the settings of checks: %w", err)
	}
	return settings, nil
}

// SetChecks implements campaign.Store.
func (s *Store) SetChecks(ctx context.Context, by account.Actor, slug, was, settings string) error {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error {
		var now string
		err := tx.queryRow(selectChecks, []any{&now}, id)
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("select the settings of checks: %w", err)
		case now != was:
			return fault.New(fault.Conflict, "desk.error.checks_stale")
		case now == settings:
			return nil
		}
		_, err = tx.exec(`
			INSERT INTO checks (campaign_id, settings) VALUES ($1, $2)
			ON CONFLICT (campaign_id) DO UPDATE SET settings = excluded.settings`, id, settings)
		if err != nil {
			return fmt.Errorf("set checks: %w", err)
		}
		return tx.audit(account.Entry{Actor: by, Action: "campaign.checks", Campaign: slug, Object: "campaign " + slug, Before: was, After: settings})
	})
}

// CheckCounts implements campaign.Store.
func (s *Store) CheckCounts(ctx context.Context, slug string) ([]campaign.CheckCount, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `SELECT name, held, sent, declined FROM check_counts WHERE campaign_id = $1 ORDER BY name`, id)
	if err != nil {
		return nil, fmt.Errorf("select what checks held: %w", err)
	}
	defer rows.Close()
	var all []campaign.CheckCount
	for rows.Next() {
		var c campaign.CheckCount
		if err := rows.Scan(&c.Check, &c.Held, &c.Sent, &c.Declined); err != nil {
			return nil, fmt.Errorf("select what checks held: %w", err)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// ForgetLimits implements campaign.Store.
func (s *Store) ForgetLimits(ctx context.Context, limit int) (int, error) {
	most := 0
	for table, since := range map[string][]byte{"limits": campaign.LimitsSince(s.now()), "likenesses": campaign.LikenessesSince(s.now())} {
		old := 0
		err := s.queryRow(ctx, `SELECT count(*) FROM (SELECT hash FROM `+table+` WHERE hash < $1 LIMIT 1)`, []any{&old}, since)
		if err != nil {
			return most, fmt.Errorf("look for old %s: %w", table, err)
		}
		if old == 0 {
			continue
		}
		n := 0
		err = s.writer.do(ctx, func(tx *tx) (err error) {
			n, err = tx.putOff(limit, func() (int, error) {
				tx.erased = true
				done, err := tx.exec(`
					DELETE FROM `+table+`
					WHERE hash IN (SELECT hash FROM `+table+` WHERE hash < $1 ORDER BY hash LIMIT $2)`, since, limit)
				if err != nil {
					return 0, err
				}
				rows, err := done.RowsAffected()
				return int(rows), err
			})
			return err
		})
		if err != nil {
			return most, fmt.Errorf("forget %s: %w", table, err)
		}
		most = max(most, n)
	}
	return most, nil
}
