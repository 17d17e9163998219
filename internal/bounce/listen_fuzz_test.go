package bounce

// This file needs no other test's, as hook_fuzz_test.go.

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
)

// expects takes what comes to addresses with a plus sign and notes what it should
// never be given.
type expects struct{ wrong chan string }

func (e expects) Expects(address string) bool { return strings.Contains(address, "+") }

func (e expects) TakeReturn(_ context.Context, r campaign.Returned) (campaign.Taken, error) {
	if !e.Expects(r.To) || strings.ContainsFunc(r.To, func(c rune) bool { return c <= ' ' || c > '~' }) || len(r.Raw) > MaxMessage {
		e.note("taken for %q: %d bytes", r.To, len(r.Raw))
	}
	return campaign.TakenNoted, nil
}

func (e expects) note(format string, args ...any) {
	select {
	case e.wrong <- fmt.Sprintf(format, args...):
	default: // one is enough
	}
}

// Printf implements smtp.Logger: go-smtp says so when it caught a panic.
func (e expects) Printf(format string, args ...any) {
	if strings.Contains(format, "panic") {
		e.note(format, args...)
	}
}

// Println implements smtp.Logger.
func (e expects) Println(...any) {}

// answer is a line of one. Go-smtp greets clients by the name that they gave, which
// may be any bytes but a line's end.
var answer = regexp.MustCompile(`(?s)^[2-5][0-9][0-9][ -].*\r\n$`)

// FuzzListener: whatever a client says, it is answered in answers, nothing is taken
// for an address that is not ours, and the session ends.
func FuzzListener(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.eml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names[:min(8, len(names))] {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<b+x@letters.example.org>\r\nRCPT TO:<c@letters.example.org>\r\nDATA\r\n" + string(raw) + "\r\n.\r\nQUIT\r\n")
	}
	f.Add("EHLO a\r\nMAIL FROM:<a@b> SIZE=99999999999\r\nRSET\r\nRCPT TO:<+>\r\nBDAT 5 LAST\r\nabcde\r\nNOOP\r\n")
	f.Add("LHLO x\r\nMAIL FROM:<\"a b\"@[127.0.0.1]> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<\"+\r\n\"@x>\r\nAUTH PLAIN AA\r\nSTARTTLS\r\nVRFY x\r\n\x00\r\n")
	f.Add("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<+@x>\r\nDATA\r\nA: b\n.\nMAIL\r.\r\r\n.\r\n" + strings.Repeat("x", 3000))
	e := expects{wrong: make(chan string, 1)}
	l, err := Listen(Where{LMTP: true, Network: "tcp", Address: "127.0.0.1:0"}, "letters.example.org", e, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	l.server.ErrorLog = e
	go l.Serve()
	f.Cleanup(func() { l.Close() })
	f.Fuzz(func(t *testing.T, said string) {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(5 * time.Second))
		go func() {
			io.WriteString(c, said) // it may hang up on us
			c.(*net.TCPConn).CloseWrite()
		}()
		heard, err := io.ReadAll(c)
		if err, ok := err.(net.Error); ok && err.Timeout() {
			t.Error("the session does not end")
		}
		for line := range strings.Lines(string(heard)) {
			if strings.HasSuffix(line, "\n") && !answer.MatchString(line) {
				t.Errorf("it answers %q", line)
			}
		}
		if !strings.HasPrefix(string(heard), "220 ") && err == nil {
			t.Errorf("it greets with %q", heard)
		}
		select {
		case wrong := <-e.wrong:
			t.Error(wrong)
		default:
		}
	})
}
