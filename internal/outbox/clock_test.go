package outbox_test

import (
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// A clock that is set wrong and right again, by days, with letters under way, in
// line and being tried again: none goes twice, none is stuck, and no office gets
// more than its pace allows.
func TestDay_clockJumps(t *testing.T) {
	testkit.Unhurried(t)
	const days = 3 * 24 * time.Hour
	for _, tt := range []struct {
		name    string
		jumps   []time.Duration
		minutes int // until all have gone
	}{
		{"forward", []time.Duration{days}, 12},
		{"back", []time.Duration{-days}, 12},
		{"forward and back", []time.Duration{days, -days}, 12},
		{"back and forward", []time.Duration{-days, days}, 12},
		{"an hour back", []time.Duration{-time.Hour}, 12},
		{"five minutes back", []time.Duration{-5 * time.Minute}, 12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDay(t, testkit.SMTPConfig{}, store.Delivery{Pace: campaign.Pace{PerHour: 60}, PerMinute: 600})
			const mps, each = 4, 6
			for range each {
				d.writes(mps)
			}
			a := noting(d.sender(nothing), d.clock)
			reached, release := make(chan struct{}, 1), make(chan struct{})
			d.smtp.Script(
				testkit.SMTPFault{Stage: testkit.StageDot, Recipient: d.email(0), Nth: 2, Reached: reached, Hang: release}, // under way
				testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: d.email(1), Nth: 2, Reply: "451 4.7.1 Later"},       // tried again
			)
			d.starts(a, 2)
			d.passes(55*time.Second, 5*time.Second)
			d.clock.Advance(10 * time.Second)
			select {
			case <-reached:
			case <-time.After(10 * time.Second):
				t.Fatal("no second letter")
			}
			othersDone := func() {
				d.until("the others are done with", func() bool {
					return d.value(`SELECT count(*) FROM outbox WHERE status = 'sending' AND letter_id <> $1`, mps+1) == "0"
				})
			}
			othersDone()
			for i, jump := range tt.jumps {
				d.clock.Jump(jump)
				if i == 0 {
					// The worker looks again while the clock is wrong, with one under way.
					for range 3 {
						// What it took goes at that time, not whenever its turn on the processor comes.
						<-d.clock.Waiting(1)
						othersDone()
						d.clock.Advance(20 * time.Second)
					}
					close(release)
				}
				a.reset()
				for range tt.minutes { //, each with what the program does in it
					if err := d.service.Tick(t.Context()); err != nil {
						t.Fatal(err)
					}
					d.wake()
					d.passes(time.Minute, 5*time.Second)
				}
				// A turn is counted from when it was, not from how late the worker looked.
				for mp, at := range a.at {
					for i := 1; i < len(at); i++ {
						if span := at[i].Sub(at[0]); span < time.Duration(i)*time.Minute-45*time.Second {
							t.Errorf("%d letters to %s in %v", i+1, mp, span)
						}
					}
				}
			}
			d.sentOnce(d.all()...)
			d.discreet()
		})
	}
}

// While the clock is wrong a mail server may be found to refuse everything.
func TestDay_clockJumpsInAnOutage(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	d.writes(5)
	d.smtp.Leave()
	d.clock.Jump(30 * 24 * time.Hour)
	d.starts(d.sender(nothing), 2)
	d.passes(10*time.Minute, 15*time.Second)
	d.clock.Jump(-30 * 24 * time.Hour)
	d.smtp.Return(t)
	for range 25 {
		if err := d.service.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.wake()
		d.passes(time.Minute, 15*time.Second)
	}
	d.sentOnce(d.all()...)
}
