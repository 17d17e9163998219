package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// report is what came back to letter n, as the domain would hand it over.
func (b *bed) report(tb testing.TB, n int, kind campaign.ReturnKind, enhanced string, change ...func(*campaign.Return)) (campaign.Taken, error) {
	tb.Helper()
	about, err := b.Posted(tb.Context(), 0, fmt.Sprintf("letter-%d@example.org", n))
	if err != nil || about.ID == 0 {
		tb.Fatalf("letter %d was not posted: %v", n, err)
	}
	alerts := 0
	r := campaign.Return{
		Posted: about, Returned: campaign.Returned{Kind: kind, Code: 550, Enhanced: enhanced, Own: "theirs@example.com"},
		Hash: hashOf("returned "+string(kind), n), Sealed: []byte("sealed answer"), NewID: fmt.Sprintf("%s-%d@example.org", kind, n),
		Alert: func(f campaign.Failing) (account.Mail, error) {
			alerts++
			return account.Mail{Kind: account.MailFailing, MessageID: fmt.Sprintf("failing-%d-%d@example.org", n, alerts), Sealed: []byte(f.Email)}, nil
		},
	}
	if kind.Answers() {
		r.Original = []byte("sealed original")
	}
	for _, c := range change {
		c(&r)
	}
	return b.TakeReturn(tb.Context(), r)
}

// returned is report for what is taken.
func (b *bed) returned(tb testing.TB, n int, kind campaign.ReturnKind, enhanced string, change ...func(*campaign.Return)) campaign.Taken {
	tb.Helper()
	taken, err := b.report(tb, n, kind, enhanced, change...)
	if err != nil {
		tb.Fatal(err)
	}
	return taken
}

func again(hash string, n int) func(*campaign.Return) {
	return func(r *campaign.Return) {
		r.Hash, r.NewID = hashOf(hash, n), fmt.Sprintf("%s-%d@example.org", hash, n)
	}
}

// lettersMails lists what of the outbox is not about confirming.
func (b *bed) lettersMails(tb testing.TB) string {
	tb.Helper()
	return b.texts(tb, `SELECT kind || ' ' || status FROM outbox WHERE kind <> 'confirm' ORDER BY id`)
}

func TestStore_TakeReturn(t *testing.T) {
	for _, tt := range []struct {
		name  string
		from  campaign.State
		kind  campaign.ReturnKind
		code  string
		want  campaign.Taken
		to    campaign.State
		why   string
		mails string
	}{
		{"a letter comes back", campaign.StateSent, campaign.ReturnFailed, "5.1.1", campaign.TakenBounced, campaign.StateBounced, campaign.WhyNoMailbox, "letter sent, bounced ready"},
		{"refused by rules", campaign.StateSent, campaign.ReturnFailed, "5.7.1", campaign.TakenBounced, campaign.StateBounced, campaign.WhyBlocked, "letter sent, bounced ready"},
		{"nobody said why", campaign.StateSent, campaign.ReturnFailed, "", campaign.TakenBounced, campaign.StateBounced, campaign.WhyCameBack, "letter sent, bounced ready"},
		{"tried for days", campaign.StateSent, campaign.ReturnFailed, "4.4.7", campaign.TakenBounced, campaign.StateBounced, campaign.WhyTimedOut, "letter sent, bounced ready"},
		{"a delay", campaign.StateSent, campaign.ReturnDelayed, "4.4.1", campaign.TakenNoted, campaign.StateSent, campaign.WhyAccepted, "letter sent"},
		{"a receipt", campaign.StateSent, campaign.ReturnDelivered, "2.0.0", campaign.TakenNoted, campaign.StateSent, campaign.WhyAccepted, "letter sent"},
		{"a full mailbox", campaign.StateSent, campaign.ReturnFull, "5.2.2", campaign.TakenAgain, campaign.StateQueued, campaign.WhyFull, "letter ready"},
		{"a holiday note", campaign.StateSent, campaign.ReturnAuto, "", campaign.TakenForwarded, campaign.StateSent, campaign.WhyAccepted, "letter sent, forward ready"},
		{"a person's answer", campaign.StateSent, campaign.ReturnReply, "", campaign.TakenForwarded, campaign.StateSent, campaign.WhyAccepted, "letter sent, forward ready"},
		{"an uncertain letter comes back", campaign.StateUncertain, campaign.ReturnFailed, "5.1.1", campaign.TakenBounced, campaign.StateBounced, campaign.WhyNoMailbox, "letter sent, bounced ready"},
		{"an uncertain letter had arrived", campaign.StateUncertain, campaign.ReturnAuto, "", campaign.TakenForwarded, campaign.StateSent, campaign.WhyReported, "letter sent, forward ready"},
		{"an uncertain letter is on its way", campaign.StateUncertain, campaign.ReturnDelayed, "4.4.1", campaign.TakenNoted, campaign.StateSent, campaign.WhyReported, "letter sent"},
		{"one that failed before", campaign.StateFailed, campaign.ReturnFailed, "5.1.1", campaign.TakenNoted, campaign.StateFailed, campaign.WhyRefused, "letter failed"},
		{"one that is to go again", campaign.StateQueued, campaign.ReturnFailed, "5.1.1", campaign.TakenNoted, campaign.StateQueued, campaign.WhyConfirmed, "letter ready"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBed(t)
			hash := b.bring(t, 1, tt.from)
			if taken := b.returned(t, 1, tt.kind, tt.code); taken != tt.want {
				t.Errorf("taken as %s, want %s", taken, tt.want)
			}
			l := b.letter(t, hash)
			if l.State != tt.to || l.Events[len(l.Events)-1].Why != tt.why {
				t.Errorf("%s because of %s, want %s because of %s", l.State, l.Events[len(l.Events)-1].Why, tt.to, tt.why)
			}
			if got := b.lettersMails(t); got != tt.mails {
				t.Errorf("mails %q, want %q", got, tt.mails)
			}
			if got := b.texts(t, `SELECT kind || ' ' || taken || ' ' || enhanced FROM returns`); got != strings.TrimSpace(fmt.Sprintf("%s %s %s", tt.kind, tt.want, tt.code)) && got != fmt.Sprintf("%s %s ", tt.kind, tt.want) {
				t.Errorf("noted %q", got)
			}
			// The same once more.
			events, everything := len(l.Events), b.everything(t)
			if taken, err := b.report(t, 1, tt.kind, tt.code); taken != campaign.TakenBefore || err != nil {
				t.Errorf("a second time: %s, %v", taken, err)
			}
			if after := b.letter(t, hash); len(after.Events) != events || b.everything(t) != everything || b.lettersMails(t) != tt.mails {
				t.Error("a second time it changed something")
			}
		})
	}
}

func TestStore_TakeReturn_whileItIsSent(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateSending)
	before := b.everything(t)
	if _, err := b.report(t, 1, campaign.ReturnFailed, "5.1.1"); !errors.Is(err, campaign.ErrReturnEarly) {
		t.Errorf("error %v", err)
	}
	if got := b.texts(t, `SELECT count(*) FROM returns`); got != "0" || b.everything(t) != before {
		t.Error("something is written down of it")
	}
}

// A report about a letter that came back already, by another way and so under
// another identity, changes no count.
func TestStore_TakeReturn_secondReport(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateBounced)
	before := b.count(t, seatA)
	if taken := b.returned(t, 1, campaign.ReturnFailed, "5.1.1", again("hook", 1)); taken != campaign.TakenNoted {
		t.Errorf("taken as %s", taken)
	}
	if got := b.count(t, seatA); got != before || got.Sent != 1 || got.Bounced != 1 {
		t.Errorf("counted %+v, before %+v", got, before)
	}
	if got := b.lettersMails(t); got != "letter sent, bounced ready" {
		t.Errorf("mails %q", got)
	}
}

// A full mailbox gets the same message three times more, six hours apart; then it
// came back. It never counts as sent twice.
func TestStore_TakeReturn_fullMailbox(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateSent)
	for i := range campaign.MaxFull {
		if taken := b.returned(t, 1, campaign.ReturnFull, "4.2.2", again("full", i)); taken != campaign.TakenAgain {
			t.Fatalf("time %d: taken as %s", i+1, taken)
		}
		if got := b.count(t, seatA); got.Sent != 0 || got.Confirmed != 1 {
			t.Errorf("while it waits: counted %+v", got)
		}
		b.clock.Advance(campaign.FullWait - time.Second)
		if jobs := b.claims(t, 10); len(jobs) != 0 {
			t.Fatalf("claimed %d messages too early", len(jobs))
		}
		b.clock.Advance(time.Second)
		j := b.claimed(t)
		if j.MessageID != "letter-1@example.org" || !j.FirstAt.IsZero() {
			t.Errorf("sent as %s, first tried %v", j.MessageID, j.FirstAt)
		}
		b.finish(t, j, campaign.VerdictSent)
		if got := b.count(t, seatA); got.Sent != 1 {
			t.Errorf("sent again: counted %+v", got)
		}
	}
	if taken := b.returned(t, 1, campaign.ReturnFull, "4.2.2", again("full", 9)); taken != campaign.TakenBounced {
		t.Errorf("at last: taken as %s", taken)
	}
	b.wantState(t, hash, campaign.StateBounced)
	if got := b.count(t, seatA); got.Sent != 1 || got.Bounced != 1 {
		t.Errorf("counted %+v", got)
	}
	if got := b.texts(t, `SELECT sum(letters) FROM counters WHERE state = 'sent' UNION ALL SELECT sum(sent) FROM hours UNION ALL SELECT sum(sent) FROM variants`); got != "1, 1, 1" {
		t.Errorf("sums %s", got)
	}
	if got := b.lettersMails(t); got != "letter sent, bounced ready" {
		t.Errorf("mails %q", got)
	}
}

func TestStore_TakeReturn_whenErased(t *testing.T) {
	for _, tt := range []struct {
		kind campaign.ReturnKind
		want campaign.Taken
		err  error
		to   campaign.State
	}{
		{campaign.ReturnReply, "", campaign.ErrReturnErased, campaign.StateSent},
		{campaign.ReturnAuto, campaign.TakenNoted, nil, campaign.StateSent},
		{campaign.ReturnFull, campaign.TakenBounced, nil, campaign.StateBounced},
		{campaign.ReturnFailed, campaign.TakenBounced, nil, campaign.StateBounced},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			b := newBed(t)
			hash := b.bring(t, 1, campaign.StateSent)
			about, err := b.Posted(t.Context(), 0, "letter-1@example.org")
			if err != nil {
				t.Fatal(err)
			}
			if err := b.EraseLetter(t.Context(), hash); err != nil {
				t.Fatal(err)
			}
			taken, err := b.TakeReturn(t.Context(), campaign.Return{
				Posted: about, Returned: campaign.Returned{Kind: tt.kind}, Hash: hashOf("r", 1), NewID: "new@example.org", Original: []byte("o"),
			})
			if taken != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%s, %v; want %s, %v", taken, err, tt.want, tt.err)
			}
			b.wantState(t, hash, tt.to)
			if got := b.lettersMails(t); got != "letter sent" {
				t.Errorf("mails %q", got)
			}
			if got := b.texts(t, `SELECT count(*) FROM originals`); got != "0" {
				t.Errorf("%s messages are kept", got)
			}
		})
	}
}

// Of a mail to a supporter that comes back nothing follows: a letter still waits
// to be confirmed.
func TestStore_TakeReturn_ofMailToSupporters(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	about, err := b.Posted(t.Context(), 1, "")
	if err != nil || about.Mail != campaign.MailConfirm {
		t.Fatalf("%+v, %v", about, err)
	}
	for i, kind := range []campaign.ReturnKind{campaign.ReturnFailed, campaign.ReturnFull, campaign.ReturnAuto, campaign.ReturnReply} {
		r := campaign.Return{Posted: about, Returned: campaign.Returned{Kind: kind, Enhanced: "5.1.1"}, Hash: hashOf("s", i), NewID: fmt.Sprint(i), Original: []byte("o")}
		if taken, err := b.TakeReturn(t.Context(), r); taken != campaign.TakenNoted || err != nil {
			t.Errorf("%s: %s, %v", kind, taken, err)
		}
	}
	b.wantState(t, hash, campaign.StateAwaiting)
	if got := b.mails(t); got != "confirm sent" {
		t.Errorf("mails %q", got)
	}
	if got := b.texts(t, `SELECT count(*) FROM originals`); got != "0" {
		t.Errorf("%s messages are kept", got)
	}
}

// What comes back is kept until it has gone to the supporter, and no longer.
func TestStore_TakeReturn_passesAnswersOn(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateSent)
	b.returned(t, 1, campaign.ReturnReply, "")
	j := b.claimed(t)
	if j.Kind != campaign.MailForward || string(j.Original) != "sealed original" {
		t.Fatalf("claimed %s with %q", j.Kind, j.Original)
	}
	b.finish(t, j, campaign.VerdictRetry)
	if got := b.texts(t, `SELECT count(*) FROM originals`); got != "1" {
		t.Fatalf("%s are kept to be tried again", got)
	}
	b.clock.Advance(time.Minute)
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	if got := b.texts(t, `SELECT count(*) FROM originals`); got != "0" {
		t.Errorf("%s are kept after it went", got)
	}
	// One that waits goes with its person.
	b.returned(t, 1, campaign.ReturnReply, "", again("second", 1))
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT count(*) FROM originals`); got != "0" || !strings.HasSuffix(b.mails(t), "forward dropped") {
		t.Errorf("%s are kept when erased: %s", got, b.mails(t))
	}
}

func TestStore_TakeReturn_boundsAnswers(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateSent)
	for i := range campaign.MaxForwards {
		b.returned(t, 1, campaign.ReturnReply, "", again("reply", i))
	}
	if _, err := b.report(t, 1, campaign.ReturnReply, "", again("reply", 99)); !errors.Is(err, campaign.ErrReturnMany) {
		t.Errorf("error %v", err)
	}
	if got := b.texts(t, `SELECT count(*) FROM returns`); got != fmt.Sprint(campaign.MaxForwards) {
		t.Errorf("%s are written down", got)
	}
	b.clock.Advance(campaign.ForwardDay + time.Second)
	b.returned(t, 1, campaign.ReturnReply, "", again("reply", 99))
}

// A message of ours that comes round to us is not passed on.
func TestStore_TakeReturn_ofOurOwn(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateSent)
	taken := b.returned(t, 1, campaign.ReturnAuto, "", func(r *campaign.Return) { r.Own = "confirm-1@example.org" })
	if got := b.lettersMails(t); taken != campaign.TakenNoted || got != "letter sent" {
		t.Errorf("taken as %s: %s", taken, got)
	}
}

// A report on a message that was superseded says nothing about the letter as it is
// now, which may have gone to another MP.
func TestStore_TakeReturn_ofAMessageBefore(t *testing.T) {
	for kind, want := range map[campaign.ReturnKind]campaign.Taken{
		campaign.ReturnFailed: campaign.TakenNoted, campaign.ReturnFull: campaign.TakenNoted, campaign.ReturnReply: campaign.TakenForwarded,
	} {
		b := newBed(t)
		hash := b.bring(t, 1, campaign.StateSent)
		b.alter(t, `INSERT INTO outbox (letter_id, kind, urgency, seat, status, attempts, message_id, queued_at, due_at, next_at, code, answer)
			SELECT letter_id, kind, urgency, seat, 'sent', 1, 'anew@example.org', queued_at, due_at, next_at, 250, '' FROM outbox WHERE kind = 'letter'`)
		if got := b.returned(t, 1, kind, "5.2.2"); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
		b.wantState(t, hash, campaign.StateSent)
		if got := b.texts(t, `SELECT status FROM outbox WHERE kind = 'letter' ORDER BY id`); got != "sent, sent" {
			t.Errorf("%s: messages are %s", kind, got)
		}
	}
}

// A letter that was answered arrived: what somebody there passes on in vain makes
// no second copy.
func TestStore_TakeReturn_ofALetterThatWasAnswered(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateSent)
	for _, c := range []struct {
		kind campaign.ReturnKind
		want campaign.Taken
	}{{campaign.ReturnAuto, campaign.TakenForwarded}, {campaign.ReturnFull, campaign.TakenNoted}, {campaign.ReturnFailed, campaign.TakenNoted}} {
		if got := b.returned(t, 1, c.kind, "5.2.2"); got != c.want {
			t.Errorf("%s: %s, want %s", c.kind, got, c.want)
		}
	}
	b.wantState(t, hash, campaign.StateSent)
}

// What stands in the place of an erased message's name leads nowhere.
func TestStore_Posted_erased(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateSent)
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	name := b.texts(t, `SELECT message_id FROM outbox WHERE kind = 'letter'`)
	if about, err := b.Posted(t.Context(), 0, name); err != nil || about.ID != 0 {
		t.Errorf("%q leads to message %d, %v", name, about.ID, err)
	}
}
