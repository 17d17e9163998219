package outbox_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

func nothing(*mailer.Options) {}

// impatient are limits that a test can wait for.
func impatient(o *mailer.Options) {
	o.Timeouts.Dial, o.Timeouts.Command, o.Timeouts.Data = 60*time.Millisecond, 60*time.Millisecond, 60*time.Millisecond
}

// A server that takes the connection and says nothing holds nobody up for longer
// than the limit, and is left alone for a while.
func TestDay_silent(t *testing.T) {
	for _, stage := range []testkit.SMTPStage{testkit.StageGreeting, testkit.StageEHLO} {
		t.Run(string(stage), func(t *testing.T) {
			d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
			d.writes(6)
			d.smtp.Script(testkit.SMTPFault{Stage: stage, Hang: make(chan struct{})})
			d.starts(d.sender(impatient), 2)
			d.settles()
			if refuses, code := d.refuses(); !refuses || code != 0 {
				t.Errorf("all mail waits: %v (%d)", refuses, code)
			}
			if n := d.smtp.Connections(); n > 2 {
				t.Errorf("%d connections at once to a server that says nothing", n)
			}
			if d.logs.holds("level=WARN") != 1 || d.logs.holds("refuses everything", "no answer in time") != 1 {
				t.Errorf("the log:\n%s", d.logs.lines.String())
			}
			d.smtp.ClearScript()
			d.passes(20*time.Minute, 15*time.Second)
			d.sentOnce(d.all()...)
		})
	}
	t.Run("after the message", func(t *testing.T) {
		d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
		d.writes(3)
		d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Recipient: d.email(0), Hang: make(chan struct{})})
		d.starts(d.sender(impatient), 2)
		d.passes(20*time.Minute, 15*time.Second)
		if copies := d.copies(); copies[letterID(1)] > 1 || copies[letterID(2)] != 1 || copies[letterID(3)] != 1 {
			t.Errorf("the server has %v", copies)
		}
		if got, state := d.attempts(1), d.state(1); got != "1 uncertain 0 " || state != campaign.StateUncertain {
			t.Errorf("attempts %q, state %s", got, state)
		}
	})
}

// A connection that is cut: only after the last dot does nobody know.
func TestDay_cut(t *testing.T) {
	testkit.Unhurried(t)
	long := strings.Repeat("A long letter, more than the buffers of both sides take.\n", 150_000)
	for _, tt := range []struct {
		name  string
		text  string
		fault testkit.SMTPFault
		state campaign.State
		has   bool // the server has it, whatever it told
	}{
		{"greeting", briefly, testkit.SMTPFault{Stage: testkit.StageGreeting, Nth: 1}, campaign.StateSent, true},
		{"before the data: MAIL", briefly, testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 1}, campaign.StateSent, true},
		{"before the data: RCPT", briefly, testkit.SMTPFault{Stage: testkit.StageRCPT, Nth: 1}, campaign.StateSent, true},
		{"before the data: DATA", briefly, testkit.SMTPFault{Stage: testkit.StageDATA, Nth: 1}, campaign.StateSent, true},
		{"during the data", long, testkit.SMTPFault{Stage: testkit.StageContent, Nth: 1}, campaign.StateSent, true},
		{"after the data, not taken", briefly, testkit.SMTPFault{Stage: testkit.StageDot, Nth: 1}, campaign.StateUncertain, false},
		{"after the data, taken", briefly, testkit.SMTPFault{Stage: testkit.StageDot, Nth: 1, Keep: true}, campaign.StateUncertain, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDay(t, testkit.SMTPConfig{MaxSize: 1 << 30}, store.Delivery{})
			d.write(0, tt.text)
			d.write(1, briefly)
			tt.fault.Drop = testkit.DropBefore
			d.smtp.Script(tt.fault)
			d.starts(d.sender(nothing), 1)
			d.settles()
			first := "1 retry 0 "
			if tt.state == campaign.StateUncertain {
				first = "1 uncertain 0 "
			}
			if got := d.attempts(1); got != first {
				t.Errorf("attempts %q, want %q", got, first)
			}
			d.passes(10*time.Minute, 15*time.Second)
			if got := d.state(1); got != tt.state {
				t.Errorf("the letter is %s, want %s", got, tt.state)
			}
			if got, want := d.copies()[letterID(1)], map[bool]int{true: 1}[tt.has]; got != want {
				t.Errorf("the server has it %d times, want %d", got, want)
			}
			if d.state(2) != campaign.StateSent || d.copies()[letterID(2)] != 1 {
				t.Errorf("the letter after it is %s", d.state(2))
			}
			d.discreet()
		})
	}
}

// A server whose certificate is not to be trusted, or that does not encrypt, gets
// no letter, until the settings or the server are mended.
func TestDay_TLS(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server testkit.SMTPConfig
		mode   mailer.TLSMode
		log    string
	}{
		{"a certificate that nobody vouches for", testkit.SMTPConfig{StartTLS: true}, mailer.TLSRequired, "certificate"},
		{"such a certificate from the first byte", testkit.SMTPConfig{ImplicitTLS: true}, mailer.TLSImplicit, "certificate"},
		{"no STARTTLS", testkit.SMTPConfig{}, mailer.TLSRequired, "STARTTLS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDay(t, tt.server, store.Delivery{})
			d.writes(4)
			stop := d.starts(d.sender(func(o *mailer.Options) { o.SMTP.TLS, o.RootCAs = tt.mode, x509.NewCertPool() }), 2)
			d.passes(20*time.Minute, 15*time.Second)
			if d.logs.holds("level=WARN") != 1 || d.logs.holds("level=WARN", "refuses everything", tt.log) != 1 {
				t.Errorf("the log:\n%s", d.logs.lines.String())
			}
			if len(d.smtp.Messages()) != 0 {
				t.Error("a letter was handed over")
			}
			if n := atoi(d.value(`SELECT count(*) FROM letters WHERE state = 'queued'`)); n != 4 {
				t.Errorf("%d letters wait, want 4", n)
			}
			stop()
			// Another process, with settings that fit.
			d.starts(d.sender(func(o *mailer.Options) {
				o.SMTP.TLS, o.RootCAs = tt.mode, d.smtp.RootCAs()
				if !tt.server.StartTLS && !tt.server.ImplicitTLS {
					o.SMTP.TLS = mailer.TLSNone
				}
			}), 2)
			d.passes(20*time.Minute, 15*time.Second)
			d.sentOnce(d.all()...)
			d.discreet()
		})
	}
}

// A password that expires in the middle of the run: the letters that are left wait
// together, with one warning, until somebody renews it.
func TestDay_authenticationExpires(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{Users: map[string]string{"post": "bag"}, RequireAuth: true}, store.Delivery{})
	d.writes(30)
	d.smtp.Script(
		testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 8, Times: 1000, Reply: "530 5.7.0 Authentication required"},
		testkit.SMTPFault{Stage: testkit.StageAUTH, Nth: 3, Times: 1000, Reply: "535 5.7.8 Password expired"}, // the first is for each connection
	)
	d.starts(d.sender(func(o *mailer.Options) { o.SMTP.User, o.SMTP.Password = "post", "bag" }), 2)
	d.settles()
	sent := len(d.copies())
	if sent < 6 || sent > 7 {
		t.Errorf("%d letters went before it expired, want 7", sent)
	}
	refuses, code := d.refuses()
	if !refuses || code != 535 && code != 530 {
		t.Errorf("all mail waits: %v (%d)", refuses, code)
	}
	d.passes(time.Hour, 30*time.Second)
	if n := d.logs.holds("level=WARN"); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, d.logs.lines.String())
	}
	if len(d.copies()) != sent {
		t.Error("letters go on")
	}
	if n := atoi(d.value(`SELECT count(*) FROM letters WHERE state = 'queued'`)); n != 30-sent {
		t.Errorf("%d letters wait, want %d", n, 30-sent)
	}
	if n := d.smtp.Connections(); n > 20 {
		t.Errorf("%d connections in an hour: servers lock out those who try more", n)
	}
	d.smtp.ClearScript()
	d.passes(20*time.Minute, 15*time.Second)
	d.sentOnce(d.all()...)
	if d.logs.holds("the mail server works again") != 1 {
		t.Error("nobody is told that it works again")
	}
	d.discreet()
}
