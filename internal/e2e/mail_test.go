package e2e

import (
	"bytes"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/testkit"
)

var (
	dateField  = regexp.MustCompile(`(?m)^Date: (.*)\r$`)
	reference  = regexp.MustCompile(`letter is [0-9A-Z]{4}-[0-9A-Z]{4}\.`)
	idField    = regexp.MustCompile(`(?m)^Message-ID: <[0-9a-f]{32}@postbag\.example>\r$`)
	boundary   = regexp.MustCompile(`[0-9a-f]{60}`) // as mime/multipart makes them
	linkInMail = regexp.MustCompile(`http://127\.0\.0\.1:\d+(?:/[a-z]{2})?/l/[A-Za-z0-9_-]+`)
)

// sameMail compares a whole message as it came over the wire with a golden
// file, but for what differs each time: the date (which must be now), the
// identifier (which must be of our form) and the private link. Set
// POSTBAG_GOLDEN=1 to write the file anew.
func sameMail(t *testing.T, m testkit.SMTPMessage, golden string) {
	t.Helper()
	raw := m.Data
	date := dateField.FindSubmatch(raw)
	if date == nil {
		t.Fatalf("the mail has no date:\n%s", raw)
	}
	at, err := mail.ParseDate(string(date[1]))
	if since := time.Since(at); err != nil || since < -time.Minute || since > 5*time.Minute {
		t.Errorf("the mail is dated %s (%v)", date[1], err)
	}
	for _, line := range bytes.SplitAfter(raw, []byte("\n")) {
		if len(line) > 0 && !bytes.HasSuffix(line, []byte("\r\n")) {
			t.Errorf("a line of the mail does not end with CR LF: %q", line)
		}
		if len(line) > 78 {
			t.Errorf("a line of the mail is %d long: %q", len(line), line)
		}
	}
	raw = dateField.ReplaceAll(raw, []byte("Date: DATE\r"))
	raw = reference.ReplaceAll(raw, []byte("letter is REFERENCE."))
	raw = idField.ReplaceAll(raw, []byte("Message-ID: <ID@postbag.example>\r"))
	raw = unlink(boundary.ReplaceAll(raw, []byte("BOUNDARY")))
	path := filepath.Join("testdata", golden)
	if os.Getenv("POSTBAG_GOLDEN") != "" {
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(raw)); diff != "" {
		t.Errorf("the mail is not %s (-want +got):\n%s", path, diff)
	}
}

// unlink takes the private link out of a message. In quoted-printable the line
// that it stands on may be broken, differently for each length of the port, and
// those after it with it: of a message that has one, the lines are whole.
func unlink(raw []byte) []byte {
	joined := bytes.ReplaceAll(raw, []byte("=\r\n"), nil)
	if linkInMail.Match(joined) {
		return linkInMail.ReplaceAll(joined, []byte("LINK"))
	}
	return raw
}

// letter is a mail as its reader sees it.
type letter struct {
	from, to, replyTo, subject, text string
}

func read(t *testing.T, m testkit.SMTPMessage) letter {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	want := "multipart/alternative"
	if msg.Header.Get("Auto-Submitted") == "" { // a letter
		want = "text/plain"
	}
	if got, _, err := mime.ParseMediaType(msg.Header.Get("Content-Type")); got != want {
		t.Errorf("the mail is of type %q, %v", got, err)
	}
	field := func(name string) string {
		value, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return value
	}
	return letter{
		from: field("From"), to: field("To"), replyTo: field("Reply-To"), subject: field("Subject"),
		text: m.Part(t, "text/plain"),
	}
}

// privateLink returns the link in a mail to a supporter.
func privateLink(t *testing.T, m testkit.SMTPMessage) string {
	t.Helper()
	links := linkInMail.FindAllString(read(t, m).text, -1)
	if len(links) != 1 {
		t.Fatalf("the mail has %d private links:\n%s", len(links), m.Data)
	}
	return links[0]
}
