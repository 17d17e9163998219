package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
)

func (b *bed) reclaimed(tb testing.TB) int {
	tb.Helper()
	n, err := b.Reclaim(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// A worker that died with a letter in its hands leaves a question, not a copy.
func TestStore_Reclaim_letter(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	b.claimed(t)
	b.clock.Advance(lease - time.Millisecond)
	if n := b.reclaimed(t); n != 0 {
		t.Fatalf("%d reclaimed while the lease runs", n)
	}
	b.wantState(t, hash, campaign.StateSending)
	b.clock.Advance(time.Millisecond)
	if n := b.reclaimed(t); n != 1 {
		t.Fatalf("%d reclaimed, want 1", n)
	}
	b.wantState(t, hash, campaign.StateUncertain)
	if got := b.mails(t); got != "confirm dropped, letter uncertain" {
		t.Errorf("outbox: %s", got)
	}
	b.clock.Advance(time.Hour)
	if n := b.reclaimed(t); n != 0 || len(b.claims(t, 10)) != 0 {
		t.Error("it is dealt with a second time")
	}
}

func TestStore_Reclaim_supporterMail(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	first := b.claimed(t)
	b.clock.Advance(lease)
	if n := b.reclaimed(t); n != 0 {
		t.Errorf("%d letters uncertain, want none", n)
	}
	b.wantState(t, hash, campaign.StateAwaiting)
	second := b.claimed(t)
	if second.MessageID != first.MessageID || second.Attempts != 2 {
		t.Errorf("second attempt %+v", second)
	}
	// The first worker was only slow: what it says no longer counts.
	b.finish(t, first, campaign.VerdictFailed)
	if got := b.mails(t); got != "confirm sending" {
		t.Errorf("outbox: %s", got)
	}
	b.finish(t, second, campaign.VerdictSent)
	if got := b.mails(t); got != "confirm sent" {
		t.Errorf("outbox: %s", got)
	}
}

// A worker that comes back after its lease.
func TestStore_Finish_late(t *testing.T) {
	for _, c := range []struct {
		verdict campaign.Verdict
		state   campaign.State
		mails   string
	}{
		{campaign.VerdictSent, campaign.StateSent, "confirm dropped, letter sent"},
		{campaign.VerdictFailed, campaign.StateUncertain, "confirm dropped, letter uncertain"},
		{campaign.VerdictUncertain, campaign.StateUncertain, "confirm dropped, letter uncertain"},
		{campaign.VerdictRetry, campaign.StateUncertain, "confirm dropped, letter uncertain"},
	} {
		for _, erased := range []bool{false, true} {
			t.Run(string(c.verdict)+map[bool]string{true: ", erased meanwhile"}[erased], func(t *testing.T) {
				b := newBed(t)
				hash := b.confirm(t, 1)
				j := b.claimed(t)
				b.clock.Advance(lease)
				b.reclaimed(t)
				if erased {
					if err := b.EraseLetter(t.Context(), hash); err != nil {
						t.Fatal(err)
					}
				}
				b.finish(t, j, c.verdict)
				b.wantState(t, hash, c.state)
				if got := b.mails(t); got != c.mails {
					t.Errorf("outbox: %s; want %s", got, c.mails)
				}
				want := campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1, Uncertain: 1}
				if c.state == campaign.StateSent {
					want.Sent = 1
				}
				if diff := cmp.Diff(want, b.count(t, seatA)); diff != "" {
					t.Error(diff)
				}
				if erased && b.letter(t, hash).Sealed != nil {
					t.Error("the record is back")
				}
			})
		}
	}
}

// Late, but nobody has looked yet: the attempt still counts.
func TestStore_Finish_afterTheLeaseBeforeReclaim(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	j := b.claimed(t)
	b.clock.Advance(lease + time.Hour)
	b.finish(t, j, campaign.VerdictSent)
	b.wantState(t, hash, campaign.StateSent)
	if n := b.reclaimed(t); n != 0 {
		t.Errorf("%d reclaimed", n)
	}
}
