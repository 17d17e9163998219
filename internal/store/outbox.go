package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

// enqueue puts a message into the outbox, ready to go.
func (t *tx) enqueue(letter int64, kind campaign.MailKind, messageID string) error {
	_, err := t.exec(`
		INSERT INTO outbox (letter_id, kind, urgency, seat, status, attempts, message_id, queued_at, due_at, next_at, code, answer)
		VALUES ($1, $2, $3, CASE WHEN $2 = 'letter' THEN (SELECT constituency FROM letters WHERE id = $1) ELSE '' END,
			'ready', 0, $4, $5, $5, $5, 0, '')`,
		letter, string(kind), int(kind.Urgency()), messageID, formatTime(t.now))
	if err != nil {
		return fmt.Errorf("insert outbox row: %w", err)
	}
	return nil
}

// Claim takes up to limit messages that are due, the most urgent and of those the
// oldest first, and leases them to the caller. A letter is addressed here, in this transaction: one
// whose MP has changed, left or lost their address is held instead.
func (s *Store) Claim(ctx context.Context, limit int, lease time.Duration) ([]campaign.Job, error) {
	var jobs []campaign.Job
	err := s.writer.do(ctx, func(tx *tx) error {
		jobs = nil
		for urgency := campaign.Awaited; urgency <= campaign.Patient && len(jobs) < limit; urgency++ {
			found, err := tx.ready(urgency, limit-len(jobs))
			if err != nil {
				return err
			}
			if jobs, err = tx.claimAll(jobs, found, lease); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err // nothing is leased
	}
	return jobs, nil
}

// claimAll leases messages that are due and adds them to jobs.
func (t *tx) claimAll(jobs []campaign.Job, found []claimed, lease time.Duration) ([]campaign.Job, error) {
	for _, c := range found {
		ok := false
		err := t.within(func() (err error) {
			ok, err = t.claim(&c, lease)
			return err
		})
		if err != nil {
			// It is put aside, or it would be first in line for ever.
			t.w.log.Error("database: a message cannot be sent", "outbox", c.ID, "err", err)
			if err := t.setAside(&c); err != nil {
				return nil, err
			}
			continue
		}
		if ok {
			jobs = append(jobs, c.Job)
		}
	}
	return jobs, nil
}

type claimed struct {
	campaign.Job
	letter  row
	damaged error // the sealed record cannot be read
}

func (t *tx) ready(urgency campaign.Urgency, limit int) ([]claimed, error) {
	rows, err := t.query(`
		SELECT o.id, o.letter_id, o.kind, o.message_id, o.queued_at, o.first_at, o.attempts,
			c.slug, l.lang, l.constituency, s.name, s.name_cy, l.token_hash, l.expires_at,
			l.campaign_id, l.partner, l.member_id, l.variant, l.own, l.state,
			m.id, m.name, m.email, `+isFailing+`, p.sealed, COALESCE(l.reference, ''), n.sealed
		FROM outbox o
		JOIN letters l ON l.id = o.letter_id
		JOIN campaigns c ON c.id = l.campaign_id
		JOIN constituencies s ON s.code = l.constituency
		LEFT JOIN members m ON m.constituency = l.constituency
		LEFT JOIN people p ON p.letter_id = l.id
		LEFT JOIN notes n ON n.letter_id = l.id
		WHERE o.status = 'ready' AND o.urgency = $1 AND o.next_at <= $2
		ORDER BY o.next_at, o.id
		LIMIT $3`, int(urgency), formatTime(t.now), limit)
	if err != nil {
		return nil, fmt.Errorf("select messages due: %w", err)
	}
	defer rows.Close()
	var found []claimed
	for rows.Next() {
		var c claimed
		var kind, state, queued, expires string
		var member sql.NullInt64
		var name, email, first sql.NullString
		var seat parliament.Constituency
		if err := rows.Scan(&c.ID, &c.Letter, &kind, &c.MessageID, &queued, &first, &c.Attempts,
			&c.Campaign, &c.Lang, &c.letter.constituency, &seat.Name, &seat.NameCy, &c.TokenHash, &expires,
			&c.letter.campaign, &c.letter.partner, &c.letter.member, &c.letter.variant, &c.letter.own, &state,
			&member, &name, &email, &c.To.Failing, &c.Sealed, &c.Reference, &c.Note); err != nil {
			return nil, fmt.Errorf("select messages due: %w", err)
		}
		c.Sealed, c.damaged = unpad(c.Sealed)
		if c.Note, err = unpad(c.Note); err != nil && c.damaged == nil {
			c.damaged = err
		}
		c.Kind, c.Constituency = campaign.MailKind(kind), seat.NameIn(c.Lang)
		c.To.MemberID, c.To.Name, c.To.Email = int(member.Int64), name.String, email.String
		c.letter.id, c.letter.state = c.Letter, campaign.State(state)
		if err := times(timed{&c.QueuedAt, some(queued)}, timed{&c.FirstAt, first}, timed{&c.ExpiresAt, some(expires)}); err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// claim leases one message, or puts it aside and reports false.
func (t *tx) claim(c *claimed, lease time.Duration) (bool, error) {
	if c.damaged != nil {
		return false, c.damaged
	}
	if c.Sealed == nil || !c.wanted() {
		return false, t.drop(c.ID)
	}
	if c.Kind == campaign.MailLetter {
		why := campaign.Obstacle(c.letter.member, c.To)
		if why != "" {
			return false, t.end(c.letter, campaign.StateHeld, why)
		}
		if err := t.move(c.letter, campaign.StateSending, campaign.WhyClaimed); err != nil {
			return false, err
		}
	}
	if err := t.original(c); err != nil {
		return false, err
	}
	c.Attempts++
	_, err := t.exec(`UPDATE outbox SET status = 'sending', attempts = $1, lease_until = $2, mailbox = $3 WHERE id = $4`,
		c.Attempts, formatTime(t.now.Add(lease)), c.mailbox(), c.ID)
	if err != nil {
		return false, fmt.Errorf("lease message: %w", err)
	}
	return true, nil
}

// wanted reports whether the letter still stands where this message belongs; it
// may have been confirmed, withdrawn or erased since the message was queued.
func (c *claimed) wanted() bool {
	switch c.Kind {
	case campaign.MailLetter:
		return c.letter.state == campaign.StateQueued
	case campaign.MailConfirm, campaign.MailRemind:
		return c.letter.state == campaign.StateAwaiting
	case campaign.MailBounced:
		return c.letter.state == campaign.StateBounced
	default:
		return true
	}
}

// setAside takes a message that cannot be dealt with out of the way of the
// others, and holds its letter.
func (t *tx) setAside(c *claimed) error {
	_, err := t.exec(`UPDATE outbox SET status = 'failed', finished_at = $1 WHERE id = $2`, formatTime(t.now), c.ID)
	if err != nil {
		return fmt.Errorf("set a message aside: %w", err)
	}
	if c.Kind == campaign.MailLetter && campaign.CanMove(c.letter.state, campaign.StateHeld) {
		return t.move(c.letter, campaign.StateHeld, campaign.WhyDamaged)
	}
	return nil
}

func (t *tx) drop(id int64) error {
	_, err := t.exec(`UPDATE outbox SET status = 'dropped', finished_at = $1 WHERE id = $2`, formatTime(t.now), id)
	if err != nil {
		return fmt.Errorf("drop message: %w", err)
	}
	return nil
}

// Finish records what became of an attempt; next is when to try again after
// VerdictRetry. An attempt whose lease has run out is recorded only if it
// settles that the letter was sent.
func (s *Store) Finish(ctx context.Context, j campaign.Job, o campaign.Outcome, next time.Time) error {
	return s.writer.do(ctx, func(tx *tx) error {
		var status string
		var attempts int
		if err := tx.queryRow(`SELECT status, attempts FROM outbox WHERE id = $1`, []any{&status, &attempts}, j.ID); err != nil {
			return fmt.Errorf("select message: %w", err)
		}
		mine := status == "sending" && attempts == j.Attempts
		if !mine && !(status == "uncertain" && o.Verdict == campaign.VerdictSent) {
			return nil
		}
		if err := tx.settle(j, o, next); err != nil {
			return err
		}
		if j.Kind != campaign.MailLetter {
			return nil
		}
		l, err := tx.letter(j.TokenHash)
		if err != nil {
			return err
		}
		to, why := landing(o)
		return tx.move(l, to, why)
	})
}

// landing says where an attempt's verdict brings a letter, and why.
func landing(o campaign.Outcome) (campaign.State, string) {
	switch o.Verdict {
	case campaign.VerdictSent:
		return campaign.StateSent, campaign.WhyAccepted
	case campaign.VerdictFailed:
		if o.GaveUp {
			return campaign.StateFailed, campaign.WhyGaveUp
		}
		return campaign.StateFailed, campaign.WhyRefused
	case campaign.VerdictUncertain:
		return campaign.StateUncertain, campaign.WhyLost
	default:
		return campaign.StateQueued, campaign.WhyRetry
	}
}

// settle writes an attempt's outcome into its outbox row. A mail to a supporter
// that may or may not have arrived counts as sent: the private link is mailed
// again on request.
func (t *tx) settle(j campaign.Job, o campaign.Outcome, next time.Time) error {
	status, finished, due := "ready", any(nil), formatTime(next)
	if o.Verdict != campaign.VerdictRetry {
		status, finished, due = string(o.Verdict), formatTime(t.now), formatTime(t.now)
	}
	_, err := t.exec(`
		UPDATE outbox SET status = $1, lease_until = NULL, finished_at = $2, due_at = $3, next_at = $3,
			first_at = COALESCE(first_at, $4), code = $5, answer = $6, sealed = $7
		WHERE id = $8`, status, finished, due, formatTime(t.now), o.Code, o.Answer, o.Sealed, j.ID)
	if err != nil {
		return fmt.Errorf("record the outcome: %w", err)
	}
	if err := t.dropOriginal(j, o); err != nil {
		return err
	}
	// One that was sent although its lease had run out is recorded twice: the last
	// word counts.
	_, err = t.exec(`
		INSERT INTO attempts (outbox_id, attempt, at, verdict, code, enhanced)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (outbox_id, attempt) DO UPDATE SET at = excluded.at, verdict = excluded.verdict, code = excluded.code, enhanced = excluded.enhanced`,
		j.ID, j.Attempts, formatTime(t.now), string(o.Verdict), o.Code, o.Enhanced)
	if err != nil {
		return fmt.Errorf("log the attempt: %w", err)
	}
	return nil
}

// Reclaim deals with messages whose lease ran out: the worker that had them
// died or lost its way. Nobody knows how far it came, so letters become
// uncertain; mails to supporters, where a second copy does no harm, are ready
// again. It returns how many letters became uncertain.
func (s *Store) Reclaim(ctx context.Context) (int, error) {
	uncertain := 0
	err := s.writer.do(ctx, func(tx *tx) error {
		uncertain = 0
		now := formatTime(tx.now)
		lost, err := tx.lost(now)
		if err != nil {
			return err
		}
		for _, hash := range lost {
			l, err := tx.letter(hash)
			if err != nil {
				return err
			}
			if err := tx.move(l, campaign.StateUncertain, campaign.WhyLease); err != nil {
				return err
			}
			uncertain++
		}
		_, err = tx.exec(`
			UPDATE outbox SET
				status = CASE WHEN kind = 'letter' THEN 'uncertain' ELSE 'ready' END,
				finished_at = CASE WHEN kind = 'letter' THEN $1 ELSE NULL END,
				lease_until = NULL
			WHERE status = 'sending' AND lease_until <= $1`, now)
		if err != nil {
			return fmt.Errorf("end leases: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return uncertain, nil
}

// lost returns the token hashes of letters whose lease ran out.
func (t *tx) lost(now string) ([][]byte, error) {
	rows, err := t.query(`
		SELECT l.token_hash FROM outbox o JOIN letters l ON l.id = o.letter_id
		WHERE o.status = 'sending' AND o.lease_until <= $1 AND o.kind = 'letter'`, now)
	if err != nil {
		return nil, fmt.Errorf("select lost messages: %w", err)
	}
	defer rows.Close()
	var hashes [][]byte
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&hash); err != nil {
			return nil, fmt.Errorf("select lost messages: %w", err)
		}
		hashes = append(hashes, hash)
	}
	return hashes, rows.Err()
}

// NextDue returns when the next message or lease falls due; the zero time when
// there is none.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var next sql.NullString
	err := s.queryRow(ctx, `
		SELECT min(at) FROM (
			SELECT min(next_at) AS at FROM outbox WHERE status = 'ready' AND urgency = 0
			UNION ALL
			SELECT min(next_at) FROM outbox WHERE status = 'ready' AND urgency = 1
			UNION ALL
			SELECT min(next_at) FROM outbox WHERE status = 'ready' AND urgency = 2
			UNION ALL
			SELECT min(lease_until) FROM outbox WHERE status = 'sending'
		)`, []any{&next})
	if err != nil {
		return time.Time{}, fmt.Errorf("select next due: %w", err)
	}
	return parseTime(next)
}
