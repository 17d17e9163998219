package mailer

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
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
