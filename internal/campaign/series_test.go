package campaign_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

// TestService_Series_clocks: days are London's, of 23 hours or 25 when the clocks
// change, and nothing falls between them.
func TestService_Series_clocks(t *testing.T) {
	for _, c := range []struct {
		day, first, last string // UTC hours of the day in London
		hours            int
	}{
		{"2026-03-29", "2026-03-29T00", "2026-03-29T22", 23},
		{"2026-10-25", "2026-10-24T23", "2026-10-25T23", 25},
		{"2026-07-01", "2026-06-30T23", "2026-07-01T22", 24},
		{"2026-11-23", "2026-11-23T00", "2026-11-23T23", 24},
	} {
		t.Run(c.day, func(t *testing.T) {
			d := newDesk(t)
			first, err := time.Parse("2006-01-02T15", c.first)
			if err != nil {
				t.Fatal(err)
			}
			last, err := time.Parse("2006-01-02T15", c.last)
			if err != nil {
				t.Fatal(err)
			}
			n := 0 // an hour before, the whole day, an hour after
			for at := first.Add(-time.Hour); !at.After(last.Add(time.Hour)); at = at.Add(time.Hour) {
				d.alter(t, `INSERT INTO hours (campaign_id, hour, sent) VALUES (1, $1, 1)`, at.Format("2006-01-02T15"))
				n++
			}
			if n != c.hours+2 {
				t.Fatalf("the test has %d hours", n)
			}
			for by, points := range map[Unit]int{ByHour: c.hours, ByDay: 1} {
				got := must(d.Series(t.Context(), slug, SeriesQuery{From: c.day, To: c.day, By: by}))
				if len(got.Points) != points || got.Total.Sent != c.hours {
					t.Errorf("by %s: %d points, %d sent; want %d, %d", by, len(got.Points), got.Total.Sent, points, c.hours)
				}
				for _, p := range got.Points {
					if want := c.hours / points; p.Sent != want {
						t.Errorf("by %s: %d sent at %v, want %d", by, p.Sent, p.At, want)
					}
				}
			}
		})
	}
}

func TestService_Series(t *testing.T) {
	d := newDesk(t) // it is 23 November 2026
	d.alter(t, `INSERT INTO hours (campaign_id, hour, written, confirmed, sent) VALUES (1, '2026-09-10T10', 3, 2, 1), (1, '2026-11-23T09', 1, 1, 1)`)
	for _, c := range []struct {
		query    SeriesQuery
		from, to string
		by       Unit
		points   int
		sent     int
	}{
		{SeriesQuery{}, "2026-10-25", "2026-11-23", ByDay, 30, 1},
		{SeriesQuery{Range: "today"}, "2026-11-23", "2026-11-23", ByHour, 24, 1},
		{SeriesQuery{Range: "7"}, "2026-11-17", "2026-11-23", ByDay, 7, 1},
		{SeriesQuery{Range: "7", By: ByHour}, "2026-11-17", "2026-11-23", ByHour, 168, 1},
		{SeriesQuery{Range: "90"}, "2026-08-26", "2026-11-23", ByDay, 90, 2},
		{SeriesQuery{Range: "90", By: ByHour}, "2026-08-26", "2026-11-23", ByDay, 90, 2}, // too many hours
		{SeriesQuery{Range: "all"}, "2026-09-10", "2026-11-23", ByDay, 75, 2},
		{SeriesQuery{Range: "nonsense", By: "week"}, "2026-10-25", "2026-11-23", ByDay, 30, 1},
		{SeriesQuery{From: "2026-09-01"}, "2026-09-01", "2026-09-30", ByDay, 30, 1},
		{SeriesQuery{From: "2026-11-20"}, "2026-11-20", "2026-11-23", ByDay, 4, 1},
		{SeriesQuery{To: "2026-09-12"}, "2026-08-14", "2026-09-12", ByDay, 30, 1},
	} {
		t.Run(fmt.Sprint(c.query), func(t *testing.T) {
			got := must(d.Series(t.Context(), slug, c.query))
			if got.From != c.from || got.To != c.to || got.By != c.by || len(got.Points) != c.points || got.Total.Sent != c.sent {
				t.Errorf("%s to %s by %s: %d points, %d sent", got.From, got.To, got.By, len(got.Points), got.Total.Sent)
			}
		})
	}
	for _, c := range []struct {
		query SeriesQuery
		field string
	}{
		{SeriesQuery{From: "yesterday"}, FieldFrom}, {SeriesQuery{To: "2026-02-30"}, FieldTo}, {SeriesQuery{From: "0001-01-01"}, FieldFrom},
		{SeriesQuery{From: "2026-11-20", To: "2026-11-19"}, FieldTo}, {SeriesQuery{From: "2020-01-01", To: "2026-11-19"}, FieldFrom},
	} {
		_, err := d.Series(t.Context(), slug, c.query)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != fault.Invalid || f.Fields[c.field] == "" || len(f.Fields) != 1 {
			t.Errorf("%v: %v", c.query, err)
		}
	}
	if _, err := d.Series(t.Context(), "other", SeriesQuery{}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("of no campaign: %v", err)
	}
}

// Steps are counted at once and written down later, and a failure loses none.
func TestService_Steps(t *testing.T) {
	d := newDesk(t)
	d.NoteStep(slug, StepFound)
	d.NoteStep(slug, StepFound)
	d.NoteStep(slug, StepPreviewed)
	want := func(found, previewed int) {
		t.Helper()
		got := must(d.Series(t.Context(), slug, SeriesQuery{})).Funnel
		if got.Found != found || got.Previewed != previewed {
			t.Errorf("funnel %+v, want %d found, %d previewed", got, found, previewed)
		}
	}
	want(2, 1)
	gone, cancel := contextThatIsOver(t)
	defer cancel()
	if err := d.KeepSteps(gone); err == nil {
		t.Error("kept without a database")
	}
	want(2, 1)
	for range 2 { // the second time there is nothing left to write
		if err := d.KeepSteps(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(2, 1)
	}
	d.NoteStep(slug, StepFound)
	if err := d.KeepSteps(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(3, 1)
	d.clock.Advance(40 * 24 * time.Hour)
	want(0, 0)
}
