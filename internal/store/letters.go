package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// SubmitLetter implements campaign.Store.
func (s *Store) SubmitLetter(ctx context.Context, l campaign.NewLetter) error {
	id, err := s.campaignID(ctx, l.Campaign)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error {
		l := l // what is found against it is added, and the change may be made again
		if err := tx.weigh(&l); err != nil {
			return err
		}
		flooded, err := tx.flooded(l.EmailHash, campaign.MailsWithin)
		switch {
		case err != nil:
			return err
		case flooded:
			return tx.takeAway(l)
		}
		corrects, err := tx.corrects(l)
		if err != nil {
			return err
		}
		if l.Replaces != nil {
			if err := tx.replace(`WHERE replace_hash = $1 AND state = 'awaiting'`, l.Replaces); err != nil {
				return err
			}
		}
		first, waiting, err := tx.before(l)
		switch {
		case err != nil:
			return err
		case first != nil:
			return tx.mailAgain(*first, l)
		}
		if err := tx.makeRoom(waiting); err != nil {
			return err
		}
		if err := tx.compare(&l, corrects || len(waiting) > 0); err != nil {
			return err
		}
		return tx.write(id, l)
	})
}

// before looks at what the same person wrote to the same MP before. It returns
// the letter that makes l a repeat, one that they have confirmed or the very same
// one, waiting; nil if there is none; and those that wait, the oldest first.
func (t *tx) before(l campaign.NewLetter) (first *row, waiting []int64, err error) {
	rows, err := t.query(`
		SELECT id, state, confirmed_at IS NOT NULL, COALESCE(content_hash = $2, FALSE), expires_at > $3
		FROM letters
		WHERE repeat_hash = $1
		ORDER BY id`,
		l.RepeatHash, l.ContentHash, formatTime(t.now))
	if err != nil {
		return nil, nil, fmt.Errorf("select earlier letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		var state string
		var confirmed, same, valid bool
		if err := rows.Scan(&r.id, &state, &confirmed, &same, &valid); err != nil {
			return nil, nil, fmt.Errorf("select earlier letters: %w", err)
		}
		r.state = campaign.State(state)
		waits := r.state == campaign.StateAwaiting && valid
		if confirmed || first == nil && waits && same {
			first = &r
		}
		if waits {
			waiting = append(waiting, r.id)
		}
	}
	return first, waiting, rows.Err()
}

// replace withdraws and erases letters in whose place another has come. Their
// email hash stays for a day, so that the mails about them count; then EraseDue
// takes it.
func (t *tx) replace(where string, args ...any) error {
	found, err := t.letters(where, args...)
	if err != nil {
		return err
	}
	for _, l := range found {
		if err := t.end(l, campaign.StateWithdrawn, campaign.WhyReplaced); err != nil {
			return err
		}
		if err := t.erasePeople([]row{l}, campaign.EraseReplaced); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE letters SET content_hash = NULL, replace_hash = NULL, erase_at = $1 WHERE id = $2`,
			formatTime(t.now.Add(campaign.MailsWithin)), l.id)
		if err != nil {
			return fmt.Errorf("forget a replaced letter: %w", err)
		}
	}
	return nil
}

// write writes the letter with all that belongs to it.
func (t *tx) write(campaignID int64, l campaign.NewLetter) error {
	now, keep := formatTime(t.now), l.Keep.Or()
	var letter int64
	err := t.queryRow(`
		INSERT INTO letters (campaign_id, constituency, member_id, partner, lang, variant, chosen, state,
			token_hash, repeat_hash, email_hash, content_hash, replace_hash, created_at, state_at, expires_at, remind_at, own, why, version, source, via,
			keep_text, keep_email, keep_unconfirmed, holds, most_seats, reference)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
			CASE WHEN EXISTS (SELECT 1 FROM letters WHERE reference = $28) THEN NULL ELSE NULLIF($28, '') END)
		RETURNING id`, []any{&letter},
		campaignID, l.Constituency, l.MemberID, l.Credit.Partner, l.Lang, string(l.Variant), l.Chosen, string(campaign.StateAwaiting),
		l.TokenHash, l.RepeatHash, l.EmailHash, l.ContentHash, l.ReplaceHash, now, now,
		formatTime(t.now.Add(campaign.ConfirmWithin)), formatTime(t.now.Add(campaign.RemindAfter)), l.Own,
		campaign.WhyWritten, max(l.Version, 1), l.Credit.Source, l.Credit.Via,
		keep.Text, keep.Email, keep.Unconfirmed, campaign.JoinChecks(l.Guard.Holds), l.Guard.MostSeats, l.Reference)
	if err != nil {
		return fmt.Errorf("insert letter: %w", err)
	}
	if _, err := t.exec(`INSERT INTO people (letter_id, sealed) VALUES ($1, $2)`, letter, pad(l.Sealed)); err != nil {
		return fmt.Errorf("insert sealed record: %w", err)
	}
	if err := t.event(letter, "", campaign.StateAwaiting, campaign.WhyWritten); err != nil {
		return err
	}
	written := row{
		campaign: campaignID, constituency: l.Constituency, partner: l.Credit.Partner, source: l.Credit.Source, via: l.Credit.Via, variant: string(l.Variant),
	}
	if err := t.count(written, string(campaign.StateAwaiting)); err != nil {
		return err
	}
	t.regauge(written, "", campaign.StateAwaiting)
	if err := t.addOptIns(campaignID, letter, l.OptIns); err != nil {
		return err
	}
	return t.enqueue(letter, campaign.MailConfirm, l.MessageID)
}

// mailAgain mails the private link of the letter that stands in the way of a
// second one, unless that was done just now.
func (t *tx) mailAgain(first row, l campaign.NewLetter) error {
	if _, err := t.exec(`UPDATE letters SET replace_hash = $1 WHERE id = $2`, l.ReplaceHash, first.id); err != nil {
		return fmt.Errorf("note how to replace it: %w", err)
	}
	kind := campaign.MailRepeat
	if first.state == campaign.StateAwaiting {
		kind = campaign.MailConfirm
	}
	var recent int
	err := t.queryRow(`
		SELECT count(*) FROM outbox
		WHERE letter_id = $1 AND kind IN ('confirm', 'remind', 'repeat') AND (status IN ('ready', 'sending') OR queued_at > $2)`, []any{&recent},
		first.id, formatTime(t.now.Add(-campaign.RepeatAfter)))
	if err != nil {
		return fmt.Errorf("find recent mail: %w", err)
	}
	if recent > 0 {
		return nil
	}
	return t.enqueue(first.id, kind, l.MessageID)
}

// LetterByToken implements campaign.Store.
func (s *Store) LetterByToken(ctx context.Context, tokenHash []byte) (*campaign.Letter, error) {
	var l campaign.Letter
	var variant, state, holds string
	var created, stateAt, expires string
	var confirmed, sent, erase, trim, answer, answered, follow sql.NullString
	err := s.queryRow(ctx, `
		SELECT l.id, c.slug, l.constituency, l.member_id, m.name, l.lang, l.variant, l.state,
			l.created_at, l.state_at, l.expires_at, l.confirmed_at, l.sent_at, l.erase_at, l.trim_at, p.sealed,
			r.answer, r.at, COALESCE(l.reference, ''), n.sealed, l.follow_at, l.follow_step, l.holds
		FROM letters l
		JOIN campaigns c ON c.id = l.campaign_id
		JOIN members m ON m.id = l.member_id
		LEFT JOIN people p ON p.letter_id = l.id
		LEFT JOIN replies r ON r.letter_id = l.id
		LEFT JOIN notes n ON n.letter_id = l.id
		WHERE l.token_hash = $1`,
		[]any{&l.ID, &l.Campaign, &l.Constituency, &l.MemberID, &l.MemberName, &l.Lang, &variant, &state,
			&created, &stateAt, &expires, &confirmed, &sent, &erase, &trim, &l.Sealed, &answer, &answered, &l.Reference, &l.Note, &follow, &l.FollowStep, &holds}, tokenHash)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "error.no_letter")
	}
	if err != nil {
		return nil, fmt.Errorf("select letter: %w", err)
	}
	l.Variant, l.State = campaign.Variant(variant), campaign.State(state)
	l.Reply.Answer, l.Holds = campaign.Answer(answer.String), campaign.SplitChecks(holds)
	for _, t := range []struct {
		to   *time.Time
		from sql.NullString
	}{
		{&l.CreatedAt, some(created)}, {&l.StateAt, some(stateAt)}, {&l.ExpiresAt, some(expires)},
		{&l.ConfirmedAt, confirmed}, {&l.SentAt, sent}, {&l.EraseAt, erase}, {&l.TrimAt, trim}, {&l.Reply.At, answered}, {&l.FollowAt, follow},
	} {
		if *t.to, err = parseTime(t.from); err != nil {
			return nil, err
		}
	}
	if l.Sealed, err = unpad(l.Sealed); err != nil {
		return nil, err
	}
	if l.Note, err = unpad(l.Note); err != nil {
		return nil, err
	}
	if l.Events, err = s.events(ctx, l.ID); err != nil {
		return nil, err
	}
	return &l, nil
}

func some(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

func (s *Store) events(ctx context.Context, letter int64) ([]campaign.Event, error) {
	rows, err := s.query(ctx, `SELECT at, from_state, to_state, why FROM events WHERE letter_id = $1 ORDER BY id`, letter)
	if err != nil {
		return nil, fmt.Errorf("select events: %w", err)
	}
	defer rows.Close()
	var events []campaign.Event
	for rows.Next() {
		var at, from, to, why string
		if err := rows.Scan(&at, &from, &to, &why); err != nil {
			return nil, fmt.Errorf("select events: %w", err)
		}
		t, err := parseTime(some(at))
		if err != nil {
			return nil, err
		}
		events = append(events, campaign.Event{At: t, From: campaign.State(from), To: campaign.State(to), Why: why})
	}
	return events, rows.Err()
}
