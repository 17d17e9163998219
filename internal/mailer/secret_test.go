package mailer

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"postbag/internal/testkit"
)

// A server that quotes the password, in whatever form it got it and even where its
// answer makes no sense: neither the doctor nor the log repeats it.
func TestSecrets(t *testing.T) {
	const user, password = "post@provider.net", "hunter2+Hunter2"
	coded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, quoted := range []string{
		password, "x" + password + "x", strings.ToUpper(password), coded(password), coded("\x00" + user + "\x00" + password),
		strings.TrimRight(coded("\x00"+user+"\x00"+password), "="), coded(user),
	} {
		for _, reply := range []string{"535 5.7.8 No: " + quoted, "454 4.7.0 Later, " + quoted, "5 " + quoted, quoted} {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{Users: map[string]string{user: password}})
			server.Script(testkit.SMTPFault{Stage: testkit.StageAUTH, Reply: reply})
			login := func(o *Options) { o.SMTP.User, o.SMTP.Password = user, password }
			o := Options{SMTP: settings(server), From: from, LoopbackOnly: true}
			login(&o)
			r, sent := Probe(t.Context(), o), send(t, newSender(t, server, login), letter())
			for who, said := range map[string]string{"the doctor": fmt.Sprint(r.Answer, r.Detail, r.Mechanisms), "the sender": sent.Answer} {
				if strings.Contains(strings.ToLower(said), strings.ToLower(quoted)) {
					t.Errorf("%s repeats of %q: %s", who, reply, said)
				}
			}
			if r.LoginSucceed || server.Accepted() != 0 {
				t.Errorf("%q: let in (%+v), %d mails", reply, r, server.Accepted())
			}
		}
	}
}

// What a server says of itself is shown on a terminal: it cannot move about there.
func TestProbe_controlCharacters(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	server.Script(testkit.SMTPFault{Stage: testkit.StageEHLO, Reply: "250 mx.test\n250 AUTH \x1b[2J\x07XOAUTH2"})
	o := Options{SMTP: settings(server), From: from, LoopbackOnly: true}
	o.SMTP.User, o.SMTP.Password = "u", "p"
	r := Probe(t.Context(), o)
	if said := r.Answer + r.Detail + r.Mechanisms; strings.ContainsAny(said, "\x1b\x07") || !strings.Contains(said, "XOAUTH2") {
		t.Errorf("%q", said)
	}
}

// The mail server of a domain is somebody else's: what it says has an end.
func TestGreet_withoutEnd(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	written := make(chan int, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		n := 0
		for n < 64<<20 {
			k, err := conn.Write([]byte(strings.Repeat("220-", 4096)))
			if n += k; err != nil {
				break
			}
		}
		written <- n
	}()
	port := listener.Addr().(*net.TCPAddr).Port
	if err := Greet(t.Context(), []netip.Addr{netip.MustParseAddr("127.0.0.1")}, port, true, Timeouts{}); err == nil {
		t.Error("greeted by a line without end")
	}
	if n := <-written; n >= 64<<20 {
		t.Errorf("%d bytes were read", n)
	}
}
