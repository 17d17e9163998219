package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
)

// remember keeps the repeat hash of letters that are about to be erased, of those
// that were confirmed and may have arrived: without it, whoever writes, confirms and
// erases in turn would be counted each time. The hash stands alone, with a day
// and no time, so that it leads back to no letter.
func (t *tx) remember(all []row) error {
	until, err := t.rememberUntil(all)
	if err != nil {
		return fmt.Errorf("look up letters to be erased: %w", err)
	}
	for day, letters := range until {
		_, err := t.exec(`
			INSERT INTO past_letters (repeat_hash, until)
			SELECT repeat_hash, $1
			FROM letters
			WHERE id IN `+marks(2, len(letters))+`
			ON CONFLICT (repeat_hash) DO UPDATE SET until = excluded.until`, append([]any{day}, ids(letters)...)...)
		if err != nil {
			return fmt.Errorf("remember past letters: %w", err)
		}
	}
	return nil
}

// rememberUntil returns the letters to be remembered by the day until which they are.
func (t *tx) rememberUntil(all []row) (map[string][]row, error) {
	rows, err := t.query(`SELECT id, confirmed_at FROM letters WHERE repeat_hash IS NOT NULL AND confirmed_at IS NOT NULL AND id IN `+marks(1, len(all)), ids(all)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	until := map[string][]row{}
	for rows.Next() {
		var l row
		var confirmed string
		if err := rows.Scan(&l.id, &confirmed); err != nil {
			return nil, err
		}
		at, err := parseTime(some(confirmed))
		if err != nil {
			return nil, err
		}
		day := campaign.Day(at.Add(campaign.RememberFor))
		until[day] = append(until[day], l)
	}
	return until, rows.Err()
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
