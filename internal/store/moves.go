package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// row is what a move needs to know of a letter.
type row struct {
	id           int64
	campaign     int64
	constituency string
	partner      string
	member       int
	state        campaign.State
	expires      string
}

const selectRow = `SELECT id, campaign_id, constituency, partner, member_id, state, expires_at FROM letters `

func (t *tx) letter(tokenHash []byte) (row, error) { return t.row(`WHERE token_hash = $1`, tokenHash) }

// repeated returns the letter that the same person wrote to the same MP before.
func (t *tx) repeated(repeatHash []byte) (row, error) {
	return t.row(`WHERE repeat_hash = $1`, repeatHash)
}

func (t *tx) row(where string, hash []byte) (row, error) {
	var r row
	var state string
	err := t.queryRow(selectRow+where,
		[]any{&r.id, &r.campaign, &r.constituency, &r.partner, &r.member, &state, &r.expires}, hash)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "error.no_letter")
	}
	if err != nil {
		return r, fmt.Errorf("select letter: %w", err)
	}
	r.state = campaign.State(state)
	return r, nil
}

// move brings a letter from its state to another: the one place where a
// letter's state changes. It writes the event and the counters with it.
func (t *tx) move(l row, to campaign.State, why string) error {
	if !campaign.CanMove(l.state, to) {
		return fmt.Errorf("letter %d may not move from %s to %s", l.id, l.state, to)
	}
	now := formatTime(t.now)
	var erase any
	if after := campaign.EraseAfter(to); after > 0 {
		erase = formatTime(t.now.Add(after))
	}
	confirmed := l.state == campaign.StateAwaiting && (to == campaign.StateQueued || to == campaign.StateHeld)
	_, err := t.exec(`
		UPDATE letters SET
			state = $1,
			state_at = $2,
			erase_at = $3,
			remind_at = NULL,
			confirmed_at = CASE WHEN $4 THEN $2 ELSE confirmed_at END,
			sent_at = CASE WHEN $5 THEN $2 ELSE sent_at END,
			repeat_hash = CASE WHEN $6 THEN NULL ELSE repeat_hash END
		WHERE id = $7`,
		string(to), now, erase, confirmed, to == campaign.StateSent, campaign.MayWriteAgain(to), l.id)
	if err != nil {
		return fmt.Errorf("move letter: %w", err)
	}
	if err := t.event(l.id, l.state, to, why); err != nil {
		return err
	}
	if confirmed {
		if err := t.count(l.campaign, l.constituency, l.partner, countConfirmed); err != nil {
			return err
		}
	}
	if counted[to] {
		return t.count(l.campaign, l.constituency, l.partner, string(to))
	}
	return nil
}

func (t *tx) event(letter int64, from, to campaign.State, why string) error {
	_, err := t.exec(`INSERT INTO events (letter_id, at, from_state, to_state, why) VALUES ($1, $2, $3, $4, $5)`,
		letter, formatTime(t.now), string(from), string(to), why)
	if err != nil {
		return fmt.Errorf("insert event: %w", err)
	}
	return nil
}

// ConfirmLetter implements campaign.Store.
func (s *Store) ConfirmLetter(ctx context.Context, tokenHash []byte, messageID string) error {
	var refused error
	err := s.writer.do(ctx, func(tx *tx) error {
		refused = nil
		l, err := tx.letter(tokenHash)
		if err != nil {
			return err
		}
		switch l.state {
		case campaign.StateAwaiting:
		case campaign.StateWithdrawn:
			return fault.New(fault.Conflict, "error.withdrawn")
		case campaign.StateExpired:
			return fault.New(fault.Conflict, "error.expired")
		default: // confirmed before
			return nil
		}
		if l.expires <= formatTime(tx.now) {
			refused = fault.New(fault.Conflict, "error.expired") // and the move stands
			return tx.end(l, campaign.StateExpired, campaign.WhyExpired)
		}
		why, err := tx.obstacle(l)
		if err != nil {
			return err
		}
		if why != "" {
			return tx.end(l, campaign.StateHeld, why)
		}
		if err := tx.end(l, campaign.StateQueued, campaign.WhyConfirmed); err != nil {
			return err
		}
		return tx.enqueue(l.id, campaign.MailLetter, messageID)
	})
	return errors.Join(err, refused)
}

// end moves a letter out of a waiting state and drops what was still to be
// mailed about that state.
func (t *tx) end(l row, to campaign.State, why string) error {
	_, err := t.exec(`UPDATE outbox SET status = 'dropped', finished_at = $1 WHERE letter_id = $2 AND status = 'ready'`,
		formatTime(t.now), l.id)
	if err != nil {
		return fmt.Errorf("drop mail: %w", err)
	}
	return t.move(l, to, why)
}

// obstacle says why the letter cannot go to the MP it was written to, or "".
func (t *tx) obstacle(l row) (string, error) {
	var member int
	var email string
	err := t.queryRow(`SELECT id, email FROM members WHERE constituency = $1`, []any{&member, &email}, l.constituency)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return campaign.WhyVacant, nil
	case err != nil:
		return "", fmt.Errorf("look up the MP: %w", err)
	case member != l.member:
		return campaign.WhyChanged, nil
	case email == "":
		return campaign.WhyNoEmail, nil
	default:
		return "", nil
	}
}

// WithdrawLetter implements campaign.Store.
func (s *Store) WithdrawLetter(ctx context.Context, tokenHash []byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		l, err := tx.letter(tokenHash)
		if err != nil || l.state == campaign.StateWithdrawn {
			return err
		}
		if !campaign.CanMove(l.state, campaign.StateWithdrawn) {
			return fault.New(fault.Conflict, "error.too_late")
		}
		return tx.end(l, campaign.StateWithdrawn, campaign.WhyWithdrawn)
	})
}

// EraseLetter implements campaign.Store.
func (s *Store) EraseLetter(ctx context.Context, tokenHash []byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		l, err := tx.letter(tokenHash)
		if err != nil {
			return err
		}
		if l.state == campaign.StateSending {
			return fault.New(fault.Conflict, "error.sending_now")
		}
		if campaign.CanMove(l.state, campaign.StateWithdrawn) {
			if err := tx.end(l, campaign.StateWithdrawn, campaign.WhyErased); err != nil {
				return err
			}
		}
		return tx.erase(l.id)
	})
}

// erase deletes everything that identifies the letter's supporter.
func (t *tx) erase(letter int64) error {
	t.erased = true
	for _, q := range []string{
		`DELETE FROM people WHERE letter_id = $1`,
		`DELETE FROM captured_mail WHERE message_id IN (SELECT message_id FROM outbox WHERE letter_id = $1)`,
		`UPDATE outbox SET status = 'dropped' WHERE letter_id = $1 AND status = 'ready'`,
		`UPDATE letters SET repeat_hash = NULL, erase_at = NULL, remind_at = NULL WHERE id = $1`,
	} {
		if _, err := t.exec(q, letter); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
	}
	return nil
}
