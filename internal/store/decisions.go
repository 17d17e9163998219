package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// decided is a letter that is being decided about.
type decided struct {
	row
	slug    string
	stateAt string
	why     string
	kept    bool
	trimmed bool // the text is gone
}

// moved is what the audit log says of a letter before and after.
type moved struct {
	State campaign.State `json:"state"`
	Why   string         `json:"why,omitempty"`
}

// DecideLetters implements campaign.Store.
func (s *Store) DecideLetters(ctx context.Context, by account.Actor, rulings []campaign.Resolution) ([]error, error) {
	results := make([]error, len(rulings))
	err := s.writer.do(ctx, func(tx *tx) error {
		for i, r := range rulings {
			// One that cannot be carried out must not hold up the others.
			results[i] = tx.within(func() error { return tx.rule(by, r) })
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// rule carries out one decision about one letter.
func (t *tx) rule(by account.Actor, r campaign.Resolution) error {
	l, err := t.decided(r.ID)
	if err != nil {
		return err
	}
	if r.Campaign != "" && r.Campaign != l.slug {
		return fault.New(fault.NotFound, "desk.error.no_letter")
	}
	if !r.Seen.IsZero() && formatTime(r.Seen) != l.stateAt {
		return refused(campaign.RefusedMoved)
	}
	seen := campaign.DeskLetter{State: l.state, Why: l.why, MemberID: l.member, Kept: l.kept, Trimmed: l.trimmed}
	if seen.Now, err = t.target(l.constituency); err != nil {
		return err
	}
	if why := seen.Refuse(r.Decision); why != "" {
		return refused(why)
	}
	if err := t.carryOut(l.row, r); err != nil {
		return err
	}
	if err := t.judgeChecks(l, r.Decision); err != nil {
		return err
	}
	after, err := t.decided(l.id)
	if err != nil {
		return err
	}
	return t.audit(account.Entry{
		Actor: by, Action: "letter." + string(r.Decision), Campaign: l.slug, Object: fmt.Sprintf("letter %d", l.id),
		Before: asJSON(moved{l.state, l.why}), After: asJSON(moved{after.state, after.why}),
	})
}

func refused(why string) error { return fault.New(fault.Conflict, "desk.refused."+why) }

func (t *tx) carryOut(l row, r campaign.Resolution) error {
	to, why := r.Decision.Outcome()
	switch r.Decision {
	case campaign.DecideErase:
		return t.eraseLetter(l)
	case campaign.DecideMark:
		if err := t.move(l, to, why); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE outbox SET status = 'sent' WHERE letter_id = $1 AND kind = 'letter' AND status = 'uncertain'`, l.id)
		if err != nil {
			return fmt.Errorf("mark as sent: %w", err)
		}
		return nil
	case campaign.DecideDecline:
		if err := t.end(l, to, why); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO notes (letter_id, sealed) VALUES ($1, $2)`, l.id, pad(r.Note)); err != nil {
			return fmt.Errorf("insert note: %w", err)
		}
		return t.enqueue(l.id, campaign.MailDeclined, r.MessageID)
	}
	return t.sendAgain(l, r)
}

// sendAgain queues a letter that was held, or did not arrive. One that may have
// arrived keeps its Message-ID, by which a second copy is known for one; any
// other is a message of its own.
func (t *tx) sendAgain(l row, r campaign.Resolution) error {
	again, err := t.wroteAgain(l.id, r.RepeatHash)
	if err != nil {
		return err
	}
	if again {
		return refused(campaign.RefusedAgain)
	}
	to, why := r.Decision.Outcome()
	if err := t.move(l, to, why); err != nil {
		return err
	}
	// Once it failed they might have written anew; now this one stands in the way.
	if _, err := t.exec(`UPDATE letters SET repeat_hash = $1 WHERE id = $2`, r.RepeatHash, l.id); err != nil {
		return fmt.Errorf("note who wrote it: %w", err)
	}
	if l.state == campaign.StateUncertain {
		now := formatTime(t.now)
		done, err := t.exec(`
			UPDATE outbox SET status = 'ready', queued_at = $1, due_at = $1, next_at = $1, first_at = NULL, finished_at = NULL
			WHERE letter_id = $2 AND kind = 'letter' AND status = 'uncertain'`, now, l.id)
		if err != nil {
			return fmt.Errorf("queue it again: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
	}
	return t.enqueue(l.id, campaign.MailLetter, r.MessageID)
}

func (t *tx) decided(id int64) (decided, error) {
	l := decided{row: row{id: id}}
	var state string
	err := t.queryRow(`
		SELECT l.campaign_id, l.constituency, l.partner, l.source, l.via, l.member_id, l.variant, l.own, l.state, l.expires_at,
			l.keep_text, l.keep_email, l.keep_unconfirmed, c.slug, l.state_at, l.why, p.letter_id IS NOT NULL, l.trimmed
		FROM letters l
		JOIN campaigns c ON c.id = l.campaign_id
		LEFT JOIN people p ON p.letter_id = l.id
		WHERE l.id = $1`,
		[]any{
			&l.campaign, &l.constituency, &l.partner, &l.source, &l.via, &l.member, &l.variant, &l.own, &state, &l.expires,
			&l.keep.Text, &l.keep.Email, &l.keep.Unconfirmed, &l.slug, &l.stateAt, &l.why, &l.kept, &l.trimmed,
		}, id)
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.New(fault.NotFound, "desk.error.no_letter")
	}
	if err != nil {
		return l, fmt.Errorf("select letter: %w", err)
	}
	l.state, l.row.kept = campaign.State(state), l.kept
	return l, nil
}

// asJSON writes what the audit log says before and after.
func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // made of our own fields
	}
	return string(text)
}
