package store

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// paced has the store send as d says.
func (b *bed) paced(d Delivery) {
	n := 0
	d.MessageID = func() string { n++; return fmt.Sprintf("told-%d@example.org", n) }
	b.writer.delivery = d
}

// sends claims and sends whatever may go until the time is over, as a worker does
// that sleeps until something is due and is late by as much. It returns when each
// letter went, after start, by the number in its Message-ID.
func (b *bed) sends(tb testing.TB, until time.Time, late time.Duration) (went []time.Duration, order []string) {
	tb.Helper()
	for {
		for _, j := range b.claims(tb, 4) {
			b.finish(tb, j, campaign.VerdictSent)
			if j.Kind == campaign.MailLetter {
				went, order = append(went, b.clock.Now().Sub(start)), append(order, j.MessageID)
			}
		}
		next, err := b.NextDue(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		if next.IsZero() || next.After(until) {
			b.clock.Advance(until.Sub(b.clock.Now()))
			return went, order
		}
		b.clock.Advance(max(next.Sub(b.clock.Now()), 0) + late)
	}
}

// A burst to one MP becomes a steady stream, in the order in which it came, and
// nobody else waits for it.
func TestPace_aBurst(t *testing.T) {
	for _, late := range []time.Duration{0, 700 * time.Millisecond, 20 * time.Second} {
		t.Run(fmt.Sprint("late by ", late), func(t *testing.T) {
			b := newBed(t)
			b.paced(Delivery{Pace: campaign.Pace{PerHour: 60}})
			for n := range 130 {
				b.confirm(t, n)
			}
			other := newLetter(500)
			other.Constituency, other.MemberID = seatB, member(seatB).ID
			for _, err := range []error{b.SubmitLetter(t.Context(), other), b.ConfirmLetter(t.Context(), other.TokenHash, "elsewhere@example.org")} {
				if err != nil {
					t.Fatal(err)
				}
			}
			went, order := b.sends(t, start.Add(time.Hour), late)
			// One to seat A at once, then one each minute, the last at the hour's end.
			if n := len(went) - 1; n < 60 || n > 61 {
				t.Errorf("%d letters to one MP in an hour, want 60", n)
			}
			last, at := -1, time.Duration(0)
			for i, id := range order {
				var n int
				if id == "elsewhere@example.org" {
					if went[i] > late {
						t.Errorf("another MP's letter went after %v", went[i])
					}
					continue
				}
				if _, err := fmt.Sscanf(id, "letter-%d@", &n); err != nil || n != last+1 {
					t.Fatalf("letter %s follows letter %d", id, last)
				}
				if gap := went[i] - at; last >= 0 && gap < time.Minute-late {
					t.Errorf("letter %d follows after %v", n, gap)
				}
				if want := time.Duration(n) * time.Minute; went[i] < want || went[i] > want+late {
					t.Errorf("letter %d went after %v, want %v", n, went[i], want)
				}
				last, at = n, went[i]
			}
		})
	}
}

// Where nothing went for a day, what waits comes as a stream and not at once.
func TestPace_afterAnOutage(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{Pace: campaign.Pace{PerHour: 60}})
	for n := range 40 {
		b.confirm(t, n)
	}
	b.clock.Advance(24 * time.Hour)
	went, _ := b.sends(t, start.Add(25*time.Hour), 0)
	if len(went) != 40 {
		t.Fatalf("%d went in the hour after, want 40", len(went))
	}
	for i, at := range went {
		if want := 24*time.Hour + time.Duration(i)*time.Minute; at != want {
			t.Errorf("letter %d went after %v, want %v", i, at, want)
		}
	}
}

// One that is tried again goes before those that were queued later.
func TestPace_aRetryKeepsItsPlace(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{Pace: campaign.Pace{PerHour: 60}})
	for n := range 6 {
		b.confirm(t, n)
	}
	for _, j := range b.claims(t, 20) {
		if j.Kind == campaign.MailLetter {
			b.finish(t, j, campaign.VerdictRetry) // in a minute
		}
	}
	_, order := b.sends(t, start.Add(time.Hour), 0)
	want := []string{"letter-0@example.org", "letter-1@example.org", "letter-2@example.org", "letter-3@example.org", "letter-4@example.org", "letter-5@example.org"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("the order (-want +got):\n%s", diff)
	}
}

func TestPace_officeHours(t *testing.T) {
	hours, err := campaign.ParseOfficeHours("Mon-Fri 09:00-12:02")
	if err != nil {
		t.Fatal(err)
	}
	b := newBed(t) // noon on a Monday
	b.paced(Delivery{Pace: campaign.Pace{PerHour: 60, Office: hours}})
	for n := range 4 {
		b.confirm(t, n)
	}
	turn, err := b.Turn(t.Context(), 4)
	if want := (campaign.Turn{Place: 4, Expected: start.Add(21*time.Hour + time.Minute)}); err != nil || turn != want {
		t.Errorf("turn %+v, %v; want %+v", turn, err, want)
	}
	// Those that should have gone today, were it not for an outage, wait as well.
	b.clock.Advance(10 * time.Minute)
	went, _ := b.sends(t, start.Add(24*time.Hour), 0)
	var want []time.Duration
	for n := range 4 {
		want = append(want, 21*time.Hour+time.Duration(n)*time.Minute)
	}
	if diff := cmp.Diff(want, went); diff != "" {
		t.Errorf("when they went (-want +got):\n%s", diff)
	}
}

// While there is no Parliament nothing goes to anybody, and mails to supporters do.
func TestPace_dissolved(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{Pace: campaign.Pace{Dissolved: []campaign.Days{{First: "2026-11-20", Last: "2026-12-24"}}}})
	b.confirm(t, 1)
	b.submit(t, 2)
	jobs := b.claims(t, 10)
	if len(jobs) != 1 || jobs[0].Kind != campaign.MailConfirm {
		t.Fatalf("claimed %+v, want one confirmation", jobs)
	}
	b.finish(t, jobs[0], campaign.VerdictSent)
	next, err := b.NextDue(t.Context())
	if want := time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC); err != nil || !next.Equal(want) {
		t.Errorf("next at %v, want %v", next, want)
	}
	b.wantState(t, hashOf("token", 1), campaign.StateQueued)
	if went, _ := b.sends(t, start.Add(33*24*time.Hour), 0); len(went) != 1 {
		t.Errorf("%d went when it was over, want 1", len(went))
	}
}

// A line becomes shorter when somebody takes a letter back, and a quicker pace is
// kept from the next minute on.
func TestPace_SpaceLetters(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{Pace: campaign.Pace{PerHour: 60}})
	for n := range 5 {
		b.confirm(t, n)
	}
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	if n, err := b.SpaceLetters(t.Context()); n != 0 || err != nil {
		t.Errorf("%d lines changed, %v", n, err)
	}
	for _, n := range []int{1, 2} {
		if err := b.WithdrawLetter(t.Context(), hashOf("token", n)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := b.SpaceLetters(t.Context()); n != 1 || err != nil {
		t.Errorf("%d lines changed, %v; want 1", n, err)
	}
	turn, err := b.Turn(t.Context(), 4)
	if want := (campaign.Turn{Place: 1, Expected: start.Add(time.Minute)}); err != nil || turn != want {
		t.Errorf("turn %+v, %v; want %+v", turn, err, want)
	}
	b.paced(Delivery{Pace: campaign.Pace{PerHour: 600}})
	if n, err := b.SpaceLetters(t.Context()); n != 1 || err != nil {
		t.Errorf("%d lines changed at a quicker pace, %v; want 1", n, err)
	}
	if turn, err := b.Turn(t.Context(), 5); err != nil || turn.Expected.After(start.Add(time.Minute)) {
		t.Errorf("turn %+v, %v", turn, err)
	}
	if _, err := b.Turn(t.Context(), 1); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("the turn of a letter that went: %v", err)
	}
}

// A clock that was wrong for a while holds nothing up once it is right.
func TestPace_clockThatJumped(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{Pace: campaign.Pace{PerHour: 1}, PerMinute: 60})
	right := b.clock.Now()
	b.clock.Advance(40 * 24 * time.Hour)
	b.confirm(t, 1)
	b.confirm(t, 2)
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	b.clock.Advance(-40 * 24 * time.Hour)
	if _, err := b.SpaceLetters(t.Context()); err != nil {
		t.Fatal(err)
	}
	if went, _ := b.sends(t, right.Add(2*time.Hour), 0); len(went) != 1 {
		t.Errorf("%d letters went, want 1", len(went))
	}
}

// What goes to other MPs takes its time as well, where the mail server has a rate.
func TestRate_isInTheTurn(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{PerMinute: 2})
	b.submit(t, 100) // somebody waits for this one
	for n := range 5 {
		b.confirm(t, n)
	}
	var last int64
	if err := b.raw.QueryRowContext(t.Context(), `SELECT max(letter_id) FROM outbox WHERE kind = 'letter'`).Scan(&last); err != nil {
		t.Fatal(err)
	}
	turn, err := b.Turn(t.Context(), last)
	if err != nil || turn.Expected.Before(start.Add(150*time.Second)) || turn.Expected.After(start.Add(3*time.Minute)) {
		t.Errorf("turn %+v, %v; want about %v", turn, err, start.Add(150*time.Second))
	}
	b.paced(Delivery{})
	if turn, err := b.Turn(t.Context(), last); err != nil || turn.Expected.After(start.Add(time.Second)) {
		t.Errorf("without a rate: turn %+v, %v", turn, err)
	}
}

func TestRate_forTheMailServer(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{PerMinute: 120})
	for n := range 200 {
		b.submit(t, n)
	}
	sent := 0
	for b.clock.Now().Before(start.Add(time.Minute)) {
		for _, j := range b.claims(t, 50) {
			sent++
			b.finish(t, j, campaign.VerdictSent)
		}
		next, err := b.NextDue(t.Context())
		if err != nil || !next.After(b.clock.Now()) {
			t.Fatalf("next at %v of %v, %v", next, b.clock.Now(), err)
		}
		b.clock.Advance(next.Sub(b.clock.Now()) + 30*time.Millisecond) // always late
	}
	if sent < 118 || sent > 124 {
		t.Errorf("%d messages in a minute, want 120", sent)
	}
}

// The moment of sending decides, by the campaign's rules as they are then.
func TestClaim_judged(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{})
	b.confirm(t, 1)
	b.confirm(t, 2)
	b.alter(t, `INSERT INTO pledges (campaign_id, member_id, pledged_on, evidence, recorded_by, recorded_at) VALUES (1, $1, '2026-11-23', '', '', '')`, member(seatA).ID)
	var asked []string
	b.SetJudge(func(campaignSlug, seat string, v campaign.Variant, pledged bool) string {
		asked = append(asked, fmt.Sprint(campaignSlug, " ", seat, " ", v, " ", pledged))
		if len(asked) != 2 {
			return campaign.WhyPledged
		}
		return ""
	})
	jobs := b.claims(t, 10)
	if len(jobs) != 1 || jobs[0].MessageID != "letter-2@example.org" {
		t.Fatalf("claimed %+v", jobs)
	}
	if diff := cmp.Diff([]string{slug + " " + seatA + " ask true", slug + " " + seatA + " ask true"}, asked); diff != "" {
		t.Error(diff)
	}
	l := b.letter(t, hashOf("token", 1))
	if l.State != campaign.StateHeld || l.Events[len(l.Events)-1].Why != campaign.WhyPledged {
		t.Errorf("letter 1 is %s", l.State)
	}
	if got := b.texts(t, `SELECT kind FROM outbox WHERE letter_id = 1 AND status = 'ready'`); got != "pledged" {
		t.Errorf("letter 1's supporter is told %q", got)
	}
	// An organiser who sends it all the same is not overruled.
	_, err := b.DecideLetters(t.Context(), noor, []campaign.Resolution{{
		Chosen: campaign.Chosen{ID: l.ID}, Campaign: slug, Decision: campaign.DecideSend, MessageID: "again@example.org", RepeatHash: hashOf("repeat", 1),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if jobs := b.claims(t, 10); len(jobs) != 1 || jobs[0].MessageID != "again@example.org" {
		t.Errorf("claimed %+v, want the letter that was released", jobs)
	}
}

// Whoever wrote to a seat that is empty is told, and asked once somebody sits.
func TestAskAgain(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{})
	b.confirm(t, 1)
	b.unseat(t, seatA)
	if jobs := b.claims(t, 10); len(jobs) != 0 {
		t.Fatalf("claimed %+v", jobs)
	}
	told := func() string {
		return b.texts(t, `SELECT kind || ' ' || status FROM outbox WHERE kind NOT IN ('confirm', 'letter') ORDER BY id`)
	}
	if got := told(); got != "held ready" {
		t.Errorf("told %q, want that nobody sits", got)
	}
	for range 2 {
		if n, err := b.AskAgain(t.Context(), 10); n != 0 || err != nil {
			t.Fatalf("asked %d with nobody there, %v", n, err)
		}
	}
	b.alter(t, `INSERT INTO members (id, constituency, name, full_title, salutation, party, email) VALUES (999999, $1, 'New', '', '', '', 'new@example.org')`, seatA)
	for i, want := range []int{1, 0} {
		if n, err := b.AskAgain(t.Context(), 10); n != want || err != nil {
			t.Errorf("time %d: asked %d, %v; want %d", i, n, err, want)
		}
	}
	if got := told(); got != "held ready, changed ready" {
		t.Errorf("told %q", got)
	}
	l := b.letter(t, hashOf("token", 1))
	if e := l.Events[len(l.Events)-1]; l.State != campaign.StateHeld || e.Why != campaign.WhyChanged || e.To != campaign.StateHeld {
		t.Errorf("letter %s, last event %+v", l.State, e)
	}
}

// BenchmarkPace_anHour reports how far from the pace an hour of simulated time is,
// with a worker that wakes up half a second late each time.
func BenchmarkPace_anHour(b *testing.B) {
	const perHour = 240
	for b.Loop() {
		bed := newBed(b)
		bed.paced(Delivery{Pace: campaign.Pace{PerHour: perHour}})
		for n := range perHour + 50 {
			bed.confirm(b, n)
		}
		went, _ := bed.sends(b, start.Add(time.Hour), 500*time.Millisecond)
		worst := 0.0
		for i, at := range went {
			ideal := time.Duration(i) * time.Hour / perHour
			worst = max(worst, math.Abs(float64(at-ideal))/float64(time.Hour))
		}
		b.ReportMetric(100*math.Abs(float64(len(went)-1-perHour))/perHour, "%/hour-off")
		b.ReportMetric(100*worst, "%/turn-off")
	}
}
