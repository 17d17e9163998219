package campaign_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04:05", s, London)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func officeHours(t *testing.T, s string) OfficeHours {
	t.Helper()
	h, err := ParseOfficeHours(s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestOfficeHours_Open(t *testing.T) {
	for _, c := range []struct{ hours, now, want string }{
		{"Mon-Fri 09:00-17:30", "2026-11-24 08:59:59", "2026-11-24 09:00:00"}, // a Tuesday
		{"Mon-Fri 09:00-17:30", "2026-11-24 09:00:00", "2026-11-24 09:00:00"},
		{"Mon-Fri 09:00-17:30", "2026-11-24 17:29:59", "2026-11-24 17:29:59"},
		{"Mon-Fri 09:00-17:30", "2026-11-24 17:30:00", "2026-11-25 09:00:00"},
		{"Mon-Fri 09:00-17:30", "2026-11-27 17:30:00", "2026-11-30 09:00:00"}, // over the weekend
		{"Fri-Mon 10:00-12:00", "2026-11-24 09:00:00", "2026-11-27 10:00:00"}, // around the week's end
		{"Wed 00:00-24:00", "2026-11-24 23:59:00", "2026-11-25 00:00:00"},
		{"Wed 00:00-24:00", "2026-11-26 00:00:00", "2026-12-02 00:00:00"},
		{"Mon-Sun 09:00-17:00", "2026-12-31 20:00:00", "2027-01-01 09:00:00"},
		// The night of 29 March 2026 has no 01:30, that of 25 October two.
		{"Sun 09:00-17:00", "2026-03-28 12:00:00", "2026-03-29 09:00:00"},
		{"Sun 09:00-17:00", "2026-10-24 12:00:00", "2026-10-25 09:00:00"},
		{"Sun 01:00-02:00", "2026-03-28 12:00:00", "2026-04-05 01:00:00"}, // an hour that is not there
		{"Sun 01:00-02:00", "2026-03-22 03:00:00", "2026-04-05 01:00:00"},
	} {
		got := officeHours(t, c.hours).Open(at(t, c.now))
		if want := at(t, c.want); !got.Equal(want) {
			t.Errorf("%s at %s: %s, want %s", c.hours, c.now, got.In(London).Format(time.DateTime), c.want)
		}
	}
	if now := at(t, "2026-11-28 03:00:00"); !(OfficeHours{}).Open(now).Equal(now) {
		t.Error("hours that are not set close")
	}
}

// What clocks show counts, so the day that clocks go forward has 23 hours.
func TestOfficeHours_OverAChangeOfClocks(t *testing.T) {
	h := officeHours(t, "Mon-Sun 09:00-17:00")
	for _, c := range []struct {
		evening string
		night   time.Duration
	}{
		{"2026-03-27 17:00:00", 16 * time.Hour},
		{"2026-03-28 17:00:00", 15 * time.Hour}, // forward
		{"2026-10-24 17:00:00", 17 * time.Hour}, // back
	} {
		evening := at(t, c.evening)
		if got := h.Open(evening).Sub(evening); got != c.night {
			t.Errorf("after %s: closed for %v, want %v", c.evening, got, c.night)
		}
	}
}

func TestParseOfficeHours_refusals(t *testing.T) {
	for _, s := range []string{"always", "Mon-Fri", "09:00-17:00", "Mon-Fri 17:00-09:00", "Mon-Fri 09:00-09:00", "Mon-Fry 09:00-17:00",
		"mon-fri 09:00-17:00", "Mon-Fri 9:00-17:00", "Mon-Fri 09:00-24:30", "Mon-Fri 09:60-17:00", "Mon-Fri  09:00-17:00", " "} {
		if h, err := ParseOfficeHours(s); err == nil {
			t.Errorf("%q is taken for %+v", s, h)
		}
	}
}

func TestPace_Open_whileThereIsNoParliament(t *testing.T) {
	days, err := ParseDays("2029-03-30/2029-05-03, 2033-01-01/2033-01-01")
	if err != nil {
		t.Fatal(err)
	}
	p := Pace{Dissolved: days}
	for now, want := range map[string]string{
		"2029-03-29 23:59:59": "2029-03-29 23:59:59",
		"2029-03-30 00:00:00": "2029-05-04 00:00:00",
		"2029-05-03 23:59:59": "2029-05-04 00:00:00",
		"2029-05-04 00:00:00": "2029-05-04 00:00:00",
		"2033-01-01 12:00:00": "2033-01-02 00:00:00",
	} {
		if got := p.Open(at(t, now)); !got.Equal(at(t, want)) {
			t.Errorf("%s: %s, want %s", now, got.In(London).Format(time.DateTime), want)
		}
	}
	p.Office = officeHours(t, "Mon-Fri 09:00-17:00")
	if got := p.Open(at(t, "2029-04-10 10:00:00")); !got.Equal(at(t, "2029-05-04 09:00:00")) {
		t.Errorf("with office hours: %s", got)
	}
	if d, ok := p.DissolvedAt(at(t, "2029-04-10 10:00:00")); !ok || d.Last != "2029-05-03" {
		t.Errorf("dissolved: %v %v", d, ok)
	}
	if _, ok := p.DissolvedAt(at(t, "2029-05-04 10:00:00")); ok {
		t.Error("still dissolved when it is over")
	}
	for _, s := range []string{"2029-01-01/9999-12-31", "2029-03-30", "2029-05-03/2029-03-30", "2029-02-30/2029-05-03", "soon/later", ","} {
		if _, err := ParseDays(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}

// A burst becomes a steady stream, at most one in a hundred away from the pace.
func TestPace_Line_spreadsABurst(t *testing.T) {
	for _, perHour := range []int{1, 7, 60, 61, 600, 7200} {
		p, start := Pace{PerHour: perHour}, at(t, "2026-11-24 10:00:00")
		line := make([]InLine, 3*perHour+10)
		for i := range line {
			line[i] = InLine{ID: int64(i), Due: start}
		}
		spread := p.Line(start, line)
		if len(spread) != len(line) {
			t.Fatalf("%d an hour: %d of %d have a turn", perHour, len(spread), len(line))
		}
		inHour := map[int]int{}
		for i, l := range spread {
			if l.ID != int64(i) {
				t.Fatalf("%d an hour: letter %d has turn %d", perHour, l.ID, i)
			}
			inHour[int(l.Slot.Sub(start)/time.Hour)]++
		}
		for hour := range 3 {
			if err := math.Abs(float64(inHour[hour]-perHour)) / float64(perHour); err > 0.01 {
				t.Errorf("%d an hour: %d in hour %d", perHour, inHour[hour], hour)
			}
		}
	}
}

// Those that wait longest go first, but none before it is due; nobody else waits
// for one that is tried again later.
func TestPace_Line_retriesKeepTheirPlace(t *testing.T) {
	p, start := Pace{PerHour: 60}, at(t, "2026-11-24 10:00:00")
	m := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	line := []InLine{
		{ID: 1, Due: m(3)}, {ID: 2, Due: m(0)}, {ID: 3, Due: m(0)}, {ID: 4, Due: m(0)}, {ID: 5, Due: m(0)}, {ID: 6, Due: m(60)},
	}
	want := []InLine{
		{2, m(0), m(0)}, {3, m(0), m(1)}, {4, m(0), m(2)}, {1, m(3), m(3)}, {5, m(0), m(4)}, {6, m(60), m(60)},
	}
	got := p.Line(start, line)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
	if again := p.Line(start, got); len(again) != 0 {
		t.Errorf("looked at again, %v change", again)
	}
	if late := p.Line(m(30), want[:1]); !late[0].Slot.Equal(m(30)) {
		t.Errorf("free at half past, turn at %v", late[0].Slot)
	}
}

// However letters come, no two turns are closer than the pace, none is before its
// time or outside the hours, and no turn is left empty that somebody could take.
func TestPace_Line_rules(t *testing.T) {
	p := Pace{PerHour: 20, Office: officeHours(t, "Mon-Fri 09:00-17:00")}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		start := at(t, "2026-10-23 12:00:00").Add(time.Duration(r.IntN(72)) * time.Hour)
		line := make([]InLine, 1+r.IntN(200))
		for i := range line {
			line[i] = InLine{ID: int64(i), Due: start.Add(time.Duration(r.IntN(36*60)) * time.Minute * time.Duration(r.IntN(2)))}
		}
		spread := p.Line(start, line)
		var last time.Time
		for i, l := range spread {
			if l.Slot.Before(l.Due) || l.Slot.Before(start) || !p.Open(l.Slot).Equal(l.Slot) {
				t.Fatalf("seed %d: turn %v of one due at %v", seed, l.Slot, l.Due)
			}
			if i > 0 && l.Slot.Sub(last) < p.Every() {
				t.Fatalf("seed %d: %v after the last", seed, l.Slot.Sub(last))
			}
			earliest := p.Open(l.Due)
			if i > 0 {
				if next := p.Open(last.Add(p.Every())); next.After(earliest) {
					earliest = next
				}
			} else if p.Open(start).After(earliest) {
				earliest = p.Open(start)
			}
			if l.Slot.After(earliest) {
				t.Fatalf("seed %d: turn at %v, and %v was free", seed, l.Slot, earliest)
			}
			last = l.Slot
		}
	}
}
