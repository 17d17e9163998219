package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

func TestStore_SubmitLetter(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	want := &campaign.Letter{
		ID: 1, Campaign: slug, Constituency: seatA, MemberID: member(seatA).ID, MemberName: member(seatA).Name,
		Lang: "en", Variant: campaign.VariantAsk, State: campaign.StateAwaiting,
		CreatedAt: start, StateAt: start, ExpiresAt: start.Add(7 * 24 * time.Hour), Sealed: []byte("sealed record 1"),
		Events: []campaign.Event{{At: start, To: campaign.StateAwaiting, Why: campaign.WhyWritten}},
	}
	if diff := cmp.Diff(want, b.letter(t, hash)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(campaign.Count{Constituency: seatA, Written: 1}, b.count(t, seatA)); diff != "" {
		t.Error(diff)
	}
	if got := b.mails(t); got != "confirm ready" {
		t.Errorf("outbox: %s", got)
	}
}

// A letter is written whole or not at all.
func TestStore_SubmitLetter_failing(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*campaign.NewLetter)
	}{
		{"unknown constituency", func(l *campaign.NewLetter) { l.Constituency = "E14999999" }},
		{"unknown member", func(l *campaign.NewLetter) { l.MemberID = 99999999 }},
		{"a token twice", func(l *campaign.NewLetter) { l.TokenHash = hashOf("token", 1) }},
		{"a Message-ID twice", func(l *campaign.NewLetter) { l.MessageID = newLetter(1).MessageID }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			b.submit(t, 1)
			l := newLetter(2)
			c.spoil(&l)
			err := b.SubmitLetter(t.Context(), l)
			if err == nil {
				t.Fatal("written")
			}
			if got := fault.CodeOf(err); got != fault.Internal {
				t.Errorf("code %s, want internal", got)
			}
			if got := b.everything(t); got != "1, 1, 1, 1, 1" {
				t.Errorf("letters, people, events, outbox, counters: %s; want one of each", got)
			}
		})
	}
}

func TestStore_SubmitLetter_again(t *testing.T) {
	for _, c := range []struct {
		name     string
		first    campaign.State
		wait     time.Duration // after the first letter came to its state
		mails    string        // afterwards
		anew     bool          // a second letter is written
		keepMail bool          // the first mails are still waiting to go
	}{
		{name: "at once, first mail not gone", first: campaign.StateAwaiting, keepMail: true, mails: "confirm ready"},
		{name: "long after, first mail not gone", first: campaign.StateAwaiting, wait: time.Hour, keepMail: true, mails: "confirm ready"},
		{name: "awaiting, at once", first: campaign.StateAwaiting, mails: "confirm sent"},
		{name: "awaiting, just too soon", first: campaign.StateAwaiting, wait: campaign.RepeatAfter - time.Millisecond, mails: "confirm sent"},
		{name: "awaiting, ten minutes later", first: campaign.StateAwaiting, wait: campaign.RepeatAfter, mails: "confirm sent, confirm ready"},
		{name: "queued", first: campaign.StateQueued, wait: campaign.RepeatAfter, mails: "confirm sent, letter ready, repeat ready"},
		{name: "sent", first: campaign.StateSent, wait: campaign.RepeatAfter, mails: "confirm sent, letter sent, repeat ready"},
		{name: "sent just now", first: campaign.StateSent, mails: "confirm sent, letter sent"},
		{name: "held", first: campaign.StateHeld, wait: campaign.RepeatAfter, mails: "confirm sent, repeat ready"},
		{name: "uncertain", first: campaign.StateUncertain, wait: campaign.RepeatAfter, mails: "confirm sent, letter uncertain, repeat ready"},
		{name: "withdrawn", first: campaign.StateWithdrawn, mails: "confirm sent, confirm ready", anew: true},
		{name: "expired", first: campaign.StateExpired, mails: "confirm sent, confirm ready", anew: true},
		{name: "failed", first: campaign.StateFailed, mails: "confirm sent, letter failed, confirm ready", anew: true},
		{name: "bounced", first: campaign.StateBounced, mails: "confirm sent, letter sent, bounced ready, confirm ready", anew: true},
		{name: "expired, nobody has noticed yet", first: campaign.StateAwaiting, wait: campaign.ConfirmWithin, mails: "confirm sent, confirm ready", anew: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			b.bring(t, 1, c.first)
			if !c.keepMail {
				b.alter(t, `UPDATE outbox SET status = 'sent' WHERE kind = 'confirm'`)
			}
			b.clock.Advance(c.wait)
			l := newLetter(2)
			l.RepeatHash, l.ContentHash = hashOf("repeat", 1), hashOf("content", 1) // the same letter again
			if err := b.SubmitLetter(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if got := b.mails(t); got != c.mails {
				t.Errorf("outbox: %s; want %s", got, c.mails)
			}
			written := b.count(t, seatA).Written
			_, err := b.LetterByToken(t.Context(), l.TokenHash)
			switch {
			case c.anew && (err != nil || written != 2):
				t.Errorf("a second letter: %v, %d written; want one", err, written)
			case !c.anew && (fault.CodeOf(err) != fault.NotFound || written != 1):
				t.Errorf("a second letter: %v, %d written; want none", err, written)
			}
			if !c.anew && string(b.letter(t, hashOf("token", 1)).Sealed) != "sealed record 1" {
				t.Error("the first letter was changed")
			}
		})
	}
}

func TestStore_LetterByToken_unknown(t *testing.T) {
	b := newBed(t)
	b.submit(t, 1)
	for name, hash := range map[string][]byte{
		"unknown": hashOf("token", 2), "none": nil, "empty": {}, "cut short": hashOf("token", 1)[:31], "repeat hash": hashOf("repeat", 1),
	} {
		if l, err := b.LetterByToken(t.Context(), hash); fault.CodeOf(err) != fault.NotFound || l != nil {
			t.Errorf("%s: %v, %v; want not_found", name, l, err)
		}
		for what, err := range map[string]error{
			"confirm": b.ConfirmLetter(t.Context(), hash, "m@x"), "withdraw": b.WithdrawLetter(t.Context(), hash), "erase": b.EraseLetter(t.Context(), hash),
		} {
			if fault.CodeOf(err) != fault.NotFound {
				t.Errorf("%s with %s: %v, want not_found", what, name, err)
			}
		}
	}
	b.wantState(t, hashOf("token", 1), campaign.StateAwaiting)
}

func TestStore_Counts_perDayAndPartner(t *testing.T) {
	b := newBed(t)
	b.clock.Advance(12*time.Hour - time.Millisecond) // a blink before midnight in London
	for n, partner := range []string{"", "", "union"} {
		l := newLetter(n)
		l.Credit.Partner = partner
		if err := b.SubmitLetter(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.Advance(time.Millisecond)
	b.submit(t, 9)
	want := "/2026-11-23/awaiting/2, /2026-11-24/awaiting/1, union/2026-11-23/awaiting/1"
	if got := b.texts(t, `SELECT partner || '/' || day || '/' || state || '/' || letters FROM counters ORDER BY 1`); got != want {
		t.Errorf("counters %s, want %s", got, want)
	}
	if got := b.count(t, seatA).Written; got != 4 {
		t.Errorf("%d written, want 4", got)
	}
	if diff := cmp.Diff(campaign.Count{Constituency: seatB}, b.count(t, seatB)); diff != "" {
		t.Error("a constituency without letters", diff)
	}
}
