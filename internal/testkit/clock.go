package testkit

import (
	"sort"
	"sync"
	"time"
)

// Clock is a clock that only a test moves. A worker that takes its time from
// it can be tested without sleeping: the test waits until the worker waits
// (Waiting), then advances.
//
// Consumers declare what they need of it, at most
//
//	Now() time.Time
//	NewTimer(d time.Duration) (c <-chan time.Time, stop func() bool)
//
// which time.Now and time.NewTimer satisfy in production with two lines.
// NewTimer returns no named type, so that nobody has to import one, and has a
// stop, unlike After, so that a timer given up on is not counted as waiting.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*timer]struct{}
	watch  []watcher
}

type timer struct {
	at time.Time
	c  chan time.Time
}

// watcher is a test waiting for the number of pending timers to reach n.
type watcher struct {
	n    int
	done chan struct{}
}

// NewClock returns a clock that stands at start.
func NewClock(start time.Time) *Clock {
	return &Clock{now: start, timers: make(map[*timer]struct{})}
}

// Now returns the time the clock stands at.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// NewTimer returns a channel that receives the time once, when the clock has
// been advanced by d; at once when d is not positive. Stop reports whether it
// kept the timer from firing.
func (c *Clock) NewTimer(d time.Duration) (<-chan time.Time, func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{at: c.now.Add(d), c: make(chan time.Time, 1)}
	if d <= 0 {
		t.c <- c.now
		return t.c, func() bool { return false }
	}
	c.timers[t] = struct{}{}
	c.notify()
	return t.c, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, pending := c.timers[t]
		delete(c.timers, t)
		return pending
	}
}

// Advance moves the clock by d and fires the timers that are then due, the
// earliest first, each with the time it was due at.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	var due []*timer
	for t := range c.timers {
		if !t.at.After(c.now) {
			due = append(due, t)
		}
	}
	sort.Slice(due, func(i, j int) bool { return due[i].at.Before(due[j].at) })
	for _, t := range due {
		delete(c.timers, t)
		t.c <- t.at
	}
}

// Jump sets the clock forward, or back if d is negative, as somebody does who
// corrects it: timers that are pending wait for as long as they would have.
func (c *Clock) Jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for t := range c.timers {
		t.at = t.at.Add(d)
	}
}

// Waiting returns a channel that is closed as soon as at least n timers are
// pending: the worker under test has done its round and sleeps.
func (c *Clock) Waiting(n int) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := watcher{n: n, done: make(chan struct{})}
	c.watch = append(c.watch, w)
	c.notify()
	return w.done
}

// notify releases the watchers whose number is reached. The lock is held.
func (c *Clock) notify() {
	rest := c.watch[:0]
	for _, w := range c.watch {
		if len(c.timers) >= w.n {
			close(w.done)
			continue
		}
		rest = append(rest, w)
	}
	c.watch = rest
}
