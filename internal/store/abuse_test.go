package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// guarded is letter n, which counts to one bucket, has one band and may be about one
// constituency.
func guarded(n int) campaign.NewLetter {
	l := newLetter(n)
	l.Guard = campaign.Guard{
		Buckets:  []campaign.Bucket{{Check: campaign.CheckAddress, Hash: append(campaign.LimitsSince(start), hashOf("bucket", 1)...), Most: 3, Every: time.Minute, Wait: true}},
		Bands:    [][]byte{append(campaign.LikenessesSince(start.AddDate(0, 0, 7)), hashOf("band", 1)...)},
		Before:   [][]byte{append(campaign.LikenessesSince(start), hashOf("band", 1)...)},
		MostLike: 5, MostSeats: 1,
	}
	return l
}

// checkWork does what is done for every letter that is checked.
func (b *bed) checkWork(t *testing.T) {
	t.Helper()
	l := guarded(50)
	b.submitted(t, l)
	if err := b.ConfirmLetter(t.Context(), l.TokenHash, "checked@example.org"); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(15 * day)
	if _, err := b.ForgetLimits(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT (SELECT count(*) FROM limits) || ' ' || (SELECT count(*) FROM likenesses)`); got != "0 0" {
		t.Errorf("limits and likenesses that are left: %s", got)
	}
}

// A letter that has to wait leaves nothing behind, and takes nothing away: not even
// the letter that it would correct.
func TestStore_SubmitLetter_waits(t *testing.T) {
	b := newBed(t)
	for n := range 3 {
		b.submitted(t, guarded(n))
	}
	all := func() string {
		return b.everything(t) + b.texts(t, `SELECT group_concat(full_at) FROM limits`) + b.texts(t, `SELECT group_concat(letters) FROM likenesses`)
	}
	before := all()
	l := guarded(3)
	l.Replaces = guarded(0).ReplaceHash
	err := b.SubmitLetter(t.Context(), l)
	busy, ok := errors.AsType[*campaign.BusyError](err)
	if !ok || fault.CodeOf(err) != fault.RateLimited || busy.For != time.Minute {
		t.Fatal(err)
	}
	if after := all(); after != before {
		t.Errorf("before %s\nafter  %s", before, after)
	}
}

// What was found against a letter comes before why else it would be held: a new list
// of MPs, or its supporter, can take that away, and nobody but an organiser this.
func TestStore_ConfirmLetter_checksFirst(t *testing.T) {
	b := newBed(t)
	l := guarded(1)
	l.Guard.Holds = []campaign.Check{campaign.CheckWords}
	b.submitted(t, l)
	b.unseat(t, seatA)
	if err := b.ConfirmLetter(t.Context(), l.TokenHash, "letter@example.org"); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT state || ' ' || why || ' ' || holds FROM letters`); got != "held check_words words" {
		t.Error(got)
	}
	b.reseat(t, seatA)
	if _, err := b.AskAgain(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	r := campaign.Readdressed{Member: member(seatA).ID, MessageID: "again@example.org"}
	if err := b.ReaddressLetter(t.Context(), l.TokenHash, r); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("its supporter lets it go: %v", err)
	}
	b.wantState(t, l.TokenHash, campaign.StateHeld)
	if got := b.texts(t, `SELECT count(*) FROM outbox WHERE kind = 'letter'`); got != "0" {
		t.Errorf("%s letters are to go", got)
	}
}

// Where it cannot even be looked up what was found against a letter, it is not
// confirmed, and can be once that is mended.
func TestStore_ConfirmLetter_failClosed(t *testing.T) {
	b := newBed(t)
	l := guarded(1)
	b.submitted(t, l)
	b.alter(t, `UPDATE letters SET most_seats = 1, email_hash = NULL`)
	b.alter(t, `DROP INDEX letters_email`)
	b.alter(t, `ALTER TABLE letters RENAME COLUMN email_hash TO gone`)
	if err := b.ConfirmLetter(t.Context(), l.TokenHash, "letter@example.org"); err == nil {
		t.Error("it is confirmed")
	}
	if got := b.texts(t, `SELECT count(*) FROM outbox WHERE kind = 'letter'`); got != "0" {
		t.Errorf("%s letters are to go", got)
	}
}

// What was counted of a day is in none of the files when it is over.
func TestStore_ForgetLimits_leavesNoBytes(t *testing.T) {
	b := newBed(t)
	hash := append(campaign.LimitsSince(start), hashOf("bucket", 7)...)
	l := guarded(1)
	l.Guard.Buckets[0].Hash = hash
	b.submitted(t, l)
	b.clock.Advance(2 * day)
	for range 2 {
		if _, err := b.ForgetLimits(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		b.erasedDue(t) // as every minute
	}
	for name, data := range b.files(t) {
		if bytes.Contains(data, hash) {
			t.Errorf("it stands in %s", name)
		}
	}
}
