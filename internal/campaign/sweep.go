package campaign

import (
	"context"
	"fmt"
	"slices"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

// MaxSwept is how many letters a sweep decides about in one go: whoever began it is
// asked to go on with the others. It looks at maxLooked at most to find them.
const (
	MaxSwept  = 2000
	maxLooked = 40_000
)

// Sweep is one decision about every letter that a filter lets through, of those
// that waited when somebody was shown how many there are.
type Sweep struct {
	Decision Decision
	Filter   OpenFilter // After: of the last letter of the step before
	Freed    bool       // of these, letters that are Freed only
	Asked    time.Time  // when they were counted
	Note     string     // to decline them
}

// Swept is what came of a step of a sweep.
type Swept struct {
	Done    int
	Refused []Judged
	After   int64 // id of the last letter looked at; 0: there are no more
}

// freeing are the reasons for which a letter is held that a new list of MPs, a
// correction of it, or an organiser who clears an address can take away.
var freeing = []string{WhyVacant, WhyChanged, WhyNoEmail, WhyFailing}

// Freed reports whether a letter that was held can go by now, to the MP that it was
// written to.
func (l DeskLetter) Freed() bool {
	return l.State == StateHeld && slices.Contains(freeing, l.Why) && l.Refuse(DecideSend) == ""
}

// Freed counts the letters that were held and can go by now.
func Freed(groups []OpenGroup, roster *parliament.Roster) int {
	n := 0
	for _, g := range groups {
		if g.State != StateHeld || !slices.Contains(freeing, g.Why) {
			continue
		}
		seat, ok := roster.Seat(g.Constituency)
		if ok && Obstacle(g.Member, Target{MemberID: seat.Member.ID, Email: seat.Member.Email, Failing: g.Failing}) == "" {
			n += g.Letters
		}
	}
	return n
}

// Sweep carries a decision out for the letters that it is about, some hundreds at a
// time, each in the way of Decide. Letters that came to wait since they were
// counted are left alone. invalid as Decide; not_found. With any error comes what is
// done by then, and After to go on from.
func (s *Service) Sweep(ctx context.Context, by account.Actor, slug string, w Sweep) (Swept, error) {
	if !w.Decision.Valid() {
		return Swept{}, fault.New(fault.Invalid, "desk.error.decision")
	}
	if _, err := noteFor(w.Decision, w.Note); err != nil {
		return Swept{}, err
	}
	f := w.Filter
	out := Swept{After: f.After}
	for looked := 0; looked < maxLooked && out.Done+len(out.Refused) < MaxSwept; looked += MaxChosen {
		found, err := s.store.OpenLetters(ctx, slug, f, MaxChosen+1)
		if err != nil {
			return out, fmt.Errorf("sweep: %w", err)
		}
		more := len(found) > MaxChosen
		if more {
			found = found[:MaxChosen]
		}
		if err := s.sweep(ctx, by, slug, w, found, &out); err != nil {
			return out, fmt.Errorf("sweep: %w", err)
		}
		if !more {
			out.After = 0
			return out, nil
		}
		f.After = found[len(found)-1].ID
		out.After = f.After
	}
	return out, nil
}

// sweep decides about those of the letters that a sweep is about.
func (s *Service) sweep(ctx context.Context, by account.Actor, slug string, w Sweep, found []DeskLetter, out *Swept) error {
	var chosen []Chosen
	for _, l := range found {
		if !l.StateAt.After(w.Asked) && (!w.Freed || l.Freed()) {
			chosen = append(chosen, Chosen{ID: l.ID, Seen: l.StateAt})
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	judged, err := s.Decide(ctx, by, slug, w.Decision, chosen, w.Note)
	for _, j := range judged {
		if j.Refused == "" {
			out.Done++
		} else {
			out.Refused = append(out.Refused, j)
		}
	}
	return err
}
