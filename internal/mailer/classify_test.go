package mailer

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// TestSender_Verdicts goes through every stage of a conversation with every
// way of failing there. Each case says what the server must have afterwards,
// too: a verdict of retry or failed while it holds the message would be a
// second copy, or a lie.
func TestSender_Verdicts(t *testing.T) {
	const (
		sent, failed     = campaign.VerdictSent, campaign.VerdictFailed
		uncertain, retry = campaign.VerdictUncertain, campaign.VerdictRetry
	)
	drop := func(stage testkit.SMTPStage) testkit.SMTPFault {
		return testkit.SMTPFault{Stage: stage, Drop: testkit.DropBefore}
	}
	reply := func(stage testkit.SMTPStage, text string) testkit.SMTPFault {
		return testkit.SMTPFault{Stage: stage, Reply: text}
	}
	replyAndDrop := func(stage testkit.SMTPStage, text string) testkit.SMTPFault {
		return testkit.SMTPFault{Stage: stage, Reply: text, Drop: testkit.DropAfter}
	}
	login := func(o *Options) { o.SMTP.User, o.SMTP.Password = "post", "bag" }
	required := func(o *Options) { o.SMTP.TLS = TLSRequired }
	users := testkit.SMTPConfig{Users: map[string]string{"post": "bag"}}
	startTLS := testkit.SMTPConfig{StartTLS: true}

	for _, tt := range []struct {
		name    string
		server  testkit.SMTPConfig
		option  func(*Options)
		fault   testkit.SMTPFault
		verdict campaign.Verdict
		code    int
		answer  string
		has     int // messages that the server accepted
	}{
		// The connection: nothing there is the letter's fault.
		{"greeting: 554", testkit.SMTPConfig{}, nil, reply(testkit.StageGreeting, "554 5.7.1 No service for you"), retry, 554, "554 5.7.1 No service for you", 0},
		{"greeting: 421", testkit.SMTPConfig{}, nil, reply(testkit.StageGreeting, "421 4.3.2 Too busy"), retry, 421, "421 4.3.2 Too busy", 0},
		{"greeting: lost", testkit.SMTPConfig{}, nil, drop(testkit.StageGreeting), retry, 0, "connecting to the mail server: the connection was closed", 0},
		{"EHLO and HELO: 550", testkit.SMTPConfig{}, nil, reply(testkit.StageEHLO, "550 5.7.1 Go away"), retry, 550, "550 5.7.1 Go away", 0},
		{"EHLO: 421", testkit.SMTPConfig{}, nil, replyAndDrop(testkit.StageEHLO, "421 4.3.2 Closing"), retry, 421, "421 4.3.2 Closing", 0},
		{"EHLO: lost", testkit.SMTPConfig{}, nil, drop(testkit.StageEHLO), retry, 0, "connecting to the mail server", 0},
		{"STARTTLS: 454", startTLS, required, reply(testkit.StageSTARTTLS, "454 4.7.0 TLS not available"), retry, 454, "454 4.7.0", 0},
		{"STARTTLS: 501", startTLS, required, reply(testkit.StageSTARTTLS, "501 5.5.4 No"), retry, 501, "501 5.5.4 No", 0},
		{"STARTTLS: lost", startTLS, required, drop(testkit.StageSTARTTLS), retry, 0, "connecting to the mail server", 0},
		{"STARTTLS: lost in the handshake", startTLS, required, testkit.SMTPFault{Stage: testkit.StageSTARTTLS, Drop: testkit.DropAfter}, retry, 0, "connecting to the mail server", 0},
		{"AUTH: 535", users, login, reply(testkit.StageAUTH, "535 5.7.8 Bad credentials"), retry, 535, "535 5.7.8 Bad credentials", 0},
		{"AUTH: 454", users, login, reply(testkit.StageAUTH, "454 4.7.0 Later"), retry, 454, "454 4.7.0 Later", 0},
		{"AUTH: lost", users, login, drop(testkit.StageAUTH), retry, 0, "connecting to the mail server", 0},
		{"AUTH: not offered", testkit.SMTPConfig{}, login, testkit.SMTPFault{}, retry, 0, "does not support SMTP AUTH", 0},

		// The message.
		{"MAIL: 550", testkit.SMTPConfig{}, nil, reply(testkit.StageMAIL, "550 5.7.1 Sender refused"), retry, 550, "550 5.7.1 Sender refused", 0},
		{"MAIL: 552, too big", testkit.SMTPConfig{}, nil, reply(testkit.StageMAIL, "552 5.3.4 Too big"), failed, 552, "552 5.3.4 Too big", 0},
		{"MAIL: 451", testkit.SMTPConfig{}, nil, reply(testkit.StageMAIL, "451 4.3.0 Try later"), retry, 451, "451 4.3.0 Try later", 0},
		{"MAIL: 421", testkit.SMTPConfig{}, nil, replyAndDrop(testkit.StageMAIL, "421 4.7.0 Too many"), retry, 421, "421 4.7.0", 0},
		{"MAIL: 530, authenticate first", testkit.SMTPConfig{RequireAuth: true}, nil, testkit.SMTPFault{}, retry, 530, "530 5.7.0", 0},
		{"MAIL: lost", testkit.SMTPConfig{}, nil, drop(testkit.StageMAIL), retry, 0, "naming the sender: the connection was closed", 0},
		{"RCPT: 550", testkit.SMTPConfig{}, nil, reply(testkit.StageRCPT, "550 5.1.1 No such user"), failed, 550, "550 5.1.1 No such user", 0},
		{"RCPT: 450, greylisted", testkit.SMTPConfig{}, nil, reply(testkit.StageRCPT, "450 4.7.1 Greylisted"), retry, 450, "450 4.7.1 Greylisted", 0},
		{"RCPT: lost", testkit.SMTPConfig{}, nil, drop(testkit.StageRCPT), retry, 0, "naming the recipient: the connection was closed", 0},
		{"RCPT: 251 is a yes", testkit.SMTPConfig{}, nil, reply(testkit.StageRCPT, "251 2.1.5 Will forward"), sent, 250, "250 2.0.0 Ok", 1},
		{"DATA: 554", testkit.SMTPConfig{}, nil, reply(testkit.StageDATA, "554 5.5.1 No"), failed, 554, "554 5.5.1 No", 0},
		{"DATA: 452", testkit.SMTPConfig{}, nil, reply(testkit.StageDATA, "452 4.3.1 Disk full"), retry, 452, "452 4.3.1 Disk full", 0},
		{"DATA: lost", testkit.SMTPConfig{}, nil, drop(testkit.StageDATA), retry, 0, "announcing the message: the connection was closed", 0},
		{"after the data: 250 of several lines", testkit.SMTPConfig{}, nil, reply(testkit.StageDot, "250 2.0.0 Ok\n250 2.0.0 queued as ABC"), sent, 250, "250 2.0.0 Ok 2.0.0 queued as ABC", 1},
		{"after the data: another 2xx", testkit.SMTPConfig{}, nil, reply(testkit.StageDot, "251 Fine"), sent, 251, "251 Fine", 1},
		{"after the data: 554", testkit.SMTPConfig{}, nil, reply(testkit.StageDot, "554 5.7.1 Spam"), failed, 554, "554 5.7.1 Spam", 0},
		{"after the data: 554 and closed", testkit.SMTPConfig{}, nil, replyAndDrop(testkit.StageDot, "554 5.7.1 Spam"), failed, 554, "554 5.7.1 Spam", 0},
		{"after the data: 451", testkit.SMTPConfig{}, nil, reply(testkit.StageDot, "451 4.3.0 Later"), retry, 451, "451 4.3.0 Later", 0},
		{"after the data: 421", testkit.SMTPConfig{}, nil, replyAndDrop(testkit.StageDot, "421 4.3.2 Shutting down"), retry, 421, "421 4.3.2", 0},

		// Nobody knows.
		{"after the dot: lost, not accepted", testkit.SMTPConfig{}, nil, drop(testkit.StageDot), uncertain, 0, "waiting for the answer to the message: the connection was closed", 0},
		{"after the dot: lost, accepted", testkit.SMTPConfig{}, nil, testkit.SMTPFault{Stage: testkit.StageDot, Drop: testkit.DropBefore, Keep: true}, uncertain, 0, "waiting for the answer", 1},
		{"after the dot: an answer without sense", testkit.SMTPConfig{}, nil, reply(testkit.StageDot, "what?"), uncertain, 0, "waiting for the answer", 0},
		{"after the dot: a 354", testkit.SMTPConfig{}, nil, reply(testkit.StageDot, "354 Go on"), uncertain, 354, "354 Go on", 0},

		// Accepted is accepted.
		{"lost right after the answer", testkit.SMTPConfig{}, nil, testkit.SMTPFault{Stage: testkit.StageDot, Drop: testkit.DropAfter}, sent, 250, "250 2.0.0 Ok: queued as 0001", 1},
		{"QUIT: refused", testkit.SMTPConfig{}, nil, reply(testkit.StageQUIT, "554 5.5.0 No"), sent, 250, "250 2.0.0 Ok", 1},
		{"QUIT: lost", testkit.SMTPConfig{}, nil, drop(testkit.StageQUIT), sent, 250, "250 2.0.0 Ok", 1},
	} {
		for _, pipelining := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, pipelining %v", tt.name, pipelining), func(t *testing.T) {
				tt.server.Pipelining = pipelining
				server := testkit.StartSMTP(t, tt.server)
				if tt.fault.Stage != "" {
					server.Script(tt.fault)
				}
				option := tt.option
				if option == nil {
					option = func(*Options) {}
				}
				sender := newSender(t, server, option)
				wantOutcome(t, send(t, sender, letter()), tt.verdict, tt.code, tt.answer)
				sender.Close() // QUIT comes here
				if n := server.Accepted(); n != tt.has {
					t.Errorf("the server has %d messages, want %d", n, tt.has)
				}
			})
		}
	}
}

// TestSender_LostInContent: a message far larger than what the network takes
// in one go, cut in the middle. The client notices before its final dot is
// out, so this is no uncertain case; nor may the half be delivered.
func TestSender_LostInContent(t *testing.T) {
	big := letter()
	big.Text = strings.Repeat("a long letter, more than the buffers of both sides take\n", 150_000)
	for _, tt := range []struct {
		name    string
		fault   testkit.SMTPFault
		verdict campaign.Verdict
		code    int
		answer  string
	}{
		{"lost", testkit.SMTPFault{Drop: testkit.DropBefore}, campaign.VerdictRetry, 0, "handing over the message"},
		{"refused for good, then closed", testkit.SMTPFault{Reply: "552 5.3.4 Too big", Drop: testkit.DropAfter}, campaign.VerdictFailed, 552, "552 5.3.4 Too big"},
		{"refused for now, then closed", testkit.SMTPFault{Reply: "452 4.3.1 Disk full", Drop: testkit.DropAfter}, campaign.VerdictRetry, 452, "452 4.3.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{MaxSize: 1 << 30})
			tt.fault.Stage = testkit.StageContent
			server.Script(tt.fault)
			wantOutcome(t, send(t, newSender(t, server), big), tt.verdict, tt.code, tt.answer)
			if n := server.Accepted(); n != 0 {
				t.Errorf("the server has %d messages", n)
			}
		})
	}

	t.Run("the server stops reading, and goes on too late", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{MaxSize: 1 << 30})
		release := make(chan struct{})
		server.Script(testkit.SMTPFault{Stage: testkit.StageContent, Hang: release})
		sender := newSender(t, server, quick(func(t *Timeouts) { t.Data = 200 * time.Millisecond }))
		wantOutcome(t, send(t, sender, big), campaign.VerdictRetry, 0, "handing over the message: no answer in time")
		sender.Close()
		close(release)
		<-server.Ended()
		if n := server.Accepted(); n != 0 {
			t.Errorf("half of the message was delivered")
		}
	})

	t.Run("a small message may be uncertain, never sent or failed", func(t *testing.T) {
		// All of it, the dot included, can be under way before the loss shows.
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		server.Script(testkit.SMTPFault{Stage: testkit.StageContent, Drop: testkit.DropBefore})
		got := send(t, newSender(t, server), letter())
		if got.Verdict != campaign.VerdictUncertain && got.Verdict != campaign.VerdictRetry {
			t.Errorf("outcome %+v", got)
		}
	})
}

// TestSender_Hangs: a server that says nothing, at every stage.
func TestSender_Hangs(t *testing.T) {
	short := func(t *Timeouts) { t.Command, t.Data = 50*time.Millisecond, 50*time.Millisecond }
	for _, tt := range []struct {
		stage   testkit.SMTPStage
		verdict campaign.Verdict
		answer  string
	}{
		{testkit.StageGreeting, campaign.VerdictRetry, "connecting to the mail server: no answer in time"},
		{testkit.StageEHLO, campaign.VerdictRetry, "connecting to the mail server: no answer in time"},
		{testkit.StageMAIL, campaign.VerdictRetry, "naming the sender: no answer in time"},
		{testkit.StageRCPT, campaign.VerdictRetry, "naming the recipient: no answer in time"},
		{testkit.StageDATA, campaign.VerdictRetry, "announcing the message: no answer in time"},
		{testkit.StageDot, campaign.VerdictUncertain, "waiting for the answer to the message: no answer in time"},
	} {
		t.Run(string(tt.stage), func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			server.Script(testkit.SMTPFault{Stage: tt.stage, Hang: make(chan struct{})})
			wantOutcome(t, send(t, newSender(t, server, quick(short)), letter()), tt.verdict, 0, tt.answer)
		})
	}

	t.Run("TLS handshake", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{}) // speaks plainly: its 220 is no TLS
		server.Script(testkit.SMTPFault{Stage: testkit.StageGreeting, Hang: make(chan struct{})})
		sender := newSender(t, server, quick(func(t *Timeouts) { t.Dial = 50 * time.Millisecond }),
			func(o *Options) { o.SMTP.TLS = TLSImplicit })
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictRetry, 0, "no answer in time")
	})

	t.Run("slow is not hanging", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		for _, stage := range []testkit.SMTPStage{testkit.StageGreeting, testkit.StageEHLO, testkit.StageMAIL, testkit.StageRCPT, testkit.StageDATA, testkit.StageDot} {
			server.Script(testkit.SMTPFault{Stage: stage, Delay: time.Millisecond})
		}
		wantOutcome(t, send(t, newSender(t, server), letter()), campaign.VerdictSent, 250, "")
	})
}

// TestSender_Cancelled: ctx ends a conversation at any point, with the verdict
// that this point deserves.
func TestSender_Cancelled(t *testing.T) {
	for _, tt := range []struct {
		stage   testkit.SMTPStage
		verdict campaign.Verdict
	}{
		{testkit.StageGreeting, campaign.VerdictRetry},
		{testkit.StageEHLO, campaign.VerdictRetry},
		{testkit.StageMAIL, campaign.VerdictRetry},
		{testkit.StageRCPT, campaign.VerdictRetry},
		{testkit.StageDATA, campaign.VerdictRetry},
		{testkit.StageDot, campaign.VerdictUncertain},
	} {
		t.Run(string(tt.stage), func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			reached := make(chan struct{}, 1)
			server.Script(testkit.SMTPFault{Stage: tt.stage, Nth: 1, Hang: make(chan struct{}), Reached: reached})
			sender := newSender(t, server)
			ctx, cancel := context.WithCancel(t.Context())
			outcome := make(chan campaign.Outcome, 1)
			go func() { outcome <- sender.Send(ctx, letter()) }()
			<-reached
			cancel()
			wantOutcome(t, <-outcome, tt.verdict, 0, "stopped before it was finished")
			// The sender is fit for the next message.
			wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
		})
	}

	t.Run("before", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got := newSender(t, server).Send(ctx, letter()); got.Verdict != campaign.VerdictRetry {
			t.Errorf("outcome %+v", got)
		}
	})
}
