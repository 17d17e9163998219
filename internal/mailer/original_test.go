package mailer

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/seal"
	"postbag/internal/testkit"
)

const envelope = "bounces+abc234@letters.example.org"

// TestSender_Envelope: what comes back goes to the message's own address, and the
// header still says who writes.
func TestSender_Envelope(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	m := letter()
	m.Envelope, m.Token = envelope, "abc234"
	wantOutcome(t, send(t, newSender(t, server), m), campaign.VerdictSent, 250, "")
	got := server.Next(t)
	if got.From != envelope || !strings.Contains(string(got.Data), "<"+from+">") || strings.Contains(string(got.Data), "abc234") {
		t.Errorf("from %s:\n%s", got.From, got.Data)
	}
	tagged := newSender(t, server, func(o *Options) { o.TokenHeader = "X-PM-Metadata-postbag" })
	wantOutcome(t, send(t, tagged, m), campaign.VerdictSent, 250, "")
	if got := server.Next(t); !strings.Contains(string(got.Data), "X-PM-Metadata-postbag: abc234\r\n") {
		t.Errorf("no token for the relay:\n%s", got.Data)
	}
	m.Envelope = "bounces@example.org>\r\nRCPT TO:<x@example.org"
	wantOutcome(t, send(t, newSender(t, server), m), campaign.VerdictFailed, 0, "")
}

// TestSender_Original: a message that is passed on arrives as it came.
func TestSender_Original(t *testing.T) {
	for name, original := range map[string]string{
		"plain":      "From: MP <mp@example.org>\r\nSubject: Thank you\r\n\r\nFrom here on\r\n.dot\r\n=equals=\r\n",
		"unix lines": "Subject: Thank you\n\nDear Sam\n",
		"no end":     "Subject: Thank you\r\n\r\nDear Sam",
		"8 bit":      "Subject: Diolch\r\n\r\nŵ\r\n",
		"long line":  "Subject: Thank you\r\n\r\n" + strings.Repeat("x", 5000) + "\r\n",
		"NUL":        "Subject: Thank you\r\n\r\na\x00b\r\n",
		"empty":      "",
	} {
		t.Run(name, func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			m := confirmation()
			m.Kind, m.Original = campaign.MailForward, []byte(original)
			wantOutcome(t, send(t, newSender(t, server), m), campaign.VerdictSent, 250, "")
			got := server.Next(t)
			text, kind, attached := parts(t, got.Data)
			if !strings.Contains(text, strings.Split(m.Text, "\n")[0]) {
				t.Errorf("the text is %q", text)
			}
			want := original
			if kind == "message/rfc822" {
				want = strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(original, "\r\n", "\n"), "\n", "\r\n"), "\r\n")
				attached = strings.TrimSuffix(attached, "\r\n")
				for _, line := range strings.Split(attached, "\r\n") {
					if len(line) > 998 {
						t.Error("a line is longer than SMTP takes")
					}
				}
			}
			if attached != want {
				t.Errorf("as %s: %q, want %q", kind, attached, want)
			}
		})
	}
}

// parts takes a message apart into its text and what is attached.
func parts(t *testing.T, raw []byte) (text, kind, attached string) {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if msg.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Error("it does not say that a machine wrote it")
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for whole := multipart.NewReader(msg.Body, params["boundary"]); ; {
		p, err := whole.NextPart()
		if err == io.EOF {
			return text, kind, attached
		}
		if err != nil {
			t.Fatal(err)
		}
		var r io.Reader = p // which is quoted-printable no more
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			r = base64.NewDecoder(base64.StdEncoding, p)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if p.FileName() == "" {
			text = string(body)
			continue
		}
		if kind, _, err = mime.ParseMediaType(p.Header.Get("Content-Type")); err != nil {
			t.Fatal(err)
		}
		attached = string(body)
	}
}

// TestPost_PassesOn: what is kept of it is sealed, and only the letter's own
// record opens it.
func TestPost_PassesOn(t *testing.T) {
	keys, err := seal.New([]byte(strings.Repeat("k", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	hash, other := []byte("token hash"), []byte("another letter's")
	sealed := campaign.SealOriginal(keys, []byte("Subject: Thank you\r\n\r\nDear Amina"), hash)
	if bytes.Contains(sealed, []byte("Amina")) {
		t.Error("it can be read")
	}
	if _, err := campaign.OpenOriginal(keys, sealed, other); err == nil {
		t.Error("another letter's record opens it")
	}
	returns, err := campaign.NewReturnPath(keys, "bounces@letters.example.org")
	if err != nil {
		t.Fatal(err)
	}
	person, err := campaign.SealPerson(keys, &campaign.Person{Name: "Amina", Email: "amina@example.org", Subject: "s", Letter: "l"}, hash)
	if err != nil {
		t.Fatal(err)
	}
	transport := &answers{outcome: campaign.Outcome{Verdict: campaign.VerdictSent}}
	post := &Post{Transport: transport, Keys: keys, Returns: returns}
	post.Send(t.Context(), campaign.Job{
		ID: 42, Kind: campaign.MailLetter, Sealed: person, TokenHash: hash, MessageID: "id@example.org", QueuedAt: time.Unix(0, 0),
	})
	if id, ok := returns.Read(transport.got.Envelope); !ok || id != 42 || transport.got.Token == "" {
		t.Errorf("envelope %s, token %s", transport.got.Envelope, transport.got.Token)
	}
}
