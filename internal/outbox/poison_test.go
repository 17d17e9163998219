package outbox_test

import (
	"context"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/outbox"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// poisoned panics when it is to send the letter with the Message-ID.
type poisoned struct {
	mailer.Transport
	id string
}

func (p poisoned) Send(ctx context.Context, m campaign.Mail) campaign.Outcome {
	if m.MessageID == p.id {
		panic(m.FromName)
	}
	return p.Transport.Send(ctx, m)
}

// One letter that goes wrong every time does not stop the others, whatever it is
// that goes wrong.
func TestDay_poisoned(t *testing.T) {
	testkit.Unhurried(t)
	for _, tt := range []struct {
		name     string
		spoil    func(*day)
		state    campaign.State // the letter is in it after half an hour
		attempts int            // at most, in that half hour
		held     time.Duration  // for how long of that the others may be held up
	}{
		{"it makes the sender panic", func(*day) {}, campaign.StateUncertain, 1, 0},
		{"its record is damaged", func(d *day) {
			d.value(`UPDATE people SET sealed = x'00' WHERE letter_id = 1 RETURNING letter_id`)
		}, campaign.StateHeld, 0, 0},
		{"its record is another's", func(d *day) {
			d.value(`UPDATE people SET sealed = (SELECT sealed FROM people WHERE letter_id = 2) WHERE letter_id = 1 RETURNING letter_id`)
		}, campaign.StateQueued, 8, 0},
		{"the server hangs up on it", func(d *day) {
			d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: d.email(0), Drop: testkit.DropBefore})
		}, campaign.StateQueued, 8, 0},
		{"the server hangs up before its data", func(d *day) {
			d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDATA, Recipient: d.email(0), Drop: testkit.DropBefore})
		}, campaign.StateQueued, 8, 0},
		{"the server says that it closes, for no other", func(d *day) {
			d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: d.email(0), Reply: "421 4.7.0 Closing", Drop: testkit.DropAfter})
		}, campaign.StateQueued, 8, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDay(t, testkit.SMTPConfig{}, store.Delivery{PerMinute: 20})
			d.writes(12)
			tt.spoil(d)
			transport := mailer.Transport(d.sender(nothing))
			if tt.name == "it makes the sender panic" {
				transport = poisoned{transport, letterID(1)}
			}
			d.starts(transport, 2)
			var others []int
			for n := 2; n <= 12; n++ {
				others = append(others, n)
			}
			d.passes(90*time.Second, 3*time.Second)
			d.sentOnce(others...)
			// As letters come in, they go out.
			held := time.Duration(0)
			for minute := range 28 {
				if refuses, _ := d.refuses(); refuses {
					held += time.Minute
				}
				others = append(others, d.write(100+minute, briefly))
				d.passes(time.Minute, 5*time.Second)
			}
			d.passes(2*time.Minute, 5*time.Second)
			d.sentOnce(others...)
			if held > tt.held {
				t.Errorf("all mail waits for %v of half an hour because of one letter", held)
			}
			if got := d.state(1); got != tt.state {
				t.Errorf("the letter is %s, want %s", got, tt.state)
			}
			if got := atoi(d.value(`SELECT attempts FROM outbox WHERE letter_id = 1 AND kind = 'letter'`)); got > tt.attempts {
				t.Errorf("%d attempts in half an hour, want %d at most", got, tt.attempts)
			}
			d.discreet()
		})
	}
}

// What is left of a poisoned letter after five days is a letter that failed.
func TestDay_poisonedForDays(t *testing.T) {
	testkit.Unhurried(t)
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	d.writes(2)
	d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: d.email(0), Drop: testkit.DropBefore})
	d.starts(d.sender(nothing), 2)
	d.passes(outbox.GiveUpAfter+6*time.Hour, 20*time.Minute)
	d.sentOnce(2)
	if got := d.state(1); got != campaign.StateFailed {
		t.Errorf("the letter is %s", got)
	}
	if got := d.value(`SELECT why FROM events WHERE letter_id = 1 ORDER BY id DESC LIMIT 1`); got != campaign.WhyGaveUp {
		t.Errorf("because %q", got)
	}
	if n := atoi(d.value(`SELECT count(*) FROM attempts WHERE outbox_id = (SELECT id FROM outbox WHERE letter_id = 1 AND kind = 'letter')`)); n < 30 || n > 60 {
		t.Errorf("%d attempts in five days", n)
	}
}
