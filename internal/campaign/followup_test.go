package campaign_test

import (
	"strings"
	"testing"
	"time"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

func TestFollowStep_Next(t *testing.T) {
	sent := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return sent.AddDate(0, 0, n) }
	for _, c := range []struct {
		name      string
		step      FollowStep
		now, want time.Time // the zero time: none
	}{
		{"at once", FollowSent, sent, day(14)},
		{"late, and still before the question", FollowSent, day(7), day(14)},
		{"as late as the question", FollowSent, day(14), day(21)},
		{"asked in time", FollowAsk, day(14), day(21)},
		{"asked late", FollowAsk, day(20), day(27)},
		{"asked for the last time", FollowLast, day(21), time.Time{}},
	} {
		next, at, more := c.step.Next(sent, c.now)
		if !at.Equal(c.want) || more == c.want.IsZero() || more && next != c.step+1 {
			t.Errorf("%s: %d at %v, %t; want %v", c.name, next, at, more, c.want)
		}
	}
}

// A letter that has not gone has nothing to be stopped, and an address that was
// made up tells nothing.
func TestService_StopFollowUps(t *testing.T) {
	d := newDesk(t)
	token := d.mailed(t, typed())
	if err := d.StopLetterFollowUps(t.Context(), token); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("before it has gone: %v", err)
	}
	if err := d.StopLetterFollowUps(t.Context(), seal.NewToken()); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("no letter: %v", err)
	}
	for _, stop := range []string{"", "x", strings.Repeat("A", 32), token} {
		if err := d.StopFollowUps(t.Context(), stop); err != nil {
			t.Errorf("%q: %v", stop, err)
		}
	}
}
