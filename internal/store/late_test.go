package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

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

// A first attempt while the clock was years ahead does not put off giving up by years.
func TestStore_Finish_firstAttemptInTheFuture(t *testing.T) {
	b := newBed(t)
	b.confirm(t, 1)
	b.clock.Advance(3 * 365 * 24 * time.Hour)
	b.finish(t, b.claimed(t), campaign.VerdictRetry)
	b.clock.Advance(-3 * 365 * 24 * time.Hour)
	if _, err := b.SpaceLetters(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.finish(t, b.claimed(t), campaign.VerdictRetry)
	if got, want := b.texts(t, `SELECT first_at FROM outbox WHERE kind = 'letter'`), formatTime(b.clock.Now()); got != want {
		t.Errorf("the first attempt was at %s, want %s", got, want)
	}
}
