// Package outbox sends what the store has queued: it claims messages, hands
// each to a sender and records what became of it.
//
// A message is claimed in one transaction, sent outside any, and marked in
// another. Whoever dies in between leaves a lease behind; when that runs out
// the store decides (see Store.Reclaim).
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"

	"postbag/internal/campaign"
)

// Store is what a Worker needs of the database.
type Store interface {
	// Claim leases up to limit messages that are due to the caller.
	Claim(ctx context.Context, limit int, lease time.Duration) ([]campaign.Job, error)

	// Finish records what became of an attempt; next is when to try again after
	// VerdictRetry.
	Finish(ctx context.Context, j campaign.Job, o campaign.Outcome, next time.Time) error

	// Reclaim ends leases that ran out and returns how many letters became
	// uncertain by it.
	Reclaim(ctx context.Context) (int, error)

	// NextDue returns when the next message or lease falls due; the zero time
	// when there is none.
	NextDue(ctx context.Context) (time.Time, error)
}

// Sender makes one attempt to send a message. It may be called by several
// goroutines.
type Sender interface {
	Send(ctx context.Context, j campaign.Job) campaign.Outcome
}

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	NewTimer(d time.Duration) (c <-chan time.Time, stop func() bool)
}

// Limits of the worker.
const (
	// Lease is how long a worker may take over one message before others assume
	// that it died: longer than every timeout of the mailer together, which is
	// eight to nine minutes (a kept connection that is dead, a new one with TLS
	// and AUTH, and two minutes each for the message and its answer), and three
	// that it may wait for a connection and for others to the same domain; and as
	// long as that again before it is begun (see tooLong).
	Lease = 15 * time.Minute
	// GiveUpAfter is how long a message is tried at most, from the first attempt
	// (RFC 5321, 4.5.4.1, asks for four to five days).
	GiveUpAfter = 5 * 24 * time.Hour
	// fewest is how many attempts there are at least before that, some hours of them:
	// days may have passed by a clock that jumped, or while nothing was tried.
	fewest     = 8
	afterError = 5 * time.Second
	// patience is how many attempts count at most, for how long a message waits,
	// where it is the mail server that refuses: about as long as that itself is
	// waited for.
	patience = 5
	// lookAgain bounds how long a worker sleeps, because another process may
	// have queued something.
	lookAgain = 30 * time.Second
)

// Worker sends messages until it is stopped.
type Worker struct {
	store   Store
	sender  Sender
	clock   Clock
	log     *slog.Logger
	slots   int           // messages under way at once
	grace   time.Duration // for messages under way when it is stopped
	wake    chan struct{}
	running atomic.Bool
}

// New returns a worker that has at most slots messages under way at once. When
// it is stopped, those get the grace to finish.
func New(store Store, sender Sender, clock Clock, log *slog.Logger, slots int, grace time.Duration) *Worker {
	return &Worker{store: store, sender: sender, clock: clock, log: log, slots: slots, grace: grace, wake: make(chan struct{}, 1)}
}

// Wake tells the worker that something may be due. It never blocks.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Running reports whether Run is at work.
func (w *Worker) Running() bool { return w.running.Load() }

// Run sends until ctx ends; then it lets what is under way finish, for at most
// the grace, and records it.
func (w *Worker) Run(ctx context.Context) {
	w.running.Store(true)
	defer w.running.Store(false)
	sending, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	f := w.newFloor(ctx, sending)
	looked := w.clock.Now()
	for ctx.Err() == nil {
		if now := w.clock.Now(); now.Sub(looked) >= lookAgain {
			w.reclaim(ctx) // also where there is no rest
			looked = now
		}
		due, err := w.round(ctx, f)
		if err != nil && ctx.Err() == nil {
			w.log.Error("outbox: claim", "err", err) // or record what is finished
		}
		if !due && ctx.Err() == nil {
			w.rest(ctx, f, err != nil)
		}
	}
	w.finish(f, abort)
}

// round waits for something to record or for room, records what has become of
// messages and claims as many as there is room for. It reports whether more may be
// due already.
func (w *Worker) round(ctx context.Context, f *floor) (due bool, err error) {
	f.gather(ctx)
	room := f.room()
	if len(f.finished) == 0 && room == 0 {
		return true, nil // ctx has ended
	}
	jobs, err := w.exchange(ctx, f, room)
	f.take(jobs, w.clock.Now())
	return err == nil && len(jobs) == room, err
}

// send makes one attempt.
func (w *Worker) send(ctx context.Context, j campaign.Job) campaign.Finished {
	o := w.attempt(ctx, j)
	now := w.clock.Now()
	if o.Waited {
		return campaign.Finished{Job: j, Outcome: o, Next: now, Unbegun: true}
	}
	if j.Relay.Explains(o) {
		o = o.OfRelay()
	}
	attempts, level := j.Attempts, slog.LevelInfo
	switch {
	case o.Relay:
		// All mail waits by now, and the store has said so once. This message does not
		// wait for long, as it need not be its fault, but others come first: if it is
		// what the server dislikes, they go, and it holds them up less and less often.
		attempts = min(attempts, patience)
	case o.Verdict != campaign.VerdictSent:
		level = slog.LevelWarn
	}
	next := now.Add(Backoff(attempts))
	// Waiting for a turn is not trying: the days count from the first attempt.
	if o.Verdict == campaign.VerdictRetry && !j.FirstAt.IsZero() && j.Attempts >= fewest && next.Sub(j.FirstAt) > GiveUpAfter {
		o.Verdict, o.GaveUp, level = campaign.VerdictFailed, true, slog.LevelWarn
	}
	w.log.LogAttrs(ctx, level, "mail", slog.Int64("outbox", j.ID), slog.String("kind", string(j.Kind)), slog.Int("attempt", j.Attempts),
		slog.String("verdict", string(o.Verdict)), slog.Int("code", o.Code), slog.String("answer", o.Answer))
	return campaign.Finished{Job: j, Outcome: o, Next: next}
}

// attempt makes one attempt. A message that makes the sender panic is one to
// look at; it must not stop the others. How far it came nobody knows.
func (w *Worker) attempt(ctx context.Context, j campaign.Job) (o campaign.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			// The value may hold what was in the message; its type and the stack do not.
			w.log.Error("outbox: the sender panicked", "outbox", j.ID, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			o = campaign.Outcome{Verdict: campaign.VerdictUncertain, Answer: "a fault in the program"}
		}
	}()
	return w.sender.Send(ctx, j)
}

// rest waits until something is due, a message is finished, somebody wakes the
// worker or ctx ends.
func (w *Worker) rest(ctx context.Context, f *floor, failed bool) {
	wait := afterError
	if !failed {
		wait = w.untilDue(ctx)
	}
	timer, stop := w.clock.NewTimer(wait)
	defer stop()
	select {
	case <-ctx.Done():
	case <-timer:
	case <-w.wake:
	case d := <-f.done:
		f.add(d)
	}
}

// untilDue ends leases that ran out and returns how long to rest then.
func (w *Worker) untilDue(ctx context.Context) time.Duration {
	w.reclaim(ctx)
	next, err := w.store.NextDue(ctx)
	if err != nil && ctx.Err() == nil {
		w.log.Error("outbox: next due", "err", err)
	}
	if err != nil || next.IsZero() {
		return lookAgain
	}
	return min(lookAgain, max(next.Sub(w.clock.Now()), 10*time.Millisecond))
}

func (w *Worker) reclaim(ctx context.Context) {
	n, err := w.store.Reclaim(ctx)
	if err != nil && ctx.Err() == nil {
		w.log.Error("outbox: reclaim", "err", err)
	}
	if n > 0 {
		w.log.Warn("outbox: letters are uncertain: their worker never came back", "letters", n)
	}
}

// finish lets what is under way finish, and records it.
func (w *Worker) finish(f *floor, abort context.CancelFunc) {
	close(f.todo)
	timer, stop := w.clock.NewTimer(w.grace)
	defer stop()
	for f.underway > 0 {
		if len(f.finished) == 0 {
			select {
			case d := <-f.done:
				f.add(d)
			case <-timer:
				w.log.Warn("outbox: cutting off what is still being sent")
				abort()
				timer = nil
				continue
			}
		}
		f.drain()
		if _, err := w.exchange(context.Background(), f, 0); err != nil {
			w.giveUp(f.finished, err)
			f.underway, f.finished = f.underway-len(f.finished), nil
		}
	}
}

// Backoff returns how long to wait after the given number of attempts: see
// campaign.RetryAfter, with a fifth of jitter either way so that what failed together
// is not tried together.
func Backoff(attempts int) time.Duration {
	d := campaign.RetryAfter(attempts)
	return d*4/5 + rand.N(d*2/5)
}
