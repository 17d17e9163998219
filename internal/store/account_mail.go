package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// queueAccountMail queues a mail to the owner of an account, in the transaction of
// what it tells of. Sealed is what it says, for its Message-ID alone (see
// account.NewMail).
func (t *tx) queueAccountMail(accountID int64, kind account.MailKind, sealed []byte, messageID string) error {
	_, err := t.exec(`
		INSERT INTO account_mail (account_id, kind, sealed, status, attempts, message_id, queued_at, next_at, code, answer)
		VALUES ($1, $2, $3, 'ready', 0, $4, $5, $5, 0, '')`,
		accountID, string(kind), sealed, messageID, formatTime(t.now))
	if err != nil {
		return fmt.Errorf("queue account mail: %w", err)
	}
	return nil
}

// AccountMail is the queue of mail to those who run campaigns, as an outbox
// worker needs it. A second copy of such a mail does no harm, so nothing here is
// ever uncertain.
type AccountMail struct{ s *Store }

// AccountMail returns that queue.
func (s *Store) AccountMail() AccountMail { return AccountMail{s} }

// Claim takes up to limit mails that are due, the oldest first, and leases them
// to the caller. Whom each goes to is looked up here; one whose account was
// closed since is dropped.
func (m AccountMail) Claim(ctx context.Context, limit int, lease time.Duration) ([]campaign.Job, error) {
	var jobs []campaign.Job
	err := m.s.writer.do(ctx, func(tx *tx) error {
		var closed []int64
		limit, err := tx.quota(limit)
		if err != nil || limit == 0 {
			return err
		}
		if jobs, closed, err = tx.accountMailDue(limit); err != nil {
			return err
		}
		for i := range jobs {
			jobs[i].Attempts++
			if _, err := tx.exec(`UPDATE account_mail SET status = 'sending', attempts = $1, lease_until = $2 WHERE id = $3`,
				jobs[i].Attempts, formatTime(tx.now.Add(lease)), jobs[i].ID); err != nil {
				return fmt.Errorf("lease account mail: %w", err)
			}
		}
		for _, id := range closed {
			if err := tx.endAccountMail(id, "dropped", campaign.Outcome{}); err != nil {
				return err
			}
		}
		if err := tx.probes(jobs); err != nil {
			return err
		}
		return tx.took(len(jobs))
	})
	if err != nil {
		return nil, err // nothing is leased
	}
	return jobs, nil
}

// accountMailDue returns what is to be sent now, and what is not any more.
func (t *tx) accountMailDue(limit int) (jobs []campaign.Job, closed []int64, err error) {
	rows, err := t.query(`
		SELECT m.id, m.kind, m.message_id, m.queued_at, m.attempts, m.sealed, a.name, a.email, a.disabled_at
		FROM account_mail m
		JOIN accounts a ON a.id = m.account_id
		WHERE m.status = 'ready' AND m.next_at <= $1
		ORDER BY m.next_at, m.id
		LIMIT $2`, formatTime(t.now), limit)
	if err != nil {
		return nil, nil, fmt.Errorf("select account mail due: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		j := campaign.Job{Lang: "en"}
		var kind, queued string
		var disabled sql.NullString
		if err := rows.Scan(&j.ID, &kind, &j.MessageID, &queued, &j.Attempts, &j.Sealed, &j.To.Name, &j.To.Email, &disabled); err != nil {
			return nil, nil, fmt.Errorf("select account mail due: %w", err)
		}
		if disabled.Valid {
			closed = append(closed, j.ID)
			continue
		}
		j.Kind, j.TokenHash = campaign.MailKind(kind), []byte(j.MessageID)
		if j.QueuedAt, err = parseTime(some(queued)); err != nil {
			return nil, nil, err
		}
		j.FirstAt = j.QueuedAt // they stand in no line
		jobs = append(jobs, j)
	}
	return jobs, closed, rows.Err()
}

// endAccountMail writes how a mail ended. What it said is deleted: it may hold a
// link that lets somebody in.
func (t *tx) endAccountMail(id int64, status string, o campaign.Outcome) error {
	_, err := t.exec(`
		UPDATE account_mail SET status = $1, sealed = x'', lease_until = NULL, finished_at = $2, code = $3, answer = $4
		WHERE id = $5`, status, formatTime(t.now), o.Code, o.Answer, id)
	if err != nil {
		return fmt.Errorf("end account mail: %w", err)
	}
	return nil
}

// Finish records what became of an attempt; next is when to try again after
// VerdictRetry. An attempt whose lease has run out is not recorded.
func (m AccountMail) Finish(ctx context.Context, j campaign.Job, o campaign.Outcome, next time.Time) error {
	return m.s.writer.do(ctx, func(tx *tx) error {
		var status string
		var attempts int
		if err := tx.queryRow(`SELECT status, attempts FROM account_mail WHERE id = $1`, []any{&status, &attempts}, j.ID); err != nil {
			return fmt.Errorf("select account mail: %w", err)
		}
		if status != "sending" || attempts != j.Attempts {
			return nil
		}
		o, err := tx.judged(j, o)
		if err != nil {
			return err
		}
		if err := tx.noteRelay(o); err != nil {
			return err
		}
		if o.Verdict != campaign.VerdictRetry {
			return tx.endAccountMail(j.ID, string(o.Verdict), o)
		}
		_, err = tx.exec(`
			UPDATE account_mail SET status = 'ready', lease_until = NULL, next_at = $1, code = $2, answer = $3
			WHERE id = $4`, formatTime(next), o.Code, o.Answer, j.ID)
		if err != nil {
			return fmt.Errorf("put account mail back: %w", err)
		}
		return nil
	})
}

// Reclaim makes mails ready again whose lease ran out, and due what a wrong clock
// put off. It returns 0: no letter becomes uncertain by it.
func (m AccountMail) Reclaim(ctx context.Context) (int, error) {
	return 0, m.s.writer.do(ctx, func(tx *tx) error {
		now, wrong := formatTime(tx.now), formatTime(tx.now.Add(longestWait))
		_, err := tx.exec(`
			UPDATE account_mail SET status = 'ready', lease_until = NULL
			WHERE status = 'sending' AND (lease_until <= $1 OR lease_until > $2)`, now, wrong)
		if err != nil {
			return fmt.Errorf("end leases of account mail: %w", err)
		}
		_, err = tx.exec(`UPDATE account_mail SET next_at = $1 WHERE status = 'ready' AND next_at > `+furthest(2), tx.waits(now)...)
		if err != nil {
			return fmt.Errorf("mend what a wrong clock wrote: %w", err)
		}
		return nil
	})
}

// NextDue returns when the next mail or lease falls due; the zero time when
// there is none.
func (m AccountMail) NextDue(ctx context.Context) (time.Time, error) {
	var ready, lease sql.NullString
	err := m.s.queryRow(ctx, `
		SELECT (SELECT min(next_at) FROM account_mail WHERE status = 'ready'),
			(SELECT min(lease_until) FROM account_mail WHERE status = 'sending')`, []any{&ready, &lease})
	if err != nil {
		return time.Time{}, fmt.Errorf("select account mail next due: %w", err)
	}
	return m.s.sooner(ctx, ready, lease)
}
