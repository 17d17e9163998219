package mailer

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
	"testing"
)

// FuzzBuild: whatever a supporter types is either refused or arrives as it was
// typed, and never as a header of its own.
func FuzzBuild(f *testing.F) {
	f.Add("Please sign", "Sam Okafor", "Dear MP,\n\nFrom me\n.\n")
	f.Add("=?UTF-8?q?x?= ŵ", `"Sam" <a@b>, x`, "trailing  \n=\n")
	f.Add("a  b   "+strings.Repeat("c ", 60), "=?x?= (李)", "\r\n\r\r\n")
	f.Add(strings.Repeat("0", 61)+"  0", " Sam", "")
	f.Add("x", `Zoë \`, "")
	f.Add("a\r\nBcc: x@y", "b\nc", "\x00")
	b, err := newBuilder(from, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, subject, name, text string) {
		m := letter()
		m.Subject, m.FromName, m.Text = subject, name, text
		built, err := b.build(m)
		if err != nil {
			return
		}
		if bytes.Contains(bytes.ReplaceAll(built.raw, []byte("\r\n"), nil), []byte("\n")) || !bytes.HasSuffix(built.raw, []byte("\r\n")) {
			t.Fatalf("line endings in %q", built.raw)
		}
		h := parse(t, built.raw).Header
		if len(h) != 9 {
			t.Errorf("%d headers in %q", len(h), built.raw)
		}
		if got := body(t, built.raw); got != bodyText(text) {
			t.Errorf("text %q, want %q", got, bodyText(text))
		}
		if got, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject")); err != nil || got != subject {
			t.Errorf("subject %q (%v), want %q", got, err, subject)
		}
		list, err := mail.ParseAddressList(h.Get("From"))
		if err != nil || len(list) != 1 || list[0].Address != from {
			t.Errorf("From %q: %v", h.Get("From"), err)
		} else if got, want := words(list[0].Name), words(headerName(name)); got != want {
			t.Errorf("name %q, want %q", got, want)
		}
	})
}

// words compares names without regard to spaces, which folding may lose.
func words(name string) string { return strings.Join(strings.Fields(name), " ") }
