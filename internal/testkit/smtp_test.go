package testkit

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The client here is the standard library's, so that the server is not tested
// by the code that it exists to test.

func TestSMTPServer_Conversation(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  SMTPConfig
		auth smtp.Auth
		want SMTPMessage
	}{
		{"plain", SMTPConfig{}, nil, SMTPMessage{}},
		{"STARTTLS", SMTPConfig{StartTLS: true}, nil, SMTPMessage{TLS: true}},
		{"implicit TLS", SMTPConfig{ImplicitTLS: true}, nil, SMTPMessage{TLS: true}},
		{"authenticated", SMTPConfig{Users: map[string]string{"post": "bag"}, RequireAuth: true},
			smtp.PlainAuth("", "post", "bag", "127.0.0.1"), SMTPMessage{User: "post"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := StartSMTP(t, tt.cfg)
			c := dialSMTP(t, s)
			if ok, _ := c.Extension("STARTTLS"); ok {
				noError(t, c.StartTLS(&tls.Config{ServerName: "localhost", RootCAs: s.RootCAs()}))
			}
			if tt.auth != nil {
				noError(t, c.Auth(tt.auth))
			}
			noError(t, c.Mail("from@example.org"))
			noError(t, c.Rcpt("to@example.org"))
			w, err := c.Data()
			noError(t, err)
			_, err = w.Write([]byte("Subject: x\r\n\r\n.dotted\r\n..twice\r\n"))
			noError(t, err)
			noError(t, w.Close())
			noError(t, c.Quit())

			got := s.Next(t)
			if want := "Subject: x\r\n\r\n.dotted\r\n..twice\r\n"; string(got.Data) != want {
				t.Errorf("data = %q, want %q", got.Data, want)
			}
			if got.From != "from@example.org" || strings.Join(got.To, " ") != "to@example.org" || got.Conn != 1 {
				t.Errorf("envelope = %q -> %q over %d", got.From, got.To, got.Conn)
			}
			if got.TLS != tt.want.TLS || got.User != tt.want.User {
				t.Errorf("TLS %v, user %q", got.TLS, got.User)
			}
			if n := len(s.Messages()); n != 1 || s.Accepted() != 1 || s.Connections() != 1 || s.MaxConcurrent() != 1 {
				t.Errorf("%d messages, %d accepted, %d connections, %d at most", n, s.Accepted(), s.Connections(), s.MaxConcurrent())
			}
			if n := <-s.Ended(); n != 1 {
				t.Errorf("connection %d ended", n)
			}
		})
	}
}

func TestSMTPServer_Refuses(t *testing.T) {
	send := func(c *smtp.Client, data string) error {
		if err := errors.Join(c.Mail("a@b"), c.Rcpt("c@d")); err != nil {
			return err
		}
		id, err := c.Text.Cmd("DATA")
		if err != nil {
			return err
		}
		c.Text.StartResponse(id)
		defer c.Text.EndResponse(id)
		if _, _, err := c.Text.ReadResponse(354); err != nil {
			return err
		}
		if err := c.Text.PrintfLine("%s", data+"\r\n."); err != nil {
			return err
		}
		_, _, err = c.Text.ReadResponse(250)
		return err
	}
	for _, tt := range []struct {
		name string
		cfg  SMTPConfig
		do   func(c *smtp.Client) error
		want int
	}{
		{"a bare LF", SMTPConfig{}, func(c *smtp.Client) error { return send(c, "a\nb") }, 554},
		{"a line too long", SMTPConfig{}, func(c *smtp.Client) error { return send(c, strings.Repeat("x", 999)) }, 554},
		{"a message too big", SMTPConfig{MaxSize: 10}, func(c *smtp.Client) error { return send(c, "123456\r\n123456\r\n123456") }, 552},
		{"MAIL before AUTH", SMTPConfig{Users: map[string]string{"u": "p"}, RequireAuth: true},
			func(c *smtp.Client) error { return c.Mail("a@b") }, 530},
		{"a wrong password", SMTPConfig{Users: map[string]string{"u": "p"}},
			func(c *smtp.Client) error { return c.Auth(smtp.PlainAuth("", "u", "x", "127.0.0.1")) }, 535},
		{"AUTH that is not offered", SMTPConfig{},
			func(c *smtp.Client) error { return c.Auth(smtp.PlainAuth("", "u", "x", "127.0.0.1")) }, 502},
		{"RCPT before MAIL", SMTPConfig{}, func(c *smtp.Client) error { return c.Rcpt("a@b") }, 503},
		{"STARTTLS that is not offered", SMTPConfig{}, func(c *smtp.Client) error { return c.StartTLS(&tls.Config{}) }, 502},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := StartSMTP(t, tt.cfg)
			if got := replyCode(tt.do(dialSMTP(t, s))); got != tt.want {
				t.Errorf("answered %d, want %d", got, tt.want)
			}
			if len(s.Messages()) != 0 {
				t.Error("something was accepted")
			}
		})
	}
}

func TestSMTPServer_Script(t *testing.T) {
	deliver := func(s *SMTPServer, to string) error {
		return smtp.SendMail(s.Addr(), nil, "a@b", []string{to}, bytes.Repeat([]byte("line\r\n"), 3))
	}

	t.Run("the nth time, several times", func(t *testing.T) {
		s := StartSMTP(t, SMTPConfig{})
		s.Script(SMTPFault{Stage: StageMAIL, Nth: 2, Times: 2, Reply: "451 4.3.0 Later"})
		var got []int
		for range 4 {
			got = append(got, replyCode(deliver(s, "c@d")))
		}
		if want := []int{0, 451, 451, 0}; !slices.Equal(got, want) {
			t.Errorf("codes %v, want %v", got, want)
		}
	})

	t.Run("one recipient only", func(t *testing.T) {
		s := StartSMTP(t, SMTPConfig{})
		s.Script(SMTPFault{Stage: StageDot, Recipient: "bad@d", Reply: "554 5.7.1 No"})
		if err := deliver(s, "good@d"); err != nil {
			t.Error(err)
		}
		if got := replyCode(deliver(s, "bad@d")); got != 554 {
			t.Errorf("code %d", got)
		}
		s.ClearScript()
		if err := deliver(s, "bad@d"); err != nil {
			t.Error(err)
		}
	})

	t.Run("a drop at every stage", func(t *testing.T) {
		for _, stage := range []SMTPStage{StageGreeting, StageEHLO, StageMAIL, StageRCPT, StageDATA, StageContent, StageDot} {
			s := StartSMTP(t, SMTPConfig{})
			s.Script(SMTPFault{Stage: stage, Nth: 1, Drop: DropBefore})
			if err := deliver(s, "c@d"); err == nil || replyCode(err) != 0 {
				t.Errorf("%s: %v, want a lost connection", stage, err)
			}
			if len(s.Messages()) != 0 {
				t.Errorf("%s: the message was accepted", stage)
			}
		}
	})

	t.Run("kept, but the answer never comes", func(t *testing.T) {
		s := StartSMTP(t, SMTPConfig{})
		s.Script(SMTPFault{Stage: StageDot, Drop: DropBefore, Keep: true})
		if err := deliver(s, "c@d"); err == nil {
			t.Error("the answer came")
		}
		s.Next(t)
	})

	t.Run("accepted, then dropped", func(t *testing.T) {
		s := StartSMTP(t, SMTPConfig{})
		s.Script(SMTPFault{Stage: StageDot, Drop: DropAfter})
		if err := deliver(s, "c@d"); err == nil {
			t.Error("QUIT was answered")
		}
		s.Next(t)
	})

	t.Run("hangs until released", func(t *testing.T) {
		s := StartSMTP(t, SMTPConfig{})
		release, reached, done := make(chan struct{}), make(chan struct{}, 1), make(chan error, 1)
		s.Script(SMTPFault{Stage: StageRCPT, Hang: release, Reached: reached})
		go func() { done <- deliver(s, "c@d") }()
		<-reached
		select {
		case err := <-done:
			t.Fatalf("did not hang: %v", err)
		default:
		}
		close(release)
		noError(t, <-done)
	})

	t.Run("Close releases what hangs", func(t *testing.T) {
		s := StartSMTP(t, SMTPConfig{})
		reached, done := make(chan struct{}, 1), make(chan error, 1)
		s.Script(SMTPFault{Stage: StageDATA, Hang: make(chan struct{}), Reached: reached})
		go func() { done <- deliver(s, "c@d") }()
		<-reached
		s.Close()
		s.Close()
		if err := <-done; err == nil {
			t.Error("delivered to a closed server")
		}
	})

	t.Run("a restart drops connections and takes new ones", func(t *testing.T) {
		s := StartSMTP(t, SMTPConfig{})
		c := dialSMTP(t, s)
		s.DropConnections()
		if err := c.Noop(); err == nil {
			t.Error("the connection lives")
		}
		noError(t, deliver(s, "c@d"))
	})
}

func TestSMTPServer_LeavesAndReturns(t *testing.T) {
	s := StartSMTP(t, SMTPConfig{})
	addr, c := s.Addr(), dialSMTP(t, s)
	for range 2 {
		s.Leave()
	}
	if err := c.Noop(); err == nil {
		t.Error("the connection lives")
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("a new connection is taken")
	}
	s.Return(t)
	if s.Addr() != addr {
		t.Errorf("it listens on %s, was %s", s.Addr(), addr)
	}
	noError(t, dialSMTP(t, s).Noop())
}

func TestSMTPServer_Concurrent(t *testing.T) {
	s := StartSMTP(t, SMTPConfig{})
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			if err := smtp.SendMail(s.Addr(), nil, "a@b", []string{"c@d"}, []byte("x\r\n")); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	if n := len(s.Messages()); n != 8 || s.Connections() != 8 || s.MaxConcurrent() > 8 {
		t.Errorf("%d messages over %d connections, %d at a time", n, s.Connections(), s.MaxConcurrent())
	}
}

func dialSMTP(t *testing.T, s *SMTPServer) *smtp.Client {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	noError(t, err)
	if s.cfg.ImplicitTLS {
		conn = tls.Client(conn, &tls.Config{ServerName: "localhost", RootCAs: s.RootCAs()})
	}
	c, err := smtp.NewClient(conn, s.Host())
	noError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	noError(t, c.Hello("client.test"))
	return c
}

func replyCode(err error) int {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code
	}
	return 0
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
