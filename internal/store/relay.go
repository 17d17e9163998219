package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"postbag/internal/campaign"
)

// When the mail server refuses everything, whatever is sent next would fare
// alike: everything waits, and from time to time one message tries. This stands
// in the database, so that all processes that share it wait together.

// Times of a mail server that refuses everything.
const (
	relayFirst = 30 * time.Second
	relayLast  = 15 * time.Minute
	relayProbe = 2 * time.Minute // that one message may take to try
)

// relayWait is how long the mail server is left alone after so many failures, give or
// take a fifth.
func relayWait(failures int) time.Duration {
	return min(relayFirst<<min(failures-1, 10), relayLast)
}

// relayState is what the transaction knows of the mail server.
type relayState struct {
	read   bool
	trying bool // one message is under way to find out
	campaign.Relay
}

// relay looks up once in a transaction what is wrong with the mail server.
func (t *tx) relay() (*relayState, error) {
	if t.relayKnown.read {
		return &t.relayKnown, nil
	}
	var since, next string
	r := &t.relayKnown.Relay
	err := t.queryRow(`SELECT since, next_at, trying, failures, code, answer FROM relay`,
		[]any{&since, &next, &t.relayKnown.trying, &r.Failures, &r.Code, &r.Answer})
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return nil, fmt.Errorf("look up the mail server: %w", err)
	default:
		if err := times(timed{&r.Since, some(since)}, timed{&r.NextAt, some(next)}); err != nil {
			return nil, err
		}
		furthest := relayWait(r.Failures) * 6 / 5
		if t.relayKnown.trying {
			furthest = relayProbe
		}
		if r.NextAt.After(t.now.Add(furthest + time.Second)) {
			r.NextAt = t.now // the clock was wrong when it was written
		}
	}
	t.relayKnown.read = true
	return &t.relayKnown, nil
}

// refusedAll notes that the mail server refused an attempt as a whole. Messages
// that were under way together with the first that met it say nothing new.
func (t *tx) refusedAll(o campaign.Outcome) error {
	r, err := t.relay()
	if err != nil || r.Refuses() && !r.trying {
		return err
	}
	r.Failures++
	wait := relayWait(r.Failures)
	r.NextAt, r.Code, r.Answer, r.trying = t.now.Add(wait*4/5+rand.N(wait*2/5)), o.Code, o.Answer, false
	if !r.Refuses() {
		r.Since = t.now
		t.w.log.Warn("the mail server refuses everything; all mail waits until it takes one again", "code", o.Code, "answer", o.Answer, "next", r.NextAt)
	}
	_, err = t.exec(`
		INSERT INTO relay (id, since, next_at, trying, failures, code, answer) VALUES (1, $1, $2, 0, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET
			next_at = excluded.next_at, trying = 0, failures = excluded.failures, code = excluded.code, answer = excluded.answer`,
		formatTime(r.Since), formatTime(r.NextAt), r.Failures, r.Code, r.Answer)
	if err != nil {
		return fmt.Errorf("note that the mail server refuses: %w", err)
	}
	return nil
}

// takesMail notes that the mail server dealt with a message. One that was under way
// before it refused everything says nothing new.
func (t *tx) takesMail() error {
	r, err := t.relay()
	if err != nil || !r.Refuses() || !r.trying {
		return err
	}
	if _, err := t.exec(`DELETE FROM relay`); err != nil {
		return fmt.Errorf("note that the mail server works: %w", err)
	}
	t.w.log.Info("the mail server works again", "since", r.Since, "failures", r.Failures)
	t.relayKnown = relayState{read: true}
	return nil
}

// noteRelay notes what an attempt says of the mail server, if anything: a
// connection that was lost on the way says nothing.
func (t *tx) noteRelay(o campaign.Outcome) error {
	if o.Verdict == campaign.VerdictSent {
		t.w.suspects = nil
	}
	switch {
	case o.Relay:
		return t.refusedAll(o)
	case o.Code > 0:
		return t.takesMail()
	}
	return nil
}

// quota returns how many of limit messages may be handed to the mail server now.
func (t *tx) quota(limit int) (int, error) {
	r, err := t.relay()
	if err != nil {
		return 0, err
	}
	if r.Refuses() {
		if r.NextAt.After(t.now) {
			return 0, nil
		}
		limit = min(limit, 1)
	}
	rate := t.w.delivery.PerMinute
	if rate == 0 {
		return limit, nil
	}
	at, err := t.rateFree()
	if err != nil {
		return 0, err
	}
	between := time.Minute / time.Duration(rate)
	if at.After(t.now) {
		return 0, nil
	}
	return min(limit, 1+int(t.now.Sub(at)/between)), nil
}

// probes tells messages that are about to be sent what they are to find out.
func (t *tx) probes(jobs []campaign.Job) error {
	r, err := t.relay()
	if err != nil || !r.Refuses() {
		return err
	}
	for i := range jobs {
		jobs[i].Relay = r.Relay
	}
	return nil
}

// urgencies lists them in the order in which messages go. While the mail server
// refuses everything, every other time a letter tries: mails that it answers so, and
// no other message, must not be all that ever find out.
func (t *tx) urgencies() ([]campaign.Urgency, error) {
	r, err := t.relay()
	if err != nil || r.Failures%2 == 0 {
		return []campaign.Urgency{campaign.Awaited, campaign.Letters, campaign.Patient}, err
	}
	return []campaign.Urgency{campaign.Letters, campaign.Patient, campaign.Awaited}, nil
}

// rateFree returns when the next message may go, by the rate for all of them.
// What was not used is given back for a second, so that waking up late slows
// nothing down.
func (t *tx) rateFree() (time.Time, error) {
	at, err := t.free("", time.Minute)
	if earliest := t.now.Add(-time.Second); at.Before(earliest) {
		at = earliest
	}
	return at, err
}

// took notes that so many messages are on their way to the mail server.
func (t *tx) took(n int) error {
	if n == 0 {
		return nil
	}
	r, err := t.relay()
	if err != nil {
		return err
	}
	if r.Refuses() {
		r.trying, r.NextAt = true, t.now.Add(relayProbe)
		if _, err := t.exec(`UPDATE relay SET trying = 1, next_at = $1`, formatTime(r.NextAt)); err != nil {
			return fmt.Errorf("try the mail server: %w", err)
		}
	}
	rate := t.w.delivery.PerMinute
	if rate == 0 {
		return nil
	}
	at, err := t.rateFree()
	if err != nil {
		return err
	}
	return t.setFree("", at.Add(time.Duration(n)*time.Minute/time.Duration(rate)))
}

// Relay implements campaign.Store.
func (s *Store) Relay(ctx context.Context) (campaign.Relay, error) {
	var r campaign.Relay
	var since, next string
	err := s.queryRow(ctx, `SELECT since, next_at, failures, code, answer FROM relay`, []any{&since, &next, &r.Failures, &r.Code, &r.Answer})
	if errors.Is(err, sql.ErrNoRows) {
		return campaign.Relay{}, nil
	}
	if err != nil {
		return campaign.Relay{}, fmt.Errorf("look up the mail server: %w", err)
	}
	return r, times(timed{&r.Since, some(since)}, timed{&r.NextAt, some(next)})
}

// notBefore returns when any message may go at the earliest, by what holds for
// all of them; the zero time where nothing does.
func (s *Store) notBefore(ctx context.Context) (time.Time, error) {
	relay, err := s.Relay(ctx)
	if err != nil || relay.Refuses() || s.writer.delivery.PerMinute == 0 {
		return relay.NextAt, err
	}
	var at sql.NullString
	err = s.queryRow(ctx, `SELECT free_at FROM paces WHERE seat = ''`, []any{&at})
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("look up the rate: %w", err)
	}
	return parseTime(at)
}
