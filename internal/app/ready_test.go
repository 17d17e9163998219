package app

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestReadiness_AsksTheDatabaseEveryTwoSeconds(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	asked, broken := 0, error(nil)
	r := readiness{now: func() time.Time { return now }, ping: func(ctx context.Context) error {
		asked++
		return errors.Join(broken, ctx.Err())
	}}
	check := func(wantAsked int, want error) {
		t.Helper()
		if err := r.check(t.Context()); asked != wantAsked || !errors.Is(err, want) {
			t.Errorf("asked %d times, want %d; %v", asked, wantAsked, err)
		}
	}
	check(1, nil)
	broken = errors.New("disk full")
	now = now.Add(readyFor - time.Millisecond)
	check(1, nil)
	now = now.Add(time.Millisecond)
	check(2, broken)
	check(2, broken)
	broken = nil
	now = now.Add(-time.Hour) // the clock was set back
	check(3, nil)

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	now = now.Add(readyFor)
	if err := r.check(gone); err != nil {
		t.Errorf("someone who hung up makes us unready: %v", err)
	}
}
