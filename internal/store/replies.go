package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// SetReply implements campaign.Store.
func (s *Store) SetReply(ctx context.Context, tokenHash []byte, answer campaign.Answer) error {
	return s.writer.do(ctx, func(tx *tx) error {
		l, err := tx.letter(tokenHash)
		if err != nil {
			return err
		}
		if l.state != campaign.StateSent {
			return fault.New(fault.Conflict, "error.not_sent")
		}
		var before, at string
		err = tx.queryRow(`SELECT answer, at FROM replies WHERE letter_id = $1`, []any{&before, &at}, l.id)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return fmt.Errorf("select reply: %w", err)
		case before == string(answer):
			return nil
		default:
			counted, err := parseTime(some(at))
			if err != nil {
				return err
			}
			tx.countAt(l, counted, countReply+before, -1)
		}
		_, err = tx.exec(`
			INSERT INTO replies (letter_id, answer, at) VALUES ($1, $2, $3)
			ON CONFLICT (letter_id) DO UPDATE SET answer = excluded.answer, at = excluded.at, judged = ''`,
			l.id, string(answer), formatTime(tx.now))
		if err != nil {
			return fmt.Errorf("save reply: %w", err)
		}
		if answer.EndsFollowUps() {
			if err := tx.dropQuestions(l.id); err != nil {
				return err
			}
			if err := tx.endFollowUps(l.id); err != nil {
				return err
			}
		}
		return tx.count(l, countReply+string(answer))
	})
}
