package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
)

// ledger is the ledger without its hashes.
func (b *bed) ledger(tb testing.TB) (lines []string) {
	tb.Helper()
	all, err := b.Erasures(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if _, wrong := campaign.CheckErasures(all); wrong != "" {
		tb.Errorf("the ledger is not sound: %s", wrong)
	}
	for _, e := range all {
		line := e.String()
		if e.Hash != "" {
			line += " closed"
		}
		lines = append(lines, line)
	}
	return lines
}

func (b *bed) wantLedger(tb testing.TB, want ...string) {
	tb.Helper()
	for i := range want {
		want[i] = strings.Replace(want[i], "C ", shippedSlug(b, tb)+" ", 1)
	}
	if diff := cmp.Diff(want, b.ledger(tb)); diff != "" {
		tb.Errorf("the ledger (-want +got):\n%s", diff)
	}
}

func shippedSlug(b *bed, tb testing.TB) string {
	return b.texts(tb, `SELECT slug FROM campaigns ORDER BY id LIMIT 1`)
}

// Every record that goes is counted once, by day, campaign and reason, and a day
// that is over is closed for good.
func TestStore_Erasures(t *testing.T) {
	b := newBed(t) // noon on 23 November 2026
	b.bring(t, 1, campaign.StateSent)
	hash := b.bring(t, 2, campaign.StateSent)
	b.bring(t, 3, campaign.StateAwaiting)
	b.wantLedger(t)
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseLetter(t.Context(), hash); err != nil { // there is nothing left to erase
		t.Fatal(err)
	}
	b.wantLedger(t, "0 2026-11-23 C letter asked 1")
	if n, err := b.CloseErasures(t.Context()); n != 0 || err != nil {
		t.Errorf("a day that is not over: %d closed, %v", n, err)
	}
	b.clock.Advance(60 * 24 * time.Hour)
	for range 2 {
		if _, err := b.ExpireLetters(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		if _, err := b.EraseDue(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(60 * 24 * time.Hour)
	}
	b.clock.Advance(-60 * 24 * time.Hour)
	if n, err := b.CloseErasures(t.Context()); err != nil || n == 0 {
		t.Errorf("%d closed, %v", n, err)
	}
	b.wantLedger(t, "1 2026-11-23 C letter asked 1 closed", "2 2027-01-22 C letter due 1 closed", "0 2027-03-23 C letter due 1")
	if n, err := b.Overdue(t.Context(), b.clock.Now()); n != 0 || err != nil {
		t.Errorf("%d overdue, %v", n, err)
	}
	for _, q := range []string{`UPDATE erasures SET records = 9 WHERE number = 1`, `DELETE FROM erasures WHERE number = 1`, `DELETE FROM erasures`} {
		if _, err := b.raw.ExecContext(t.Context(), q); err == nil {
			t.Errorf("%s: it was done", q)
		}
	}
}

// A clock that went back adds nothing to a day that is closed.
func TestStore_Erasures_clockThatWentBack(t *testing.T) {
	b := newBed(t)
	erase := func(n int) {
		t.Helper()
		if err := b.EraseLetter(t.Context(), b.bring(t, n, campaign.StateSent)); err != nil {
			t.Fatal(err)
		}
	}
	erase(1)
	b.clock.Advance(24 * time.Hour)
	if n, err := b.CloseErasures(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d closed, %v", n, err)
	}
	b.clock.Advance(-24 * time.Hour)
	erase(2)
	b.wantLedger(t, "1 2026-11-23 C letter asked 1 closed", "0 2026-11-24 C letter asked 1")
}

// What was undone with its transaction was not erased.
func TestStore_Erasures_undone(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateSending)
	if err := b.EraseLetter(t.Context(), hash); err == nil {
		t.Fatal("erased while it is being sent")
	}
	b.wantLedger(t)
}

func TestStore_Kept(t *testing.T) {
	b := newBed(t)
	if kept, err := b.Kept(t.Context()); len(kept) != 0 || err != nil {
		t.Errorf("of nobody %+v, %v", kept, err)
	}
	b.bring(t, 1, campaign.StateSent)
	b.bring(t, 2, campaign.StateSent)
	b.bring(t, 3, campaign.StateQueued)
	kept, err := b.Kept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	records, days := 0, 0
	for _, k := range kept {
		records += k.Records
		if k.Day > "2026-11-23" {
			days++
		}
	}
	if records != 3+2 || days != 2 { // of those that were sent the text goes before the rest
		t.Errorf("kept %+v", kept)
	}
	b.clock.Advance(90 * 24 * time.Hour)
	if n, err := b.Overdue(t.Context(), b.clock.Now()); n != 2 || err != nil {
		t.Errorf("%d overdue, %v; want 2", n, err)
	}
}
