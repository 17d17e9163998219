package mailer

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

func TestDomains_boundEachAlone(t *testing.T) {
	d := &domains{most: 2}
	var underWay, most atomic.Int64
	var all sync.WaitGroup
	held := make(chan struct{})
	for range 20 {
		all.Go(func() {
			leave, err := d.enter(t.Context(), nil, "alex@Parliament.uk")
			if err != nil {
				t.Error(err)
				return
			}
			n := underWay.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-held
			underWay.Add(-1)
			leave()
		})
	}
	// Whoever writes elsewhere does not wait for them.
	leave, err := d.enter(t.Context(), nil, "sam@example.org")
	if err != nil {
		t.Fatal(err)
	}
	leave()
	close(held)
	all.Wait()
	if most.Load() > 2 || len(d.places) != 0 {
		t.Errorf("%d to one domain at once, %d domains are kept", most.Load(), len(d.places))
	}
}

func TestDomains_giveUp(t *testing.T) {
	d := &domains{most: 1}
	if _, err := d.enter(t.Context(), nil, "a@example.org"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.enter(ctx, nil, "b@example.org"); err == nil {
		t.Error("entered although stopped")
	}
	closing := make(chan struct{})
	close(closing)
	if _, err := d.enter(t.Context(), closing, "b@example.org"); err == nil {
		t.Error("entered although closed")
	}
	if leave, err := (&domains{}).enter(ctx, closing, "b@example.org"); err != nil {
		t.Errorf("without a bound: %v", err)
	} else {
		leave()
	}
}

// A message that waits for others to the same domain is given back in time: its lease
// runs, and whoever sends after that may send what another sends as well.
func TestSender_waitsNoLongerThanItMay(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"for its domain":   func(o *Options) { o.Connections, o.PerDomain = 2, 1 },
		"for a connection": func(o *Options) { o.Connections = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			release, reached := make(chan struct{}), make(chan struct{}, 1)
			server.Script(testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 1, Hang: release, Reached: reached})
			sender := newSender(t, server, change, quick(func(t *Timeouts) { t.Wait = 50 * time.Millisecond }))
			running := make(chan campaign.Outcome, 1)
			go func() { running <- sender.Send(t.Context(), letter()) }()
			<-reached
			late := send(t, sender, letter())
			if wantOutcome(t, late, campaign.VerdictRetry, 0, "waited too long"); !late.Waited {
				t.Error("it counts as an attempt")
			}
			close(release)
			wantOutcome(t, <-running, campaign.VerdictSent, 250, "")
			if n := server.Accepted(); n != 1 {
				t.Errorf("%d messages arrived, want 1", n)
			}
		})
	}
}
