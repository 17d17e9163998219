package mailer

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// TestSender_Pipelining_refusedAndWanted: a server that refuses the recipient, or
// the sender, and asks for the message all the same gets none, not even an empty one,
// and the next message goes over another connection.
func TestSender_Pipelining_refusedAndWanted(t *testing.T) {
	for _, tt := range []struct {
		stage   testkit.SMTPStage
		reply   string
		verdict campaign.Verdict
		code    int
	}{
		{testkit.StageRCPT, "550 5.1.1 No such user", campaign.VerdictFailed, 550},
		{testkit.StageRCPT, "450 4.7.1 Greylisted", campaign.VerdictRetry, 450},
		{testkit.StageMAIL, "550 5.7.1 Not you", campaign.VerdictRetry, 550},
	} {
		t.Run(tt.reply, func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true})
			server.Script(testkit.SMTPFault{Stage: tt.stage, Nth: 2, Reply: tt.reply}, testkit.SMTPFault{Stage: testkit.StageDATA, Nth: 2, Reply: "354 Go on"})
			sender := newSender(t, server)
			wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
			wantOutcome(t, send(t, sender, letter()), tt.verdict, tt.code, tt.reply)
			<-server.Ended()
			if n := server.Accepted(); n != 1 {
				t.Errorf("the server has %d messages, want the first alone", n)
			}
			wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
			if n := server.Connections(); n != 2 {
				t.Errorf("%d connections, want 2", n)
			}
		})
	}
}

// TestSender_Pipelining_hangs: a server that answers some of the commands.
func TestSender_Pipelining_hangs(t *testing.T) {
	for _, tt := range []struct {
		stage   testkit.SMTPStage
		verdict campaign.Verdict
		answer  string
	}{
		{testkit.StageMAIL, campaign.VerdictRetry, "naming the sender: no answer in time"},
		{testkit.StageRCPT, campaign.VerdictRetry, "naming the recipient: no answer in time"},
		{testkit.StageDATA, campaign.VerdictRetry, "announcing the message: no answer in time"},
		{testkit.StageDot, campaign.VerdictUncertain, "waiting for the answer to the message: no answer in time"},
	} {
		t.Run(string(tt.stage), func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true})
			server.Script(testkit.SMTPFault{Stage: tt.stage, Hang: make(chan struct{})})
			sender := newSender(t, server, quick(func(t *Timeouts) { t.Command, t.Data = 50*time.Millisecond, 50*time.Millisecond }))
			wantOutcome(t, send(t, sender, letter()), tt.verdict, 0, tt.answer)
		})
	}
}

// TestSender_Pipelining_stale: the connection was lost while it was idle. Nothing of
// the message has gone before the server asks for it, so it goes over another.
func TestSender_Pipelining_stale(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true})
	server.Script(testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 2, Reply: "421 4.4.2 Idle too long", Drop: testkit.DropAfter})
	sender := newSender(t, server)
	for range 2 {
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
	}
	server.DropConnections()
	<-server.Ended()
	wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
	if n := server.Accepted(); n != 3 {
		t.Errorf("the server has %d messages, want 3", n)
	}
}

// TestSender_Dots: what is sent arrives, whatever its lines begin with.
func TestSender_Dots(t *testing.T) {
	for _, text := range []string{"Dear MP,\n\nPlain.\n", ".\n", "..\n.a\n", "a\n.\nb\n", ".", "a\r\n.\r\nb", strings.Repeat(".long\n", 3000)} {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true})
		m := letter()
		m.Text = text
		wantOutcome(t, send(t, newSender(t, server), m), campaign.VerdictSent, 250, "")
		built, err := builder{from: from}.build(m)
		if err != nil {
			t.Fatal(err)
		}
		if got := server.Next(t).Data; !bytes.Equal(got, built.raw) {
			t.Errorf("sent %q, arrived %q", built.raw, got)
		}
	}
}

func TestDotted(t *testing.T) {
	for raw, want := range map[string]bool{
		"a\r\nb\r\n": true, "a.\r\n": true, ".a\r\n": false, "a\r\n.b\r\n": false, "a\nb\r\n": false, "a\rb\r\n": false, "a": false, "": false, "a\r\n.": false,
		"a\r\r\n": false, "a\n\r\n": false,
	} {
		all, ok := dotted([]byte(raw))
		if ok != want || ok && string(all) != raw+".\r\n" {
			t.Errorf("%q: %q, %v", raw, all, ok)
		}
	}
}

// TestSender_AnswerBeforeTheMessage: an answer that came before the message is no
// answer to it, and the next message is not judged by what is left of it.
func TestSender_AnswerBeforeTheMessage(t *testing.T) {
	for _, pipelining := range []bool{false, true} {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: pipelining})
		server.Script(testkit.SMTPFault{Stage: testkit.StageDATA, Nth: 1, Reply: "354 Go on\r\n250 2.0.0 Ok"})
		sender := newSender(t, server)
		if got := send(t, sender, letter()); got.Verdict != campaign.VerdictRetry {
			t.Errorf("pipelining %v: outcome %+v, want another attempt", pipelining, got)
		}
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
		if n := server.Accepted(); n != 1 {
			t.Errorf("pipelining %v: %d messages arrived, want the second alone", pipelining, n)
		}
	}
}

// TestSender_AnswersLeftOver: a server that answers the message twice is out of step;
// the next one goes over another connection.
func TestSender_AnswersLeftOver(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true})
	server.Script(testkit.SMTPFault{Stage: testkit.StageDot, Nth: 1, Reply: "250 2.0.0 Ok\r\n550 5.0.0 And another"})
	sender := newSender(t, server)
	for range 2 {
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
	}
}

// TestSender_Pipelining_broken: a server that offers it and heeds the first command
// alone gets one after the other from then on.
func TestSender_Pipelining_broken(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true, Deaf: true})
	sender := newSender(t, server, quick(func(t *Timeouts) { t.Command = 100 * time.Millisecond }))
	var got campaign.Outcome
	for range brokenAfter {
		got = send(t, sender, letter())
		wantOutcome(t, got, campaign.VerdictRetry, 0, "naming the recipient: no answer in time")
	}
	wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
}

// TestSender_EndedAtTheRecipient: a kept connection that the server ends, or on which
// it forgets who we are, before the message is asked for says nothing of the server.
func TestSender_EndedAtTheRecipient(t *testing.T) {
	for _, stage := range []testkit.SMTPStage{testkit.StageRCPT, testkit.StageDATA} {
		for _, reply := range []string{"421 4.7.0 Enough for one session", "530 5.7.0 Authenticate first"} {
			for _, pipelining := range []bool{false, true} {
				server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: pipelining})
				server.Script(testkit.SMTPFault{Stage: stage, Nth: 2, Reply: reply, Drop: testkit.DropAfter})
				sender := newSender(t, server)
				for range 2 {
					wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
				}
				if n := server.Accepted(); n != 2 {
					t.Errorf("%s at %s: %d arrived", reply, stage, n)
				}
			}
		}
	}
}
