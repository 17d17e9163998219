package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// row is what a move needs to know of a letter.
type row struct {
	id           int64
	campaign     int64
	constituency string
	partner      string
	source, via  string
	member       int
	variant      string
	own          sql.NullInt64 // percent of its words; none: not measured
	state        campaign.State
	expires      string
	keep         campaign.Keep
	kept         bool // the person's data have a day on which they go: not yet erased
	restored     bool // it waited to be confirmed in a backup; see DoubtQueue
}

const selectRow = `
	SELECT id, campaign_id, constituency, partner, source, via, member_id, variant, own, state, expires_at,
		keep_text, keep_email, keep_unconfirmed, erase_at IS NOT NULL, why = 'restored'
	FROM letters `

// letter returns the letter behind a private link; not_found if there is none.
func (t *tx) letter(tokenHash []byte) (row, error) {
	found, err := t.letters(`WHERE token_hash = $1`, tokenHash)
	if err != nil {
		return row{}, err
	}
	if len(found) == 0 {
		return row{}, fault.New(fault.NotFound, "error.no_letter")
	}
	return found[0], nil
}

// letters returns the letters that a condition selects.
func (t *tx) letters(where string, args ...any) ([]row, error) {
	rows, err := t.query(selectRow+where, args...)
	if err != nil {
		return nil, fmt.Errorf("select letters: %w", err)
	}
	defer rows.Close()
	var found []row
	for rows.Next() {
		var r row
		var state string
		if err := rows.Scan(&r.id, &r.campaign, &r.constituency, &r.partner, &r.source, &r.via, &r.member, &r.variant, &r.own, &state, &r.expires,
			&r.keep.Text, &r.keep.Email, &r.keep.Unconfirmed, &r.kept, &r.restored); err != nil {
			return nil, fmt.Errorf("select letters: %w", err)
		}
		r.state = campaign.State(state)
		found = append(found, r)
	}
	return found, rows.Err()
}

// move brings a letter from its state to another: with moveAll the one place where
// a letter's state changes. It writes the event and the counters with it.
func (t *tx) move(l row, to campaign.State, why string) error {
	return t.moveAll([]row{l}, to, why)
}

// moveAll moves letters that are in the same state together: one statement for
// many costs a third of one for each. Those that are kept equally long go together.
func (t *tx) moveAll(all []row, to campaign.State, why string) error {
	for len(all) > 0 {
		if !slices.ContainsFunc(all, func(l row) bool { return l.keep != all[0].keep }) {
			return t.moveAlike(all, to, why)
		}
		alike, others := all[:0:0], all[:0:0]
		for _, l := range all {
			if l.keep == all[0].keep {
				alike = append(alike, l)
			} else {
				others = append(others, l)
			}
		}
		if err := t.moveAlike(alike, to, why); err != nil {
			return err
		}
		all = others
	}
	return nil
}

func (t *tx) moveAlike(all []row, to campaign.State, why string) error {
	from := all[0].state
	for _, l := range all {
		if l.state != from || !campaign.CanMove(from, to) {
			return fmt.Errorf("letter %d may not move from %s to %s", l.id, l.state, to)
		}
	}
	var erase any
	keep := all[0].keep
	if after := keep.EraseAfter(to, why); after > 0 {
		erase = formatTime(t.now.Add(after))
	}
	set := `
		UPDATE letters SET
			state = $1,
			state_at = $2,
			erase_at = $3,
			why = $4`
	if from == campaign.StateAwaiting {
		set += `,
			remind_at = NULL`
	}
	confirmed := from == campaign.StateAwaiting && (to == campaign.StateQueued || to == campaign.StateHeld)
	if confirmed {
		set += `,
			confirmed_at = $2`
	}
	args := []any{string(to), formatTime(t.now), erase, why}
	if to == campaign.StateSent {
		// One that goes once more after a full mailbox is told of once.
		set += `,
			sent_at = $2,
			follow_at = CASE follow_step WHEN 0 THEN $2 WHEN 3 THEN NULL ELSE $5 END,
			follow_step = CASE follow_step WHEN 0 THEN 0 WHEN 3 THEN 3 ELSE 1 END,
			trim_at = CASE trimmed WHEN 0 THEN $6 END`
		args = append(args, formatTime(t.now.Add(campaign.FollowUpAfter)), formatTime(t.now.Add(keep.TrimAfter())))
	}
	if to == campaign.StateBounced {
		set += `,
			follow_step = CASE follow_step WHEN 3 THEN 3 ELSE 0 END`
	}
	if from == campaign.StateSent {
		set += `,
			follow_at = NULL,
			trim_at = NULL`
	}
	if campaign.MayWriteAgain(to) {
		set += `,
			repeat_hash = NULL`
	}
	first := len(args) + 1
	for _, l := range all {
		args = append(args, l.id)
	}
	if _, err := t.exec(set+`
		WHERE id IN `+marks(first, len(all)), args...); err != nil {
		return fmt.Errorf("move letters: %w", err)
	}
	if err := t.events(all, to, why); err != nil {
		return err
	}
	for _, l := range all {
		if confirmed {
			if err := t.count(l, countConfirmed); err != nil {
				return err
			}
		}
		if counted[to] {
			if err := t.count(l, string(to)); err != nil {
				return err
			}
		}
		t.regauge(l, from, to)
	}
	return nil
}

// marks returns n places for values, in parentheses, numbered from first.
func marks(first, n int) string {
	b := make([]byte, 0, 6*n)
	for i := range n {
		b = append(b, ", $"...)
		b = strconv.AppendInt(b, int64(first+i), 10)
	}
	return "(" + string(b[2:]) + ")"
}

// events writes that letters came from the state they are in to another.
func (t *tx) events(all []row, to campaign.State, why string) error {
	now := formatTime(t.now)
	args := make([]any, 0, 5*len(all))
	values := make([]string, 0, len(all))
	for _, l := range all {
		values = append(values, marks(1+len(args), 5))
		args = append(args, l.id, now, string(l.state), string(to), why)
	}
	_, err := t.exec(`INSERT INTO events (letter_id, at, from_state, to_state, why) VALUES `+strings.Join(values, ", "), args...)
	if err != nil {
		return fmt.Errorf("insert events: %w", err)
	}
	return nil
}

func (t *tx) event(letter int64, from, to campaign.State, why string) error {
	return t.events([]row{{id: letter, state: from}}, to, why)
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
		// An address that is missing or fails may be there again, and the letter is then
		// one of those that can go at once: that it may have gone says nothing else.
		if l.restored && (why == "" || why == campaign.WhyNoEmail || why == campaign.WhyFailing) {
			why = campaign.WhyRestored
		}
		if err := tx.onlyOne(l); err != nil {
			return err
		}
		if err := tx.confirmOptIns(l.id); err != nil {
			return err
		}
		holds, err := tx.holds(l)
		if err != nil {
			return err
		}
		if len(holds) > 0 {
			why = holds[0].Why() // before all else: some other reasons go away by themselves
			if l.restored {
				why = campaign.WhyRestored // which nothing else says; what checks found stands beside
			}
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

// onlyOne makes way for a letter that is being confirmed: it refuses when the
// same person has confirmed another to the same MP, were it one that is erased
// by now, and takes back the others that wait.
func (t *tx) onlyOne(l row) error {
	const others = `WHERE repeat_hash = (SELECT repeat_hash FROM letters WHERE id = $1) AND id <> $1 `
	confirmed, err := t.letters(others+`AND confirmed_at IS NOT NULL`, l.id)
	if err != nil {
		return err
	}
	past, err := t.remembered(l.id)
	if err != nil {
		return err
	}
	if past || len(confirmed) > 0 {
		return fault.New(fault.Conflict, "error.already")
	}
	return t.replace(others+`AND state = 'awaiting'`, l.id)
}

// end moves a letter out of a waiting state and drops what was still to be
// mailed about that state; what came back to it is still passed on.
func (t *tx) end(l row, to campaign.State, why string) error {
	_, err := t.exec(`UPDATE outbox SET status = 'dropped', finished_at = $1 WHERE letter_id = $2 AND status = 'ready' AND kind <> 'forward'`,
		formatTime(t.now), l.id)
	if err != nil {
		return fmt.Errorf("drop mail: %w", err)
	}
	if l.state == campaign.StateAwaiting && (to == campaign.StateWithdrawn || to == campaign.StateExpired) {
		if err := t.forgetOptIns(l.id); err != nil {
			return err
		}
	}
	return t.move(l, to, why)
}

// obstacle says why the letter cannot go to the MP it was written to, or "".
func (t *tx) obstacle(l row) (string, error) {
	now, err := t.target(l.constituency)
	if err != nil {
		return "", err
	}
	return campaign.Obstacle(l.member, now), nil
}

// target returns who sits for a constituency; the zero Target when nobody does.
func (t *tx) target(constituency string) (campaign.Target, error) {
	var now campaign.Target
	err := t.queryRow(`SELECT m.id, m.name, m.email, `+isFailing+` FROM members m WHERE m.constituency = $1`,
		[]any{&now.MemberID, &now.Name, &now.Email, &now.Failing}, constituency)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return now, fmt.Errorf("look up the MP: %w", err)
	}
	return now, nil
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
		if err := tx.noteAskedOf(l, askedWithdrawn); err != nil {
			return err
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
		return tx.eraseLetter(l)
	})
}

// eraseLetter erases the person of a letter, which is taken back if it could
// still go, and ends what they opted in to with it; conflict while it is being
// sent. One that did not arrive stays as it
// is: that is what became of it.
func (t *tx) eraseLetter(l row) error {
	if l.state == campaign.StateSending {
		return fault.New(fault.Conflict, "error.sending_now")
	}
	if err := t.noteAskedOf(l, askedErased); err != nil {
		return err
	}
	if campaign.CanMove(l.state, campaign.StateWithdrawn) && !campaign.MayWriteAgain(l.state) {
		if err := t.end(l, campaign.StateWithdrawn, campaign.WhyErased); err != nil {
			return err
		}
	}
	if err := t.endOptIns(l.id); err != nil {
		return err
	}
	return t.erase(l.id, campaign.EraseAsked)
}
