package store

import (
	"fmt"
	"testing"
	"time"

	"postbag/internal/campaign"
)

// letterTo is letter n, of one person to an MP of their own, with the address of
// inbox.
func letterTo(inbox, n int) campaign.NewLetter {
	l := newLetter(n)
	l.EmailHash = hashOf("email", inbox)
	return l
}

func (b *bed) submitted(tb testing.TB, l campaign.NewLetter) {
	tb.Helper()
	if err := b.SubmitLetter(tb.Context(), l); err != nil {
		tb.Fatal(err)
	}
}

// sendAll sends whatever is due.
func (b *bed) sendAll(tb testing.TB) {
	tb.Helper()
	for _, j := range b.claims(tb, 100) {
		b.finish(tb, j, campaign.VerdictSent)
	}
}

// written tells whether a letter is in the database.
func (b *bed) written(tb testing.TB, l campaign.NewLetter) bool {
	tb.Helper()
	return b.texts(tb, `SELECT count(*) FROM letters WHERE token_hash = $1`, l.TokenHash) == "1"
}

// everything tells how many rows there are of what a letter is made of.
func (b *bed) everything(tb testing.TB) string {
	tb.Helper()
	return b.texts(tb, `SELECT count(*) FROM letters UNION ALL SELECT count(*) FROM people UNION ALL SELECT count(*) FROM events
		UNION ALL SELECT count(*) FROM outbox UNION ALL SELECT sum(letters) FROM counters`)
}

func TestStore_SubmitLetter_oneInbox(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name  string
		fill  func(*testing.T, *bed) // brings mails to inbox 1
		wait  time.Duration
		takes bool // one more letter
	}{
		{"nine mails", func(t *testing.T, b *bed) { b.flood(t, 9); b.sendAll(t) }, 0, true},
		{"ten mails", func(t *testing.T, b *bed) { b.flood(t, 10); b.sendAll(t) }, 0, false},
		{"ten mails, almost a day ago", func(t *testing.T, b *bed) { b.flood(t, 10); b.sendAll(t) }, day - time.Millisecond, false},
		{"ten mails, a day ago", func(t *testing.T, b *bed) { b.flood(t, 10); b.sendAll(t) }, day, true},
		{"ten mails that a server keeps us waiting with", func(t *testing.T, b *bed) { b.flood(t, 10) }, 3 * day, false},
		{"ten mails that were sent a day late", func(t *testing.T, b *bed) {
			b.flood(t, 10)
			b.clock.Advance(day)
			b.sendAll(t)
		}, day - time.Millisecond, false},
		{"the same letter again and again", func(t *testing.T, b *bed) {
			for n := range 10 {
				l := letterTo(1, 100)
				l.MessageID = fmt.Sprintf("again-%d@example.org", n)
				b.submitted(t, l)
				b.sendAll(t)
				b.clock.Advance(campaign.RepeatAfter)
			}
		}, 0, false},
		{"a confirmed letter again and again", func(t *testing.T, b *bed) {
			l := letterTo(1, 100)
			b.submitted(t, l)
			b.sendAll(t)
			if err := b.ConfirmLetter(t.Context(), l.TokenHash, "letter@example.org"); err != nil {
				t.Fatal(err)
			}
			for n := range 9 {
				b.sendAll(t)
				b.clock.Advance(campaign.RepeatAfter)
				l.MessageID = fmt.Sprintf("again-%d@example.org", n)
				b.submitted(t, l)
			}
		}, 0, false},
		{"letters that are corrected at once", func(t *testing.T, b *bed) {
			for n := range 10 {
				l := letterTo(1, 100+n)
				l.RepeatHash = hashOf("repeat", 100)
				if n > 0 {
					l.Replaces = hashOf("replace", 100+n-1)
				}
				b.submitted(t, l)
			}
		}, 0, false},
		{"letters to one MP", func(t *testing.T, b *bed) {
			for n := range 10 {
				l := letterTo(1, 100+n)
				l.RepeatHash = hashOf("repeat", 100)
				b.submitted(t, l)
			}
		}, 0, false},
		{"the letters to MPs among them", func(t *testing.T, b *bed) {
			for n := range 5 {
				l := letterTo(1, 100+n)
				b.submitted(t, l)
				b.sendAll(t)
				if err := b.ConfirmLetter(t.Context(), l.TokenHash, fmt.Sprintf("letter-%d@example.org", n)); err != nil {
					t.Fatal(err)
				}
				b.sendAll(t)
			}
		}, 0, true},
		{"mails of letters from before they were counted", func(t *testing.T, b *bed) {
			b.flood(t, 10)
			b.alter(t, `UPDATE letters SET email_hash = NULL`)
		}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			c.fill(t, b)
			b.clock.Advance(c.wait)
			before := b.everything(t)
			one := letterTo(1, 1)
			b.submitted(t, one) // and nobody is told
			if b.written(t, one) != c.takes {
				t.Errorf("one more letter is written: %v, want %v", !c.takes, c.takes)
			}
			if after := b.everything(t); (after == before) == c.takes {
				t.Errorf("letters, people, events, mails, counted: %s; before %s", after, before)
			}
			other := letterTo(2, 2)
			b.submitted(t, other)
			if !b.written(t, other) {
				t.Error("another address cannot be written from")
			}
		})
	}
}

// flood brings n confirmation mails to inbox 1, of letters to as many MPs.
func (b *bed) flood(tb testing.TB, n int) {
	tb.Helper()
	for i := range n {
		b.submitted(tb, letterTo(1, 100+i))
	}
}

// Over the limit, a letter that was to be corrected stays, as the link in the
// last mail leads to it. With whoever has a mistyped address it does not.
func TestStore_SubmitLetter_correctedOverTheLimit(t *testing.T) {
	for name, c := range map[string]struct {
		inbox int // that the corrected letter was for
		want  campaign.State
	}{
		"the same address":    {1, campaign.StateAwaiting},
		"an address mistyped": {2, campaign.StateWithdrawn},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			first := letterTo(c.inbox, 1)
			b.submitted(t, first)
			b.flood(t, 10)
			corrected := letterTo(1, 2)
			corrected.Replaces = first.ReplaceHash
			b.submitted(t, corrected)
			if b.written(t, corrected) {
				t.Error("the corrected letter is written")
			}
			b.wantState(t, first.TokenHash, c.want)
			if erased := b.letter(t, first.TokenHash).Sealed == nil; erased != (c.want == campaign.StateWithdrawn) {
				t.Errorf("erased: %v", erased)
			}
		})
	}
}

// A stranger cannot keep anybody from writing to an MP, nor leave them with more
// than a few letters to choose from.
func TestStore_SubmitLetter_oldestMakesRoom(t *testing.T) {
	b := newBed(t)
	var letters []campaign.NewLetter
	for n := range campaign.MaxAwaiting + 2 {
		l := letterTo(1, n)
		l.RepeatHash = hashOf("repeat", 1)
		b.submitted(t, l)
		letters = append(letters, l)
		b.clock.Advance(time.Minute)
	}
	for n, l := range letters {
		got := b.letter(t, l.TokenHash)
		want := campaign.StateAwaiting
		if n < 2 {
			want = campaign.StateWithdrawn
			if last := got.Events[len(got.Events)-1]; last.Why != campaign.WhyReplaced {
				t.Errorf("letter %d went because %s", n, last.Why)
			}
		}
		if got.State != want || (got.Sealed == nil) != (want == campaign.StateWithdrawn) {
			t.Errorf("letter %d is %s, erased: %v; want %s", n, got.State, got.Sealed == nil, want)
		}
	}
	want := campaign.Count{Constituency: seatA, Written: 7, Withdrawn: 2}
	if got := b.count(t, seatA); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if got := b.mails(t); got != "confirm dropped, confirm dropped, confirm ready, confirm ready, confirm ready, confirm ready, confirm ready" {
		t.Errorf("outbox: %s", got)
	}
	// One whose time is over, though nobody has noticed yet, takes nobody's place.
	b.clock.Advance(campaign.ConfirmWithin)
	b.sendAll(t)
	b.clock.Advance(campaign.MailsWithin)
	late := letterTo(1, 50)
	late.RepeatHash = hashOf("repeat", 1)
	b.submitted(t, late)
	b.wantState(t, letters[2].TokenHash, campaign.StateAwaiting)
	b.wantState(t, late.TokenHash, campaign.StateAwaiting)
}

// What is left of a replaced letter is the hash of its address, for a day, by
// which its mail counts; and nothing after that.
func TestStore_SubmitLetter_replacedLeavesNothing(t *testing.T) {
	const hashes = `SELECT (repeat_hash IS NOT NULL) || (content_hash IS NOT NULL) || (replace_hash IS NOT NULL) || (email_hash IS NOT NULL) FROM letters WHERE token_hash = $1`
	b := newBed(t)
	first, second := letterTo(1, 1), letterTo(1, 2)
	second.Replaces = first.ReplaceHash
	b.submitted(t, first)
	if got := b.texts(t, hashes, first.TokenHash); got != "1111" {
		t.Fatalf("hashes of a letter that waits: %s", got)
	}
	b.submitted(t, second)
	if got := b.texts(t, hashes, first.TokenHash); got != "0001" {
		t.Errorf("hashes once it is replaced: %s", got)
	}
	b.clock.Advance(campaign.MailsWithin - time.Millisecond)
	b.erasedDue(t)
	if got := b.texts(t, hashes, first.TokenHash); got != "0001" {
		t.Errorf("hashes within the day: %s", got)
	}
	b.clock.Advance(time.Millisecond)
	b.erasedDue(t)
	if got := b.texts(t, hashes, first.TokenHash); got != "0000" {
		t.Errorf("hashes a day later: %s", got)
	}
	if got := b.texts(t, hashes, second.TokenHash); got != "1111" {
		t.Errorf("hashes of the letter that came in its place: %s", got)
	}
}

// A flood is not doubled a day later.
func TestStore_RemindLetters_oneInbox(t *testing.T) {
	for _, c := range []struct {
		mails, want int // reminders
	}{{1, 1}, {5, 5}, {9, 1}, {10, 0}} {
		t.Run(fmt.Sprint(c.mails), func(t *testing.T) {
			b := newBed(t)
			b.flood(t, c.mails)
			other := letterTo(2, 1)
			b.submitted(t, other)
			b.sendAll(t)
			b.clock.Advance(campaign.RemindAfter)
			for range 3 {
				b.reminded(t)
			}
			got := b.texts(t, `SELECT count(*) FROM outbox o JOIN letters l ON l.id = o.letter_id WHERE o.kind = 'remind' AND l.email_hash = $1`, hashOf("email", 1))
			if got != fmt.Sprint(c.want) {
				t.Errorf("%s reminders, want %d", got, c.want)
			}
			if got := b.texts(t, `SELECT count(*) FROM outbox o JOIN letters l ON l.id = o.letter_id WHERE o.kind = 'remind' AND l.email_hash = $1`, other.EmailHash); got != "1" {
				t.Errorf("%s reminders to another address, want 1", got)
			}
			if got := b.texts(t, `SELECT count(*) FROM letters WHERE remind_at IS NOT NULL`); got != "0" {
				t.Errorf("%s letters are looked at again and again", got)
			}
		})
	}
}
