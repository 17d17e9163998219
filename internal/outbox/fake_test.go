package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

var start = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

// result is one call of Finish.
type result struct {
	Job     int64
	Verdict campaign.Verdict
	Next    time.Duration // after the clock's time
}

// fakeStore holds jobs and hands each out when it is due, as the real one does.
type fakeStore struct {
	clock *testkit.Clock

	mu       sync.Mutex
	due      map[int64]time.Time // ready, by id
	jobs     map[int64]campaign.Job
	claimErr []error // for the next claims
	claims   []int   // the limits asked for
	finishes []result
	finErr   error
	finOnly  int64 // the message whose outcome cannot be recorded; 0: none
	reclaims int
	nextErr  error
	badJobs  []campaign.Job // returned together with claimErr
}

func newFakeStore(clock *testkit.Clock) *fakeStore {
	return &fakeStore{clock: clock, due: map[int64]time.Time{}, jobs: map[int64]campaign.Job{}}
}

func (s *fakeStore) add(ids ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.jobs[id] = campaign.Job{ID: id, Kind: campaign.MailLetter, QueuedAt: s.clock.Now(), MessageID: fmt.Sprint(id)}
		s.due[id] = s.clock.Now()
	}
}

func (s *fakeStore) Claim(ctx context.Context, limit int, lease time.Duration) ([]campaign.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.claims = append(s.claims, limit)
	if len(s.claimErr) > 0 {
		err := s.claimErr[0]
		s.claimErr = s.claimErr[1:]
		if err != nil {
			return s.badJobs, err
		}
	}
	if lease != Lease {
		return nil, errors.New("another lease")
	}
	var jobs []campaign.Job
	for id := int64(0); id < 1000 && len(jobs) < limit; id++ {
		if at, ok := s.due[id]; ok && !at.After(s.clock.Now()) {
			delete(s.due, id)
			j := s.jobs[id]
			j.Attempts++
			s.jobs[id] = j
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

func (s *fakeStore) Finish(ctx context.Context, j campaign.Job, o campaign.Outcome, next time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.finErr != nil {
		return s.finErr
	}
	if s.finOnly == j.ID && j.ID != 0 {
		return errors.New("only this one")
	}
	s.finishes = append(s.finishes, result{j.ID, o.Verdict, next.Sub(s.clock.Now())})
	if o.Verdict == campaign.VerdictRetry {
		s.due[j.ID] = next
		if kept := s.jobs[j.ID]; kept.FirstAt.IsZero() {
			kept.FirstAt = s.clock.Now()
			s.jobs[j.ID] = kept
		}
	}
	return nil
}

func (s *fakeStore) Reclaim(ctx context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reclaims++
	return 0, ctx.Err()
}

func (s *fakeStore) NextDue(ctx context.Context) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var next time.Time
	for _, at := range s.due {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if s.nextErr != nil {
		return time.Time{}, s.nextErr
	}
	return next, ctx.Err()
}

func (s *fakeStore) finished() []result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]result(nil), s.finishes...)
}

// fakeSender answers with a verdict; begun tells of each attempt, and hold, if
// it is set, keeps attempts until it is closed or their context ends.
type fakeSender struct {
	begun   chan int64
	hold    chan struct{}
	verdict func(campaign.Job) campaign.Verdict

	mu        sync.Mutex
	now, most int
}

func (s *fakeSender) Send(ctx context.Context, j campaign.Job) campaign.Outcome {
	s.mu.Lock()
	s.now++
	s.most = max(s.most, s.now)
	s.mu.Unlock()
	s.begun <- j.ID
	verdict := campaign.VerdictSent
	if s.verdict != nil {
		verdict = s.verdict(j)
	}
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
			verdict = campaign.VerdictRetry
		}
	}
	s.mu.Lock()
	s.now--
	s.mu.Unlock()
	return campaign.Outcome{Verdict: verdict}
}

// rig is a worker with everything around it that a test moves.
type rig struct {
	*Worker
	t      *testing.T
	clock  *testkit.Clock
	store  *fakeStore
	sender *fakeSender
	stop   context.CancelFunc
	done   chan struct{}

	logMu sync.Mutex
	logs  strings.Builder
}

func (r *rig) Write(p []byte) (int, error) {
	r.logMu.Lock()
	defer r.logMu.Unlock()
	return r.logs.Write(p)
}

func (r *rig) logged() string {
	r.logMu.Lock()
	defer r.logMu.Unlock()
	return r.logs.String()
}

const grace = 15 * time.Second

func newRig(t *testing.T, slots int) *rig {
	t.Helper()
	r := &rig{t: t, clock: testkit.NewClock(start), done: make(chan struct{})}
	r.store = newFakeStore(r.clock)
	r.sender = &fakeSender{begun: make(chan int64, 1000)}
	r.Worker = New(r.store, r.sender, r.clock, slog.New(slog.NewTextHandler(r, nil)), slots, grace)
	return r
}

func (r *rig) start() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { defer close(r.done); r.Run(ctx) }()
	r.t.Cleanup(func() {
		stop()
		if r.sender.hold != nil {
			select {
			case <-r.sender.hold:
			default:
				close(r.sender.hold)
			}
		}
		r.wait(r.done, "the worker to stop")
	})
}

// wait waits for a channel, and fails the test after ten seconds.
func (r *rig) wait(c <-chan struct{}, what string) {
	r.t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		r.t.Fatalf("waited in vain for %s", what)
	}
}

// idle waits until the worker has done its round and sleeps.
func (r *rig) idle() {
	r.t.Helper()
	r.wait(r.clock.Waiting(1), "the worker to sleep")
}

// sent waits for the next attempt and returns its job.
func (r *rig) sent() int64 {
	r.t.Helper()
	select {
	case id := <-r.sender.begun:
		return id
	case <-time.After(10 * time.Second):
		r.t.Fatal("waited in vain for an attempt")
		return 0
	}
}

// none fails the test if there was an attempt that nobody has asked for.
func (r *rig) none(when string) {
	r.t.Helper()
	select {
	case id := <-r.sender.begun:
		r.t.Errorf("%s: an attempt at message %d", when, id)
	default:
	}
}
