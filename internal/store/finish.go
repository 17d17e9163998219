package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postbag/internal/campaign"
)

// Exchange records what became of jobs, and leases up to limit messages that are
// due to the caller: all in one commit, or nothing of it.
func (s *Store) Exchange(ctx context.Context, done []campaign.Finished, limit int, lease time.Duration) ([]campaign.Job, error) {
	var jobs []campaign.Job
	err := s.writer.do(ctx, func(tx *tx) (err error) {
		if err = tx.finishAll(done); err != nil {
			return err
		}
		jobs, err = tx.claimDue(limit, lease)
		return err
	})
	if err != nil {
		return nil, err // nothing is leased
	}
	return jobs, nil
}

// finishAll records what became of jobs. Nearly all are letters that were sent;
// those are recorded together.
func (t *tx) finishAll(done []campaign.Finished) error {
	var sent []row
	var log []campaign.Finished
	for _, f := range done {
		l, quick, err := t.accepted(f)
		switch {
		case err != nil:
			return err
		case quick:
			sent, log = append(sent, l), append(log, f)
		case f.Unbegun:
			err = t.putBack(f.Job)
		default:
			err = t.finish(f.Job, f.Outcome, f.Next)
		}
		if err != nil {
			return err
		}
	}
	if err := t.logAttempts(log); err != nil {
		return err
	}
	return t.moveAll(sent, campaign.StateSent, campaign.WhyAccepted)
}

// accepted writes into the outbox that the mail server accepted a letter, and
// returns the letter, which is still to be moved, as the attempt is to be logged;
// false: it is no such case, or it is no longer the caller's, and nothing was
// written.
func (t *tx) accepted(f campaign.Finished) (row, bool, error) {
	l, known := t.w.leased[f.ID]
	delete(t.w.leased, f.ID)
	if !known || f.Kind != campaign.MailLetter || f.Verdict != campaign.VerdictSent || f.Unbegun {
		return row{}, false, nil
	}
	now := formatTime(t.now)
	// How long it is kept may have become less since it was leased.
	err := t.queryRow(`
		UPDATE outbox SET status = 'sent', lease_until = NULL, finished_at = $1, first_at = COALESCE(first_at, $1),
			code = $2, answer = $3, sealed = $4
		WHERE id = $5 AND status = 'sending' AND attempts = $6
		RETURNING (SELECT keep_text FROM letters WHERE id = letter_id), (SELECT keep_email FROM letters WHERE id = letter_id)`,
		[]any{&l.keep.Text, &l.keep.Email}, now, f.Code, f.Answer, f.Outcome.Sealed, f.ID, f.Attempts)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, false, nil
	}
	if err != nil {
		return row{}, false, fmt.Errorf("record the outcome: %w", err)
	}
	return l, true, t.noteRelay(f.Outcome)
}

// putBack gives back a message of which nothing was tried, also where its lease has
// run out meanwhile: a clock that jumped, or a machine that slept, makes no letter
// uncertain that lay on the table.
func (t *tx) putBack(j campaign.Job) error {
	mine, err := t.exec(`
		UPDATE outbox SET status = 'ready', attempts = attempts - 1, lease_until = NULL, finished_at = NULL
		WHERE id = $1 AND attempts = $2
			AND (status = 'sending' OR status = 'uncertain' AND EXISTS (SELECT 1 FROM people WHERE people.letter_id = outbox.letter_id))`,
		j.ID, j.Attempts)
	if err != nil {
		return fmt.Errorf("put a message back: %w", err)
	}
	if n, err := mine.RowsAffected(); err != nil || n == 0 || j.Kind != campaign.MailLetter {
		return err
	}
	l, err := t.letter(j.TokenHash)
	if err != nil {
		return err
	}
	return t.move(l, campaign.StateQueued, campaign.WhyRetry)
}

// finish records what became of any attempt. That the letter was sent is true
// however late it is told, unless it is being sent a second time already.
func (t *tx) finish(j campaign.Job, o campaign.Outcome, next time.Time) error {
	var status string
	var attempts int
	err := t.queryRow(`SELECT status, attempts FROM outbox WHERE id = $1`, []any{&status, &attempts}, j.ID)
	if err != nil {
		return fmt.Errorf("select message: %w", err)
	}
	switch {
	case status == "sending" && attempts == j.Attempts:
	case o.Verdict != campaign.VerdictSent:
		return nil
	case status == "uncertain":
	case status == "ready" && attempts == j.Attempts: // to be sent again, and not begun
	default:
		return nil
	}
	var l row
	if j.Kind == campaign.MailLetter {
		if l, err = t.letter(j.TokenHash); err != nil {
			return err
		}
	}
	erased := l.state == campaign.StateUncertain && !l.kept
	if erased {
		o.Answer, o.Sealed = "", nil
	}
	if o, err = t.judged(j, o); err != nil {
		return err
	}
	if err := t.settle(j, o, next); err != nil {
		return err
	}
	if err := t.noteRelay(o); err != nil {
		return err
	}
	if j.Kind != campaign.MailLetter {
		return nil
	}
	if l.state == campaign.StateQueued {
		if err := t.move(l, campaign.StateSending, campaign.WhyClaimed); err != nil {
			return err
		}
		l.state = campaign.StateSending
	}
	to, why := landing(o)
	if err := t.move(l, to, why); err != nil {
		return err
	}
	switch {
	case erased:
		return t.forgetDay(l.id)
	case to == campaign.StateFailed:
		return t.tell(l.id, campaign.MailFailed)
	}
	return nil
}

// forgetDay takes back the day on which a letter's person is to be erased: they
// are.
func (t *tx) forgetDay(letter int64) error {
	if _, err := t.exec(`UPDATE letters SET erase_at = NULL, trim_at = NULL WHERE id = $1`, letter); err != nil {
		return fmt.Errorf("leave it erased: %w", err)
	}
	return nil
}

// keep remembers letters that this process has leased, so that they need not be
// looked up when they have been sent: nobody else may change them meanwhile, save how
// long they are kept.
func (w *writer) keep(id int64, l row) {
	if len(w.leased) >= maxLeased {
		clear(w.leased) // of workers that never came back
	}
	l.state = campaign.StateSending
	w.leased[id] = l
}

// maxLeased is far more than workers have under way.
const maxLeased = 4096
