package campaign

import (
	"container/heap"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Pace says how fast letters may go to an MP's office: however many are written,
// they arrive as a steady stream, at hours when somebody is there to read them.
// The zero Pace holds nothing back.
type Pace struct {
	PerHour   int         // letters to one MP in an hour; 0: as many as there are
	Office    OfficeHours // when letters go
	Dissolved []Days      // when there is no Parliament, and nobody to write to
}

// None reports whether the pace holds nothing back.
func (p Pace) None() bool { return p.PerHour == 0 && p.Office.Always() && len(p.Dissolved) == 0 }

// MaxPerHour is the most that PerHour can be: times are kept to a millisecond.
const MaxPerHour = 36_000

// Every returns the time between two letters to the same MP, in whole
// milliseconds and never too short.
func (p Pace) Every() time.Duration {
	if p.PerHour <= 0 {
		return 0
	}
	n := time.Duration(p.PerHour)
	return (time.Hour/time.Millisecond + n - 1) / n * time.Millisecond
}

// Open returns the first moment at or after t at which letters may go.
func (p Pace) Open(t time.Time) time.Time {
	for range 4 * (1 + len(p.Dissolved)) { // each pass leaves one span behind
		next := p.Office.Open(t)
		for _, d := range p.Dissolved {
			if d.Contain(next) {
				next = d.End()
			}
		}
		if next.Equal(t) {
			return t
		}
		t = next
	}
	return t
}

// DissolvedAt returns the days of a dissolution that t falls on, and whether it
// does.
func (p Pace) DissolvedAt(t time.Time) (Days, bool) {
	for _, d := range p.Dissolved {
		if d.Contain(t) {
			return d, true
		}
	}
	return Days{}, false
}

// InLine is a letter that waits for its turn.
type InLine struct {
	ID   int64     // those that were queued first have the lowest
	Due  time.Time // it may not go before
	Slot time.Time // when its turn is
}

// Line gives each letter of one MP's line its turn: none before it is due, none
// before free, and of those that could go the one that was queued first. It
// returns those whose turn has changed.
func (p Pace) Line(free time.Time, line []InLine) (changed []InLine) {
	line = slices.Clone(line)
	slices.SortFunc(line, func(a, b InLine) int { return a.Due.Compare(b.Due) })
	var ready idHeap
	at := p.Open(free)
	for next := 0; next < len(line) || len(ready) > 0; {
		if len(ready) == 0 && line[next].Due.After(at) {
			at = p.Open(line[next].Due)
		}
		for next < len(line) && !line[next].Due.After(at) {
			heap.Push(&ready, line[next])
			next++
		}
		l := heap.Pop(&ready).(InLine)
		if !l.Slot.Equal(at) {
			l.Slot = at
			changed = append(changed, l)
		}
		at = p.Open(at.Add(p.Every()))
	}
	return changed
}

// idHeap has the letter that was queued first at its top.
type idHeap []InLine

func (h idHeap) Len() int           { return len(h) }
func (h idHeap) Less(i, j int) bool { return h[i].ID < h[j].ID }
func (h idHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *idHeap) Push(x any)        { *h = append(*h, x.(InLine)) }
func (h *idHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// OfficeHours are hours of certain days of the week, by the clock in London. The
// zero value is any time.
type OfficeHours struct {
	Days     [7]bool // from Sunday, as time.Weekday counts
	From, To int     // minutes after midnight; To is the first at which nothing goes
}

// Always reports whether letters go at any time.
func (h OfficeHours) Always() bool { return h == OfficeHours{} }

// Open returns the first moment at or after t that is within the hours. Where
// clocks change it goes by what they show: an hour that is there twice counts
// twice, one that is missing not at all.
func (h OfficeHours) Open(t time.Time) time.Time {
	if h.Always() {
		return t
	}
	local := t.In(London)
	for day := range 15 { // two weeks, as the hours of one may be those that clocks leave out
		date := time.Date(local.Year(), local.Month(), local.Day()+day, 12, 0, 0, 0, London)
		if !h.Days[date.Weekday()] {
			continue
		}
		from, to := minuteOf(date, h.From), minuteOf(date, h.To)
		if t.Before(to) && from.Before(to) {
			if t.Before(from) {
				return from
			}
			return t
		}
	}
	return t // hours of no length are refused when they are read
}

// minuteOf returns the moment of a day at which London's clocks first show so many
// minutes after midnight.
func minuteOf(day time.Time, minutes int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minutes, 0, 0, London)
}

var weekdays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// ParseOfficeHours reads hours such as "Mon-Fri 09:00-17:30"; the empty text is
// any time. The error completes "POSTBAG_OFFICE_HOURS ".
func ParseOfficeHours(s string) (OfficeHours, error) {
	if s == "" {
		return OfficeHours{}, nil
	}
	wrong := fmt.Errorf("is %q; it must be days and hours in London, such as Mon-Fri 09:00-17:30", s)
	days, hours, ok := strings.Cut(s, " ")
	from, to, two := strings.Cut(hours, "-")
	if !ok || !two {
		return OfficeHours{}, wrong
	}
	first, last, several := strings.Cut(days, "-")
	if !several {
		last = first
	}
	a, b := slices.Index(weekdays, first), slices.Index(weekdays, last)
	var h OfficeHours
	var okFrom, okTo bool
	h.From, okFrom = parseMinute(from)
	h.To, okTo = parseMinute(to)
	if a < 0 || b < 0 || !okFrom || !okTo || h.From >= h.To {
		return OfficeHours{}, wrong
	}
	for d := a; ; d = (d + 1) % 7 {
		h.Days[d] = true
		if d == b {
			return h, nil
		}
	}
}

// parseMinute reads a time of day such as 09:00, up to 24:00.
func parseMinute(s string) (int, bool) {
	h, m, ok := strings.Cut(s, ":")
	hour, err := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	if !ok || err != nil || err2 != nil || len(h) != 2 || len(m) != 2 || hour < 0 || hour > 24 || minute < 0 || minute > 59 || hour == 24 && minute > 0 {
		return 0, false
	}
	return hour*60 + minute, true
}

// Days is a span of days in London, the first and the last included.
type Days struct {
	First, Last string // as Day gives them
}

// Contain reports whether t falls on one of the days.
func (d Days) Contain(t time.Time) bool {
	day := Day(t)
	return d.First <= day && day <= d.Last
}

// End returns the moment at which the last of the days is over.
func (d Days) End() time.Time {
	last, err := time.ParseInLocation(time.DateOnly, d.Last, London)
	if err != nil {
		panic("days that were not checked: " + d.Last)
	}
	return time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, London)
}

// noDay is the first of a year that is for ever: the day after its last cannot be
// written.
const noDay = "9999-01-01"

// ParseDays reads spans of days such as "2029-03-30/2029-05-03", several with
// commas between them. The error completes "POSTBAG_DISSOLVED ".
func ParseDays(s string) (all []Days, err error) {
	if s == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		first, last, ok := strings.Cut(strings.TrimSpace(part), "/")
		_, err1 := time.Parse(time.DateOnly, first)
		_, err2 := time.Parse(time.DateOnly, last)
		if !ok || err1 != nil || err2 != nil || first > last || last >= noDay {
			return nil, fmt.Errorf("is %q; it must be the first and the last day without a Parliament, such as 2029-03-30/2029-05-03", s)
		}
		all = append(all, Days{first, last})
	}
	return all, nil
}

// Turn is where a letter stands that waits to be sent.
type Turn struct {
	Place    int       // from 1
	Expected time.Time // when it is likely to go, as things stand
}

// Relay is what is wrong with the mail server; the zero Relay: nothing is known
// to be.
type Relay struct {
	Since    time.Time // refuses everything since
	NextAt   time.Time // is tried again
	Failures int       // attempts in a row
	Code     int       // of its last answer; 0: it gave none
	Answer   string    // what was being done, or codes
}

// Refuses reports whether the mail server refuses everything.
func (r Relay) Refuses() bool { return !r.Since.IsZero() }

// Explains reports whether an outcome that may be the mail server's doing is: it
// refuses everything already. What it refuses for good is explained only by a refusal
// for good; one that was out of reach, and answers now, is in order but for this.
func (r Relay) Explains(o Outcome) bool {
	return r.Refuses() && o.Suspect && (o.Verdict == VerdictRetry || r.Code >= 500)
}

// Stuck counts what waits to be sent, and letters that somebody has to look at.
type Stuck struct {
	Waiting   int // messages that are to be sent, now or later
	Late      int // of those, what should have gone long ago
	Uncertain int // letters that may have arrived
	Failed    int // letters that were refused or came back
}
