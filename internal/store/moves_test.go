package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// act is one thing that a supporter does to a letter, and what comes of it.
type act struct {
	to     campaign.State // where the letter stands then
	code   fault.Code     // "": it worked
	erased bool
}

// TestStore_supporter does everything that a supporter can do to a letter in
// every state.
func TestStore_supporter(t *testing.T) {
	const ok, conflict = fault.Code(""), fault.Conflict
	for _, c := range []struct {
		from                     campaign.State
		confirm, withdraw, erase act
	}{
		{campaign.StateAwaiting, act{campaign.StateQueued, ok, false}, act{campaign.StateWithdrawn, ok, false}, act{campaign.StateWithdrawn, ok, true}},
		{campaign.StateQueued, act{campaign.StateQueued, ok, false}, act{campaign.StateWithdrawn, ok, false}, act{campaign.StateWithdrawn, ok, true}},
		{campaign.StateSending, act{campaign.StateSending, ok, false}, act{campaign.StateSending, conflict, false}, act{campaign.StateSending, conflict, false}},
		{campaign.StateSent, act{campaign.StateSent, ok, false}, act{campaign.StateSent, conflict, false}, act{campaign.StateSent, ok, true}},
		{campaign.StateHeld, act{campaign.StateHeld, ok, false}, act{campaign.StateWithdrawn, ok, false}, act{campaign.StateWithdrawn, ok, true}},
		{campaign.StateWithdrawn, act{campaign.StateWithdrawn, conflict, false}, act{campaign.StateWithdrawn, ok, false}, act{campaign.StateWithdrawn, ok, true}},
		{campaign.StateExpired, act{campaign.StateExpired, conflict, false}, act{campaign.StateExpired, conflict, false}, act{campaign.StateExpired, ok, true}},
		{campaign.StateFailed, act{campaign.StateFailed, ok, false}, act{campaign.StateWithdrawn, ok, false}, act{campaign.StateFailed, ok, true}},
		{campaign.StateBounced, act{campaign.StateBounced, ok, false}, act{campaign.StateWithdrawn, ok, false}, act{campaign.StateBounced, ok, true}},
		{campaign.StateUncertain, act{campaign.StateUncertain, ok, false}, act{campaign.StateUncertain, conflict, false}, act{campaign.StateUncertain, ok, true}},
	} {
		b := newBed(t)
		n := 0
		for _, do := range []struct {
			name string
			want act
			run  func(hash []byte) error
		}{
			{"confirm", c.confirm, func(hash []byte) error {
				return b.ConfirmLetter(t.Context(), hash, fmt.Sprintf("again-%d@example.org", n))
			}},
			{"withdraw", c.withdraw, func(hash []byte) error { return b.WithdrawLetter(t.Context(), hash) }},
			{"erase", c.erase, func(hash []byte) error { return b.EraseLetter(t.Context(), hash) }},
		} {
			t.Run(string(c.from)+"/"+do.name, func(t *testing.T) {
				n++
				hash := b.bring(t, n, c.from)
				events := len(b.letter(t, hash).Events)
				err := do.run(hash)
				if fault.CodeOf(err) != do.want.code {
					t.Errorf("error %v, want code %q", err, do.want.code)
				}
				l := b.letter(t, hash)
				if l.State != do.want.to {
					t.Errorf("state %s, want %s", l.State, do.want.to)
				}
				if erased := l.Sealed == nil; erased != do.want.erased {
					t.Errorf("erased: %v, want %v", erased, do.want.erased)
				}
				if moved, wrote := do.want.to != c.from, len(l.Events)-events; moved != (wrote == 1) || wrote > 1 {
					t.Errorf("%d events written", wrote)
				}
				// A second time changes nothing more.
				_ = do.run(hash)
				if diff := cmp.Diff(l, b.letter(t, hash)); diff != "" {
					t.Error("a second time:", diff)
				}
				letters := b.texts(t, `SELECT count(*) FROM outbox WHERE kind = 'letter' AND letter_id = $1`, l.ID)
				if letters != "0" && letters != "1" {
					t.Errorf("the letter is in the outbox %s times", letters)
				}
				b.alter(t, `UPDATE outbox SET status = 'dropped' WHERE status IN ('ready', 'sending')`) // out of the next one's way
			})
		}
	}
}

// move itself holds the table of states.
func TestStore_move_everyPair(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	for _, from := range campaign.States() {
		for _, to := range append(campaign.States(), "", "nonsense") {
			b.alter(t, `UPDATE letters SET state = $1`, string(from))
			events := b.texts(t, `SELECT count(*) FROM events`)
			counters := b.texts(t, `SELECT sum(letters) FROM counters`)
			err := b.writer.do(t.Context(), func(tx *tx) error {
				l, err := tx.letter(hash)
				if err != nil {
					return err
				}
				return tx.move(l, to, "test")
			})
			want := from
			if campaign.CanMove(from, to) {
				want = to
			}
			if (err == nil) != campaign.CanMove(from, to) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			b.wantState(t, hash, want)
			if err != nil && (events != b.texts(t, `SELECT count(*) FROM events`) || counters != b.texts(t, `SELECT sum(letters) FROM counters`)) {
				t.Errorf("%s to %s was refused and left a trace", from, to)
			}
		}
	}
}

func TestStore_ConfirmLetter(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	b.clock.Advance(time.Hour)
	if err := b.ConfirmLetter(t.Context(), hash, "letter@example.org"); err != nil {
		t.Fatal(err)
	}
	l := b.letter(t, hash)
	if l.State != campaign.StateQueued || !l.ConfirmedAt.Equal(start.Add(time.Hour)) || !l.EraseAt.IsZero() {
		t.Errorf("got %+v", l)
	}
	want := []campaign.Event{
		{At: start, To: campaign.StateAwaiting, Why: campaign.WhyWritten},
		{At: start.Add(time.Hour), From: campaign.StateAwaiting, To: campaign.StateQueued, Why: campaign.WhyConfirmed},
	}
	if diff := cmp.Diff(want, l.Events); diff != "" {
		t.Error(diff)
	}
	if got := b.mails(t); got != "confirm dropped, letter ready" {
		t.Errorf("outbox: %s", got)
	}
	if diff := cmp.Diff(campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1}, b.count(t, seatA)); diff != "" {
		t.Error(diff)
	}
}

func TestStore_ConfirmLetter_atTheEdge(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration
		want  campaign.State
	}{
		{"the last moment", campaign.ConfirmWithin - time.Millisecond, campaign.StateQueued},
		{"seven days to the millisecond", campaign.ConfirmWithin, campaign.StateExpired},
		{"later", campaign.ConfirmWithin + time.Hour, campaign.StateExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			hash := b.submit(t, 1)
			b.clock.Advance(c.after)
			err := b.ConfirmLetter(t.Context(), hash, "letter@example.org")
			if expired := fault.CodeOf(err) == fault.Conflict; expired != (c.want == campaign.StateExpired) {
				t.Errorf("error %v", err)
			}
			b.wantState(t, hash, c.want)
			if got := b.count(t, seatA); (got.Expired == 1) != (c.want == campaign.StateExpired) || got.Confirmed+got.Expired != 1 {
				t.Errorf("counted %+v", got)
			}
			if c.want == campaign.StateExpired && b.mails(t) != "confirm dropped" {
				t.Errorf("outbox: %s", b.mails(t))
			}
		})
	}
}
