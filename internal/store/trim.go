package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/campaign"
	"postbag/internal/seal"
)

// TrimDue implements campaign.Store.
func (s *Store) TrimDue(ctx context.Context, limit int, trim campaign.Trimmer) (int, error) {
	return s.each(ctx, limit, `WHERE trim_at IS NOT NULL AND trim_at <= $1 ORDER BY trim_at LIMIT $2`,
		func(tx *tx, l row) error { return tx.trim(l, trim) })
}

// TrimsDue reports whether TrimDue has something to do.
func (s *Store) TrimsDue(ctx context.Context) (bool, error) {
	var due bool
	err := s.queryRow(ctx, `SELECT EXISTS (SELECT 1 FROM letters WHERE trim_at IS NOT NULL AND trim_at <= $1)`, []any{&due}, formatTime(s.now()))
	if err != nil {
		return false, fmt.Errorf("select what is to be trimmed: %w", err)
	}
	return due, nil
}

// trim takes the text and the address out of a letter's sealed record, and with it
// what else may quote them. A record that cannot be opened goes whole: nobody can
// say what stands in it.
func (t *tx) trim(l row, trim campaign.Trimmer) error {
	var kept, tokenHash []byte
	err := t.queryRow(`SELECT p.sealed, l.token_hash FROM letters l LEFT JOIN people p ON p.letter_id = l.id WHERE l.id = $1`, []any{&kept, &tokenHash}, l.id)
	if err != nil {
		return fmt.Errorf("trim: %w", err)
	}
	if kept != nil {
		sealed, err := unpad(kept)
		if err == nil {
			sealed, err = trim(sealed, tokenHash)
		}
		if errors.Is(err, seal.ErrNoKey) { // it can be read, and not by this process now
			return fmt.Errorf("trim: %w", err)
		}
		if err != nil {
			t.w.log.Error("database: a letter that cannot be read is erased when its text is due", "letter", l.id, "err", err)
			return t.erase(l.id, campaign.EraseDue)
		}
		t.erased = true
		if _, err := t.exec(`UPDATE people SET sealed = $1 WHERE letter_id = $2`, pad(sealed), l.id); err != nil {
			return fmt.Errorf("trim: %w", err)
		}
		if err := t.noteErasure(l.campaign, campaign.ErasedText, campaign.EraseDue); err != nil {
			return err
		}
	}
	for _, q := range []string{
		`DELETE FROM captured_mail WHERE message_id IN (SELECT message_id FROM outbox WHERE letter_id = $1 AND kind IN ('letter', 'forward'))`,
		`UPDATE outbox SET answer = '', sealed = NULL WHERE letter_id = $1`,
		`UPDATE letters SET trim_at = NULL, trimmed = 1, content_hash = NULL WHERE id = $1`,
	} {
		if _, err := t.exec(q, l.id); err != nil {
			return fmt.Errorf("trim: %w", err)
		}
	}
	return nil
}

// shortened notes that a campaign says how long it keeps what it gets: ShortenKept
// then sees to the letters that it has.
func (t *tx) shortened(campaignID int64, k campaign.Keep) error {
	k = k.Or()
	_, err := t.exec(`UPDATE campaigns SET keep_text = $1, keep_email = $2, keep_unconfirmed = $3 WHERE id = $4`, k.Text, k.Email, k.Unconfirmed, campaignID)
	if err != nil {
		return fmt.Errorf("note how long is kept: %w", err)
	}
	return nil
}

// ShortenKept implements campaign.Store.
func (s *Store) ShortenKept(ctx context.Context, limit int) (int, error) {
	total := 0
	for total < limit {
		id, keep, err := s.toShorten(ctx)
		if err != nil || id == 0 {
			return total, err
		}
		n := 0
		err = s.writer.do(ctx, func(tx *tx) (err error) {
			n, err = tx.shorten(id, keep, limit-total)
			return err
		})
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// toShorten returns a campaign whose letters are still to be shortened; 0: there is
// none.
func (s *Store) toShorten(ctx context.Context) (id int64, keep campaign.Keep, err error) {
	err = s.queryRow(ctx, `
		SELECT id, keep_text, keep_email, keep_unconfirmed
		FROM campaigns
		WHERE keep_text IS NOT NULL
		LIMIT 1`, []any{&id, &keep.Text, &keep.Email, &keep.Unconfirmed})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, keep, fmt.Errorf("select campaigns that keep less: %w", err)
	}
	return id, keep, nil
}

// shorten lets up to limit letters of a campaign go as early as it says by now.
func (t *tx) shorten(campaignID int64, keep campaign.Keep, limit int) (int, error) {
	found, err := t.letters(`
		WHERE campaign_id = $1 AND (keep_text > $2 OR keep_email > $3 OR keep_unconfirmed > $4)
			AND EXISTS (SELECT 1 FROM people WHERE letter_id = letters.id)
		LIMIT $5`, campaignID, keep.Text, keep.Email, keep.Unconfirmed, limit)
	if err != nil {
		return 0, err
	}
	for _, l := range found {
		if err := t.shortenOne(l, l.keep.Shortest(keep)); err != nil {
			return 0, err
		}
	}
	if len(found) < limit {
		// What was written meanwhile is of the new version, or is found the next time; a
		// campaign that says something else by now is not done with.
		_, err := t.exec(`
			UPDATE campaigns SET keep_text = NULL, keep_email = NULL, keep_unconfirmed = NULL
			WHERE id = $1 AND keep_text = $2 AND keep_email = $3 AND keep_unconfirmed = $4`,
			campaignID, keep.Text, keep.Email, keep.Unconfirmed)
		if err != nil {
			return 0, fmt.Errorf("note that all is shortened: %w", err)
		}
	}
	return len(found), nil
}

func (t *tx) shortenOne(l row, keep campaign.Keep) error {
	var since string
	err := t.queryRow(`SELECT COALESCE(CASE state WHEN 'sent' THEN sent_at END, state_at) FROM letters WHERE id = $1`, []any{&since}, l.id)
	if err != nil {
		return fmt.Errorf("shorten: %w", err)
	}
	at, err := parseTime(some(since))
	if err != nil {
		return err
	}
	trim := formatTime(at.Add(keep.TrimAfter()))
	// Of others a campaign sets no day: what waits for its supporter may wait longer
	// than since it came to its state (AskAgain).
	var erase any
	if l.state == campaign.StateSent || l.state == campaign.StateExpired {
		erase = formatTime(at.Add(keep.EraseAfter(l.state, "")))
	}
	_, err = t.exec(`
		UPDATE letters SET keep_text = $1, keep_email = $2, keep_unconfirmed = $3,
			trim_at = CASE WHEN trim_at > $4 THEN $4 ELSE trim_at END,
			erase_at = CASE WHEN erase_at > $5 THEN $5 ELSE erase_at END
		WHERE id = $6`, keep.Text, keep.Email, keep.Unconfirmed, trim, erase, l.id)
	if err != nil {
		return fmt.Errorf("shorten: %w", err)
	}
	return nil
}
