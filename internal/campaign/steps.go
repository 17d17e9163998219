package campaign

import (
	"context"
	"fmt"
	"maps"
	"sync"
)

// Step is one of the steps towards a letter that are counted before anything is
// known of whoever takes them.
type Step string

// The steps, the whole list. The check ("is my MP safe to talk to?") is none of
// them: it keeps nothing.
const (
	StepFound     Step = "found"     // a postcode, or a choice, led to an MP
	StepPreviewed Step = "previewed" // a letter was shown as it would be sent
)

// Visit is one step in a campaign on a day. It says nothing of who took it.
type Visit struct {
	Campaign string // slug
	Day      string // in London
	Step     Step
}

// visits are those that are not in the database yet: a page that is looked at
// writes nothing to the disk.
type visits struct {
	mu    sync.Mutex
	count map[Visit]int
}

func (v *visits) add(all map[Visit]int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.count == nil {
		v.count = map[Visit]int{}
	}
	for visit, n := range all {
		v.count[visit] += n
	}
}

func (v *visits) take() map[Visit]int {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := v.count
	v.count = nil
	return all
}

// NoteStep counts that somebody took a step in a campaign that exists.
func (s *Service) NoteStep(slug string, step Step) {
	s.visits.add(map[Visit]int{{slug, Day(s.now()), step}: 1})
}

// KeepSteps writes down the steps that were taken since it last did. What cannot
// be written is kept for the next time.
func (s *Service) KeepSteps(ctx context.Context) error {
	all := s.visits.take()
	if len(all) == 0 {
		return nil
	}
	if err := s.store.AddSteps(ctx, all); err != nil {
		s.visits.add(all)
		return fmt.Errorf("keep steps: %w", err)
	}
	return nil
}

// Funnel is how many come how far on the way to a letter that is sent. The first
// two count visits, of which one person may make several; the others letters.
type Funnel struct {
	Found, Previewed, Written, Confirmed, Sent int
}

// funnel returns its first two numbers from day to day, both included.
func (s *Service) funnel(ctx context.Context, slug, from, to string) (Funnel, error) {
	steps, err := s.store.Steps(ctx, slug, from, to)
	if err != nil {
		return Funnel{}, fmt.Errorf("funnel: %w", err)
	}
	s.visits.mu.Lock()
	waiting := maps.Clone(s.visits.count)
	s.visits.mu.Unlock()
	for v, n := range waiting {
		if v.Campaign == slug && v.Day >= from && v.Day <= to {
			steps[v.Step] += n
		}
	}
	return Funnel{Found: steps[StepFound], Previewed: steps[StepPreviewed]}, nil
}
