package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/campaign"
)

// remember keeps the repeat hash of a letter that is about to be erased, if it
// was confirmed and may have arrived: without it, whoever writes, confirms and
// erases in turn would be counted each time. The hash stands alone, with a day
// and no time, so that it leads back to no letter.
func (t *tx) remember(letter int64) error {
	var confirmed sql.NullString
	err := t.queryRow(`SELECT confirmed_at FROM letters WHERE id = $1 AND repeat_hash IS NOT NULL`, []any{&confirmed}, letter)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !confirmed.Valid {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up a letter to be erased: %w", err)
	}
	at, err := parseTime(confirmed)
	if err != nil {
		return err
	}
	_, err = t.exec(`
		INSERT INTO past_letters (repeat_hash, until)
		SELECT repeat_hash, $1
		FROM letters
		WHERE id = $2
		ON CONFLICT (repeat_hash) DO UPDATE SET until = excluded.until`,
		campaign.Day(at.Add(campaign.RememberFor)), letter)
	if err != nil {
		return fmt.Errorf("remember a past letter: %w", err)
	}
	return nil
}

// remembered reports whether a letter like this one, by the same person to the
// same MP, was confirmed and erased not long ago.
func (t *tx) remembered(letter int64) (bool, error) {
	var n int
	err := t.queryRow(`
		SELECT count(*)
		FROM past_letters
		WHERE repeat_hash = (SELECT repeat_hash FROM letters WHERE id = $1) AND until >= $2`, []any{&n},
		letter, campaign.Day(t.now))
	if err != nil {
		return false, fmt.Errorf("look for a past letter: %w", err)
	}
	return n > 0, nil
}

// ForgetPastLetters implements campaign.Store.
func (s *Store) ForgetPastLetters(ctx context.Context, limit int) (int, error) {
	return s.forget(ctx, 0, limit, `
		DELETE FROM past_letters
		WHERE repeat_hash IN (SELECT repeat_hash FROM past_letters WHERE until < $1 ORDER BY until LIMIT $2)`)
}

// forget deletes what a query selects of before a day, so many days ago, and
// returns how many rows.
func (s *Store) forget(ctx context.Context, days, limit int, q string) (int, error) {
	n := 0
	err := s.writer.do(ctx, func(tx *tx) error {
		result, err := tx.exec(q, campaign.Day(tx.now.In(campaign.London).AddDate(0, 0, -days)), limit)
		if err != nil {
			return fmt.Errorf("forget what is past: %w", err)
		}
		deleted, err := result.RowsAffected()
		n = int(deleted)
		tx.erased = tx.erased || n > 0
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
