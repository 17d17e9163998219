package outbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
)

// until polls a condition that no channel tells of.
func (r *rig) until(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestWorker_sendsWhatIsDue(t *testing.T) {
	r := newRig(t, 4)
	r.store.add(1, 2, 3, 4, 5, 6, 7, 8, 9)
	r.start()
	got := map[int64]bool{}
	for range 9 {
		got[r.sent()] = true
	}
	r.until("all are recorded", func() bool { return len(r.store.finished()) == 9 })
	if len(got) != 9 {
		t.Errorf("sent %v", got)
	}
	r.none("afterwards")
	if r.sender.most > 4 {
		t.Errorf("%d under way at once", r.sender.most)
	}
}

func TestWorker_atMostItsSlots(t *testing.T) {
	r := newRig(t, 3)
	r.sender.hold = make(chan struct{})
	r.store.add(1, 2, 3, 4, 5)
	r.start()
	for range 3 {
		r.sent()
	}
	// No fourth is claimed, whoever wakes the worker.
	r.Wake()
	r.Wake()
	r.none("with every slot taken")
	close(r.sender.hold)
	r.sent()
	r.sent()
	r.until("all are recorded", func() bool { return len(r.store.finished()) == 5 })
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	for _, limit := range r.store.claims {
		if limit < 1 || limit > 3*Held {
			t.Errorf("asked for %d with 3 slots", limit)
		}
	}
	if r.sender.most != 3 {
		t.Errorf("%d under way at once, want 3", r.sender.most)
	}
}

func TestWorker_wake(t *testing.T) {
	r := newRig(t, 2)
	r.start()
	r.idle()
	if !r.Running() {
		t.Error("not running")
	}
	for id := range int64(3) {
		r.store.add(id)
		r.none("before it is woken")
		r.Wake()
		if got := r.sent(); got != id {
			t.Errorf("sent %d, want %d", got, id)
		}
		r.idle()
	}
	r.until("all are recorded", func() bool { return len(r.store.finished()) == 3 })
}

// Another process may queue something and can wake nobody.
func TestWorker_looksAgain(t *testing.T) {
	r := newRig(t, 2)
	r.start()
	r.idle()
	r.store.add(1)
	r.clock.Advance(30*time.Second - time.Millisecond)
	r.none("before it looks again")
	r.clock.Advance(time.Millisecond)
	r.sent()
}

func TestWorker_retriesAndGivesUp(t *testing.T) {
	r := newRig(t, 1)
	r.sender.verdict = func(campaign.Job) campaign.Verdict { return campaign.VerdictRetry }
	r.store.add(1)
	r.start()
	var last time.Duration
	for attempt := 1; ; attempt++ {
		r.sent()
		r.until("it is recorded", func() bool { return len(r.store.finished()) == attempt })
		got := r.store.finished()[attempt-1]
		age := r.clock.Now().Sub(start)
		if age > GiveUpAfter {
			t.Fatalf("attempt %d after %v", attempt, age)
		}
		if got.Verdict == campaign.VerdictFailed {
			last = age
			break
		}
		if got.Verdict != campaign.VerdictRetry || age > GiveUpAfter-3*time.Hour {
			t.Fatalf("attempt %d after %v: %s", attempt, age, got.Verdict)
		}
		base := min(time.Minute<<min(attempt-1, 20), 4*time.Hour)
		if got.Next < base*4/5 || got.Next > base*6/5 {
			t.Errorf("attempt %d: again after %v, want about %v", attempt, got.Next, base)
		}
		if attempt > 60 {
			t.Fatal("it goes on for ever")
		}
		for left := got.Next; left > 0; { // it looks again on the way
			r.idle()
			step := min(left, 29*time.Second)
			if left > time.Minute {
				step = left - time.Second
			}
			r.clock.Advance(step)
			left -= step
		}
	}
	if last < GiveUpAfter-5*time.Hour {
		t.Errorf("given up after %v", last)
	}
	r.idle()
	r.clock.Advance(24 * time.Hour)
	r.idle()
	r.none("after it was given up")
}

func TestWorker_errors(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name  string
		spoil func(*fakeStore)
		log   string
	}{
		{"claim", func(s *fakeStore) { s.claimErr = []error{broken, broken} }, "outbox: claim"},
		{"claim, with jobs all the same", func(s *fakeStore) {
			s.claimErr, s.badJobs = []error{broken}, []campaign.Job{{ID: 99}}
		}, "outbox: claim"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, 2)
			c.spoil(r.store)
			n := len(r.store.claimErr)
			r.store.add(1)
			r.start()
			for range n {
				r.idle()
				r.none("after an error")
				r.clock.Advance(5*time.Second - time.Millisecond)
				r.none("too soon after an error")
				r.clock.Advance(time.Millisecond)
				r.until("it has tried again", func() bool { r.store.mu.Lock(); defer r.store.mu.Unlock(); return len(r.store.claims) > 1 })
			}
			if got := r.sent(); got != 1 {
				t.Errorf("sent %d, want 1 alone", got)
			}
			if got := strings.Count(r.logged(), c.log); got != n {
				t.Errorf("logged %d times, want %d:\n%s", got, n, r.logged())
			}
		})
	}
}

// What cannot be recorded is kept until it can be, and not sent again.
func TestWorker_cannotRecord(t *testing.T) {
	r := newRig(t, 1)
	r.store.finErr = errors.New("disk full")
	r.store.add(1)
	r.start()
	r.sent()
	for try := range 3 {
		r.until("it is logged", func() bool { return strings.Count(r.logged(), "disk full") == try+1 })
		r.idle()
		r.clock.Advance(afterError)
	}
	r.until("it is logged", func() bool { return strings.Count(r.logged(), "disk full") == 4 })
	r.idle()
	r.store.mu.Lock()
	r.store.finErr = nil
	r.store.mu.Unlock()
	r.store.add(2)
	r.clock.Advance(afterError)
	if got := r.sent(); got != 2 {
		t.Errorf("sent %d, want 2", got)
	}
	r.until("both are recorded", func() bool { return len(r.store.finished()) == 2 })
}

// One outcome that cannot be recorded, where others can, is given up as soon as that
// is plain, and stops nobody.
func TestWorker_cannotRecordOne(t *testing.T) {
	r := newRig(t, 1)
	r.store.finOnly = 1
	r.store.add(1)
	r.start()
	r.sent()
	r.until("it is logged", func() bool { return strings.Contains(r.logged(), "only this one") })
	r.idle()
	r.store.add(2, 3)
	r.Wake()
	for want := int64(2); want <= 3; want++ {
		if got := r.sent(); got != want {
			t.Errorf("sent %d, want %d", got, want)
		}
	}
	r.until("the others are recorded", func() bool { return len(r.store.finished()) == 2 })
	if got := r.logged(); strings.Count(got, "outbox: record the outcome\" outbox=1") != 1 {
		t.Errorf("the log says\n%s", got)
	}
}

// A stop does not wait for a database that takes nothing.
func TestWorker_cannotRecordAtTheEnd(t *testing.T) {
	r := newRig(t, 1)
	r.store.finErr = errors.New("disk full")
	r.store.add(1)
	r.start()
	r.sent()
	r.until("it is logged", func() bool { return strings.Contains(r.logged(), "disk full") })
	r.idle()
	r.stop()
	r.wait(r.done, "the worker to stop")
	if got := r.logged(); !strings.Contains(got, "outbox: record the outcome\" outbox=1") {
		t.Errorf("the log says\n%s", got)
	}
}

func TestWorker_nextDueFails(t *testing.T) {
	r := newRig(t, 1)
	r.store.nextErr = errors.New("broken")
	r.start()
	r.idle()
	r.store.add(1)
	r.clock.Advance(30 * time.Second)
	r.sent()
}

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		attempts int
		about    time.Duration
	}{
		{-1, time.Minute}, {0, time.Minute}, {1, time.Minute}, {2, 2 * time.Minute}, {3, 4 * time.Minute}, {8, 128 * time.Minute},
		{9, 4 * time.Hour}, {10, 4 * time.Hour}, {64, 4 * time.Hour}, {1 << 40, 4 * time.Hour},
	} {
		least, most := time.Duration(1<<62), time.Duration(0)
		for range 2000 {
			d := Backoff(c.attempts)
			least, most = min(least, d), max(most, d)
		}
		if least < c.about*4/5 || most > c.about*6/5 {
			t.Errorf("after %d attempts: %v to %v, want %v give or take a fifth", c.attempts, least, most, c.about)
		}
		if most-least < c.about/5 {
			t.Errorf("after %d attempts: %v to %v, hardly any jitter", c.attempts, least, most)
		}
	}
}

func TestWorker_log(t *testing.T) {
	r := newRig(t, 1)
	r.store.add(7)
	r.start()
	r.sent()
	r.until("it is recorded", func() bool { return len(r.store.finished()) == 1 })
	got := r.logged()
	for _, want := range []string{"outbox=7", "kind=letter", "attempt=1", "verdict=sent"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if diff := cmp.Diff([]result{{7, campaign.VerdictSent, r.store.finished()[0].Next}}, r.store.finished()); diff != "" {
		t.Error(diff)
	}
}

// A message that makes the sender panic stops neither the worker nor the
// others, and is not sent again: it may have gone.
func TestWorker_aPanicIsOneMessagesOwn(t *testing.T) {
	r := newRig(t, 1)
	r.sender.verdict = func(j campaign.Job) campaign.Verdict {
		if j.ID == 1 {
			panic("Amina O'Connor")
		}
		return campaign.VerdictSent
	}
	r.store.add(1, 2)
	r.start()
	r.sent()
	r.sent()
	r.until("both are recorded", func() bool { return len(r.store.finished()) == 2 })
	for _, got := range r.store.finished() {
		want := campaign.VerdictSent
		if got.Job == 1 {
			want = campaign.VerdictUncertain
		}
		if got.Verdict != want {
			t.Errorf("message %d is %s, want %s", got.Job, got.Verdict, want)
		}
	}
	if log := r.logged(); !strings.Contains(log, "panicked") || !strings.Contains(log, "type=string") || strings.Contains(log, "Amina") {
		t.Errorf("the log says\n%s", log)
	}
}

// A message that the server answers as if it refused everything is tried less and
// less often: each time all mail waits for it.
func TestWorker_dislikedAsAWhole(t *testing.T) {
	r := newRig(t, 1)
	for attempts, want := range map[int]time.Duration{1: time.Minute, 3: 4 * time.Minute, 5: 16 * time.Minute, 30: 16 * time.Minute} {
		r.Worker.sender = relaySender{}
		f := r.send(t.Context(), campaign.Job{ID: 1, Attempts: attempts})
		if wait := f.Next.Sub(r.clock.Now()); wait < want*4/5 || wait > want*6/5 {
			t.Errorf("after %d attempts it waits %v, want about %v", attempts, wait, want)
		}
	}
}

type relaySender struct{}

func (relaySender) Send(context.Context, campaign.Job) campaign.Outcome {
	return campaign.Outcome{Verdict: campaign.VerdictRetry, Code: 421, Relay: true}
}

// A clock that jumps makes days of minutes: a letter that was hardly tried is not
// given up for it.
func TestWorker_clockJumpsAhead(t *testing.T) {
	r := newRig(t, 1)
	r.sender.verdict = func(campaign.Job) campaign.Verdict { return campaign.VerdictRetry }
	old := campaign.Job{ID: 1, FirstAt: start.Add(-2 * GiveUpAfter)}
	for attempts, want := range map[int]campaign.Verdict{2: campaign.VerdictRetry, fewest - 1: campaign.VerdictRetry, fewest: campaign.VerdictFailed} {
		old.Attempts = attempts
		if got := r.send(t.Context(), old); got.Verdict != want || got.GaveUp != (want == campaign.VerdictFailed) {
			t.Errorf("at attempt %d: %s, want %s", attempts, got.Verdict, want)
		}
	}
}

// refusesOnce answers one message as if the server refused everything.
type refusesOnce struct{ id int64 }

func (s *refusesOnce) Send(_ context.Context, j campaign.Job) campaign.Outcome {
	if j.ID == s.id && j.Attempts == 1 {
		return campaign.Outcome{Verdict: campaign.VerdictRetry, Code: 535, Relay: true}
	}
	return campaign.Outcome{Verdict: campaign.VerdictSent}
}

// When the mail server refuses everything, what was claimed ahead is not tried at it:
// servers lock out those who sign in with a wrong password again and again.
func TestWorker_refusedAsAWhole(t *testing.T) {
	r := newRig(t, 1)
	r.Worker.sender = &refusesOnce{id: 5}
	r.store.add(1, 2, 3, 4, 5, 6, 7, 8, 9) // the first alone, then eight together
	r.start()
	for deadline := time.Now().Add(10 * time.Second); len(r.store.finished()) < 13 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
	}
	got := map[int64][]campaign.Verdict{}
	for _, f := range r.store.finished() {
		got[f.Job] = append(got[f.Job], f.Verdict)
	}
	for id := int64(1); id <= 9; id++ {
		want := []campaign.Verdict{campaign.VerdictSent}
		switch {
		case id == 5:
			want = []campaign.Verdict{campaign.VerdictRetry} // a minute later
		case id > 5:
			want = []campaign.Verdict{campaign.VerdictRetry, campaign.VerdictSent} // put back, and claimed anew
		}
		if !slices.Equal(got[id], want) {
			t.Errorf("message %d: %v, want %v", id, got[id], want)
		}
	}
}
