package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/account"
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

// A worker that comes back when an organiser has said to send the letter again: as
// long as nobody has begun to, it is not sent twice.
func TestStore_Finish_lateAndQueuedAgain(t *testing.T) {
	for _, v := range []campaign.Verdict{campaign.VerdictSent, campaign.VerdictFailed, campaign.VerdictRetry} {
		t.Run(string(v), func(t *testing.T) {
			b := newBed(t)
			hash := b.confirm(t, 1)
			j := b.claimed(t)
			b.clock.Advance(lease)
			b.reclaimed(t)
			b.sendAgain(t, 1)
			b.wantState(t, hash, campaign.StateQueued)
			b.finish(t, j, v)
			if v != campaign.VerdictSent {
				b.wantState(t, hash, campaign.StateQueued)
				return
			}
			b.wantState(t, hash, campaign.StateSent)
			b.clock.Advance(time.Hour)
			if jobs := b.claims(t, 4); len(jobs) != 0 {
				t.Errorf("it is sent again: %+v", jobs)
			}
			want := campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1, Uncertain: 1, Sent: 1}
			if diff := cmp.Diff(want, b.count(t, seatA)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sendAgain has an organiser send letter n once more.
func (b *bed) sendAgain(tb testing.TB, n int) {
	tb.Helper()
	errs, err := b.DecideLetters(tb.Context(), account.Actor{Origin: "test"}, []campaign.Resolution{
		{Chosen: campaign.Chosen{ID: int64(n)}, Decision: campaign.DecideRetry, RepeatHash: hashOf("repeat", n), MessageID: "again@example.org"},
	})
	if err != nil || errs[0] != nil {
		tb.Fatal(err, errs)
	}
}

// What the server said comes not back to a letter whose person was erased.
func TestStore_Finish_lateAndErased(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	j := b.claimed(t)
	b.clock.Advance(lease)
	b.reclaimed(t)
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	o := campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250, Answer: "250 2.0.0", Sealed: []byte("sealed answer")}
	if err := b.Finish(t.Context(), j, o, start); err != nil {
		t.Fatal(err)
	}
	b.wantState(t, hash, campaign.StateSent)
	if got := b.texts(t, `SELECT count(*) FROM outbox WHERE answer <> '' OR sealed IS NOT NULL`); got != "0" {
		t.Errorf("%s messages tell something after erasure", got)
	}
	if got := b.texts(t, `SELECT COALESCE(erase_at, '') FROM letters`); got != "" {
		t.Errorf("an erased letter is to be erased at %s", got)
	}
}

// One lease that cannot be ended keeps none of the others.
func TestStore_Reclaim_oneInTheWay(t *testing.T) {
	b := newBed(t)
	b.confirm(t, 1)
	healthy := b.confirm(t, 2)
	if n := len(b.claims(t, 4)); n != 2 {
		t.Fatalf("claimed %d", n)
	}
	b.alter(t, `UPDATE letters SET state = 'sent' WHERE id = 1`)
	b.clock.Advance(lease)
	if n := b.reclaimed(t); n != 1 {
		t.Errorf("%d letters became uncertain, want the healthy one", n)
	}
	b.wantState(t, healthy, campaign.StateUncertain)
	if got := b.texts(t, `SELECT count(*) FROM outbox WHERE status = 'sending'`); got != "0" {
		t.Errorf("%s messages are leased for ever", got)
	}
}
