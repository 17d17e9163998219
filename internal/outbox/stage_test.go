package outbox_test

import (
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// A refusal at each stage of the conversation, for now and for good: what it means
// for the letter, for all the others and for whoever reads the log.
func TestDay_everyStage(t *testing.T) {
	testkit.Unhurried(t)
	const (
		queued, failed = campaign.StateQueued, campaign.StateFailed
		waits          = true // everybody's mail
	)
	tls := testkit.SMTPConfig{StartTLS: true}
	auth := testkit.SMTPConfig{Users: map[string]string{"post": "bag"}, RequireAuth: true}
	for _, tt := range []struct {
		name     string
		server   testkit.SMTPConfig
		fault    testkit.SMTPFault
		ofOne    bool // the server has it in for one recipient
		state    campaign.State
		attempt  string
		everyone bool
	}{
		// Before the message there is nothing that the server could know of it.
		{"greeting for now", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageGreeting, Reply: "421 4.3.2 Too busy", Drop: testkit.DropAfter}, false, queued, "1 retry 421 4.3.2", waits},
		{"greeting for good", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageGreeting, Reply: "554 5.7.1 No service"}, false, queued, "1 retry 554 5.7.1", waits},
		{"EHLO for now", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageEHLO, Reply: "450 4.3.2 Wait"}, false, queued, "1 retry 450 4.3.2", waits},
		{"EHLO for good", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageEHLO, Reply: "550 5.7.1 Go away"}, false, queued, "1 retry 550 5.7.1", waits},
		{"STARTTLS for now", tls, testkit.SMTPFault{Stage: testkit.StageSTARTTLS, Reply: "454 4.7.0 TLS not available"}, false, queued, "1 retry 454 4.7.0", waits},
		{"STARTTLS for good", tls, testkit.SMTPFault{Stage: testkit.StageSTARTTLS, Reply: "501 5.5.4 No"}, false, queued, "1 retry 501 5.5.4", waits},
		{"AUTH for now", auth, testkit.SMTPFault{Stage: testkit.StageAUTH, Reply: "454 4.7.0 Temporary failure"}, false, queued, "1 retry 454 4.7.0", waits},
		{"AUTH for good", auth, testkit.SMTPFault{Stage: testkit.StageAUTH, Reply: "535 5.7.8 Bad credentials"}, false, queued, "1 retry 535 5.7.8", waits},
		{"MAIL closing", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageMAIL, Reply: "421 4.7.0 Closing", Drop: testkit.DropAfter}, false, queued, "1 retry 421 4.7.0", waits},

		// The sender's domain is that of all letters.
		{"MAIL for good", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageMAIL, Reply: "550 5.7.1 Sender not allowed"}, false, queued, "1 retry 550 5.7.1", waits},

		// The message, and no other.
		{"MAIL for now", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 1, Reply: "451 4.3.0 Later"}, true, queued, "1 retry 451 4.3.0", false},
		{"MAIL too big", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 1, Reply: "552 5.3.4 Too big"}, true, failed, "1 failed 552 5.3.4", false},
		{"RCPT for now", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageRCPT, Reply: "450 4.2.1 Busy"}, true, queued, "1 retry 450 4.2.1", false},
		{"RCPT for good", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageRCPT, Reply: "550 5.1.1 No such user"}, true, failed, "1 failed 550 5.1.1", false},
		{"DATA for now", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageDATA, Reply: "452 4.3.1 Disk full"}, true, queued, "1 retry 452 4.3.1", false},
		{"DATA for good", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageDATA, Reply: "554 5.5.1 No"}, true, failed, "1 failed 554 5.5.1", false},
		{"after the dot for now", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageDot, Reply: "451 4.3.0 Later"}, true, queued, "1 retry 451 4.3.0", false},
		{"after the dot for good", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageDot, Reply: "554 5.7.1 Spam"}, true, failed, "1 failed 554 5.7.1", false},
		{"after the dot closing", testkit.SMTPConfig{}, testkit.SMTPFault{Stage: testkit.StageDot, Reply: "421 4.3.2 Shutting down", Drop: testkit.DropAfter}, true, queued, "1 retry 421 4.3.2", false},
	} {
		for _, pipelining := range []bool{false, true} {
			name := tt.name
			if pipelining {
				if tt.server.StartTLS || tt.server.Users != nil || tt.fault.Stage == testkit.StageGreeting || tt.fault.Stage == testkit.StageEHLO {
					continue // it begins later
				}
				name += ", several commands at once"
			}
			t.Run(name, func(t *testing.T) {
				tt.server.Pipelining = pipelining
				d := newDay(t, tt.server, store.Delivery{})
				d.writes(3)
				if tt.ofOne && tt.fault.Stage != testkit.StageMAIL {
					tt.fault.Recipient = d.email(0)
				}
				d.smtp.Script(tt.fault)
				d.starts(d.sender(func(o *mailer.Options) {
					o.RootCAs = d.smtp.RootCAs()
					if tt.server.StartTLS {
						o.SMTP.TLS = mailer.TLSRequired
					}
					if tt.server.Users != nil {
						o.SMTP.User, o.SMTP.Password = "post", "bag"
					}
				}), 1)
				d.settles()

				if got := d.attempts(1); got != tt.attempt {
					t.Errorf("attempts %q, want %q", got, tt.attempt)
				}
				if got := d.state(1); got != tt.state {
					t.Errorf("the letter is %s, want %s", got, tt.state)
				}
				refuses, code := d.refuses()
				if refuses != tt.everyone || refuses && !strings.Contains(tt.attempt, " "+itoa(code)+" ") {
					t.Errorf("all mail waits: %v (%d), want %v", refuses, code, tt.everyone)
				}
				if got, others := len(d.copies()), map[bool]int{false: 2, true: 0}[tt.everyone]; got != others {
					t.Errorf("%d other letters went, want %d", got, others)
				}
				if tt.everyone {
					d.passes(20*time.Minute, 15*time.Second)
					if n := d.logs.holds("level=WARN"); n != 1 || d.logs.holds("level=WARN", "the mail server refuses everything", "code="+itoa(code)) != 1 {
						t.Errorf("%d warnings, want the one about the mail server:\n%s", n, d.logs.lines.String())
					}
					if n := atoi(d.value(`SELECT count(*) FROM attempts`)); n < 4 || n > 10 {
						t.Errorf("%d attempts in 20 minutes, want a few", n)
					}
					if len(d.copies()) > 0 {
						t.Error("something was taken")
					}
				} else if d.logs.holds("level=WARN", "outbox=", "attempt=1", "verdict="+strings.Fields(tt.attempt)[1]) != 1 {
					t.Errorf("the log does not tell of the attempt:\n%s", d.logs.lines.String())
				}

				d.smtp.ClearScript()
				d.passes(25*time.Minute, 15*time.Second)
				if tt.state == failed {
					d.sentOnce(2, 3)
					if got := d.attempts(1); got != tt.attempt {
						t.Errorf("attempts %q: tried again after a refusal for good", got)
					}
				} else {
					d.sentOnce(1, 2, 3)
				}
				if refuses, _ := d.refuses(); refuses {
					t.Error("all mail waits still")
				}
				if got, want := d.logs.holds("the mail server works again"), map[bool]int{true: 1}[tt.everyone]; got != want {
					t.Errorf("told %d times that the mail server works again, want %d", got, want)
				}
				d.discreet()
			})
		}
	}
}
