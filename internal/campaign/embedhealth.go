package campaign

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strings"
	"sync"
)

// Load is a page that showed a partner's form, or tried to, on a day. It says
// nothing of who looked at it.
type Load struct {
	Partner string // slug
	Origin  string // of the page; empty: it was not told
	Day     string // in London
	Refused bool   // the page is none that may show it
}

// Limits on the pages that are remembered because they were refused: anybody can
// say to be any page. Where there are more, the least seen makes room, so that
// whoever makes pages up hides a true one only by asking more often, and all the
// time.
const (
	MaxRefusals    = 50 // origins of a partner
	ForgetRefusals = 30 // days after which one that was not seen again is forgotten
)

// HealthDays is the span of days that loads are told for.
const HealthDays = 30

// OriginLoads is how often pages of one origin showed the form, or tried to.
type OriginLoads struct {
	Origin string // empty: it was not told
	Times  int
	LastOn string // a day in London
}

// EmbedHealth is how a partner's embeds do.
type EmbedHealth struct {
	Shown   []OriginLoads // Times of the last HealthDays
	Refused []OriginLoads // Times since they were first remembered
}

// Times is how often the form was shown in all.
func (h EmbedHealth) Times() (n int) {
	for _, o := range h.Shown {
		n += o.Times
	}
	return n
}

// LastOn is the last day on which it was shown; empty: never.
func (h EmbedHealth) LastOn() (day string) {
	for _, o := range h.Shown {
		day = max(day, o.LastOn)
	}
	return day
}

// loads are those that are not in the database yet: a page that is looked at
// writes nothing to the disk.
type loads struct {
	mu      sync.Mutex
	count   map[Load]int
	refused map[string]map[Load]int // by partner
}

func (l *loads) add(load Load, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == nil {
		l.count, l.refused = map[Load]int{}, map[string]map[Load]int{}
	}
	if !load.Refused {
		l.count[load] += n
		return
	}
	of := l.refused[load.Partner]
	if of == nil {
		of = map[Load]int{}
		l.refused[load.Partner] = of
	}
	if _, known := of[load]; !known && len(of) >= MaxRefusals {
		delete(of, leastSeen(of))
	}
	of[load] += n
}

// leastSeen is the load that makes room for another.
func leastSeen(of map[Load]int) (least Load) {
	fewest := math.MaxInt
	for load, n := range of {
		if n < fewest {
			least, fewest = load, n
		}
	}
	return least
}

func (l *loads) take() map[Load]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.count
	for _, of := range l.refused {
		maps.Copy(all, of)
	}
	l.count, l.refused = nil, nil
	return all
}

// NoteLoad counts that a page showed a partner's form, or tried to and may not.
func (s *Service) NoteLoad(p *Partner, origin string, refused bool) {
	switch {
	case refused:
		parsed, err := ParseOrigin(origin)
		if err != nil || parsed != origin || len(origin) > MaxPartnerURL {
			return // no page that an organiser could allow
		}
	case !p.MayFrame(origin):
		origin = ""
	}
	s.loads.add(Load{Partner: p.Slug, Origin: strings.Clone(origin), Day: Day(s.now()), Refused: refused}, 1)
}

// KeepLoads writes down what was counted since it last did. What cannot be
// written is kept for the next time.
func (s *Service) KeepLoads(ctx context.Context) error {
	all := s.loads.take()
	if len(all) == 0 {
		return nil
	}
	if err := s.store.AddLoads(ctx, all); err != nil {
		for load, n := range all {
			s.loads.add(load, n)
		}
		return fmt.Errorf("keep loads: %w", err)
	}
	return nil
}

// EmbedHealth returns how a partner's embeds do. It may be some seconds old.
func (s *Service) EmbedHealth(ctx context.Context, partner string) (EmbedHealth, error) {
	h, err := s.store.Loads(ctx, partner, Day(s.now().In(London).AddDate(0, 0, 1-HealthDays)))
	if err != nil {
		return h, fmt.Errorf("embed health: %w", err)
	}
	if p, err := s.AnyPartner(partner); err == nil { // one that was allowed since is refused no more
		kept := h.Refused[:0]
		for _, o := range h.Refused {
			if !p.MayFrame(o.Origin) {
				kept = append(kept, o)
			}
		}
		h.Refused = kept
	}
	return h, nil
}
