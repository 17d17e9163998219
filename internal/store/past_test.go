package store

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

const day = 24 * time.Hour

// past lists what is kept of letters that were erased.
func (b *bed) past(tb testing.TB) string {
	tb.Helper()
	return b.texts(tb, `SELECT hex(repeat_hash) || ' until ' || until FROM past_letters ORDER BY 1`)
}

// pastOf is what is to be kept of letter n, confirmed at the start.
func pastOf(n int) string { return fmt.Sprintf("%X until 2027-02-21", hashOf("repeat", n)) }

func TestStore_erased_confirmedOnesAreRemembered(t *testing.T) {
	for _, c := range []struct {
		state                  campaign.State
		bySupporter, byWaiting bool // remembered then
	}{
		{campaign.StateAwaiting, false, false},
		{campaign.StateQueued, false, false}, // it is withdrawn
		{campaign.StateSent, true, true},
		{campaign.StateHeld, false, true}, // withdrawn, or left as it is
		{campaign.StateWithdrawn, false, false},
		{campaign.StateExpired, false, false},
		{campaign.StateFailed, false, false},
		{campaign.StateBounced, false, false},
		{campaign.StateUncertain, true, true},
	} {
		for who, remembered := range map[string]bool{"by the supporter": c.bySupporter, "in time": c.byWaiting} {
			t.Run(fmt.Sprint(c.state, " ", who), func(t *testing.T) {
				b := newBed(t)
				hash := b.bring(t, 1, c.state)
				if who == "by the supporter" {
					if err := b.EraseLetter(t.Context(), hash); err != nil {
						t.Fatal(err)
					}
				} else {
					b.clock.Advance(campaign.RetainVacant)
					b.erasedDue(t)
				}
				want := ""
				if remembered {
					want = pastOf(1)
				}
				if got := b.past(t); got != want {
					t.Errorf("kept: %q, want %q", got, want)
				}
				if l := b.letter(t, hash); remembered != (l.RememberedUntil().Equal(start.Add(90*day)) && l.Sealed == nil) {
					t.Errorf("its supporter is told %v", l.RememberedUntil())
				}
			})
		}
	}
}

// Whoever erases a letter that was sent may write another. That they did shows
// only once it is confirmed, to whoever reads their mail.
func TestStore_ConfirmLetter_afterErasure(t *testing.T) {
	for _, c := range []struct {
		name  string
		first campaign.State
		wait  time.Duration // after the erasure
		again bool          // the second letter can be confirmed
	}{
		{"at once", campaign.StateSent, 0, false},
		{"on the last day", campaign.StateSent, 90 * day, false},
		{"on the day after", campaign.StateSent, 91 * day, true},
		{"where it is uncertain", campaign.StateUncertain, day, false},
		{"where it was taken back", campaign.StateWithdrawn, 0, true},
		{"where it failed", campaign.StateFailed, 0, true},
		{"where it came back", campaign.StateBounced, 0, true},
		{"where it was never sent", campaign.StateQueued, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			first := b.bring(t, 1, c.first)
			if err := b.EraseLetter(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			b.clock.Advance(c.wait)
			l := newLetter(2)
			l.RepeatHash, l.ContentHash = hashOf("repeat", 1), hashOf("content", 1)
			b.submitted(t, l)
			if got := b.texts(t, `SELECT kind || ' ' || status FROM outbox o JOIN letters l ON l.id = o.letter_id WHERE l.token_hash = $1`, l.TokenHash); got != "confirm ready" {
				t.Errorf("mails about the second letter: %s", got)
			}
			before := b.count(t, seatA)
			err := b.ConfirmLetter(t.Context(), l.TokenHash, "letter-2@example.org")
			after := b.count(t, seatA)
			if c.again {
				if err != nil || after.Confirmed != before.Confirmed+1 {
					t.Errorf("%v, counted %+v", err, after)
				}
				b.wantState(t, l.TokenHash, campaign.StateQueued)
				return
			}
			if wrong, ok := errors.AsType[*fault.Error](err); !ok || wrong.Code != fault.Conflict || wrong.Safe != "error.already" {
				t.Errorf("error %v, want a conflict: already", err)
			}
			if after != before {
				t.Errorf("counted %+v, before %+v", after, before)
			}
			b.wantState(t, l.TokenHash, campaign.StateAwaiting)
			other := newLetter(3)
			b.submitted(t, other)
			if err := b.ConfirmLetter(t.Context(), other.TokenHash, "letter-3@example.org"); err != nil {
				t.Errorf("another person: %v", err)
			}
		})
	}
}

func TestStore_ForgetPastLetters(t *testing.T) {
	b := newBed(t)
	for n := range 5 {
		if err := b.EraseLetter(t.Context(), b.bring(t, n, campaign.StateSent)); err != nil {
			t.Fatal(err)
		}
	}
	forgotten := func(limit int) int {
		n, err := b.ForgetPastLetters(t.Context(), limit)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	b.clock.Advance(90*day + 12*time.Hour - time.Millisecond) // to the end of the last day
	if n := forgotten(100); n != 0 {
		t.Fatalf("%d forgotten too soon", n)
	}
	b.clock.Advance(time.Millisecond)
	for round, want := range []int{2, 2, 1, 0} {
		if n := forgotten(2); n != want {
			t.Errorf("round %d: %d forgotten, want %d", round, n, want)
		}
	}
	if got := b.past(t); got != "" {
		t.Errorf("left: %s", got)
	}
	for file, data := range b.files(t) {
		for n := range 5 {
			if bytes.Contains(data, hashOf("repeat", n)) {
				t.Errorf("%s still holds hash %d", file, n)
			}
		}
	}
}

// One that is due, and not forgotten yet, makes way for the next.
func TestStore_erased_twice(t *testing.T) {
	b := newBed(t)
	first := b.bring(t, 1, campaign.StateSent)
	if err := b.EraseLetter(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(91 * day)
	l := newLetter(2)
	l.RepeatHash = hashOf("repeat", 1)
	b.submitted(t, l)
	if err := b.ConfirmLetter(t.Context(), l.TokenHash, "letter-2@example.org"); err != nil {
		t.Fatal(err)
	}
	b.sendAll(t)
	if err := b.EraseLetter(t.Context(), l.TokenHash); err != nil {
		t.Fatal(err)
	}
	if got, want := b.past(t), fmt.Sprintf("%X until 2027-05-23", hashOf("repeat", 1)); got != want {
		t.Errorf("kept: %s, want %s", got, want)
	}
}
