package store

import (
	"bytes"
	"errors"
	"fmt"

	"postbag/internal/campaign"
)

// A server that refuses a recipient by policy, or hangs up when it hears of one, may
// mean that message or everything: what it says is the same. One message is judged by
// itself. Where others to other people fare alike, and none is accepted between, it
// is the mail server, and those that failed meanwhile are to be tried again. This is
// kept in memory: whoever starts anew needs a few refusals more to find out.

const (
	// manyRefused is how many recipients are refused by policy before it counts as
	// everybody: an office or two that refuse letters are no sign of that.
	manyRefused = 5
	// manyClosed is how many a server hangs up on before it is closing. Nothing fails by
	// that, so the second is enough.
	manyClosed = 2
	// maxSuspects bounds what is remembered, all of it of fewer recipients than that.
	maxSuspects = 200
)

// suspect is a message that was refused, perhaps for all others as well.
type suspect struct {
	id       int64 // in the outbox; 0: it is no mail about a letter
	letter   int64
	kind     campaign.MailKind
	attempts int
	to       string // tells recipients apart
	failed   bool   // it was refused for good
	repeat   []byte // what its letter was recognised by, which failing takes from it
}

// judged says what an outcome means that may be the mail server's doing and not the
// message's.
func (t *tx) judged(j campaign.Job, o campaign.Outcome) (campaign.Outcome, error) {
	if !o.Suspect || o.Relay || o.GaveUp {
		return o, nil
	}
	r, err := t.relay()
	if err != nil {
		return o, err
	}
	if r.Explains(o) {
		return o.OfRelay(), nil
	}
	if err := t.suspect(j, o); err != nil {
		return o, err
	}
	to := map[string]bool{}
	for _, s := range t.w.suspects {
		if s.failed == (o.Verdict == campaign.VerdictFailed) {
			to[s.to] = true
		}
	}
	if o.Verdict == campaign.VerdictFailed && len(to) < manyRefused || len(to) < manyClosed {
		return o, nil
	}
	for _, s := range t.w.suspects {
		if !s.failed || s.id == 0 || s.id == j.ID {
			continue
		}
		if err := t.within(func() error { return t.tryAfterAll(s) }); t.undone != nil {
			return o, t.undone
		} else if err != nil { // it stays failed, for an organiser to see
			t.w.log.Error("database: a message that failed is left as it is", "outbox", s.id, "err", err)
		}
	}
	return o.OfRelay(), nil
}

// suspect remembers a message that was refused.
func (t *tx) suspect(j campaign.Job, o campaign.Outcome) error {
	s := suspect{id: j.ID, letter: j.Letter, kind: j.Kind, attempts: j.Attempts, to: j.To.Email, failed: o.Verdict == campaign.VerdictFailed}
	switch {
	case j.Letter == 0:
		s.id = 0
	case j.Kind != campaign.MailLetter:
		s.to = fmt.Sprintf("the supporter of letter %d", j.Letter)
	case s.failed:
		if err := t.queryRow(`SELECT repeat_hash FROM letters WHERE id = $1`, []any{&s.repeat}, j.Letter); err != nil {
			return fmt.Errorf("look up who wrote it: %w", err)
		}
		s.repeat = bytes.Clone(s.repeat)
	}
	if len(t.w.suspects) >= maxSuspects {
		t.w.suspects = t.w.suspects[1:]
	}
	t.w.suspects = append(t.w.suspects, s)
	return nil
}

// tryAfterAll queues a message again that failed though it was the mail server. What
// has become of it or its letter since stands, and so does a letter that the same
// person has written instead.
func (t *tx) tryAfterAll(s suspect) error {
	if s.kind == campaign.MailForward || s.kind == campaign.MailFailed {
		return nil // what it passed on is deleted; what it told is no longer so
	}
	now := formatTime(t.now)
	if s.kind == campaign.MailLetter {
		found, err := t.letters(`WHERE id = $1 AND state = 'failed' AND why = $2`, s.letter, campaign.WhyRefused)
		if err != nil || len(found) == 0 || !found[0].kept {
			return err
		}
		again, err := t.wroteAgain(s.letter, s.repeat)
		if err != nil || again {
			return err
		}
		// They need not be told that it failed.
		if err := t.end(found[0], campaign.StateQueued, campaign.WhyRetry); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE letters SET repeat_hash = $1 WHERE id = $2`, s.repeat, s.letter); err != nil {
			return fmt.Errorf("note who wrote it: %w", err)
		}
	}
	queued, err := t.exec(`
		UPDATE outbox SET status = 'ready', due_at = $1, next_at = $1, finished_at = NULL
		WHERE id = $2 AND status = 'failed' AND attempts = $3
			AND EXISTS (SELECT 1 FROM people WHERE people.letter_id = outbox.letter_id)`, now, s.id, s.attempts)
	if err != nil {
		return fmt.Errorf("queue it again: %w", err)
	}
	if n, err := queued.RowsAffected(); err != nil || n == 0 && s.kind == campaign.MailLetter {
		return errors.Join(err, errors.New("there is no message to queue again")) // nor is its letter
	}
	return nil
}
