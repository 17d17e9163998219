package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

func (b *bed) tell(tb testing.TB, n int, answer campaign.Answer) {
	tb.Helper()
	if err := b.SetReply(tb.Context(), b.bring(tb, n, campaign.StateSent), answer); err != nil {
		tb.Fatal(err)
	}
}

const judged = `SELECT answer || ' ' || judged FROM replies ORDER BY letter_id`

func TestStore_PledgeReports(t *testing.T) {
	b := newBed(t)
	b.tell(t, 1, campaign.AnswerPledged)
	first := b.clock.Now()
	b.clock.Advance(time.Hour)
	b.tell(t, 2, campaign.AnswerPledged)
	last := b.clock.Now()
	b.tell(t, 3, campaign.AnswerRefused)
	reports, err := b.PledgeReports(t.Context(), slug)
	want := []campaign.PledgeReport{{MemberID: member(seatA).ID, MemberName: member(seatA).Name, Constituency: seatA, Supporters: 2, First: first, Last: last}}
	if diff := cmp.Diff(want, reports); diff != "" || err != nil {
		t.Fatalf("%v %s", err, diff)
	}
	// What came after the page was looked at waits on.
	j := campaign.Judgement{MemberID: member(seatA).ID, Until: first}
	if n, err := b.JudgeReports(t.Context(), ann, slug, j, nil); n != 1 || err != nil {
		t.Fatalf("%d judged, %v", n, err)
	}
	if _, err := b.JudgeReports(t.Context(), ann, slug, j, nil); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("judged twice: %v", err)
	}
	if got := b.texts(t, judged); got != "pledged dismissed, pledged , refused " {
		t.Errorf("replies: %s", got)
	}
	// A pledge and the judgement go together.
	j = campaign.Judgement{MemberID: member(seatA).ID, Until: last, Confirmed: true}
	undone := errors.New("refused")
	if _, err := b.JudgeReports(t.Context(), ann, slug, j, func([]campaign.Pledge, []campaign.VoidedPledge) ([]campaign.PledgeChange, error) { return nil, undone }); !errors.Is(err, undone) {
		t.Errorf("%v", err)
	}
	if got := b.texts(t, judged); got != "pledged dismissed, pledged , refused " {
		t.Errorf("judged without a pledge: %s", got)
	}
	n, err := b.JudgeReports(t.Context(), ann, slug, j, func([]campaign.Pledge, []campaign.VoidedPledge) ([]campaign.PledgeChange, error) {
		c := added(seatA, "2026-11-20")
		c.By = ann
		return []campaign.PledgeChange{c}, nil
	})
	if n != 1 || err != nil || len(b.pledges(t)) != 1 {
		t.Errorf("%d judged, %v, %d pledges", n, err, len(b.pledges(t)))
	}
	if got := b.texts(t, `SELECT actor || ' ' || action || ' ' || after FROM audit ORDER BY id`); got !=
		`Ann report.dismiss {"supporters":1}, Ann pledge.add {"on":"2026-11-20","recorded_by":"Ann"}, Ann report.confirm {"supporters":1}` {
		t.Errorf("audit: %s", got)
	}
	// Whoever says something else is heard anew.
	b.clock.Advance(time.Minute)
	for _, answer := range []campaign.Answer{campaign.AnswerRefused, campaign.AnswerPledged} {
		if err := b.SetReply(t.Context(), hashOf("token", 1), answer); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := b.PledgeReports(t.Context(), slug); err != nil || len(again) != 1 || again[0].Supporters != 1 {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestStore_ChangePledges_audited(t *testing.T) {
	b := newBed(t)
	by := func(c campaign.PledgeChange) campaign.PledgeChange { c.By = ann; return c }
	b.change(t, by(added(seatA, "2026-11-01")))
	have := b.pledges(t)[0]
	taken := have
	taken.WithdrawnOn, taken.WithdrawnReason, taken.WithdrawnBy = "2026-11-02", "Said so", "Ann"
	b.change(t, by(campaign.PledgeChange{Action: campaign.PledgeUnchanged, Pledge: have, Before: have}))
	b.change(t, by(campaign.PledgeChange{Action: campaign.PledgeWithdrawn, Pledge: taken, Before: have}))
	b.change(t, by(campaign.PledgeChange{Action: campaign.PledgeVoided, Pledge: taken, Before: taken, VoidedBy: "Ann", Reason: "Of another"}))
	want := `pledge.add  {"on":"2026-11-01","recorded_by":"Ann"}, ` +
		`pledge.withdraw {"on":"2026-11-01","recorded_by":"Ann"} {"on":"2026-11-01","recorded_by":"Ann","withdrawn_on":"2026-11-02","withdrawn_reason":"Said so"}, ` +
		`pledge.void {"on":"2026-11-01","recorded_by":"Ann","withdrawn_on":"2026-11-02","withdrawn_reason":"Said so"} {"voided_reason":"Of another"}`
	if got := b.texts(t, `SELECT action || ' ' || before || ' ' || after FROM audit ORDER BY id`); got != want {
		t.Errorf("audit:\n%s, want\n%s", got, want)
	}
}

func TestStore_Digests(t *testing.T) {
	b := newBed(t)
	noor := b.person(t, "noor@example.org", account.Owner)
	b.person(t, "ali@example.org", account.Viewer)
	if due, err := b.DigestsDue(t.Context(), "2026-11-23"); err != nil || len(due) != 0 {
		t.Fatalf("nobody asked for it: %v, %v", due, err)
	}
	b.alter(t, `UPDATE accounts SET digest = 1 WHERE id = $1`, noor.ID)
	for range 2 { // two processes, say
		m := account.Mail{Kind: account.MailDigest, MessageID: "1@example.org", Sealed: []byte("x")}
		if err := b.QueueDigest(t.Context(), noor.ID, "2026-11-23", m); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.texts(t, accountMails); got != "1@example.org ready 0 1" {
		t.Errorf("queued: %s", got)
	}
	if due, err := b.DigestsDue(t.Context(), "2026-11-23"); err != nil || len(due) != 0 {
		t.Errorf("due twice: %v, %v", due, err)
	}
	if due, err := b.DigestsDue(t.Context(), "2026-11-30"); err != nil || len(due) != 1 || due[0].ID != noor.ID {
		t.Errorf("the week after: %v, %v", due, err)
	}
}

func TestStore_PledgeMoves(t *testing.T) {
	b := newBed(t)
	old, lost, slip := added(seatA, "2026-11-01"), added(seatB, "2026-11-01"), added("E14001319", "2026-11-01")
	b.change(t, old, lost, slip)
	from := b.clock.Now().Add(time.Hour)
	b.clock.Advance(2 * time.Hour)
	for _, p := range b.pledges(t) {
		switch p.MemberID {
		case old.Pledge.MemberID: // a correction moves nothing
			b.change(t, campaign.PledgeChange{Action: campaign.PledgeCorrected, Pledge: p, Before: p})
		case lost.Pledge.MemberID:
			taken := p
			taken.WithdrawnOn, taken.WithdrawnBy = "2026-11-23", "Ann"
			b.change(t, campaign.PledgeChange{Action: campaign.PledgeWithdrawn, Pledge: taken, Before: p})
		default:
			b.change(t, campaign.PledgeChange{Action: campaign.PledgeVoided, Pledge: p, Before: p, VoidedBy: "Ann", Reason: "A slip"})
		}
	}
	b.change(t, added("E14001173", "2026-11-02")) // City of Durham
	to := b.clock.Now().Add(time.Hour)
	b.clock.Advance(2 * time.Hour)
	b.change(t, added("E14001063", "2026-11-02")) // Aldershot, too late
	moves, err := b.PledgeMoves(t.Context(), slug, from, to)
	want := []campaign.PledgeMove{{Name: member("E14001173").Name, Gained: true}, {Name: member(seatB).Name}}
	if diff := cmp.Diff(want, moves); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestStore_SeatWeeks(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateSent)
	b.clock.Advance(7 * 24 * time.Hour)
	b.bring(t, 2, campaign.StateSent)
	b.bring(t, 3, campaign.StateUncertain)
	got, err := b.SeatWeeks(t.Context(), slug, "2026-11-30", "2026-12-07")
	want := []campaign.SeatWeek{{Constituency: seatA, Week: campaign.DigestCounts{Confirmed: 2, Sent: 1}, All: campaign.DigestCounts{Confirmed: 3, Sent: 2}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	// What came after the week is in neither.
	got, err = b.SeatWeeks(t.Context(), slug, "2026-11-23", "2026-11-30")
	want = []campaign.SeatWeek{{Constituency: seatA, Week: campaign.DigestCounts{Confirmed: 1, Sent: 1}, All: campaign.DigestCounts{Confirmed: 1, Sent: 1}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("the week before: %v %s", err, diff)
	}
}
