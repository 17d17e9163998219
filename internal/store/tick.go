package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
)

// ExpireLetters implements campaign.Store.
func (s *Store) ExpireLetters(ctx context.Context, limit int) (int, error) {
	return s.each(ctx, limit, `WHERE state = 'awaiting' AND expires_at <= $1 ORDER BY expires_at LIMIT $2`,
		func(tx *tx, l row) error { return tx.end(l, campaign.StateExpired, campaign.WhyExpired) })
}

// RemindLetters implements campaign.Store.
func (s *Store) RemindLetters(ctx context.Context, limit int, messageID func() string) (int, error) {
	return s.each(ctx, limit, `WHERE remind_at IS NOT NULL AND remind_at <= $1 ORDER BY remind_at LIMIT $2`,
		func(tx *tx, l row) error { return tx.remind(l, messageID) })
}

// remind queues the one reminder of a letter that still waits.
func (t *tx) remind(l row, messageID func() string) error {
	if _, err := t.exec(`UPDATE letters SET remind_at = NULL WHERE id = $1`, l.id); err != nil {
		return fmt.Errorf("note the reminder: %w", err)
	}
	if l.state != campaign.StateAwaiting {
		return nil
	}
	var email []byte
	if err := t.queryRow(`SELECT email_hash FROM letters WHERE id = $1`, []any{&email}, l.id); err != nil {
		return fmt.Errorf("look up the address: %w", err)
	}
	// What came in the day before the letter and since: a flood that began with it
	// is as old as the reminder, and must not come again.
	flooded, err := t.flooded(email, campaign.RemindAfter+campaign.MailsWithin)
	if err != nil || flooded {
		return err
	}
	return t.enqueue(l.id, campaign.MailRemind, messageID())
}

// each does something to every letter that a query finds due, in one
// transaction, and returns how many there were.
func (s *Store) each(ctx context.Context, limit int, q string, do func(*tx, row) error) (int, error) {
	n := 0
	err := s.writer.do(ctx, func(tx *tx) error {
		due, err := tx.letters(q, formatTime(tx.now), limit)
		if err != nil {
			return err
		}
		n = tx.oneByOne(due, func(l row) error { return do(tx, l) })
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// oneByOne does something to each of several letters and returns to how many. One
// that cannot be dealt with must not hold up the others.
func (t *tx) oneByOne(all []row, do func(row) error) int {
	n := 0
	for _, l := range all {
		if err := t.within(func() error { return do(l) }); err != nil {
			t.w.log.Error("database: a letter is passed over", "letter", l.id, "err", err)
			continue
		}
		n++
	}
	return n
}
