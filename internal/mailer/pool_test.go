package mailer

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

func TestSender_KeepsConnections(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fresh time.Duration
		want  string
	}{
		{"in quick succession", time.Hour, "EHLO MAIL RCPT DATA MAIL RCPT DATA MAIL RCPT DATA QUIT"},
		{"after a while", time.Nanosecond, "EHLO MAIL RCPT DATA RSET MAIL RCPT DATA RSET MAIL RCPT DATA QUIT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			sender := newSender(t, server, quick(func(t *Timeouts) { t.Fresh = tt.fresh }))
			for range 3 {
				wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
			}
			sender.Close()
			if got := verbs(server); got != tt.want || server.Connections() != 1 {
				t.Errorf("%d connections, commands %s, want %s", server.Connections(), got, tt.want)
			}
		})
	}
}

// verbs returns the commands that the server read, in order.
func verbs(server *testkit.SMTPServer) string {
	var all []string
	for _, c := range server.Commands() {
		all = append(all, c.Verb)
	}
	return strings.Join(all, " ")
}

// TestSender_AfterRefusal: a refused message does not cost its connection, and
// the next message is not spoiled by what was left of the refused one.
func TestSender_AfterRefusal(t *testing.T) {
	for _, tt := range []struct {
		stage testkit.SMTPStage
		reply string
		conns int
	}{
		{testkit.StageMAIL, "550 5.7.1 No", 1},
		{testkit.StageRCPT, "550 5.1.1 No", 1},
		{testkit.StageRCPT, "451 4.7.1 Later", 1},
		{testkit.StageDATA, "554 5.5.1 No", 1},
		{testkit.StageDot, "554 5.7.1 No", 1},
		{testkit.StageDot, "451 4.3.0 Later", 1},
		{testkit.StageDot, "354 What?", 2}, // out of step
	} {
		for _, pipelining := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %s, pipelining %v", tt.stage, tt.reply, pipelining), func(t *testing.T) {
				server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: pipelining})
				server.Script(testkit.SMTPFault{Stage: tt.stage, Nth: 2, Reply: tt.reply})
				sender := newSender(t, server)
				wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
				if got := send(t, sender, letter()); got.Verdict == campaign.VerdictSent {
					t.Fatalf("outcome %+v", got)
				}
				wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
				if n := server.Connections(); n != tt.conns {
					t.Errorf("%d connections, want %d", n, tt.conns)
				}
				if reset := strings.Contains(verbs(server), "RSET"); reset != (tt.conns == 1) {
					t.Errorf("commands %s", verbs(server))
				}
			})
		}
	}
}

// TestSender_StaleConnection: a kept connection that died is replaced once,
// without the message noticing; after the server has taken MAIL only where it says
// so (see TestSender_EndedAtTheRecipient).
func TestSender_StaleConnection(t *testing.T) {
	nth := func(n int, f testkit.SMTPFault) testkit.SMTPFault { f.Nth = n; return f }
	for _, tt := range []struct {
		name    string
		fault   testkit.SMTPFault
		verdict campaign.Verdict
		code    int
		conns   int
	}{
		{"RSET: lost", nth(1, testkit.SMTPFault{Stage: testkit.StageRSET, Drop: testkit.DropBefore}), campaign.VerdictSent, 250, 2},
		{"RSET: 421", nth(1, testkit.SMTPFault{Stage: testkit.StageRSET, Reply: "421 4.4.2 Idle too long", Drop: testkit.DropAfter}), campaign.VerdictSent, 250, 2},
		{"RSET: 502", nth(1, testkit.SMTPFault{Stage: testkit.StageRSET, Reply: "502 5.5.1 No"}), campaign.VerdictSent, 250, 2},
		{"RSET: hangs", nth(1, testkit.SMTPFault{Stage: testkit.StageRSET, Hang: make(chan struct{})}), campaign.VerdictSent, 250, 2},
		{"MAIL: lost", nth(2, testkit.SMTPFault{Stage: testkit.StageMAIL, Drop: testkit.DropBefore}), campaign.VerdictSent, 250, 2},
		{"MAIL: 421", nth(2, testkit.SMTPFault{Stage: testkit.StageMAIL, Reply: "421 4.7.0 Enough", Drop: testkit.DropAfter}), campaign.VerdictSent, 250, 2},
		{"MAIL: 530, the login has expired", nth(2, testkit.SMTPFault{Stage: testkit.StageMAIL, Reply: "530 5.7.0 Log in again"}), campaign.VerdictSent, 250, 2},
		{"MAIL: 451 is an answer", nth(2, testkit.SMTPFault{Stage: testkit.StageMAIL, Reply: "451 4.3.0 Later"}), campaign.VerdictRetry, 451, 1},
		{"MAIL: 550 is an answer", nth(2, testkit.SMTPFault{Stage: testkit.StageMAIL, Reply: "550 5.7.1 No"}), campaign.VerdictRetry, 550, 1},
		{"RCPT: lost is too late", nth(2, testkit.SMTPFault{Stage: testkit.StageRCPT, Drop: testkit.DropBefore}), campaign.VerdictRetry, 0, 1},
		{"the new one fails as well", testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 2, Times: 9, Drop: testkit.DropBefore}, campaign.VerdictRetry, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			server.Script(tt.fault)
			sender := newSender(t, server, quick(func(t *Timeouts) {
				t.Fresh = time.Hour
				if tt.fault.Stage == testkit.StageRSET {
					t.Fresh = time.Nanosecond
				}
				if tt.fault.Hang != nil {
					t.Command = 50 * time.Millisecond
				}
			}))
			wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
			wantOutcome(t, send(t, sender, letter()), tt.verdict, tt.code, "")
			if n := server.Connections(); n != tt.conns {
				t.Errorf("%d connections, want %d", n, tt.conns)
			}
			want := 1
			if tt.verdict == campaign.VerdictSent {
				want = 2
			}
			if n := server.Accepted(); n != want {
				t.Errorf("the server has %d messages, want %d", n, want)
			}
		})
	}

	t.Run("the server was restarted", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		sender := newSender(t, server)
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
		server.DropConnections()
		<-server.Ended()
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
	})

	t.Run("the server is gone", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		sender := newSender(t, server)
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
		server.Close()
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictRetry, 0, "connecting to the mail server: dial: ")
	})
}

// TestSender_FailedDial: go-mail forgets a connection that fails after it was
// opened; the sender must not.
func TestSender_FailedDial(t *testing.T) {
	for _, stage := range []testkit.SMTPStage{testkit.StageGreeting, testkit.StageEHLO, testkit.StageSTARTTLS} {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{StartTLS: true})
		server.Script(testkit.SMTPFault{Stage: stage, Reply: "550 5.7.1 No"})
		sender := newSender(t, server, func(o *Options) { o.SMTP.TLS = TLSRequired })
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictRetry, 550, "")
		<-server.Ended()
	}
}

func TestSender_IdleConnectionIsClosed(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	sender := newSender(t, server, quick(func(t *Timeouts) { t.Idle = 20 * time.Millisecond }))
	wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
	<-server.Ended()
	if last := server.Commands()[len(server.Commands())-1]; last.Verb != "QUIT" {
		t.Errorf("the last command was %s", last.Verb)
	}
	wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
	if n := server.Connections(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestSender_Close(t *testing.T) {
	t.Run("later messages may be tried again elsewhere", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		sender := newSender(t, server)
		sender.Close()
		sender.Close()
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictRetry, 0, "the sender is closed")
	})

	t.Run("what is under way is finished, what waits is not begun", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		release, reached := make(chan struct{}), make(chan struct{}, 1)
		server.Script(testkit.SMTPFault{Stage: testkit.StageDot, Hang: release, Reached: reached})
		sender := newSender(t, server, func(o *Options) { o.Connections = 1 })
		running, waiting := make(chan campaign.Outcome, 1), make(chan campaign.Outcome, 1)
		go func() { running <- sender.Send(t.Context(), letter()) }()
		<-reached
		go func() { waiting <- sender.Send(t.Context(), letter()) }()
		sender.Close()
		wantOutcome(t, <-waiting, campaign.VerdictRetry, 0, "the sender is closed")
		close(release)
		wantOutcome(t, <-running, campaign.VerdictSent, 250, "")
		<-server.Ended()
	})

	t.Run("a server that does not answer QUIT cannot hold it up", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		server.Script(testkit.SMTPFault{Stage: testkit.StageQUIT, Hang: make(chan struct{})})
		sender := newSender(t, server, quick(func(t *Timeouts) { t.Command = 50 * time.Millisecond }))
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
		sender.Close()
	})
}

func TestSender_Concurrent(t *testing.T) {
	const messages, connections = 60, 4
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	sender := newSender(t, server, func(o *Options) { o.Connections = connections })
	var senders sync.WaitGroup
	for i := range messages {
		senders.Go(func() {
			m := letter()
			m.MessageID = fmt.Sprintf("%d@postbag.example.org", i)
			if got := sender.Send(t.Context(), m); got.Verdict != campaign.VerdictSent {
				t.Errorf("outcome %+v", got)
			}
		})
	}
	senders.Wait()
	ids := make(map[string]bool)
	for _, m := range server.Messages() {
		ids[parse(t, m.Data).Header.Get("Message-ID")] = true
	}
	if len(ids) != messages || server.Accepted() != messages {
		t.Errorf("%d different messages of %d accepted", len(ids), server.Accepted())
	}
	if server.Connections() > connections {
		t.Errorf("%d connections, want at most %d", server.Connections(), connections)
	}
}

func TestSender_WaitsForAConnection(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	release, reached := make(chan struct{}), make(chan struct{}, 1)
	server.Script(testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 1, Hang: release, Reached: reached})
	sender := newSender(t, server, func(o *Options) { o.Connections = 1 })
	running := make(chan campaign.Outcome, 1)
	go func() { running <- sender.Send(t.Context(), letter()) }()
	<-reached
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantOutcome(t, sender.Send(ctx, letter()), campaign.VerdictRetry, 0, "stopped while waiting for a connection")
	close(release)
	wantOutcome(t, <-running, campaign.VerdictSent, 250, "")
	if n := server.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
}
