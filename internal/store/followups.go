package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/campaign"
)

// FollowUp implements campaign.Store.
func (s *Store) FollowUp(ctx context.Context, limit int, messageID func() string) (int, error) {
	return s.each(ctx, limit, `WHERE follow_at IS NOT NULL AND follow_at <= $1 ORDER BY follow_at LIMIT $2`,
		func(tx *tx, l row) error { return tx.followUp(l, messageID) })
}

// followUp queues the mail of a letter that is due, if it is still wanted, and
// notes when the next one is.
func (t *tx) followUp(l row, messageID func() string) error {
	var step campaign.FollowStep
	var sent, answer sql.NullString
	var stage string
	err := t.queryRow(`
		SELECT l.follow_step, l.sent_at, r.answer, c.state
		FROM letters l
		JOIN campaigns c ON c.id = l.campaign_id
		LEFT JOIN replies r ON r.letter_id = l.id
		WHERE l.id = $1`, []any{&step, &sent, &answer, &stage}, l.id)
	if err != nil {
		return fmt.Errorf("select what follows: %w", err)
	}
	asks := step != campaign.FollowSent
	told := answer.Valid && campaign.Answer(answer.String).EndsFollowUps()
	over := campaign.Stage(stage) == campaign.StageClosed
	if l.state != campaign.StateSent || !l.kept || asks && (told || over || !l.keep.Asks()) {
		return t.endFollowUps(l.id)
	}
	if err := t.enqueue(l.id, step.Kind(), messageID()); err != nil {
		return err
	}
	at, err := parseTime(sent)
	if err != nil {
		return err
	}
	next, due, more := step.Next(at, t.now)
	if !more || !l.keep.Asks() {
		return t.endFollowUps(l.id)
	}
	if _, err := t.exec(`UPDATE letters SET follow_step = $1, follow_at = $2 WHERE id = $3`, int(next), formatTime(due), l.id); err != nil {
		return fmt.Errorf("note what follows: %w", err)
	}
	return nil
}

// EndFollowUps implements campaign.Store.
func (s *Store) EndFollowUps(ctx context.Context, letter int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		var pending bool
		err := tx.queryRow(`SELECT follow_at IS NOT NULL FROM letters WHERE id = $1`, []any{&pending}, letter)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("select what follows: %w", err)
		}
		// It holds for a letter that waits to be sent once more, too.
		if _, err := tx.exec(`UPDATE letters SET follow_step = $1 WHERE id = $2`, int(campaign.FollowOver), letter); err != nil {
			return fmt.Errorf("end what follows: %w", err)
		}
		if err := tx.dropQuestions(letter); err != nil || !pending {
			return err
		}
		return tx.endFollowUps(letter)
	})
}

// dropQuestions takes back what waits to be asked about a letter.
func (t *tx) dropQuestions(letter int64) error {
	_, err := t.exec(`
		UPDATE outbox SET status = 'dropped', finished_at = $1
		WHERE letter_id = $2 AND status = 'ready' AND kind IN ('followup', 'last')`, formatTime(t.now), letter)
	if err != nil {
		return fmt.Errorf("drop questions: %w", err)
	}
	return nil
}

// endFollowUps notes that nothing more is asked about a letter. Then its person
// need not be kept for it: it goes a week later, and not before the week is over
// in which every letter is kept that was sent.
func (t *tx) endFollowUps(letter int64) error {
	_, err := t.exec(`
		UPDATE letters SET
			follow_at = NULL,
			erase_at = CASE
				WHEN state = 'sent' AND erase_at IS NOT NULL THEN MIN(erase_at, $1)
				ELSE erase_at END
		WHERE id = $2`, formatTime(t.now.Add(campaign.RetainEnded)), letter)
	if err != nil {
		return fmt.Errorf("end what follows: %w", err)
	}
	return nil
}
