package store

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
)

// relayed finishes a message as one that the mail server refused as a whole.
func (b *bed) relayed(tb testing.TB, j campaign.Job) {
	tb.Helper()
	o := campaign.Outcome{Verdict: campaign.VerdictRetry, Code: 535, Answer: "535 5.7.8", Relay: true}
	if err := b.Finish(tb.Context(), j, o, b.clock.Now().Add(time.Minute)); err != nil {
		tb.Fatal(err)
	}
}

// A mail server that refuses everything holds everything up, is tried with one
// message at a time, less and less often, and is warned of once.
func TestRelay_refusesEverything(t *testing.T) {
	b := newBed(t)
	var log bytes.Buffer
	b.writer.log = slog.New(slog.NewTextHandler(&log, nil))
	for n := range 40 {
		b.submit(t, n)
	}
	for _, j := range b.claims(t, 4) {
		b.relayed(t, j) // all under way together: one failure
	}
	relay, err := b.Relay(t.Context())
	if err != nil || !relay.Refuses() || relay.Failures != 1 || relay.Code != 535 || !relay.Since.Equal(start) {
		t.Fatalf("relay %+v, %v", relay, err)
	}
	seen := map[int64]bool{}
	last := time.Duration(0)
	for try := range 12 {
		if jobs := b.claims(t, 4); len(jobs) != 0 {
			t.Fatalf("try %d: claimed %d while it refuses", try, len(jobs))
		}
		next, err := b.NextDue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wait := next.Sub(b.clock.Now())
		if wait <= 0 || wait > relayLast*6/5 {
			t.Fatalf("try %d: next after %v", try, wait)
		}
		last = wait
		b.clock.Advance(wait)
		jobs := b.claims(t, 4)
		if len(jobs) != 1 {
			t.Fatalf("try %d: claimed %d, want 1", try, len(jobs))
		}
		if again := b.claims(t, 4); len(again) != 0 {
			t.Fatalf("try %d: claimed %d more meanwhile", try, len(again))
		}
		seen[jobs[0].ID] = true
		b.relayed(t, jobs[0])
	}
	if last < relayLast*4/5 {
		t.Errorf("it is still tried every %v", last)
	}
	// A message that the server dislikes is not the only one that tries.
	if len(seen) < 3 {
		t.Errorf("only %d messages tried", len(seen))
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, &log)
	}
	b.clock.Advance(relayLast * 2)
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	if relay, err := b.Relay(t.Context()); err != nil || relay.Refuses() {
		t.Errorf("still said to refuse: %+v, %v", relay, err)
	}
	if jobs := b.claims(t, 4); len(jobs) != 4 {
		t.Errorf("claimed %d once it works, want 4", len(jobs))
	}
	if !strings.Contains(log.String(), "works again") {
		t.Error("nobody is told that it works again")
	}
}

// Mail to those who run campaigns waits too, and a process that dies while it
// tries keeps nobody from trying again.
func TestRelay_isSharedByAllQueues(t *testing.T) {
	b := newBed(t)
	b.submit(t, 1)
	b.submit(t, 2)
	b.relayed(t, b.claimed(t))
	if jobs, err := b.AccountMail().Claim(t.Context(), 4, lease); err != nil || len(jobs) != 0 {
		t.Errorf("claimed %v, %v", jobs, err)
	}
	b.clock.Advance(time.Minute)
	other := openAt(t, b.dir, b.clock)
	jobs, err := other.Claim(t.Context(), 4, lease)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("another process claimed %d, %v", len(jobs), err)
	}
	if got := b.claims(t, 4); len(got) != 0 {
		t.Errorf("claimed %d beside it", len(got))
	}
	b.clock.Advance(relayProbe)
	if got := b.claims(t, 4); len(got) != 1 {
		t.Errorf("claimed %d after that one was lost, want 1", len(got))
	}
}

// A connection that is lost in the middle says nothing of the server.
func TestRelay_notForOneMessage(t *testing.T) {
	b := newBed(t)
	b.submit(t, 1)
	o := campaign.Outcome{Verdict: campaign.VerdictRetry, Code: 451, Enhanced: "4.7.1", Answer: "451 4.7.1"}
	if err := b.Finish(t.Context(), b.claimed(t), o, b.clock.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if relay, err := b.Relay(t.Context()); err != nil || relay.Refuses() {
		t.Errorf("relay %+v, %v", relay, err)
	}
	if got := b.texts(t, `SELECT attempt || ' ' || verdict || ' ' || code || ' ' || enhanced FROM attempts`); got != "1 retry 451 4.7.1" {
		t.Errorf("logged %q", got)
	}
}

// Two mails that the server always answers as if it refused everything, and that are
// more urgent than the letters behind them: the letters find out that it does not.
func TestRelay_whatItDislikesIsNotAllThatTries(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	bad := map[int64]bool{}
	for n := range 3 {
		b.submit(t, 10+n)
	}
	for try := range 6 {
		jobs := b.claims(t, 1)
		if len(jobs) != 1 {
			t.Fatalf("try %d: claimed %d", try, len(jobs))
		}
		if jobs[0].Kind == campaign.MailLetter {
			b.finish(t, jobs[0], campaign.VerdictSent)
			break
		}
		bad[jobs[0].ID] = true
		b.relayed(t, jobs[0])
		b.clock.Advance(relayLast * 6 / 5)
	}
	b.wantState(t, hash, campaign.StateSent)
	if relay, err := b.Relay(t.Context()); err != nil || relay.Refuses() {
		t.Errorf("after %d tries it is still said to refuse: %+v, %v", len(bad), relay, err)
	}
}

// What was under way before the mail server refused everything, and arrives, is no
// sign that it takes mail again: it is warned of once.
func TestRelay_whatWasUnderWay(t *testing.T) {
	for name, finish := range map[string]func(b *bed, j campaign.Job){
		"a letter": func(b *bed, j campaign.Job) { b.finish(t, j, campaign.VerdictSent) },
		"in one commit": func(b *bed, j campaign.Job) {
			done := campaign.Finished{Job: j, Outcome: campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250}}
			if _, err := b.Exchange(t.Context(), []campaign.Finished{done}, 0, lease); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			for n := range 4 {
				b.confirm(t, n)
			}
			jobs := b.claims(t, 3)
			b.relayed(t, jobs[0])
			finish(b, jobs[1])
			if relay, err := b.Relay(t.Context()); err != nil || !relay.Refuses() {
				t.Fatalf("relay %+v, %v", relay, err)
			}
			b.clock.Advance(time.Minute)
			probe := b.claims(t, 3)
			if len(probe) != 1 {
				t.Fatalf("claimed %d, want 1", len(probe))
			}
			finish(b, probe[0])
			if relay, err := b.Relay(t.Context()); err != nil || relay.Refuses() {
				t.Errorf("relay %+v, %v", relay, err)
			}
		})
	}
}
