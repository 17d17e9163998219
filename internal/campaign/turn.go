package campaign

import (
	"context"
	"fmt"
	"time"

	"postbag/internal/fault"
)

// Reasons why letters wait that could go otherwise: keys after turn.
const (
	WaitDissolved = "dissolved" // there is no Parliament
	WaitOffice    = "office"    // it is outside office hours
	WaitRelay     = "relay"     // the mail server refuses everything
)

// InTurn is where a letter stands in line, and what keeps it there.
type InTurn struct {
	Turn
	Why string // empty: nothing but those before it
}

// PlaceInLine says where a letter that is queued stands; nil if it is not.
func (s *Service) PlaceInLine(ctx context.Context, l *Letter) (*InTurn, error) {
	if l.State != StateQueued {
		return nil, nil
	}
	turn, err := s.store.Turn(ctx, l.ID)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, nil // it went just now
	}
	if err != nil {
		return nil, fmt.Errorf("place in line: %w", err)
	}
	t := &InTurn{Turn: turn}
	now := s.now()
	if at := s.pace.Open(now); at.After(t.Expected) {
		t.Expected = at
	}
	if _, dissolved := s.pace.DissolvedAt(now); dissolved {
		t.Why = WaitDissolved
		return t, nil
	}
	relay, err := s.store.Relay(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("place in line: %w", err)
	case relay.Refuses():
		t.Why = WaitRelay
	case s.pace.Office.Open(now).After(now):
		t.Why = WaitOffice
	}
	return t, nil
}

// DissolvedUntil returns when letters go again, while there is no Parliament; the
// zero time while there is one.
func (s *Service) DissolvedUntil() time.Time {
	if d, ok := s.pace.DissolvedAt(s.now()); ok {
		return s.pace.Open(d.End())
	}
	return time.Time{}
}

// Waiting is what is queued.
type Waiting struct {
	Letters int
	Last    time.Time // when the last is likely to go, as things stand; zero: none is queued
}

// Line says how many letters of a campaign are queued. not_found if there is no such
// campaign.
func (s *Service) Line(ctx context.Context, slug string) (Waiting, error) {
	w, err := s.store.Line(ctx, slug)
	if err != nil || w.Letters == 0 {
		return w, err
	}
	relay, err := s.store.Relay(ctx)
	if err != nil {
		return w, err
	}
	for _, at := range []time.Time{relay.NextAt, s.pace.Open(s.now())} { // at the earliest
		if at.After(w.Last) {
			w.Last = at
		}
	}
	return w, nil
}

// Relay says whether the mail server refuses everything.
func (s *Service) Relay(ctx context.Context) (Relay, error) { return s.store.Relay(ctx) }
