package store

import (
	"fmt"
	"strings"
	"time"

	"postbag/internal/campaign"
)

// A clock that is set back leaves plans behind that were made by the wrong time. What
// lies further ahead than anything can be planned is planned anew: from when the
// clock is seen to have gone back, and at every start, for each message by how often
// it was tried; at any time, by what is longer than any wait.

const (
	// longestWait is longer than any wait between attempts.
	longestWait = 24 * time.Hour
	// longestLease is that of a worker (outbox.Lease). One that still works may hold a
	// message for as long as that from now.
	longestLease = 15 * time.Minute
	// clockSlack is how far a clock may go back unnoticed: what was planned comes as much
	// later.
	clockSlack = time.Minute
)

// sawClock notes the time of a transaction.
func (w *writer) sawClock(now time.Time) {
	if now.Before(w.clock.Add(-clockSlack)) {
		w.setBack = true
	}
	w.clock = now
}

// mendClock makes messages due that a wrong clock put off.
func (t *tx) mendClock() error {
	for urgency := campaign.Awaited; urgency <= campaign.Patient; urgency++ {
		// Of letters, the place in the line may well be further away than that; when
		// they are due is not, and is looked at where the place is.
		_, err := t.exec(`
			UPDATE outbox SET due_at = $1, next_at = $1
			WHERE status = 'ready' AND urgency = $2 AND next_at > $3 AND due_at > $3`,
			formatTime(t.now), int(urgency), formatTime(t.now.Add(longestWait)))
		if err != nil {
			return fmt.Errorf("mend what a wrong clock wrote: %w", err)
		}
	}
	if _, err := t.exec(`UPDATE outbox SET lease_until = $1 WHERE status = 'sending' AND lease_until > $2`,
		formatTime(t.now), formatTime(t.now.Add(longestWait))); err != nil {
		return fmt.Errorf("end leases of a wrong clock: %w", err)
	}
	return t.mendSetBack()
}

// mendSetBack looks at every message once the clock was set back.
func (t *tx) mendSetBack() error {
	if !t.w.setBack {
		return nil
	}
	for urgency := campaign.Awaited; urgency <= campaign.Patient; urgency++ {
		// What waits though it was tried, and has not been since, goes once more to a
		// mailbox that was full.
		_, err := t.exec(`
			UPDATE outbox SET due_at = $1, next_at = $1
			WHERE status = 'ready' AND urgency = $2 AND next_at > $1
				AND due_at > CASE WHEN attempts > 0 AND first_at IS NULL THEN $3 ELSE `+furthest(4)+` END`,
			t.waits(formatTime(t.now), int(urgency), formatTime(t.now.Add(campaign.FullWait+clockSlack)))...)
		if err != nil {
			return fmt.Errorf("mend what a clock set back put off: %w", err)
		}
	}
	if _, err := t.exec(`UPDATE outbox SET lease_until = $1 WHERE status = 'sending' AND lease_until > $1`,
		formatTime(t.now.Add(longestLease))); err != nil {
		return fmt.Errorf("shorten leases of a clock set back: %w", err)
	}
	t.w.setBack = false
	return nil
}

// manyAttempts is from which on the wait between attempts grows no more.
const manyAttempts = 9

// furthest is SQL for the time that a message can be put off to at most, by how often
// it was tried; its parameters are numbered from first (see waits).
func furthest(first int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CASE min(attempts, %d)", manyAttempts)
	for attempts := range manyAttempts + 1 {
		fmt.Fprintf(&b, " WHEN %d THEN $%d", attempts, first+attempts)
	}
	return b.String() + " END"
}

// waits adds the parameters of furthest to others.
func (t *tx) waits(args ...any) []any {
	for attempts := range manyAttempts + 1 {
		wait := clockSlack
		if attempts > 0 {
			wait += campaign.RetryAfter(attempts) * 6 / 5
		}
		args = append(args, formatTime(t.now.Add(wait)))
	}
	return args
}
