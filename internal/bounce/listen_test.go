package bounce

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/textproto"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/internal/campaign"
)

// takes is a Taker that expects addresses with a plus sign and answers with errors
// by address.
type takes struct {
	mu   sync.Mutex
	got  []campaign.Returned
	errs map[string]error
	hold chan struct{} // nil: it does not wait
	in   chan struct{} // told when one waits
}

func (t *takes) Expects(address string) bool { return strings.Contains(address, "+") }

func (t *takes) TakeReturn(_ context.Context, r campaign.Returned) (campaign.Taken, error) {
	if t.hold != nil {
		t.in <- struct{}{}
		<-t.hold
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.errs[r.To]; err != nil {
		return "", err
	}
	t.got = append(t.got, r)
	return campaign.TakenNoted, nil
}

func listen(t *testing.T, where string, taker Taker) *Listener {
	t.Helper()
	w, err := ParseWhere(where)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(w, "letters.example.org", taker, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- l.Serve() }()
	t.Cleanup(func() {
		if err := errors.Join(l.Shutdown(t.Context()), <-served); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return l
}

// talk says lines to a server and returns what it answers to each. An empty line
// says nothing and reads one answer.
func talk(t *testing.T, l *Listener, lines ...string) (answers []string) {
	t.Helper()
	raw, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetDeadline(time.Now().Add(10 * time.Second))
	c := textproto.NewConn(raw)
	for _, line := range append([]string{""}, lines...) {
		if line != "" {
			if err := c.PrintfLine("%s", line); err != nil {
				t.Fatal(err)
			}
		}
		code, text, err := c.ReadResponse(0)
		if err != nil && code == 0 {
			t.Fatalf("after %q: %v", line, err)
		}
		answers = append(answers, strings.Fields(strings.ReplaceAll(text, "\n", " ") + " .")[0])
		answers[len(answers)-1] = textCode(code) + " " + answers[len(answers)-1]
	}
	return answers[1:]
}

func textCode(code int) string {
	return string(rune('0'+code/100)) + string(rune('0'+code/10%10)) + string(rune('0'+code%10))
}

func dotted(tb testing.TB, name string) string {
	return strings.TrimSuffix(strings.ReplaceAll(string(file(tb, name)), "\r\n.", "\r\n.."), "\r\n") + "\r\n."
}

func TestListener_LMTP(t *testing.T) {
	taker := &takes{errs: map[string]error{"bounces+early@letters.example.org": campaign.ErrReturnEarly, "bounces+broken@letters.example.org": errors.New("disk full at /secret/place")}}
	l := listen(t, "lmtp://127.0.0.1:0", taker)
	got := talk(t, l, "LHLO mx.example.org", "MAIL FROM:<>",
		"RCPT TO:<letters@letters.example.org>", "RCPT TO:<bounces+a@letters.example.org>", "RCPT TO:<bounces+early@letters.example.org>", "RCPT TO:<bounces+broken@letters.example.org>",
		"DATA", dotted(t, "qmail"), "", "", "QUIT")
	codes := make([]string, len(got))
	for i := range got {
		codes[i] = got[i][:3]
	}
	if want := "250 250 550 250 250 250 354 250 451 451 221"; strings.Join(codes, " ") != want {
		t.Errorf("answers %v, want %s", got, want)
	}
	if len(taker.got) != 1 || taker.got[0].To != "bounces+a@letters.example.org" || taker.got[0].Kind != campaign.ReturnFailed || taker.got[0].Enhanced != "5.1.1" {
		t.Errorf("taken %+v", taker.got)
	}
}

// No address that we make has bytes that are no text: what has is nobody's, whatever
// the taker makes of it.
func TestSession_RcptRefusesWhatIsNoAddress(t *testing.T) {
	s := &session{taker: &takes{}, lmtp: true}
	for _, to := range []string{"b+x@letters.\rexample.org", "b+x\x00@letters.example.org", "b+x@letters\x9f.example.org", "b+ŵ@letters.example.org", "b+x y@letters.example.org"} {
		if err := s.Rcpt(to, nil); !errors.Is(err, answers[campaign.ErrReturnUnknown]) {
			t.Errorf("%q: %v", to, err)
		}
	}
	if err := s.Rcpt("b+x@letters.example.org", nil); err != nil || len(s.rcpts) != 1 {
		t.Errorf("%v, for %q", err, s.rcpts)
	}
}

func TestListener_SMTP(t *testing.T) {
	taker := &takes{errs: map[string]error{"bounces+many@letters.example.org": campaign.ErrReturnMany}}
	l := listen(t, "smtp://127.0.0.1:0", taker)
	got := talk(t, l, "EHLO mx.example.org", "MAIL FROM:<jo@example.org>", "RCPT TO:<bounces+a@letters.example.org>", "DATA", dotted(t, "reply"),
		"MAIL FROM:<>", "RCPT TO:<bounces+many@letters.example.org>", "DATA", dotted(t, "reply"),
		"MAIL FROM:<jo@example.org>", "RCPT TO:<bounces+c@letters.example.org>", "DATA", "nothing of a header\r\n.", "QUIT")
	want := []string{"250", "250", "250", "354", "250", "250", "250", "354", "452", "250", "250", "354", "554", "221"}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("answers %v, want %v", got, want)
		}
	}
	if len(taker.got) != 1 || taker.got[0].Kind != campaign.ReturnReply || !bytes.Contains(taker.got[0].Raw, []byte("Dear Sam")) {
		t.Errorf("taken %+v", taker.got)
	}
}

func TestListener_limits(t *testing.T) {
	taker := &takes{}
	l := listen(t, "lmtp://127.0.0.1:0", taker)
	lines := []string{"LHLO mx.example.org", "MAIL FROM:<>"}
	for range maxRcpts + 1 {
		lines = append(lines, "RCPT TO:<bounces+a@letters.example.org>")
	}
	got := talk(t, l, lines...)
	if last := got[len(got)-1]; last[0] == '2' || got[len(got)-2][:3] != "250" {
		t.Errorf("answers %v", got)
	}
	got = talk(t, l, "LHLO mx.example.org", "MAIL FROM:<> SIZE=99999999")
	if got[1][:3] != "552" {
		t.Errorf("announced too long: %v", got)
	}
	long := "Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 998)+"\r\n", MaxMessage/1000+1) + "."
	got = talk(t, l, "LHLO mx.example.org", "MAIL FROM:<>", "RCPT TO:<bounces+a@letters.example.org>", "DATA", long)
	if got[4][:3] != "552" || len(taker.got) != 0 {
		t.Errorf("too long: %v, taken %d", got, len(taker.got))
	}
}

// With SMTP there is one answer for all recipients, so each comes by itself.
func TestListener_SMTPOneAtATime(t *testing.T) {
	taker := &takes{}
	l := listen(t, "smtp://127.0.0.1:0", taker)
	got := talk(t, l, "EHLO mx.example.org", "MAIL FROM:<>", "RCPT TO:<bounces+a@letters.example.org>", "RCPT TO:<bounces+b@letters.example.org>", "DATA", dotted(t, "qmail"),
		"MAIL FROM:<>", "RCPT TO:<bounces+b@letters.example.org>", "DATA", dotted(t, "qmail"), "QUIT")
	want := []string{"250", "250", "250", "452", "354", "250", "250", "250", "354", "250", "221"}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("answers %v, want %v", got, want)
		}
	}
	if len(taker.got) != 2 || taker.got[1].To != "bounces+b@letters.example.org" {
		t.Errorf("taken %+v", taker.got)
	}
}

// A few that say nothing do not keep everybody out; one that is at work stays.
func TestListener_SilentGiveWay(t *testing.T) {
	taker := &takes{hold: make(chan struct{}), in: make(chan struct{})}
	l := listen(t, "lmtp://127.0.0.1:0", taker)
	b := l.listener.(*bounded)
	b.mu.Lock()
	b.patience = 0
	b.mu.Unlock()
	worked := make(chan []string)
	go func() {
		worked <- talk(t, l, "LHLO mx.example.org", "MAIL FROM:<>", "RCPT TO:<bounces+a@letters.example.org>", "DATA", dotted(t, "qmail"), "QUIT")
	}()
	<-taker.in
	for range maxSessions - 1 {
		silent, err := net.Dial(l.Addr().Network(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		if _, err := silent.Read(make([]byte, 1)); err != nil { // its greeting: it has a place
			t.Fatal(err)
		}
	}
	if got := talk(t, l, "LHLO mx.example.org", "QUIT"); got[0][:3] != "250" {
		t.Errorf("one more: %v", got)
	}
	close(taker.hold)
	if got := <-worked; got[4][:3] != "250" {
		t.Errorf("the one at work was hung up on: %v", got)
	}
}

// A socket in the file system is made anew when nobody listens on it, and left
// alone when somebody does.
func TestListener_socket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "b.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	l := listen(t, "lmtp://"+path, &takes{})
	if got := talk(t, l, "LHLO mx.example.org"); got[0][:3] != "250" {
		t.Errorf("answers %v", got)
	}
	if _, err := Listen(Where{LMTP: true, Network: "unix", Address: path}, "x", &takes{}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("two listen on one socket")
	}
}

// What has been begun is written down before the program stops; who only waits is
// hung up on.
func TestListener_Shutdown(t *testing.T) {
	taker := &takes{hold: make(chan struct{}), in: make(chan struct{}, 1)}
	w, _ := ParseWhere("lmtp://127.0.0.1:0")
	l, err := Listen(w, "letters.example.org", taker, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- l.Serve() }()
	idle, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	answered := make(chan []string, 1)
	go func() {
		raw, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			answered <- nil
			return
		}
		defer raw.Close()
		for _, line := range []string{"LHLO x", "MAIL FROM:<>", "RCPT TO:<bounces+a@letters.example.org>", "DATA", dotted(t, "qmail")} {
			raw.Write([]byte(line + "\r\n"))
		}
		buf := make([]byte, 4096)
		for {
			if _, err := raw.Read(buf); err != nil {
				answered <- nil
				return
			}
		}
	}()
	<-taker.in
	stopped := make(chan error, 1)
	go func() { stopped <- l.Shutdown(t.Context()) }()
	select {
	case err := <-stopped:
		t.Fatalf("stopped before it was written down: %v", err)
	case <-served:
	}
	close(taker.hold)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	<-answered
	if len(taker.got) != 1 {
		t.Errorf("%d written down", len(taker.got))
	}
	if err := l.Shutdown(t.Context()); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
}

func TestParseWhere(t *testing.T) {
	for s, want := range map[string]Where{
		"127.0.0.1:2525": {true, "tcp", "127.0.0.1:2525"}, "smtp://[::1]:25": {false, "tcp", "[::1]:25"},
		"lmtp:///run/b.sock": {true, "unix", "/run/b.sock"}, "/run/b.sock": {true, "unix", "/run/b.sock"},
	} {
		if got, err := ParseWhere(s); got != want || err != nil {
			t.Errorf("%s: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "2525", "http://127.0.0.1:25", "lmtp://", "lmtp://localhost"} {
		if got, err := ParseWhere(s); err == nil {
			t.Errorf("%q: %+v", s, got)
		}
	}
}
