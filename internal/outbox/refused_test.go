package outbox_test

import (
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// A mail server that takes Postbag for a stranger refuses every recipient for good:
// all mail waits, with one warning, and what failed meanwhile goes once it is mended.
func TestDay_everyRecipientRefused(t *testing.T) {
	for _, answer := range []string{"554 5.7.1 Relay access denied", "550 relay not permitted", "550 5.7.54 Unable to relay recipient in non-accepted domain"} {
		t.Run(answer, func(t *testing.T) {
			d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
			d.writes(12)
			d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Reply: answer})
			d.starts(d.sender(nothing), 2)
			d.settles()
			if refuses, code := d.refuses(); !refuses || code < 550 {
				t.Fatalf("all mail waits: %v (%d)", refuses, code)
			}
			before := d.logs.holds("verdict=failed") // what was under way together
			d.passes(40*time.Minute, 15*time.Second)
			if got := d.value(`SELECT group_concat(DISTINCT state) FROM letters`); got != "queued" {
				t.Errorf("letters are %s", got)
			}
			if got := d.value(`SELECT count(*) FROM letters WHERE repeat_hash IS NULL`); got != "0" {
				t.Errorf("%s letters are not recognised any more", got)
			}
			if n := d.logs.holds("level=WARN", "the mail server refuses everything"); n != 1 {
				t.Errorf("%d warnings about the mail server:\n%s", n, d.logs.lines.String())
			}
			if n := d.logs.holds("verdict=failed"); n != before {
				t.Errorf("%d messages are said to have failed that only wait", n-before)
			}
			d.smtp.ClearScript()
			d.passes(30*time.Minute, 15*time.Second)
			d.sentOnce(d.all()...)
			if n := d.smtp.Accepted(); n != d.wrote {
				t.Errorf("the server has %d messages, want the letters: nobody is told that theirs failed", n)
			}
			d.discreet()
		})
	}
}

// One office that refuses by policy is judged by itself, however many write to it;
// so are several, as long as others take letters.
func TestDay_someRecipientsRefused(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	const policy = "550 5.7.1 Not wanted here"
	for mp := range 8 {
		d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: d.email(mp), Reply: policy})
	}
	for range 7 {
		d.write(0, briefly)
	}
	var others []int
	for mp := range 8 {
		d.write(mp, briefly)
		others = append(others, d.write(20+mp, briefly))
	}
	d.starts(d.sender(nothing), 1)
	d.passes(5*time.Minute, 5*time.Second)
	d.sentOnce(others...)
	if n := atoi(d.value(`SELECT count(*) FROM letters WHERE state = $1`, campaign.StateFailed)); n != d.wrote-len(others) {
		t.Errorf("%d letters failed, want %d", n, d.wrote-len(others))
	}
	if n := d.logs.holds("refuses everything"); n != 0 {
		t.Errorf("all mail waited for a few:\n%s", d.logs.lines.String())
	}
}

// A server that hangs up on one letter hangs up on no other: nothing waits for it.
// Where it hangs up on the next as well, everything does.
func TestDay_hangsUp(t *testing.T) {
	for _, stage := range []testkit.SMTPStage{testkit.StageRCPT, testkit.StageDATA} {
		for _, all := range []bool{false, true} {
			t.Run(string(stage)+map[bool]string{true: " on all"}[all], func(t *testing.T) {
				d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
				d.writes(6)
				f := testkit.SMTPFault{Stage: stage, Recipient: d.email(0), Reply: "421 4.7.0 Closing", Drop: testkit.DropAfter}
				if all {
					f.Recipient = ""
				}
				d.smtp.Script(f)
				d.starts(d.sender(nothing), 1)
				d.passes(time.Hour, 10*time.Second)
				warned, want := d.logs.holds("refuses everything"), 0
				if all {
					want = 1
				} else {
					d.sentOnce(2, 3, 4, 5, 6)
				}
				if refuses, _ := d.refuses(); refuses != all || warned != want {
					t.Errorf("all mail waits: %v, warned of %d times:\n%s", refuses, warned, d.logs.lines.String())
				}
				if n := atoi(d.value(`SELECT count(*) FROM attempts`)); n > 16 {
					t.Errorf("%d attempts in an hour", n)
				}
				d.smtp.ClearScript()
				d.passes(90*time.Minute, 15*time.Second)
				d.sentOnce(d.all()...)
			})
		}
	}
}
