package outbox

import (
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
)

func (r *rig) stopped() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func TestWorker_stopWhileIdle(t *testing.T) {
	r := newRig(t, 2)
	r.start()
	r.idle()
	r.stop()
	r.stop() // twice
	r.wait(r.done, "the worker to stop")
	if r.Running() {
		t.Error("still running")
	}
	if got := r.logged(); strings.Contains(got, "ERROR") {
		t.Errorf("an orderly stop is logged as an error: %s", got)
	}
	r.store.add(1)
	for range 3 {
		r.Wake() // nobody listens, and nobody waits
	}
	r.none("after it was stopped")
}

func TestWorker_stopWhileSending(t *testing.T) {
	r := newRig(t, 2)
	r.sender.hold = make(chan struct{})
	r.store.add(1, 2, 3)
	r.start()
	r.sent()
	r.sent()
	r.stop() // it waits for a slot just now
	r.wait(r.clock.Waiting(1), "the grace to begin")
	r.clock.Advance(grace - time.Millisecond)
	if r.stopped() {
		t.Fatal("it did not wait for what is under way")
	}
	close(r.sender.hold)
	r.wait(r.done, "the worker to stop")
	for _, got := range r.store.finished() {
		if got.Verdict != campaign.VerdictSent {
			t.Errorf("recorded %+v", got)
		}
	}
	if n := len(r.store.finished()); n != 2 {
		t.Errorf("%d recorded, want both", n)
	}
	r.none("while it stops")
	if got := r.logged(); strings.Contains(got, "ERROR") || strings.Contains(got, "cutting off") {
		t.Errorf("logged: %s", got)
	}
}

func TestWorker_stopAfterTheGrace(t *testing.T) {
	r := newRig(t, 2)
	r.sender.hold = make(chan struct{})
	r.store.add(1, 2)
	r.start()
	r.sent()
	r.sent()
	r.stop()
	r.wait(r.clock.Waiting(1), "the grace to begin")
	r.clock.Advance(grace)
	r.wait(r.done, "the worker to stop")
	finished := r.store.finished()
	if len(finished) != 2 || finished[0].Verdict != campaign.VerdictRetry {
		t.Errorf("recorded %+v, want both as cut off", finished)
	}
	if !strings.Contains(r.logged(), "cutting off") {
		t.Error("nobody is told")
	}
}

func TestWorker_runAgain(t *testing.T) {
	r := newRig(t, 1)
	r.start()
	r.idle()
	r.stop()
	r.wait(r.done, "the worker to stop")
	r.done = make(chan struct{})
	r.store.add(1)
	r.start()
	r.sent()
}

func TestWorker_stopBeforeTheStart(t *testing.T) {
	r := newRig(t, 1)
	r.store.add(1)
	r.start()
	r.stop()
	r.wait(r.done, "the worker to stop")
	// It may have begun with it, or have claimed it and given it back.
	want := campaign.VerdictRetry
	if len(r.sender.begun) > 0 {
		want = campaign.VerdictSent
	}
	finished := r.store.finished()
	if len(finished) > 1 || len(r.sender.begun) > len(finished) {
		t.Errorf("%d attempts, recorded %+v", len(r.sender.begun), finished)
	}
	for _, got := range finished {
		if got.Verdict != want {
			t.Errorf("%d attempts, recorded %+v", len(r.sender.begun), got)
		}
	}
}
