package store

import (
	"testing"
	"time"

	"postbag/internal/campaign"
)

// Of a database that was brought back nothing is sent by itself but what MPs wrote to
// supporters.
func TestDoubtQueue(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{})
	sent, sending, queued := b.bring(t, 1, campaign.StateSent), b.bring(t, 2, campaign.StateSending), b.confirm(t, 3)
	awaiting, held := b.submit(t, 4), b.bring(t, 5, campaign.StateHeld)
	b.alter(t, `INSERT INTO sessions (token_hash, account_id, data, created_at, expires_at) VALUES (x'01', 0, x'', '', '')`)
	b.alter(t, `UPDATE letters SET follow_at = '2026-11-23T00:00:00.000Z' WHERE token_hash = $1`, sent)
	b.clock.Advance(time.Minute)
	d, err := b.DoubtQueue(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	if d.Letters != 2 || d.Awaiting != 1 || d.Sessions != 1 || d.Mails == 0 {
		t.Errorf("%+v", d)
	}
	for _, hash := range [][]byte{queued, sending} {
		l := b.letter(t, hash)
		if last := l.Events[len(l.Events)-1]; l.State != campaign.StateUncertain || last.Why != campaign.WhyRestored {
			t.Errorf("%s, %+v", l.State, last)
		}
	}
	b.wantState(t, sent, campaign.StateSent)
	b.wantState(t, held, campaign.StateHeld)
	if got := b.texts(t, `SELECT DISTINCT status FROM outbox WHERE kind = 'letter' AND letter_id > 1`); got != "uncertain" {
		t.Errorf("of letters: %s", got)
	}
	if got := b.texts(t, `SELECT now_queued || ' ' || now_uncertain FROM tallies`); got != "0 2" {
		t.Errorf("counted, queued and uncertain: %s", got)
	}
	for range 3 {
		b.clock.Advance(24 * time.Hour)
		if _, err := b.RemindLetters(t.Context(), 100, func() string { return "remind@example.org" }); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Reclaim(t.Context()); err != nil {
			t.Fatal(err)
		}
		if jobs := b.claims(t, 10); len(jobs) > 0 {
			t.Errorf("it sends %+v", jobs)
		}
	}
	// Whoever confirms one now may have done so before.
	if err := b.ConfirmLetter(t.Context(), awaiting, "confirmed@example.org"); err != nil {
		t.Fatal(err)
	}
	l := b.letter(t, awaiting)
	if last := l.Events[len(l.Events)-1]; l.State != campaign.StateHeld || last.Why != campaign.WhyRestored {
		t.Errorf("confirmed: %s, %+v", l.State, last)
	}
	if jobs := b.claims(t, 10); len(jobs) > 0 {
		t.Errorf("it sends %+v", jobs)
	}
	b.confirm(t, 9) // what is written from now on goes as ever
	if jobs := b.claims(t, 10); len(jobs) == 0 {
		t.Error("nothing new goes")
	}
}

// Where nothing was sent since, all goes on.
func TestDoubtQueue_nothingSent(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	b.alter(t, `INSERT INTO sessions (token_hash, account_id, data, created_at, expires_at) VALUES (x'01', 0, x'', '', '')`)
	d, err := b.DoubtQueue(t.Context(), false)
	if err != nil || (d != Doubted{Sessions: 1}) {
		t.Errorf("%+v, %v", d, err)
	}
	b.wantState(t, hash, campaign.StateQueued)
	if jobs := b.claims(t, 10); len(jobs) == 0 {
		t.Error("nothing goes")
	}
}

// That one may have gone before is not forgotten for what a check found against it:
// whoever lets it go has to know both.
func TestDoubtQueue_heldByACheckAsWell(t *testing.T) {
	b := newBed(t)
	l := newLetter(1)
	l.Guard.Holds = []campaign.Check{campaign.CheckWords}
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DoubtQueue(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := b.ConfirmLetter(t.Context(), l.TokenHash, "letter@example.org"); err != nil {
		t.Fatal(err)
	}
	found, err := b.DeskLetters(t.Context(), slug, []int64{b.letter(t, l.TokenHash).ID})
	if err != nil || len(found) != 1 || found[0].State != campaign.StateHeld || found[0].Why != campaign.WhyRestored || len(found[0].Holds) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	results, err := b.DecideLetters(t.Context(), olga, []campaign.Resolution{{Chosen: campaign.Chosen{ID: found[0].ID}, Decision: campaign.DecideSend, MessageID: "again@example.org", RepeatHash: l.RepeatHash}})
	if err != nil || results[0] != nil {
		t.Fatal(results, err)
	}
	if counts, err := b.CheckCounts(t.Context(), slug); err != nil || len(counts) != 1 || counts[0].Held != 1 || counts[0].Sent != 1 {
		t.Errorf("counted: %+v, %v", counts, err)
	}
}

// Nor for an address that is missing now: once there is one again, it must not be among
// the letters that can simply go.
func TestDoubtQueue_noAddressAsWell(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	if _, err := b.DoubtQueue(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	email := b.texts(t, `SELECT email FROM members WHERE constituency = '`+seatA+`'`)
	b.alter(t, `UPDATE members SET email = '' WHERE constituency = $1`, seatA)
	if err := b.ConfirmLetter(t.Context(), hash, "letter@example.org"); err != nil {
		t.Fatal(err)
	}
	b.alter(t, `UPDATE members SET email = $1 WHERE constituency = $2`, email, seatA)
	found, err := b.DeskLetters(t.Context(), slug, []int64{b.letter(t, hash).ID})
	if err != nil || len(found) != 1 || found[0].State != campaign.StateHeld || found[0].Why != campaign.WhyRestored || found[0].Freed() {
		t.Fatalf("%+v, %v", found, err)
	}
}
