package app

import (
	"context"
	"sync"
	"time"
)

// readyFor is how long an answer of the database stands. Asking it costs a
// durable commit, and anyone may ask us.
const readyFor = 2 * time.Second

// readiness remembers whether the database could be written.
type readiness struct {
	ping func(context.Context) error
	now  func() time.Time

	mu  sync.Mutex
	at  time.Time // when it was asked
	err error     // what it answered
}

// check returns why the database cannot be written, or nil. The answer is for
// everyone, so that it does not depend on whether the first to ask still waits.
func (r *readiness) check(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if age := now.Sub(r.at); age < 0 || age >= readyFor {
		r.err = r.ping(context.WithoutCancel(ctx))
		r.at = now
	}
	return r.err
}
