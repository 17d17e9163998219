package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// follow queues what follows as of now and returns all of it so far, apart from
// the letter and the mail that asked to confirm it.
func (b *bed) follow(t *testing.T) string {
	t.Helper()
	if _, err := b.FollowUp(t.Context(), 100, func() string {
		return fmt.Sprintf("follow-%s@example.org", b.texts(t, `SELECT count(*) FROM outbox`))
	}); err != nil {
		t.Fatal(err)
	}
	return b.texts(t, `SELECT kind || ' ' || status FROM outbox WHERE kind NOT IN ('confirm', 'letter') ORDER BY id`)
}

// until lets time pass.
func (b *bed) until(t *testing.T, at time.Time) {
	t.Helper()
	b.clock.Advance(at.Sub(b.clock.Now()))
}

func TestStore_FollowUp(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateSent)
	b.bring(t, 2, campaign.StateAwaiting)
	at := func(after time.Duration, want string) {
		t.Helper()
		b.until(t, start.Add(after))
		if got := b.follow(t); got != want {
			t.Errorf("after %v: %s; want %s", after, got, want)
		}
		b.sendAll(t)
		b.erasedDue(t)
	}
	at(0, "sent ready")
	at(time.Minute, "sent sent")
	at(campaign.FollowUpAfter-time.Millisecond, "sent sent")
	at(campaign.FollowUpAfter, "sent sent, followup ready")
	at(campaign.LastAfter-time.Millisecond, "sent sent, followup sent")
	at(campaign.LastAfter, "sent sent, followup sent, last ready")
	at(campaign.LastAfter+time.Hour, "sent sent, followup sent, last sent")
	if b.letter(t, hash).Sealed == nil {
		t.Error("the person is gone while the last question may wait to go")
	}
	at(30*24*time.Hour, "sent sent, followup sent, last sent")
	if b.letter(t, hash).Sealed != nil {
		t.Error("the person is kept longer than needed")
	}
	at(365*24*time.Hour, "sent sent, followup sent, last sent")
}

// What nobody sent for weeks does not come all at once.
func TestStore_FollowUp_late(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateSent)
	b.follow(t)
	b.clock.Advance(campaign.LastAfter)
	for range 3 {
		if got := b.follow(t); got != "sent ready, followup ready" {
			t.Errorf("three weeks late: %s", got)
		}
	}
	b.clock.Advance(campaign.LastAfter - campaign.FollowUpAfter)
	if got := b.follow(t); got != "sent ready, followup ready, last ready" {
		t.Errorf("a week later: %s", got)
	}
}

// Whom nothing is to be asked of any more, nothing is asked.
func TestStore_FollowUp_notAsked(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(t *testing.T, b *bed, hash []byte)
		want string // in the end
	}{
		"told": {func(t *testing.T, b *bed, hash []byte) { b.replied(t, hash, campaign.AnswerStandard) }, "sent sent"},
		"told that nothing came": {func(t *testing.T, b *bed, hash []byte) { b.replied(t, hash, campaign.AnswerNone) },
			"sent sent, followup ready, last ready"},
		"stopped": {func(t *testing.T, b *bed, hash []byte) {
			for range 2 {
				if err := b.EndFollowUps(t.Context(), b.letter(t, hash).ID); err != nil {
					t.Fatal(err)
				}
			}
		}, "sent sent"},
		"erased": {func(t *testing.T, b *bed, hash []byte) {
			if err := b.EraseLetter(t.Context(), hash); err != nil {
				t.Fatal(err)
			}
		}, "sent sent"},
		"returned": {func(t *testing.T, b *bed, hash []byte) {
			err := b.writer.do(t.Context(), func(tx *tx) error {
				l, err := tx.letter(hash)
				if err != nil {
					return err
				}
				return tx.move(l, campaign.StateBounced, "returned")
			})
			if err != nil {
				t.Fatal(err)
			}
		}, "sent sent"},
		"closed": {func(t *testing.T, b *bed, _ []byte) { b.alter(t, `UPDATE campaigns SET state = 'closed'`) }, "sent sent"},
		"paused": {func(t *testing.T, b *bed, _ []byte) { b.alter(t, `UPDATE campaigns SET state = 'paused'`) },
			"sent sent, followup ready, last ready"},
		"nothing": {func(*testing.T, *bed, []byte) {}, "sent sent, followup ready, last ready"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			hash := b.bring(t, 1, campaign.StateSent)
			b.follow(t)
			b.sendAll(t)
			c.do(t, b, hash)
			b.until(t, start.Add(campaign.FollowUpAfter))
			b.follow(t)
			b.until(t, start.Add(campaign.LastAfter))
			if got := b.follow(t); got != c.want {
				t.Errorf("%s; want %s", got, c.want)
			}
		})
	}
}

func (b *bed) replied(t *testing.T, hash []byte, answer campaign.Answer) {
	t.Helper()
	if err := b.SetReply(t.Context(), hash, answer); err != nil {
		t.Fatal(err)
	}
}

// A question that waits to go is taken back, and the person is kept for a week
// more, not for as long as the questions would have taken.
func TestStore_EndFollowUps(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, b *bed, hash []byte){
		"stopped": func(t *testing.T, b *bed, hash []byte) {
			if err := b.EndFollowUps(t.Context(), b.letter(t, hash).ID); err != nil {
				t.Fatal(err)
			}
		},
		"told": func(t *testing.T, b *bed, hash []byte) { b.replied(t, hash, campaign.AnswerRefused) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			hash := b.bring(t, 1, campaign.StateSent)
			b.follow(t)
			b.sendAll(t)
			b.until(t, start.Add(campaign.FollowUpAfter))
			if got := b.follow(t); got != "sent sent, followup ready" {
				t.Fatal(got)
			}
			end(t, b, hash)
			if got := b.follow(t); got != "sent sent, followup dropped" {
				t.Error(got)
			}
			l := b.letter(t, hash)
			if want := start.Add(campaign.FollowUpAfter + campaign.RetainEnded); !l.EraseAt.Equal(want) || !l.FollowAt.IsZero() || !l.AskedNext().IsZero() {
				t.Errorf("kept until %v, asked at %v", l.EraseAt, l.FollowAt)
			}
		})
	}
	b := newBed(t)
	if err := b.EndFollowUps(t.Context(), 12345); err != nil {
		t.Error("a letter that is not there:", err)
	}
	// One that never went has nothing to be ended, and is kept for as long as ever.
	hash := b.bring(t, 1, campaign.StateHeld)
	before := b.letter(t, hash).EraseAt
	if err := b.EndFollowUps(t.Context(), b.letter(t, hash).ID); err != nil || !b.letter(t, hash).EraseAt.Equal(before) {
		t.Errorf("held: %v, %v", err, b.letter(t, hash).EraseAt)
	}
}

// A letter that an organiser finds to have arrived is one that went.
func TestStore_FollowUp_markedAsSent(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateUncertain)
	if got := b.follow(t); got != "" {
		t.Errorf("uncertain: %s", got)
	}
	results, err := b.DecideLetters(t.Context(), account.Actor{}, []campaign.Resolution{{
		Chosen: campaign.Chosen{ID: b.letter(t, hash).ID}, Decision: campaign.DecideMark,
	}})
	if err != nil || results[0] != nil {
		t.Fatal(err, results)
	}
	if got := b.follow(t); got != "sent ready" {
		t.Errorf("marked: %s", got)
	}
}

// A notice that waited while the letter came back is not sent.
func TestStore_Claim_noticeOfALetterThatCameBack(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateSent)
	b.follow(t)
	b.alter(t, `UPDATE letters SET state = 'bounced'`)
	if jobs := b.claims(t, 10); len(jobs) != 0 {
		t.Errorf("claimed %+v", jobs)
	}
	if got := b.mails(t); !strings.HasSuffix(got, "sent dropped") {
		t.Error(got)
	}
}

// Mail that comes to those alone who confirmed keeps nobody from writing.
func TestStore_SubmitLetter_noticesAreNoFlood(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateSent)
	for n := range campaign.MaxMails {
		b.alter(t, `INSERT INTO outbox (letter_id, kind, status, attempts, message_id, queued_at, next_at, code, answer)
			VALUES (1, 'forward', 'ready', 0, $1, '2026-11-23T12:00:00.000Z', '2026-11-23T12:00:00.000Z', 0, '')`, fmt.Sprintf("forward-%d@example.org", n))
	}
	l := newLetter(2)
	l.EmailHash = hashOf("email", 1)
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT count(*) FROM letters`); got != "2" {
		t.Errorf("%s letters", got)
	}
}

// Nor does it keep anyone from being told that they have written already.
func TestStore_SubmitLetter_repeatAfterANotice(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateSent)
	b.clock.Advance(campaign.RepeatAfter)
	b.follow(t)
	again := newLetter(2)
	again.RepeatHash = hashOf("repeat", 1)
	if err := b.SubmitLetter(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if got := b.mails(t); got != "confirm dropped, letter sent, sent ready, repeat ready" {
		t.Error(got)
	}
}

// Whoever wants no more is asked no more, though the letter goes once more; and is
// told once that it went.
func TestStore_EndFollowUps_beforeItGoesOnceMore(t *testing.T) {
	for name, stop := range map[string]bool{"stopped": true, "not": false} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			hash := b.bring(t, 1, campaign.StateSent)
			b.follow(t)
			b.sendAll(t)
			b.returned(t, 1, campaign.ReturnFull, "5.2.2")
			if stop {
				if err := b.EndFollowUps(t.Context(), b.letter(t, hash).ID); err != nil {
					t.Fatal(err)
				}
			}
			b.clock.Advance(campaign.FullWait)
			b.finish(t, b.claimed(t), campaign.VerdictSent)
			again := b.clock.Now()
			if got := b.follow(t); got != "sent sent" {
				t.Errorf("told once more: %s", got)
			}
			b.clock.Advance(campaign.FollowUpAfter)
			want := "sent sent, followup ready"
			if stop {
				want = "sent sent"
			}
			if got := b.follow(t); got != want {
				t.Errorf("%v after it went: %s, want %s", b.clock.Now().Sub(again), got, want)
			}
		})
	}
}
