package campaign

// State is where a letter stands. A letter is awaiting confirmation, then
// queued, sending, sent; or it ended or waits otherwise.
type State string

// The states of a letter, the whole list.
const (
	StateAwaiting  State = "awaiting"  // written; the supporter has not confirmed yet
	StateQueued    State = "queued"    // confirmed; waits to be sent
	StateSending   State = "sending"   // a worker is talking to the mail server
	StateSent      State = "sent"      // the mail server accepted it
	StateHeld      State = "held"      // not to be sent as things stand (MP changed, seat vacant…)
	StateWithdrawn State = "withdrawn" // the supporter took it back, or an organiser declined it
	StateExpired   State = "expired"   // never confirmed
	StateFailed    State = "failed"    // the mail server refused it for good
	StateBounced   State = "bounced"   // accepted, then returned
	StateUncertain State = "uncertain" // the connection was lost after the data: it may have arrived
)

// States lists every state, in the order of a letter's life.
func States() []State {
	return []State{
		StateAwaiting, StateQueued, StateSending, StateSent, StateHeld,
		StateWithdrawn, StateExpired, StateFailed, StateBounced, StateUncertain,
	}
}

// moves holds every allowed move; what is not here is forbidden. Uncertain
// letters move only by an organiser's decision, because a second copy is worse
// than a question, or when another server's report shows that they were accepted.
var moves = map[State][]State{
	StateAwaiting:  {StateQueued, StateHeld, StateWithdrawn, StateExpired},
	StateQueued:    {StateSending, StateHeld, StateWithdrawn, StateUncertain}, // uncertain: in a backup that was brought back
	StateSending:   {StateSent, StateQueued, StateFailed, StateUncertain},
	StateSent:      {StateBounced, StateQueued}, // queued: the mailbox was full
	StateHeld:      {StateQueued, StateWithdrawn},
	StateFailed:    {StateQueued, StateWithdrawn},
	StateBounced:   {StateQueued, StateWithdrawn},
	StateUncertain: {StateSent, StateQueued},
}

// CanMove reports whether a letter in state from may go to state to.
func CanMove(from, to State) bool {
	for _, s := range moves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Final reports whether a letter in this state can never move again.
func (s State) Final() bool { return len(moves[s]) == 0 }

// Obstacle says why a letter that was written to a member cannot go to whoever
// sits now, or "" if nothing stands in its way.
func Obstacle(writtenTo int, now Target) string {
	switch {
	case now.MemberID == 0:
		return WhyVacant
	case now.MemberID != writtenTo:
		return WhyChanged
	case now.Email == "":
		return WhyNoEmail
	case now.Failing:
		return WhyFailing
	}
	return ""
}

// MayWriteAgain reports whether a supporter whose letter came to this state may
// write to the same MP anew: it did not arrive and will not by itself.
func MayWriteAgain(s State) bool {
	switch s {
	case StateWithdrawn, StateExpired, StateFailed, StateBounced:
		return true
	}
	return false
}
