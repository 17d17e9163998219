package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
)

// ExpireLetters implements campaign.Store.
func (s *Store) ExpireLetters(ctx context.Context, limit int) (int, error) {
	return s.each(ctx, limit, selectRow+`WHERE state = 'awaiting' AND expires_at <= $1 ORDER BY expires_at LIMIT $2`,
		func(tx *tx, l row) error { return tx.end(l, campaign.StateExpired, campaign.WhyExpired) })
}

// RemindLetters implements campaign.Store.
func (s *Store) RemindLetters(ctx context.Context, limit int, messageID func() string) (int, error) {
	return s.each(ctx, limit, selectRow+`WHERE remind_at IS NOT NULL AND remind_at <= $1 ORDER BY remind_at LIMIT $2`,
		func(tx *tx, l row) error {
			if _, err := tx.exec(`UPDATE letters SET remind_at = NULL WHERE id = $1`, l.id); err != nil {
				return fmt.Errorf("note the reminder: %w", err)
			}
			if l.state != campaign.StateAwaiting {
				return nil
			}
			return tx.enqueue(l.id, campaign.MailRemind, messageID())
		})
}

// EraseDue implements campaign.Store.
func (s *Store) EraseDue(ctx context.Context, limit int) (int, error) {
	return s.each(ctx, limit, selectRow+`WHERE erase_at IS NOT NULL AND erase_at <= $1 ORDER BY erase_at LIMIT $2`,
		func(tx *tx, l row) error { return tx.erase(l.id) })
}

// each does something to every letter that a query finds due, in one
// transaction, and returns how many there were.
func (s *Store) each(ctx context.Context, limit int, q string, do func(*tx, row) error) (int, error) {
	n := 0
	err := s.writer.do(ctx, func(tx *tx) error {
		due, err := tx.due(q, limit)
		if err != nil {
			return err
		}
		n = len(due)
		for _, l := range due {
			if err := do(tx, l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (t *tx) due(q string, limit int) ([]row, error) {
	rows, err := t.query(q, formatTime(t.now), limit)
	if err != nil {
		return nil, fmt.Errorf("select letters due: %w", err)
	}
	defer rows.Close()
	var due []row
	for rows.Next() {
		var r row
		var state string
		if err := rows.Scan(&r.id, &r.campaign, &r.constituency, &r.partner, &r.member, &state, &r.expires); err != nil {
			return nil, fmt.Errorf("select letters due: %w", err)
		}
		r.state = campaign.State(state)
		due = append(due, r)
	}
	return due, rows.Err()
}
