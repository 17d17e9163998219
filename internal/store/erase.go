package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
)

// EraseDue implements campaign.Store.
func (s *Store) EraseDue(ctx context.Context, limit int) (int, error) {
	n := 0
	err := s.writer.do(ctx, func(tx *tx) (err error) {
		n, err = tx.putOff(limit, func() (int, error) { return tx.eraseDue(limit) })
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (t *tx) eraseDue(limit int) (int, error) {
	due, err := t.letters(`WHERE erase_at IS NOT NULL AND erase_at <= $1 ORDER BY erase_at LIMIT $2`, formatTime(t.now), limit)
	if err != nil {
		return 0, err
	}
	if t.within(func() error { return t.eraseAll(due, campaign.EraseDue) }) == nil {
		return len(due), nil
	}
	if t.undone != nil {
		return 0, t.undone
	}
	// One letter that cannot be dealt with must not hold up the others.
	return t.oneByOne(due, func(l row) error { return t.eraseAll([]row{l}, campaign.EraseDue) }), t.undone
}

// erase deletes everything that identifies the letter's supporter.
func (t *tx) erase(letter int64, why campaign.EraseWhy) error {
	found, err := t.letters(`WHERE id = $1`, letter)
	if err != nil {
		return err
	}
	return t.eraseAll(found, why)
}

// eraseAll deletes everything that identifies the supporters of letters, and the
// hashes by which they could be recognised from them. A statement for all costs a
// fraction of one for each.
func (t *tx) eraseAll(all []row, why campaign.EraseWhy) error {
	if len(all) == 0 {
		return nil
	}
	if err := t.remember(all); err != nil {
		return err
	}
	for _, l := range all {
		t.ungauge(l)
	}
	if err := t.forgetAllOptIns(all); err != nil {
		return err
	}
	if err := t.erasePeople(all, why); err != nil {
		return err
	}
	_, err := t.exec(`
		UPDATE letters SET repeat_hash = NULL, email_hash = NULL, content_hash = NULL, replace_hash = NULL, erase_at = NULL, trim_at = NULL, remind_at = NULL, follow_at = NULL
		WHERE id IN `+marks(1, len(all)), ids(all)...)
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}

// erasePeople deletes the sealed records of letters and what mail servers were told
// and said: a Message-ID leads to their logs.
func (t *tx) erasePeople(all []row, why campaign.EraseWhy) error {
	t.erased = true
	gone, err := t.numbers(`DELETE FROM people WHERE letter_id IN `+marks(1, len(all))+` RETURNING letter_id`, ids(all)...)
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	records := map[int64]int{}
	for _, l := range all {
		if gone[l.id] {
			records[l.campaign]++
		}
	}
	for id, n := range records {
		if err := t.noteErasures(id, campaign.ErasedLetter, why, n); err != nil {
			return err
		}
	}
	these := marks(1, len(all))
	for _, q := range []string{
		`DELETE FROM notes WHERE letter_id IN ` + these,
		`DELETE FROM originals WHERE outbox_id IN (SELECT id FROM outbox WHERE letter_id IN ` + these + `)`,
		`DELETE FROM captured_mail WHERE message_id IN (SELECT message_id FROM outbox WHERE letter_id IN ` + these + `)`,
		`UPDATE outbox SET
			status = CASE WHEN status = 'ready' THEN 'dropped' ELSE status END,
			message_id = 'erased-' || id, answer = '', sealed = NULL
		WHERE letter_id IN ` + these,
	} {
		if _, err := t.exec(q, ids(all)...); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
	}
	return nil
}

// forgetAllOptIns is forgetOptIns for letters of which few have any.
func (t *tx) forgetAllOptIns(all []row) error {
	have, err := t.numbers(`SELECT DISTINCT letter_id FROM opt_in_letters WHERE letter_id IN `+marks(1, len(all)), ids(all)...)
	if err != nil {
		return fmt.Errorf("look for opt-ins: %w", err)
	}
	for _, l := range all {
		if have[l.id] {
			if err := t.forgetOptIns(l.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// ids are the numbers of letters, as arguments.
func ids(all []row) []any {
	args := make([]any, len(all))
	for i, l := range all {
		args[i] = l.id
	}
	return args
}

// numbers returns the numbers that a statement gives back.
func (t *tx) numbers(q string, args ...any) (map[int64]bool, error) {
	rows, err := t.query(q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64]bool{}
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all[n] = true
	}
	return all, rows.Err()
}
