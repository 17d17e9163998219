package app

// Built with: captured_read.go

import (
	"bytes"
	"strings"
	"testing"

	"github.com/emersion/go-message"
)

// FuzzReadMail: what a mail that was captured is shown as is no more than what is
// in it, and as many bytes as it has, whatever it is.
func FuzzReadMail(f *testing.F) {
	const head = "From: =?utf-8?q?S=C3=B4s?= <a@example.org>\r\nTo: b@example.org\r\nSubject: =?utf-8?b?xbU=?= x\r\n"
	f.Add([]byte(head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDear=\r\n MP,\r\n=C5=B5\r\n"))
	f.Add([]byte(head + "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>\r\n--a\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--a--\r\n"))
	f.Add([]byte(head + strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 50)))
	f.Add([]byte("Subject: =?utf-8?q?a=0D=0ABcc:_b?=\r\nContent-Type: text/plain; charset=x\r\n\r\n=ZZ\xff"))
	f.Add([]byte("\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := readMail(raw)
		if err != nil {
			return
		}
		if m.Raw != string(raw) || len(m.Text) > 4*len(raw) {
			t.Errorf("%d bytes are shown as %d", len(raw), len(m.Text))
		}
		msg, err := message.Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for name, shown := range map[string]string{"From": m.From, "To": m.To, "Subject": m.Subject, "Reply-To": m.ReplyTo} {
			if msg.Header.Get(name) == "" && shown != "" || len(shown) > 4*len(raw) {
				t.Errorf("%s is shown as %q", name, shown)
			}
		}
		if again, err := readMail(raw); err != nil || again.Text != m.Text {
			t.Errorf("read again it is %q", again.Text)
		}
	})
}
