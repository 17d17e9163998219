package campaign

import (
	"cmp"
	"slices"
)

// TodoKind is a kind of thing that an organiser might do next.
type TodoKind string

// The kinds, the most urgent first.
const (
	TodoWaiting TodoKind = "waiting" // letters wait for somebody's decision
	TodoBounces TodoKind = "bounces" // letters to MPs come back, or are refused
	TodoThanks  TodoKind = "thanks"  // MPs pledged, and nobody has thanked them since
	TodoPush    TodoKind = "push"    // many letters, and no pledge
	TodoSilent  TodoKind = "silent"  // nobody has written
)

// mostItems is how many constituencies a Todo names.
const mostItems = 5

// Todo is one thing that an organiser might do next, and how it is known.
type Todo struct {
	Kind    TodoKind
	N       int // letters that wait; constituencies otherwise
	Seats   []*SeatTally
	Regions []RegionCount // of TodoSilent: where they lie, the most first
	Now     Now           // of TodoWaiting
}

// RegionCount is how many constituencies of a region are meant, of how many.
type RegionCount struct {
	Nation, Region string
	N, Of          int
}

// Next says what might be done next in the campaign, the most urgent first.
func (b *Board) Next() []Todo {
	var todos []Todo
	add := func(t Todo) {
		if t.N > 0 {
			t.Seats = t.Seats[:min(len(t.Seats), mostItems)]
			todos = append(todos, t)
		}
	}
	now := b.Total.Now
	add(Todo{Kind: TodoWaiting, N: now.Open(), Now: now})
	add(b.seats(TodoBounces, func(s *SeatTally) int { return s.Tally.Now.Bounced + s.Tally.Now.Failed }))
	add(b.seats(TodoThanks, func(s *SeatTally) int {
		if s.Standing != StandingPledged || !s.Tally.ThankedAt.IsZero() && Day(s.Tally.ThankedAt) >= s.Pledge.On {
			return 0
		}
		return 1
	}))
	add(b.seats(TodoPush, func(s *SeatTally) int {
		if s.Standing != StandingNotYet && s.Standing != StandingWithdrawn {
			return 0
		}
		return s.Tally.Letters()
	}))
	add(b.silent())
	return todos
}

// seats are those for which weight is more than 0, the heaviest first.
func (b *Board) seats(kind TodoKind, weight func(*SeatTally) int) Todo {
	t := Todo{Kind: kind}
	weights := map[*SeatTally]int{}
	for i := range b.Seats {
		s := &b.Seats[i]
		if w := weight(s); w > 0 {
			weights[s] = w
			t.Seats = append(t.Seats, s)
		}
	}
	t.N = len(t.Seats)
	slices.SortFunc(t.Seats, func(x, y *SeatTally) int {
		return cmp.Or(cmp.Compare(weights[y], weights[x]), cmp.Compare(x.rank, y.rank))
	})
	return t
}

// silent are the seats in which nobody has written, by region.
func (b *Board) silent() Todo {
	t := Todo{Kind: TodoSilent}
	for i := range b.Seats {
		s := &b.Seats[i]
		c := s.Constituency
		at := slices.IndexFunc(t.Regions, func(r RegionCount) bool { return r.Region == c.Region && r.Nation == c.Country })
		if at < 0 {
			at = len(t.Regions)
			t.Regions = append(t.Regions, RegionCount{Nation: c.Country, Region: c.Region})
		}
		t.Regions[at].Of++
		if s.Tally.Letters() <= 0 {
			t.Regions[at].N++
			t.N++
		}
	}
	t.Regions = slices.DeleteFunc(t.Regions, func(r RegionCount) bool { return r.N == 0 })
	slices.SortStableFunc(t.Regions, func(x, y RegionCount) int { return cmp.Compare(y.N, x.N) })
	return t
}
