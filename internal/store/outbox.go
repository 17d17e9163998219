package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

// enqueue puts a message into the outbox, ready to go.
func (t *tx) enqueue(letter int64, kind campaign.MailKind, messageID string) error {
	seat, at := "", t.now
	if kind == campaign.MailLetter {
		err := t.queryRow(`SELECT constituency FROM letters WHERE id = $1`, []any{&seat}, letter)
		if err == nil {
			at, err = t.turn(seat)
		}
		if err != nil {
			return fmt.Errorf("find its place in the line: %w", err)
		}
	}
	_, err := t.exec(`
		INSERT INTO outbox (letter_id, kind, urgency, seat, status, attempts, message_id, queued_at, due_at, next_at, code, answer)
		VALUES ($1, $2, $3, $4, 'ready', 0, $5, $6, $6, $7, 0, '')`,
		letter, string(kind), int(kind.Urgency()), seat, messageID, formatTime(t.now), formatTime(at))
	if err != nil {
		return fmt.Errorf("insert outbox row: %w", err)
	}
	return nil
}

// tell queues a mail to the supporter about what became of their letter.
func (t *tx) tell(letter int64, kind campaign.MailKind) error {
	if t.w.delivery.MessageID == nil {
		return nil
	}
	return t.enqueue(letter, kind, t.w.delivery.MessageID())
}

// claimPasses bounds how often a transaction looks again because what was due may
// not go.
const claimPasses = 50

// Claim takes up to limit messages that are due, the most urgent and of those the
// oldest first, and leases them to the caller. A letter is addressed here, in this transaction: one
// whose MP has changed, left or lost their address is held instead.
func (s *Store) Claim(ctx context.Context, limit int, lease time.Duration) ([]campaign.Job, error) {
	var jobs []campaign.Job
	err := s.writer.do(ctx, func(tx *tx) error {
		var err error
		jobs, err = tx.claimDue(limit, lease)
		return err
	})
	if err != nil {
		return nil, err // nothing is leased
	}
	return jobs, nil
}

// claimDue leases up to limit messages that are due.
func (t *tx) claimDue(limit int, lease time.Duration) (jobs []campaign.Job, err error) {
	if limit, err = t.quota(limit); err != nil {
		return nil, err
	}
	urgencies, err := t.urgencies()
	if err != nil {
		return nil, err
	}
	for passes := 0; len(urgencies) > 0 && len(jobs) < limit && passes < claimPasses; passes++ {
		asked := limit - len(jobs)
		found, err := t.ready(urgencies[0], asked)
		if err != nil {
			return nil, err
		}
		if jobs, err = t.claimAll(jobs, found, lease); err != nil {
			return nil, err
		}
		if len(found) < asked {
			urgencies = urgencies[1:] // that was all
		}
	}
	if err := t.probes(jobs); err != nil {
		return nil, err
	}
	return jobs, t.took(len(jobs))
}

// claimAll leases messages that are due and adds them to jobs.
func (t *tx) claimAll(jobs []campaign.Job, found []claimed, lease time.Duration) ([]campaign.Job, error) {
	var fit []*claimed
	early := map[string]bool{}
	for i := range found {
		c, ok := &found[i], false
		err := t.within(func() (err error) {
			ok, err = t.fits(c)
			return err
		})
		switch {
		case err != nil:
			if err := t.unfit(c, err); err != nil {
				return nil, err
			}
		case ok:
			fit = append(fit, c)
		case c.early:
			early[c.letter.constituency] = true
		}
	}
	leased, err := t.leaseFit(fit, lease)
	if err != nil {
		return nil, err
	}
	for _, c := range leased {
		jobs = append(jobs, c.Job)
	}
	for seat := range early {
		if err := t.space(seat); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// leaseFit leases messages together, or where one of them is in the way of all
// each by itself, and returns those that are leased.
func (t *tx) leaseFit(fit []*claimed, lease time.Duration) (leased []*claimed, err error) {
	if len(fit) == 0 || t.within(func() error { return t.lease(fit, lease) }) == nil {
		return fit, nil
	}
	if t.undone != nil {
		return nil, t.undone
	}
	for _, c := range fit {
		err := t.within(func() error { return t.lease([]*claimed{c}, lease) })
		if err == nil {
			leased = append(leased, c)
		} else if err := t.unfit(c, err); err != nil {
			return nil, err
		}
	}
	return leased, nil
}

// unfit puts a message aside that cannot be claimed, or it would be first in line
// for ever.
func (t *tx) unfit(c *claimed, err error) error {
	if t.undone != nil {
		return t.undone // none can
	}
	t.w.log.Error("database: a message cannot be sent", "outbox", c.ID, "err", err)
	return t.setAside(c)
}

type claimed struct {
	campaign.Job
	letter  row
	turn    time.Time // in the line of its MP
	pledged bool      // the MP has a pledge that stands
	early   bool      // it is not its turn after all
	damaged error     // the sealed record, or a time, cannot be read
}

// ready returns messages that are due. The sum in LIMIT is there because SQLite
// looks at a bare parameter to plan by, and so would plan anew every time.
func (t *tx) ready(urgency campaign.Urgency, limit int) ([]claimed, error) {
	rows, err := t.query(`
		SELECT o.id, o.letter_id, o.kind, o.message_id, o.queued_at, o.next_at, o.first_at, o.attempts,
			c.slug, l.lang, l.constituency, s.name, s.name_cy, l.token_hash, l.expires_at,
			l.campaign_id, l.partner, l.source, l.via, l.member_id, l.variant, l.own, l.state, l.keep_text, l.keep_email, l.keep_unconfirmed,
			m.id, m.name, m.email, `+isFailing+`, p.sealed, COALESCE(l.reference, ''), n.sealed,
			EXISTS (SELECT 1 FROM pledges g WHERE g.campaign_id = l.campaign_id AND g.member_id = m.id AND g.withdrawn_on IS NULL AND g.corrected_at IS NULL),
			w.name, l.sent_at, l.erase_at, l.trim_at
		FROM outbox o
		JOIN letters l ON l.id = o.letter_id
		JOIN campaigns c ON c.id = l.campaign_id
		JOIN constituencies s ON s.code = l.constituency
		JOIN members w ON w.id = l.member_id
		LEFT JOIN members m ON m.constituency = l.constituency
		LEFT JOIN people p ON p.letter_id = l.id
		LEFT JOIN notes n ON n.letter_id = l.id
		WHERE o.status = 'ready' AND o.urgency = $1 AND o.next_at <= $2
		ORDER BY o.next_at, o.id
		LIMIT $3 + 0`, int(urgency), formatTime(t.now), limit)
	if err != nil {
		return nil, fmt.Errorf("select messages due: %w", err)
	}
	defer rows.Close()
	var found []claimed
	for rows.Next() {
		var c claimed
		var kind, state, queued, turn, expires string
		var member sql.NullInt64
		var sealed sql.RawBytes // of the size that it is kept in, of which most is not needed
		var name, email, first, sent, erase, trim sql.NullString
		var seat parliament.Constituency
		if err := rows.Scan(&c.ID, &c.Letter, &kind, &c.MessageID, &queued, &turn, &first, &c.Attempts,
			&c.Campaign, &c.Lang, &c.letter.constituency, &seat.Name, &seat.NameCy, &c.TokenHash, &expires,
			&c.letter.campaign, &c.letter.partner, &c.letter.source, &c.letter.via, &c.letter.member, &c.letter.variant, &c.letter.own, &state, &c.letter.keep.Text, &c.letter.keep.Email, &c.letter.keep.Unconfirmed,
			&member, &name, &email, &c.To.Failing, &sealed, &c.Reference, &c.Note, &c.pledged,
			&c.WrittenTo, &sent, &erase, &trim); err != nil {
			return nil, fmt.Errorf("select messages due: %w", err)
		}
		c.Sealed, c.damaged = unpad(sealed)
		c.Sealed = bytes.Clone(c.Sealed)
		if c.Note, err = unpad(c.Note); err != nil && c.damaged == nil {
			c.damaged = err
		}
		c.Kind, c.Constituency = campaign.MailKind(kind), seat.NameIn(c.Lang)
		c.To.MemberID, c.To.Name, c.To.Email = int(member.Int64), name.String, email.String
		c.letter.id, c.letter.state = c.Letter, campaign.State(state)
		if err := times(timed{&c.QueuedAt, some(queued)}, timed{&c.turn, some(turn)}, timed{&c.FirstAt, first}, timed{&c.ExpiresAt, some(expires)},
			timed{&c.SentAt, sent}, timed{&c.KeptUntil, erase}, timed{&c.TextUntil, trim}); err != nil {
			c.damaged = err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// fits reports whether a message may be sent; one that may not is put aside.
func (t *tx) fits(c *claimed) (bool, error) {
	if c.damaged != nil {
		return false, c.damaged
	}
	if c.Sealed == nil || !c.wanted() {
		return false, t.drop(c.ID)
	}
	if c.Kind == campaign.MailLetter {
		why, err := t.inTheWay(c)
		if err != nil {
			return false, err
		}
		if why != "" {
			return false, t.hold(c.letter, why)
		}
		if ok, err := t.mayGo(c); !ok || err != nil {
			return false, err
		}
	}
	if err := t.original(c); err != nil {
		return false, err
	}
	return true, nil
}

func (t *tx) lease(all []*claimed, lease time.Duration) error {
	args := []any{formatTime(t.now.Add(lease))}
	var letters []row
	for _, c := range all {
		args = append(args, c.ID)
		if c.Kind == campaign.MailLetter {
			letters = append(letters, c.letter)
		}
	}
	_, err := t.exec(`
		UPDATE outbox SET status = 'sending', attempts = attempts + 1, lease_until = $1,
			mailbox = CASE WHEN seat = '' THEN '' ELSE COALESCE((SELECT email FROM members WHERE constituency = seat), '') END
		WHERE id IN `+marks(2, len(all)), args...)
	if err != nil {
		return fmt.Errorf("lease messages: %w", err)
	}
	if err := t.moveAll(letters, campaign.StateSending, campaign.WhyClaimed); err != nil {
		return err
	}
	for _, c := range all {
		c.Attempts++
		if c.Kind == campaign.MailLetter {
			t.w.keep(c.ID, c.letter)
		}
	}
	return nil
}

// wanted reports whether the letter still stands where this message belongs; it
// may have been confirmed, withdrawn or erased since the message was queued.
func (c *claimed) wanted() bool {
	switch c.Kind {
	case campaign.MailLetter:
		return c.letter.state == campaign.StateQueued
	case campaign.MailConfirm, campaign.MailRemind:
		return c.letter.state == campaign.StateAwaiting
	case campaign.MailChanged:
		return c.letter.state == campaign.StateHeld && c.To.MemberID != 0 // whom else to ask about
	case campaign.MailHeld, campaign.MailPledged:
		return c.letter.state == campaign.StateHeld
	case campaign.MailFailed:
		return c.letter.state == campaign.StateFailed
	case campaign.MailBounced:
		return c.letter.state == campaign.StateBounced
	case campaign.MailSent, campaign.MailFollowUp, campaign.MailLast:
		return c.letter.state == campaign.StateSent
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
// settles that the letter was sent, and nobody has begun to send it again.
func (s *Store) Finish(ctx context.Context, j campaign.Job, o campaign.Outcome, next time.Time) error {
	return s.writer.do(ctx, func(tx *tx) error { return tx.finish(j, o, next) })
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
			first_at = COALESCE(min(first_at, $4), $4), code = $5, answer = $6, sealed = $7
		WHERE id = $8`, status, finished, due, formatTime(t.now), o.Code, o.Answer, o.Sealed, j.ID)
	if err != nil {
		return fmt.Errorf("record the outcome: %w", err)
	}
	if err := t.dropOriginal(j, o); err != nil {
		return err
	}
	return t.logAttempts([]campaign.Finished{{Job: j, Outcome: o}})
}

// logAttempts writes what came of attempts. One that was sent although its lease
// had run out is recorded twice: the last word counts.
func (t *tx) logAttempts(all []campaign.Finished) error {
	if len(all) == 0 {
		return nil
	}
	now := formatTime(t.now)
	args := make([]any, 0, 6*len(all))
	values := make([]string, 0, len(all))
	for _, f := range all {
		values = append(values, marks(1+len(args), 6))
		args = append(args, f.ID, f.Attempts, now, string(f.Verdict), f.Code, f.Enhanced)
	}
	_, err := t.exec(`
		INSERT INTO attempts (outbox_id, attempt, at, verdict, code, enhanced)
		VALUES `+strings.Join(values, ", ")+`
		ON CONFLICT (outbox_id, attempt) DO UPDATE SET at = excluded.at, verdict = excluded.verdict, code = excluded.code, enhanced = excluded.enhanced`, args...)
	if err != nil {
		return fmt.Errorf("log attempts: %w", err)
	}
	return nil
}
