package store

import (
	"testing"
	"time"

	"postbag/internal/campaign"
)

// A clock that is set back by less than a day, while the program runs or while it
// does not: what lies further ahead than it can goes now, and nothing else does.
func TestClock_setBack(t *testing.T) {
	for _, running := range []bool{true, false} {
		for _, tt := range []struct {
			name     string
			attempts int
			first    bool          // there was a first attempt since it was queued
			ahead    time.Duration // it is due
			want     bool          // it goes now
		}{
			{"not tried", 0, false, time.Hour, true},
			{"not tried, by a moment", 0, false, 30 * time.Second, false},
			{"tried once", 1, true, time.Hour, true},
			{"tried once, as planned", 1, true, 70 * time.Second, false},
			{"tried five times", 5, true, time.Hour, true},
			{"tried five times, as planned", 5, true, 19 * time.Minute, false},
			{"tried for days", 30, true, 6 * time.Hour, true},
			{"tried for days, as planned", 30, true, 4*time.Hour + 40*time.Minute, false},
			{"the mailbox was full", 1, false, campaign.FullWait, false},
			{"the mailbox was full, and the clock wrong", 1, false, campaign.FullWait + time.Hour, true},
		} {
			name := tt.name + ", while it does not run"
			if running {
				name = tt.name
			}
			t.Run(name, func(t *testing.T) {
				b := newBed(t)
				b.clock.Advance(2 * time.Hour)
				b.confirm(t, 1)
				s := b.Store
				if running {
					if _, err := s.Reclaim(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				b.clock.Advance(-2 * time.Hour)
				if !running {
					s = openAt(t, b.dir, b.clock)
				}
				var first any
				if tt.first {
					first = formatTime(start)
				}
				at := formatTime(b.clock.Now().Add(tt.ahead))
				b.alter(t, `UPDATE outbox SET attempts = $1, first_at = $2, due_at = $3, next_at = $3 WHERE kind = 'letter'`, tt.attempts, first, at)
				if _, err := s.Reclaim(t.Context()); err != nil {
					t.Fatal(err)
				}
				jobs, err := s.Claim(t.Context(), 5, lease)
				if err != nil || (len(jobs) == 1) != tt.want {
					t.Errorf("claimed %d, %v", len(jobs), err)
				}
			})
		}
	}
}

// The place in a line is a plan for any time to come; a clock that is right all the
// while changes no plan, and one that was set back is looked into once.
func TestClock_keepsPlans(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{Pace: campaign.Pace{PerHour: 1}})
	for n := range 5 {
		b.confirm(t, n)
	}
	plan := func() string {
		return b.texts(t, `SELECT due_at || ' ' || next_at FROM outbox WHERE kind = 'letter' ORDER BY id`)
	}
	before := plan()
	for range 3 {
		b.reclaimed(t)
		b.clock.Advance(-20 * time.Second)
	}
	if got := plan(); got != before {
		t.Errorf("planned anew:\n%s\nwas\n%s", got, before)
	}
}

// A worker that died before the clock was set back is missed after a lease, not after
// the time that the clock lost as well; one that still works is not.
func TestClock_leases(t *testing.T) {
	b := newBed(t)
	b.clock.Advance(5 * time.Hour)
	b.confirm(t, 1)
	if _, err := b.Claim(t.Context(), 1, longestLease); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(-5 * time.Hour)
	if n := b.reclaimed(t); n != 0 {
		t.Errorf("%d letters uncertain with their worker at work", n)
	}
	b.clock.Advance(longestLease)
	if n := b.reclaimed(t); n != 1 {
		t.Errorf("%d letters uncertain, want the one", n)
	}
}

// The mail server is asked again when it would have been.
func TestClock_relay(t *testing.T) {
	b := newBed(t)
	b.clock.Advance(10 * time.Minute)
	b.submit(t, 1)
	b.relayed(t, b.claimed(t))
	b.clock.Advance(-10 * time.Minute)
	b.reclaimed(t)
	if jobs := b.claims(t, 1); len(jobs) != 1 {
		t.Errorf("claimed %d: it waits for a time that was wrong", len(jobs))
	}
}
