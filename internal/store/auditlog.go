package store

import (
	"context"
	"fmt"

	"postbag/internal/account"
)

// Record implements campaign.Store and account.Store.
func (s *Store) Record(ctx context.Context, e account.Entry) error {
	return s.writer.do(ctx, func(tx *tx) error { return tx.audit(e) })
}

// AuditLog implements account.Store.
func (s *Store) AuditLog(ctx context.Context, f account.AuditFilter, limit int) ([]account.Entry, error) {
	var campaignID int64
	if f.Campaign != "" {
		var err error
		if campaignID, err = s.campaignID(ctx, f.Campaign); err != nil {
			return nil, err
		}
	}
	who := f.Account
	if who == account.Server {
		who = 0
	}
	from, until := "", "9"
	if !f.From.IsZero() {
		from = formatTime(f.From)
	}
	if !f.Until.IsZero() {
		until = formatTime(f.Until)
	}
	before := f.Before
	if before == 0 {
		before = 1 << 62
	}
	rows, err := s.query(ctx, `
		SELECT a.id, a.at, a.account_id, a.actor, a.origin, a.action, COALESCE(c.slug, ''), a.object, a.before, a.after
		FROM audit a
		LEFT JOIN campaigns c ON c.id = a.campaign_id
		WHERE a.id < $1 AND ($2 = 0 OR a.account_id = $3) AND ($4 = 0 OR a.campaign_id = $4)
			AND ($5 = '' OR a.action >= $5 || '.' AND a.action < $5 || '/')
			AND a.id >= COALESCE((SELECT min(id) FROM audit WHERE at >= $6), $1) AND a.at >= $6 AND a.at < $7
		ORDER BY a.id DESC
		LIMIT $8`, before, f.Account, who, campaignID, f.Family, from, until, limit)
	if err != nil {
		return nil, fmt.Errorf("select audit log: %w", err)
	}
	defer rows.Close()
	var all []account.Entry
	for rows.Next() {
		var e account.Entry
		var at string
		if err := rows.Scan(&e.ID, &at, &e.Actor.Account, &e.Actor.Name, &e.Actor.Origin, &e.Action, &e.Campaign, &e.Object, &e.Before, &e.After); err != nil {
			return nil, fmt.Errorf("select audit log: %w", err)
		}
		if e.At, err = parseTime(some(at)); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// AuditActions implements account.Store. It goes from one action to the next
// along the index, however often each is in the log.
func (s *Store) AuditActions(ctx context.Context) ([]string, error) {
	rows, err := s.query(ctx, `
		WITH RECURSIVE each(action) AS (
			SELECT min(action) FROM audit
			UNION ALL
			SELECT (SELECT min(action) FROM audit WHERE action > each.action) FROM each WHERE each.action IS NOT NULL
		)
		SELECT action FROM each WHERE action IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("select actions: %w", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var action string
		if err := rows.Scan(&action); err != nil {
			return nil, fmt.Errorf("select actions: %w", err)
		}
		all = append(all, action)
	}
	return all, rows.Err()
}
