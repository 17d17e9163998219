package campaign

import (
	"context"
	"fmt"
	"time"

	"postbag/internal/fault"
)

// Moves are what happened to letters within a time.
type Moves struct {
	Written, Confirmed, Sent, Failed, Bounced, Uncertain int
}

func (m *Moves) add(other Moves) {
	m.Written += other.Written
	m.Confirmed += other.Confirmed
	m.Sent += other.Sent
	m.Failed += other.Failed
	m.Bounced += other.Bounced
	m.Uncertain += other.Uncertain
}

// Hour is what happened to a campaign's letters within an hour.
type Hour struct {
	At time.Time // its beginning
	Moves
}

// Unit is what a point of a series stands for.
type Unit string

// The units.
const (
	ByDay  Unit = "day"
	ByHour Unit = "hour"
)

// Limits of a series, so that its chart can be read.
const (
	maxDays    = 800
	maxHourly  = 14 // days that may be shown hour by hour
	autoHourly = 2  // days that are, unless days are asked for
	spanDays   = 30 // of the series that is shown first
)

// SeriesQuery asks for a part of a campaign's time.
type SeriesQuery struct {
	From, To string // days in London, both included; empty: see Range
	Range    string // in their place: today, 7, 30, 90 or all; empty: 30
	By       Unit   // empty: as fits
}

// Ranges are those that may be asked for by name.
func Ranges() []string { return []string{"today", "7", "30", "90", "all"} }

// Fields of a SeriesQuery, as errors name them.
const (
	FieldFrom = "from"
	FieldTo   = "to"
)

// Point is one day or hour of a series.
type Point struct {
	At time.Time // its beginning, in London
	Moves
}

// Series is a campaign's time in days or hours.
type Series struct {
	From, To string // days in London, both included
	By       Unit
	Points   []Point // every day or hour, with those in which nothing happened
	Total    Moves
	Funnel   Funnel
}

// Series returns what happened to a campaign's letters day by day or hour by
// hour, in London's time. invalid, with the fields that are wrong, if From or To
// is no day, if they are the wrong way round or if they are too far apart.
func (s *Service) Series(ctx context.Context, slug string, q SeriesQuery) (*Series, error) {
	from, to, err := s.span(ctx, slug, q)
	if err != nil {
		return nil, err
	}
	by, days := q.By, int(to.Sub(from).Hours()+12)/24+1
	if by != ByDay && by != ByHour {
		by = ByDay
		if days <= autoHourly {
			by = ByHour
		}
	}
	if days > maxHourly {
		by = ByDay
	}
	until := to.AddDate(0, 0, 1)
	series := &Series{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly), By: by, Points: points(from, until, by)}
	hours, err := s.store.Hours(ctx, slug, from, until)
	if err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	at := 0
	for _, h := range hours {
		for at+1 < len(series.Points) && !series.Points[at+1].At.After(h.At) {
			at++
		}
		series.Points[at].add(h.Moves)
		series.Total.add(h.Moves)
	}
	if series.Funnel, err = s.funnel(ctx, slug, series.From, series.To); err != nil {
		return nil, err
	}
	series.Funnel.Written, series.Funnel.Confirmed, series.Funnel.Sent = series.Total.Written, series.Total.Confirmed, series.Total.Sent
	return series, nil
}

// points are the beginnings of days or hours. A day in London has 23 hours or 25
// when the clocks change, and every hour of UTC lies within one of them.
func points(from, until time.Time, by Unit) []Point {
	var all []Point
	for at := from; at.Before(until); {
		all = append(all, Point{At: at})
		if by == ByHour {
			at = at.Add(time.Hour)
		} else {
			at = at.AddDate(0, 0, 1)
		}
	}
	return all
}

// span is the first and the last day that are asked for, at midnight in London.
func (s *Service) span(ctx context.Context, slug string, q SeriesQuery) (from, to time.Time, err error) {
	y, m, d := s.now().In(London).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, London)
	if q.From != "" || q.To != "" {
		return typedSpan(q, today)
	}
	days := spanDays
	switch q.Range {
	case "today":
		days = 1
	case "7":
		days = 7
	case "90":
		days = 90
	case "all":
		first, err := s.store.FirstHour(ctx, slug)
		if err != nil {
			return from, to, fmt.Errorf("series: %w", err)
		}
		if first.IsZero() {
			return today, today, nil
		}
		y, m, d := first.In(London).Date()
		from = time.Date(y, m, d, 0, 0, 0, 0, London)
		if earliest := today.AddDate(0, 0, 1-maxDays); from.Before(earliest) {
			from = earliest
		}
		return from, today, nil
	}
	return today.AddDate(0, 0, 1-days), today, nil
}

// typedSpan reads From and To. One that is missing is the other's month, and no
// later than today.
func typedSpan(q SeriesQuery, today time.Time) (from, to time.Time, err error) {
	fields := map[string]string{}
	read := func(field, typed string) (day time.Time) {
		if typed == "" {
			return day
		}
		day, err := time.ParseInLocation(time.DateOnly, typed, London)
		if err != nil || day.Year() < 2000 || day.Year() > 2100 {
			fields[field] = "desk.error.day"
		}
		return day
	}
	from, to = read(FieldFrom, q.From), read(FieldTo, q.To)
	if len(fields) == 0 {
		switch {
		case q.To == "":
			to = from.AddDate(0, 0, spanDays-1)
			if to.After(today) && !from.After(today) {
				to = today
			}
		case q.From == "":
			from = to.AddDate(0, 0, 1-spanDays)
		}
		switch {
		case from.After(to):
			fields[FieldTo] = "desk.error.days_turned"
		case to.After(from.AddDate(0, 0, maxDays-1)):
			fields[FieldFrom] = "desk.error.days_apart"
		}
	}
	if len(fields) > 0 {
		return from, to, &fault.Error{Code: fault.Invalid, Safe: "desk.error.days", Fields: fields}
	}
	return from, to, nil
}

// Today returns what happened to a campaign's letters today, in London.
func (s *Service) Today(ctx context.Context, slug string) (Moves, error) {
	day, err := s.Series(ctx, slug, SeriesQuery{Range: "today", By: ByDay})
	if err != nil {
		return Moves{}, err
	}
	return day.Total, nil
}
