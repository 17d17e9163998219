package campaign_test

import (
	"testing"

	. "postbag/internal/campaign"
)

// allowed is the state table as the product needs it: a row for each state, a
// column for each state to come to.
var allowed = map[State]map[State]bool{
	//                awaiting               queued               sending               sent               held               withdrawn               expired               failed               bounced               uncertain
	StateAwaiting:  {StateAwaiting: false, StateQueued: true, StateSending: false, StateSent: false, StateHeld: true, StateWithdrawn: true, StateExpired: true, StateFailed: false, StateBounced: false, StateUncertain: false},
	StateQueued:    {StateAwaiting: false, StateQueued: false, StateSending: true, StateSent: false, StateHeld: true, StateWithdrawn: true, StateExpired: false, StateFailed: false, StateBounced: false, StateUncertain: true},
	StateSending:   {StateAwaiting: false, StateQueued: true, StateSending: false, StateSent: true, StateHeld: false, StateWithdrawn: false, StateExpired: false, StateFailed: true, StateBounced: false, StateUncertain: true},
	StateSent:      {StateAwaiting: false, StateQueued: true, StateSending: false, StateSent: false, StateHeld: false, StateWithdrawn: false, StateExpired: false, StateFailed: false, StateBounced: true, StateUncertain: false},
	StateHeld:      {StateAwaiting: false, StateQueued: true, StateSending: false, StateSent: false, StateHeld: false, StateWithdrawn: true, StateExpired: false, StateFailed: false, StateBounced: false, StateUncertain: false},
	StateWithdrawn: {StateAwaiting: false, StateQueued: false, StateSending: false, StateSent: false, StateHeld: false, StateWithdrawn: false, StateExpired: false, StateFailed: false, StateBounced: false, StateUncertain: false},
	StateExpired:   {StateAwaiting: false, StateQueued: false, StateSending: false, StateSent: false, StateHeld: false, StateWithdrawn: false, StateExpired: false, StateFailed: false, StateBounced: false, StateUncertain: false},
	StateFailed:    {StateAwaiting: false, StateQueued: true, StateSending: false, StateSent: false, StateHeld: false, StateWithdrawn: true, StateExpired: false, StateFailed: false, StateBounced: false, StateUncertain: false},
	StateBounced:   {StateAwaiting: false, StateQueued: true, StateSending: false, StateSent: false, StateHeld: false, StateWithdrawn: true, StateExpired: false, StateFailed: false, StateBounced: false, StateUncertain: false},
	StateUncertain: {StateAwaiting: false, StateQueued: true, StateSending: false, StateSent: true, StateHeld: false, StateWithdrawn: false, StateExpired: false, StateFailed: false, StateBounced: false, StateUncertain: false},
}

func TestCanMove(t *testing.T) {
	if len(allowed) != 10 || len(States()) != 10 {
		t.Fatalf("%d states in the table, %d in the code; want 10", len(allowed), len(States()))
	}
	for _, from := range States() {
		if len(allowed[from]) != 10 {
			t.Fatalf("the row of %s has %d columns", from, len(allowed[from]))
		}
		final := true
		for _, to := range States() {
			want, ok := allowed[from][to]
			if !ok {
				t.Fatalf("%s is missing in the row of %s", to, from)
			}
			if got := CanMove(from, to); got != want {
				t.Errorf("%s to %s: %v, want %v", from, to, got, want)
			}
			final = final && !want
		}
		if from.Final() != final {
			t.Errorf("%s: final %v, want %v", from, from.Final(), final)
		}
		for _, none := range []State{"", "nonsense", "SENT"} {
			if CanMove(from, none) || CanMove(none, from) {
				t.Errorf("moves between %s and %q", from, none)
			}
		}
	}
}

func TestMayWriteAgain(t *testing.T) {
	want := map[State]bool{StateWithdrawn: true, StateExpired: true, StateFailed: true, StateBounced: true}
	for _, s := range append(States(), "", "nonsense") {
		if got := MayWriteAgain(s); got != want[s] {
			t.Errorf("%q: %v, want %v", s, got, want[s])
		}
	}
}
