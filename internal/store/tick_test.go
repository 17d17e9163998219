package store

import (
	"fmt"
	"testing"
	"time"

	"postbag/internal/campaign"
)

func (b *bed) expired(tb testing.TB, limit int) int {
	tb.Helper()
	n, err := b.ExpireLetters(tb.Context(), limit)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func (b *bed) reminded(tb testing.TB) int {
	tb.Helper()
	n := 0
	reminded, err := b.RemindLetters(tb.Context(), 100, func() string {
		n++
		return fmt.Sprintf("remind-%d-%d@example.org", b.clock.Now().UnixMilli(), n)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return reminded
}

func (b *bed) erasedDue(tb testing.TB) int {
	tb.Helper()
	n, err := b.EraseDue(tb.Context(), 100)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestStore_ExpireLetters(t *testing.T) {
	b := newBed(t)
	for n := range 5 {
		b.submit(t, n)
	}
	b.confirm(t, 9)
	b.clock.Advance(7*24*time.Hour - time.Millisecond)
	if n := b.expired(t, 100); n != 0 {
		t.Fatalf("%d expired a moment too soon", n)
	}
	b.clock.Advance(time.Millisecond)
	for round, want := range []int{2, 2, 1, 0} {
		if n := b.expired(t, 2); n != want {
			t.Errorf("round %d: %d expired, want %d", round, n, want)
		}
	}
	for n := range 5 {
		b.wantState(t, hashOf("token", n), campaign.StateExpired)
	}
	b.wantState(t, hashOf("token", 9), campaign.StateQueued)
	if got := b.texts(t, `SELECT count(*) FROM outbox WHERE status = 'ready'`); got != "1" {
		t.Errorf("%s mails still to go, want only the confirmed letter", got)
	}
}

func TestStore_RemindLetters(t *testing.T) {
	b := newBed(t)
	b.submit(t, 1)
	b.confirm(t, 2)
	if err := b.WithdrawLetter(t.Context(), b.submit(t, 3)); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(24*time.Hour - time.Millisecond)
	if n := b.reminded(t); n != 0 {
		t.Fatalf("%d reminded a moment too soon", n)
	}
	b.clock.Advance(time.Millisecond)
	if n := b.reminded(t); n != 1 {
		t.Fatalf("%d reminded, want 1", n)
	}
	want := "confirm ready, confirm dropped, letter ready, confirm dropped, remind ready"
	if got := b.mails(t); got != want {
		t.Errorf("outbox: %s; want %s", got, want)
	}
	for day := range 7 {
		b.clock.Advance(24 * time.Hour)
		if n := b.reminded(t); n != 0 {
			t.Errorf("day %d: reminded again", day+2)
		}
	}
}

func TestStore_EraseDue(t *testing.T) {
	week, month := 7*24*time.Hour, 30*24*time.Hour
	for _, c := range []struct {
		state campaign.State
		after time.Duration // 0: never
	}{
		{campaign.StateAwaiting, 0},
		{campaign.StateQueued, 0},
		{campaign.StateSending, 0},
		{campaign.StateSent, month},
		{campaign.StateWithdrawn, week},
		{campaign.StateExpired, week},
		{campaign.StateHeld, campaign.RetainVacant},
		{campaign.StateFailed, month},
		{campaign.StateBounced, month},
		{campaign.StateUncertain, month},
	} {
		t.Run(string(c.state), func(t *testing.T) {
			b := newBed(t)
			hash := b.bring(t, 1, c.state)
			if c.after == 0 {
				b.clock.Advance(365 * 24 * time.Hour)
				if n := b.erasedDue(t); n != 0 || b.letter(t, hash).Sealed == nil {
					t.Error("erased while it is needed")
				}
				return
			}
			if got, want := b.letter(t, hash).EraseAt, b.clock.Now().Add(c.after); !got.Equal(want) {
				t.Errorf("to be erased at %v, want %v", got, want)
			}
			before := b.count(t, seatA)
			b.clock.Advance(c.after - time.Millisecond)
			if n := b.erasedDue(t); n != 0 || b.letter(t, hash).Sealed == nil {
				t.Fatal("erased too soon")
			}
			b.clock.Advance(time.Millisecond)
			if n := b.erasedDue(t); n != 1 {
				t.Fatalf("%d erased, want 1", n)
			}
			l := b.letter(t, hash)
			if l.Sealed != nil || !l.EraseAt.IsZero() || l.State != c.state {
				t.Errorf("afterwards %+v", l)
			}
			if got := b.texts(t, `SELECT count(*) FROM people UNION ALL SELECT count(repeat_hash) FROM letters
				UNION ALL SELECT count(email_hash) FROM letters`); got != "0, 0, 0" {
				t.Errorf("people, repeat hashes, email hashes: %s; want none", got)
			}
			if after := b.count(t, seatA); after != before {
				t.Errorf("counted %+v, before %+v", after, before)
			}
			if n := b.erasedDue(t); n != 0 {
				t.Error("erased again")
			}
			// Nobody can decide about it any more, so it waits for nobody.
			if total, err := b.Totals(t.Context(), slug); err != nil || total.Now != (campaign.Now{}) {
				t.Errorf("still waiting: %+v, %v", total.Now, err)
			}
		})
	}
}

// Captured mail names supporters as the record does, and goes with it.
func TestStore_EraseLetter_captured(t *testing.T) {
	b := newBed(t)
	for n := range 2 {
		b.submit(t, n)
		err := b.SaveCaptured(t.Context(), Captured{MessageID: newLetter(n).MessageID, At: start, Kind: campaign.MailConfirm, Sealed: []byte("mail")})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.EraseLetter(t.Context(), hashOf("token", 0)); err != nil {
		t.Fatal(err)
	}
	mails, err := b.CapturedMails(t.Context(), 10)
	if err != nil || len(mails) != 1 || mails[0].MessageID != newLetter(1).MessageID {
		t.Errorf("captured mails left: %v, %v; want the other letter's only", mails, err)
	}
}

// One that fails is undone whole, and holds up no other.
func TestStore_tick_oneThatFails(t *testing.T) {
	b := newBed(t)
	b.submit(t, 1)
	b.submit(t, 2)
	b.clock.Advance(campaign.RemindAfter)
	n, err := b.RemindLetters(t.Context(), 10, func() string { return "the same twice@example.org" })
	if err != nil || n != 1 {
		t.Errorf("%d reminded, %v; want 1", n, err)
	}
	if got := b.mails(t); got != "confirm ready, confirm ready, remind ready" {
		t.Errorf("outbox: %s", got)
	}
	if n := b.reminded(t); n != 1 {
		t.Errorf("%d reminded afterwards, want 1", n)
	}
}
