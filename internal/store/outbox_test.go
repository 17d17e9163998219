package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
)

func TestStore_Claim(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	b.clock.Advance(time.Minute)
	got := b.claimed(t)
	to := member(seatA)
	want := campaign.Job{
		ID: got.ID, Letter: 1, Kind: campaign.MailLetter, MessageID: "letter-1@example.org", QueuedAt: start, Attempts: 1,
		Campaign: slug, Lang: "en", Constituency: "Cities of London and Westminster",
		To:        campaign.Target{MemberID: to.ID, Name: to.Name, Email: to.Email},
		WrittenTo: to.Name,
		TokenHash: hash, Sealed: []byte("sealed record 1"), ExpiresAt: start.Add(campaign.ConfirmWithin),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	b.wantState(t, hash, campaign.StateSending)
	if again := b.claims(t, 10); len(again) != 0 {
		t.Errorf("claimed twice: %v", again)
	}
}

func TestStore_Claim_oldestFirstWithinTheLimit(t *testing.T) {
	b := newBed(t)
	for n := range 5 {
		b.submit(t, n)
		b.clock.Advance(time.Second)
	}
	var got []string
	for _, limit := range []int{0, 2, 1, 10} {
		for _, j := range b.claims(t, limit) {
			got = append(got, fmt.Sprint(limit, " ", j.MessageID[:9]))
		}
	}
	if diff := cmp.Diff([]string{"2 confirm-0", "2 confirm-1", "1 confirm-2", "10 confirm-3", "10 confirm-4"}, got); diff != "" {
		t.Error(diff)
	}
}

// What changed between queueing and sending decides.
func TestStore_Claim_notWanted(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*testing.T, *bed) // letter 1, and what happened to it
		state   campaign.State
		why     string // of the last event
		mails   string
	}{
		{"seat vacant", func(t *testing.T, b *bed) { b.confirm(t, 1); b.unseat(t, seatA) },
			campaign.StateHeld, campaign.WhyVacant, "confirm dropped, letter dropped"},
		{"another MP", func(t *testing.T, b *bed) {
			b.confirm(t, 1)
			b.unseat(t, seatA)
			b.alter(t, `INSERT INTO members (id, constituency, name, full_title, salutation, party, email) VALUES (999999, $1, 'New', '', '', '', 'new@example.org')`, seatA)
		}, campaign.StateHeld, campaign.WhyChanged, "confirm dropped, letter dropped"},
		{"no email", func(t *testing.T, b *bed) {
			b.confirm(t, 1)
			b.alter(t, `UPDATE members SET email = '' WHERE constituency = $1`, seatA)
		}, campaign.StateHeld, campaign.WhyNoEmail, "confirm dropped, letter dropped"},
		{"withdrawn", func(t *testing.T, b *bed) {
			if err := b.WithdrawLetter(t.Context(), b.confirm(t, 1)); err != nil {
				t.Fatal(err)
			}
		}, campaign.StateWithdrawn, campaign.WhyWithdrawn, "confirm dropped, letter dropped"},
		{"erased", func(t *testing.T, b *bed) {
			if err := b.EraseLetter(t.Context(), b.submit(t, 1)); err != nil {
				t.Fatal(err)
			}
		}, campaign.StateWithdrawn, campaign.WhyErased, "confirm dropped"},
		{"record gone under a retry of the confirmation", func(t *testing.T, b *bed) {
			hash := b.submit(t, 1)
			j := b.claimed(t)
			if err := b.EraseLetter(t.Context(), hash); err != nil {
				t.Fatal(err)
			}
			b.finish(t, j, campaign.VerdictRetry)
			b.clock.Advance(time.Hour)
		}, campaign.StateWithdrawn, campaign.WhyErased, "confirm dropped"},
		{"confirmed while the confirmation was tried again", func(t *testing.T, b *bed) {
			hash := b.submit(t, 1)
			j := b.claimed(t)
			if err := b.ConfirmLetter(t.Context(), hash, "letter@example.org"); err != nil {
				t.Fatal(err)
			}
			b.finish(t, b.claimed(t), campaign.VerdictSent)
			b.finish(t, j, campaign.VerdictRetry)
			b.clock.Advance(time.Hour)
		}, campaign.StateSent, campaign.WhyAccepted, "confirm dropped, letter sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			c.prepare(t, b)
			if jobs := b.claims(t, 10); len(jobs) != 0 {
				t.Fatalf("claimed %v", jobs)
			}
			l := b.letter(t, hashOf("token", 1))
			if last := l.Events[len(l.Events)-1]; l.State != c.state || last.Why != c.why || last.To != c.state {
				t.Errorf("state %s, last event %+v; want %s because of %s", l.State, last, c.state, c.why)
			}
			if got := b.mails(t); got != c.mails {
				t.Errorf("outbox: %s; want %s", got, c.mails)
			}
			if next, err := b.NextDue(t.Context()); err != nil || !next.IsZero() {
				t.Errorf("next due %v, %v; want nothing", next, err)
			}
		})
	}
}

// One that cannot be claimed spoils the claim of all: nobody may send what the
// database still holds ready.
func TestStore_Claim_failing(t *testing.T) {
	b := newBed(t)
	b.confirm(t, 1)
	b.confirm(t, 2)
	b.alter(t, `CREATE TRIGGER stop BEFORE UPDATE ON outbox WHEN new.message_id = 'letter-2@example.org' BEGIN SELECT RAISE(ABORT, 'stop'); END`)
	jobs, err := b.Claim(t.Context(), 10, lease)
	if err == nil {
		t.Fatal("nothing failed")
	}
	if len(jobs) != 0 {
		t.Errorf("%d jobs handed out that are not leased", len(jobs))
	}
	b.wantState(t, hashOf("token", 1), campaign.StateQueued)
	b.alter(t, `DROP TRIGGER stop`)
	if jobs := b.claims(t, 10); len(jobs) != 2 {
		t.Errorf("claimed %d, want 2", len(jobs))
	}
}

func TestStore_Finish(t *testing.T) {
	for _, c := range []struct {
		verdict campaign.Verdict
		state   campaign.State
		why     string
		mails   string
		again   bool // it is tried again
		count   campaign.Count
		erase   time.Duration
	}{
		{campaign.VerdictSent, campaign.StateSent, campaign.WhyAccepted, "confirm dropped, letter sent", false,
			campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1, Sent: 1}, 30 * 24 * time.Hour},
		{campaign.VerdictFailed, campaign.StateFailed, campaign.WhyRefused, "confirm dropped, letter failed", false,
			campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1, Failed: 1}, 30 * 24 * time.Hour},
		{campaign.VerdictUncertain, campaign.StateUncertain, campaign.WhyLost, "confirm dropped, letter uncertain", false,
			campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1, Uncertain: 1}, 30 * 24 * time.Hour},
		{campaign.VerdictRetry, campaign.StateQueued, campaign.WhyRetry, "confirm dropped, letter ready", true,
			campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1}, 0},
	} {
		t.Run(string(c.verdict), func(t *testing.T) {
			b := newBed(t)
			hash := b.confirm(t, 1)
			first := b.claimed(t)
			b.clock.Advance(time.Second)
			now := b.clock.Now()
			o := campaign.Outcome{Verdict: c.verdict, Code: 299, Answer: "an answer"}
			if err := b.Finish(t.Context(), first, o, now.Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			l := b.letter(t, hash)
			if last := l.Events[len(l.Events)-1]; l.State != c.state || last.Why != c.why {
				t.Errorf("state %s, last event %+v", l.State, last)
			}
			if got := l.SentAt.Equal(now); got != (c.state == campaign.StateSent) {
				t.Errorf("sent at %v", l.SentAt)
			}
			wantErase := time.Time{}
			if c.erase > 0 {
				wantErase = now.Add(c.erase)
			}
			if !l.EraseAt.Equal(wantErase) {
				t.Errorf("to be erased at %v, want %v", l.EraseAt, wantErase)
			}
			if diff := cmp.Diff(c.count, b.count(t, seatA)); diff != "" {
				t.Error(diff)
			}
			if got := b.mails(t); got != c.mails {
				t.Errorf("outbox: %s; want %s", got, c.mails)
			}
			if got := b.texts(t, `SELECT code || ' ' || answer FROM outbox WHERE kind = 'letter'`); got != "299 an answer" {
				t.Errorf("the answer kept: %s", got)
			}
			// The same attempt cannot end twice.
			b.finish(t, first, campaign.VerdictFailed)
			b.wantState(t, hash, c.state)

			b.clock.Advance(time.Minute - time.Millisecond)
			if jobs := b.claims(t, 10); len(jobs) != 0 {
				t.Errorf("claimed too soon: %v", jobs)
			}
			b.clock.Advance(time.Millisecond)
			jobs := b.claims(t, 10)
			if (len(jobs) == 1) != c.again {
				t.Fatalf("claimed %v", jobs)
			}
			if c.again && (jobs[0].Attempts != 2 || jobs[0].MessageID != first.MessageID || !jobs[0].QueuedAt.Equal(first.QueuedAt)) {
				t.Errorf("the second attempt %+v, the first was %+v", jobs[0], first)
			}
		})
	}
}

func TestStore_NextDue(t *testing.T) {
	b := newBed(t)
	due := func(step string, want time.Time) {
		t.Helper()
		if got, err := b.NextDue(t.Context()); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v; want %v", step, got, err, want)
		}
	}
	due("nothing written", time.Time{})
	b.submit(t, 1)
	due("one ready", start)
	b.clock.Advance(time.Minute)
	j := b.claimed(t)
	due("one leased", start.Add(time.Minute+lease))
	b.submit(t, 2)
	due("one leased, one ready", start.Add(time.Minute))
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	b.finish(t, j, campaign.VerdictRetry)
	due("one to be tried again", start.Add(2*time.Minute))
}
