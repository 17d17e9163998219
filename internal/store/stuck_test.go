package store

import (
	"testing"
	"time"

	"postbag/internal/campaign"
)

func TestStuck(t *testing.T) {
	b := newBed(t)
	for n, state := range []campaign.State{campaign.StateSent, campaign.StateUncertain, campaign.StateUncertain, campaign.StateFailed} {
		b.bring(t, n, state)
	}
	want := func(when time.Time, want campaign.Stuck) {
		t.Helper()
		if got, err := b.Stuck(t.Context(), when); err != nil || got != want {
			t.Errorf("%+v, want %+v (%v)", got, want, err)
		}
	}
	before, err := b.Stuck(t.Context(), b.clock.Now().Add(-time.Hour))
	if err != nil || before.Uncertain != 2 || before.Failed != 1 {
		t.Fatalf("%+v, %v", before, err)
	}
	b.submit(t, 10)
	b.submit(t, 11)
	after := before
	after.Waiting += 2
	want(b.clock.Now().Add(-time.Hour), after)
	b.clock.Advance(2 * time.Hour)
	late, err := b.Stuck(t.Context(), b.clock.Now().Add(-time.Hour))
	if err != nil || late.Late < 2 || late.Late > late.Waiting {
		t.Errorf("two hours later: %+v, %v", late, err)
	}
}
