package store

import (
	"testing"
	"time"

	"postbag/internal/campaign"
)

// A record that cannot be read is put aside; it stops no other message.
func TestStore_Claim_damagedRecord(t *testing.T) {
	b := newBed(t)
	b.confirm(t, 1)
	healthy := b.confirm(t, 2)
	b.alter(t, `UPDATE people SET sealed = x'00' WHERE letter_id = 1`)
	jobs, err := b.Claim(t.Context(), 10, time.Minute)
	if err != nil || len(jobs) != 1 || string(jobs[0].TokenHash) != string(healthy) {
		t.Fatalf("claimed %v, %v; want the healthy letter alone", jobs, err)
	}
	var state, why string
	if err := b.raw.QueryRow(`SELECT l.state, e.why FROM letters l JOIN events e ON e.letter_id = l.id WHERE l.id = 1 ORDER BY e.id DESC LIMIT 1`).Scan(&state, &why); err != nil {
		t.Fatal(err)
	}
	if state != string(campaign.StateHeld) || why != campaign.WhyDamaged {
		t.Errorf("the damaged letter is %s, because %s", state, why)
	}
	if jobs, err := b.Claim(t.Context(), 10, time.Minute); err != nil || len(jobs) > 0 {
		t.Errorf("claimed again: %v, %v", jobs, err)
	}
}

// What servers said goes with the person: it may quote the message.
func TestStore_EraseLetter_answers(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	jobs, err := b.Claim(t.Context(), 10, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("claimed %v, %v", jobs, err)
	}
	o := campaign.Outcome{Verdict: campaign.VerdictFailed, Code: 554, Answer: "554 5.7.1", Sealed: []byte("sealed answer")}
	if err := b.Finish(t.Context(), jobs[0], o, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	const kept = `SELECT count(*) FROM outbox WHERE answer <> '' OR sealed IS NOT NULL OR message_id LIKE '%@%'`
	if got := b.texts(t, kept); got == "0" {
		t.Fatal("nothing was kept of the answer")
	}
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, kept); got != "0" {
		t.Errorf("%s messages still tell something after erasure", got)
	}
}

// Giving up is not the same as being refused, and the page says which.
func TestStore_Finish_gaveUp(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	jobs, err := b.Claim(t.Context(), 10, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("claimed %v, %v", jobs, err)
	}
	if err := b.Finish(t.Context(), jobs[0], campaign.Outcome{Verdict: campaign.VerdictFailed, GaveUp: true}, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	l := b.letter(t, hash)
	if last := l.Events[len(l.Events)-1]; last.To != campaign.StateFailed || last.Why != campaign.WhyGaveUp {
		t.Errorf("the last event is %+v", last)
	}
}

// A message whose times cannot be read, and a line that cannot be planned for one in
// it, stop no other message.
func TestStore_Claim_damagedTimes(t *testing.T) {
	b := newBed(t)
	b.confirm(t, 1)
	healthy := b.confirm(t, 2)
	b.alter(t, `UPDATE outbox SET queued_at = 'long ago' WHERE letter_id = 1`)
	jobs, err := b.Claim(t.Context(), 10, time.Minute)
	if err != nil || len(jobs) != 1 || string(jobs[0].TokenHash) != string(healthy) {
		t.Fatalf("claimed %v, %v; want the healthy letter alone", jobs, err)
	}
	b.wantState(t, hashOf("token", 1), campaign.StateHeld)
}

func TestStore_Claim_damagedLine(t *testing.T) {
	b := newBed(t)
	b.paced(Delivery{Pace: campaign.Pace{PerHour: 60}})
	for n := range 4 {
		b.confirm(t, n)
	}
	b.alter(t, `UPDATE outbox SET due_at = '' WHERE status = 'ready' AND seat <> ''`)
	b.clock.Advance(24 * time.Hour)
	other := newLetter(500)
	other.Constituency, other.MemberID = seatB, member(seatB).ID
	for _, err := range []error{b.SubmitLetter(t.Context(), other), b.ConfirmLetter(t.Context(), other.TokenHash, "elsewhere@example.org")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	went, _ := b.sends(t, b.clock.Now().Add(5*time.Minute), 0)
	if len(went) != 5 {
		t.Errorf("%d letters went, want all 5", len(went))
	}
}
