package store

import (
	"testing"
	"time"

	"postbag/internal/campaign"
)

// refusedByPolicy is what a message comes to whose recipient is refused by policy.
var refusedByPolicy = campaign.Outcome{Verdict: campaign.VerdictFailed, Code: 554, Enhanced: "5.7.1", Answer: "554 5.7.1", Suspect: true}

// The fifth supporter in a row whose address is refused by policy shows that it is
// the mail server; what any of them has done meanwhile stands.
func TestSuspect_whatHappenedMeanwhileStands(t *testing.T) {
	b := newBed(t)
	b.writer.delivery.MessageID = func() string { return "failed-" + time.Now().Format(time.RFC3339Nano) + "@example.org" }
	letter := b.confirm(t, 1)
	again := b.confirm(t, 2)
	erased := b.confirm(t, 3)
	policy := func(j campaign.Job) {
		t.Helper()
		if err := b.Finish(t.Context(), j, refusedByPolicy, b.clock.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	for _, j := range b.claims(t, 3) {
		policy(j)
	}
	for _, hash := range [][]byte{letter, again, erased} {
		b.wantState(t, hash, campaign.StateFailed)
	}
	if err := b.EraseLetter(t.Context(), erased); err != nil {
		t.Fatal(err)
	}
	anew := newLetter(4)
	anew.RepeatHash = hashOf("repeat", 2)
	if err := b.SubmitLetter(t.Context(), anew); err != nil {
		t.Fatal(err)
	}
	if err := b.ConfirmLetter(t.Context(), anew.TokenHash, "letter-4@example.org"); err != nil {
		t.Fatal(err)
	}
	for n := 5; n < 10; n++ { // confirmations, which go first
		b.submit(t, n)
	}
	var mails int
	for _, j := range b.claims(t, 9) {
		if j.Kind == campaign.MailConfirm && mails < 5 {
			policy(j)
			mails++
		}
	}
	if relay, err := b.Relay(t.Context()); err != nil || !relay.Refuses() || relay.Code != 554 {
		t.Fatalf("relay %+v, %v", relay, err)
	}
	b.wantState(t, letter, campaign.StateQueued)
	b.wantState(t, again, campaign.StateFailed)
	b.wantState(t, erased, campaign.StateFailed)
	if got := b.texts(t, `SELECT count(*) FROM outbox WHERE kind = 'letter' AND status = 'ready' AND letter_id = 1`); got != "1" {
		t.Errorf("the letter is queued %s times", got)
	}
	if got := b.texts(t, `SELECT status FROM outbox WHERE kind = 'failed' AND letter_id = 1`); got == "ready" {
		t.Error("its supporter is still to be told that it failed")
	}
	if got := b.texts(t, `SELECT count(*) FROM letters a JOIN letters c ON a.repeat_hash = c.repeat_hash AND a.id < c.id`); got != "0" {
		t.Errorf("%s letters of one person stand", got)
	}
}

// What was accepted between shows that each was refused by itself.
func TestSuspect_acceptanceBetween(t *testing.T) {
	b := newBed(t)
	for n := range 12 {
		b.submit(t, n)
	}
	for n, j := range b.claims(t, 12) {
		o := refusedByPolicy
		if n%5 == 4 {
			o = campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250}
		}
		if err := b.Finish(t.Context(), j, o, b.clock.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if relay, err := b.Relay(t.Context()); err != nil || relay.Refuses() {
		t.Errorf("relay %+v, %v", relay, err)
	}
	if got := b.texts(t, `SELECT count(*) FROM outbox WHERE status = 'failed'`); got != "10" {
		t.Errorf("%s failed", got)
	}
}
