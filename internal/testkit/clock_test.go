package testkit

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	start := time.Date(2025, 3, 30, 0, 59, 0, 0, time.UTC)

	t.Run("stands still until it is advanced", func(t *testing.T) {
		c := NewClock(start)
		if !c.Now().Equal(start) {
			t.Fatalf("Now() = %v", c.Now())
		}
		c.Advance(time.Minute)
		if want := start.Add(time.Minute); !c.Now().Equal(want) {
			t.Fatalf("Now() = %v, want %v", c.Now(), want)
		}
	})

	t.Run("fires what is due and nothing else", func(t *testing.T) {
		c := NewClock(start)
		soon, _ := c.NewTimer(time.Second)
		late, _ := c.NewTimer(time.Hour)
		c.Advance(time.Minute)
		select {
		case at := <-soon:
			if !at.Equal(start.Add(time.Second)) {
				t.Errorf("fired with %v", at)
			}
		default:
			t.Error("the timer that was due did not fire")
		}
		select {
		case <-late:
			t.Error("a timer fired early")
		default:
		}
	})

	t.Run("a jump fires nothing and puts nothing off", func(t *testing.T) {
		c := NewClock(start)
		fired, _ := c.NewTimer(time.Minute)
		for _, jump := range []time.Duration{72 * time.Hour, -100 * time.Hour} {
			c.Jump(jump)
		}
		if want := start.Add(-28 * time.Hour); !c.Now().Equal(want) {
			t.Errorf("Now() = %v, want %v", c.Now(), want)
		}
		c.Advance(time.Minute - 1)
		select {
		case <-fired:
			t.Fatal("the timer fired early")
		default:
		}
		c.Advance(1)
		<-fired
	})

	t.Run("a timer of no duration fires at once", func(t *testing.T) {
		c := NewClock(start)
		now, _ := c.NewTimer(0)
		<-now
	})

	t.Run("a stopped timer neither fires nor counts as waiting", func(t *testing.T) {
		c := NewClock(start)
		fired, stop := c.NewTimer(time.Second)
		if !stop() || stop() {
			t.Error("stop must report true once")
		}
		waiting := c.Waiting(1)
		c.Advance(time.Hour)
		select {
		case <-fired:
			t.Error("a stopped timer fired")
		case <-waiting:
			t.Error("a stopped timer counts as waiting")
		default:
		}
		c.NewTimer(time.Second)
		<-waiting
	})

	t.Run("a loop is driven without sleeping", func(t *testing.T) {
		c := NewClock(start)
		rounds := make(chan time.Time)
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			for {
				tick, cancel := c.NewTimer(time.Minute)
				select {
				case at := <-tick:
					rounds <- at
				case <-stop:
					cancel()
					return
				}
			}
		}()
		for i := 1; i <= 3; i++ {
			<-c.Waiting(1)
			c.Advance(time.Minute)
			if at := <-rounds; !at.Equal(start.Add(time.Duration(i) * time.Minute)) {
				t.Errorf("round %d at %v", i, at)
			}
		}
	})
}
