package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"postbag/internal/campaign"
)

// Ahead of what is being sent, messages are claimed that wait for a connection, and
// behind it others wait to be recorded: so no connection waits for the disk. Each of
// them counts as being sent, and if the program is killed then nobody knows whether
// it was. So they are few, and where a message takes long there are none.
const (
	// Held is how many messages a worker has claimed at most for each that it sends
	// at once.
	Held = 8
	// aheadFor is for how long claimed messages may wait, as things go.
	aheadFor = 10 * time.Millisecond
	// tooLong is how long a claimed message may have waited and still be begun: the
	// rest of its lease is for sending it.
	tooLong = Lease / 5
)

// floor is where a worker's messages are while they are its own: waiting for a
// hand, in a hand, waiting to be recorded.
type floor struct {
	slots    int
	todo     chan claimed
	done     chan done
	underway int           // claimed and not recorded yet
	usual    time.Duration // that sending takes; 0: not known yet
	finished []campaign.Finished

	claims  atomic.Int64 // how often messages were claimed
	refused atomic.Int64 // those claimed so far were on the table when the server refused everything
}

type claimed struct {
	campaign.Job
	at    time.Time
	claim int64 // that brought it
}

type done struct {
	campaign.Finished
	took time.Duration
}

// newFloor starts as many hands as the worker has slots. Once ctx has ended they
// begin nothing more; they end when todo is closed.
func (w *Worker) newFloor(ctx, sending context.Context) *floor {
	f := &floor{slots: w.slots, todo: make(chan claimed, Held*w.slots), done: make(chan done, Held*w.slots)}
	for range w.slots {
		go func() {
			for c := range f.todo {
				start := w.clock.Now()
				if ctx.Err() != nil || start.Sub(c.at) > tooLong || c.claim <= f.refused.Load() {
					f.done <- done{Finished: unbegun(c.Job, start)}
					continue
				}
				sent := w.send(sending, c.Job)
				if sent.Outcome.Relay {
					// Those on the table would fare alike; when one may try again the store says.
					f.refused.Store(f.claims.Load())
				}
				f.done <- done{sent, w.clock.Now().Sub(start)}
			}
		}()
	}
	return f
}

// unbegun gives a message back of which nothing was tried.
func unbegun(j campaign.Job, now time.Time) campaign.Finished {
	return campaign.Finished{
		Job: j, Outcome: campaign.Outcome{Verdict: campaign.VerdictRetry, Answer: "not begun"}, Next: now, Unbegun: true,
	}
}

// room returns how many messages may be claimed once those are recorded that are
// finished.
func (f *floor) room() int {
	held := f.slots
	if f.usual > 0 {
		held += int(min(time.Duration(f.slots*(Held-1)), time.Duration(f.slots)*aheadFor/f.usual))
	}
	return max(0, held-f.underway+len(f.finished))
}

// gather waits, if there is no room and nothing to record, until something is
// finished, and takes whatever else is.
func (f *floor) gather(ctx context.Context) {
	if len(f.finished) == 0 && f.room() == 0 {
		select {
		case <-ctx.Done():
		case d := <-f.done:
			f.add(d)
		}
	}
	f.drain()
}

// drain takes what is finished already.
func (f *floor) drain() {
	for {
		select {
		case d := <-f.done:
			f.add(d)
		default:
			return
		}
	}
}

func (f *floor) add(d done) {
	f.finished = append(f.finished, d.Finished)
	if d.Unbegun {
		return
	}
	took := max(d.took, time.Nanosecond)
	if f.usual == 0 {
		f.usual = took
	}
	f.usual += (took - f.usual) / 8
}

// take puts claimed messages before the hands.
func (f *floor) take(jobs []campaign.Job, now time.Time) {
	f.underway += len(jobs)
	claim := f.claims.Add(1)
	for _, j := range jobs {
		f.todo <- claimed{j, now, claim}
	}
}

// exchanger is a Store that can do in one commit what takes two or more otherwise.
type exchanger interface {
	// Exchange records what became of jobs, and leases up to limit messages that are
	// due to the caller: all of it, or nothing.
	Exchange(ctx context.Context, done []campaign.Finished, limit int, lease time.Duration) ([]campaign.Job, error)
}

// exchange records what is finished and claims up to limit messages. Where nothing
// can be recorded it stays finished, for another time.
func (w *Worker) exchange(ctx context.Context, f *floor, limit int) ([]campaign.Job, error) {
	finished := f.finished
	f.finished = nil
	f.underway -= len(finished)
	certain := context.WithoutCancel(ctx) // an outcome is known: it must be written down even while stopping
	if store, ok := w.store.(exchanger); ok && len(finished) > 0 {
		jobs, err := store.Exchange(certain, finished, limit, Lease)
		if err == nil {
			return jobs, nil
		}
	}
	failed, err := w.recordEach(certain, finished) // one of them may be in the way of all
	var jobs []campaign.Job
	if limit > 0 {
		var claimErr error
		if jobs, claimErr = w.store.Claim(ctx, limit, Lease); claimErr != nil {
			jobs, err = nil, errors.Join(err, claimErr) // what is not leased is not ours to send
		}
	}
	if len(failed) > 0 && len(failed) == len(finished) {
		if len(jobs) == 0 {
			// It is the database: full, locked or out of reach. What is known is kept.
			f.finished, f.underway = failed, f.underway+len(failed)
			return nil, fmt.Errorf("record what became of %d messages: %w", len(failed), err)
		}
		failed, err = w.recordEach(certain, failed) // it works again
	}
	w.giveUp(failed, err)
	return jobs, err
}

// recordEach records outcomes one by one and returns those that could not be. Where
// the first could not, it leaves it at that, and puts it last.
func (w *Worker) recordEach(ctx context.Context, finished []campaign.Finished) (failed []campaign.Finished, last error) {
	for i, d := range finished {
		err := w.store.Finish(ctx, d.Job, d.Outcome, d.Next)
		if err != nil && i == 0 {
			return slices.Concat(finished[1:], finished[:1]), err
		}
		if err != nil {
			failed, last = append(failed, d), err
		}
	}
	return failed, last
}

// giveUp leaves outcomes unrecorded. The leases run out, and the letters become
// uncertain: the truth, as nothing on disk says how this ended.
func (w *Worker) giveUp(failed []campaign.Finished, err error) {
	for _, d := range failed {
		w.log.Error("outbox: record the outcome", "outbox", d.ID, "verdict", string(d.Verdict), "err", err)
	}
}
