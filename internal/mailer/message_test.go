package mailer

import (
	"bytes"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// TestSender_Golden compares whole messages, as a server received them, with
// files that can be opened in a mail program.
func TestSender_Golden(t *testing.T) {
	welsh := letter()
	welsh.FromName = "Siân Ŵyn Llŷr"
	welsh.ReplyTo.Name = welsh.FromName
	welsh.Subject = "Llythyr oddi wrth etholwr: llofnodwch yr addewid, os gwelwch yn dda — diolch 🏴󠁧󠁢󠁷󠁬󠁳󠁿"
	welsh.Text = "Annwyl Alex Rivers,\n\nMae'r tŷ ar y gŵyl. " + strings.Repeat("Mae pawb â hawl i gymorth. ", 12) +
		"\n\nYn gywir,\nSiân 🏴󠁧󠁢󠁷󠁬󠁳󠁿\n"
	awkward := letter()
	awkward.FromName = `Sam "Sammy" O'Kafor, (Leeds)`
	awkward.Subject = "=?UTF-8?Q?not_encoded?= but typed, " + strings.Repeat("long enough to be folded ", 4) + "end"
	awkward.Text = ".\n..dots\nFrom here on\n  indented, two spaces behind  \n=equals=\nno break at the end"

	for _, tt := range []struct {
		file string
		mail campaign.Mail
	}{
		{"letter.eml", letter()},
		{"letter-welsh.eml", welsh},
		{"letter-awkward.eml", awkward},
		{"confirm.eml", confirmation()},
	} {
		t.Run(tt.file, func(t *testing.T) {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			wantOutcome(t, send(t, newSender(t, server), tt.mail), campaign.VerdictSent, 250, "250 2.0.0 Ok: queued as")
			got := server.Next(t)
			golden(t, tt.file, got.Data)
			if got.From != from || len(got.To) != 1 || got.To[0] != tt.mail.To.Email {
				t.Errorf("envelope %s -> %s", got.From, got.To)
			}
		})
	}
}

func TestSender_Headers(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{SMTPUTF8: true})
	sender := newSender(t, server)
	for _, kind := range []campaign.MailKind{campaign.MailLetter, campaign.MailConfirm, campaign.MailRemind, campaign.MailRepeat} {
		m := letter()
		m.Kind = kind
		m.FromName = "Zoë =?UTF-8?Q?x?= 李"
		m.Subject = "Ünïcode 📮 " + strings.Repeat("and more ", 30) + "=?"
		wantOutcome(t, send(t, sender, m), campaign.VerdictSent, 250, "")
		got := server.Next(t)
		if got.Params != "BODY=8BITMIME" {
			t.Errorf("%s: MAIL parameters %q: SMTPUTF8 bounces where it is unknown", kind, got.Params)
		}
		h := parse(t, got.Data).Header

		auto := "auto-generated"
		if kind == campaign.MailLetter {
			auto = ""
		}
		if got := h.Get("Auto-Submitted"); got != auto {
			t.Errorf("%s: Auto-Submitted = %q", kind, got)
		}
		if got := h.Get("Message-ID"); got != "<"+m.MessageID+">" {
			t.Errorf("%s: Message-ID = %q", kind, got)
		}
		if date, err := h.Date(); err != nil || !date.Equal(m.Date) {
			t.Errorf("%s: Date = %v, %v", kind, date, err)
		}
		for name := range h {
			switch name {
			case "Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From",
				"Message-Id", "Mime-Version", "Reply-To", "Subject", "To":
			default:
				t.Errorf("%s: unexpected header %s: %q", kind, name, h.Get(name))
			}
		}
		wantAddress(t, h, "From", m.FromName, from)
		wantAddress(t, h, "To", m.To.Name, m.To.Email)
		wantAddress(t, h, "Reply-To", m.ReplyTo.Name, m.ReplyTo.Email)
		if subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject")); err != nil || subject != m.Subject {
			t.Errorf("%s: Subject = %q, %v", kind, subject, err)
		}
	}
}

// TestSender_RoundTrip: the letter on the preview is the letter that arrives,
// to the character.
func TestSender_RoundTrip(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	sender := newSender(t, server)
	for name, text := range map[string]string{
		"plain":                 "Dear Alex,\n\nYours,\nSam\n",
		"nothing":               "\n",
		"a long paragraph":      strings.Repeat("every word of it matters ", 400) + "\n",
		"one very long word":    strings.Repeat("x", 5000) + "\n",
		"Welsh":                 "Tŷ, gŵr, môr, sêr, ïon, ẁ Ẃ ŷ\n",
		"emoji with joiners":    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 ✉️ 🇬🇧\n",
		"combining marks":       "e\u0301 o\u0308\n",
		"right to left":         "\u200fמכתב العربية\u200e\n",
		"trailing spaces":       "two  \nthree   \n\ttab\t\n   \n",
		"no-break spaces":       "LS1\u00a01AA \u202f!\n",
		"dots":                  ".\n..\n. .\n...and so on\n.\n",
		"a lone dot at the end": "end\n.\n",
		"From":                  "From here\n\nFrom there on,\n From\nFrom\n>From x\n",
		"From, long lines":      "From " + strings.Repeat("a", 69) + "\nFrom " + strings.Repeat("a", 70) + "\nFrom " + strings.Repeat("a", 71) + "\nFrom " + strings.Repeat("b ", 90) + "\n",
		"From after a break":    strings.Repeat("y", 75) + "From me " + strings.Repeat("z", 75) + "From you\n",
		"equals signs":          "a=b =41 =\n==\n= \n",
		"many empty lines":      "a\n\n\n\nb\n\n\n",
		"lines of every length": everyLength(),
		"control characters":    "a\x00b\x07c\x7f\n",
		"headers in the text":   "\n\nSubject: no\nBcc: x@example.org\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			m := letter()
			m.Text = text
			wantOutcome(t, send(t, sender, m), campaign.VerdictSent, 250, "")
			raw := server.Next(t).Data
			if got := body(t, raw); got != text {
				t.Errorf("got  %q\nwant %q", got, text)
			}
			_, encoded, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
			for line := range bytes.Lines(encoded) {
				if len(line) > maxQP+2 || bytes.HasPrefix(line, []byte("From ")) {
					t.Errorf("line %q", line)
				}
			}
		})
	}

	t.Run("line endings of other systems and a missing last one", func(t *testing.T) {
		m := letter()
		m.Text = "one\r\ntwo\rthree"
		wantOutcome(t, send(t, sender, m), campaign.VerdictSent, 250, "")
		if got, want := body(t, server.Next(t).Data), "one\ntwo\nthree\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestSender_RefusesBadMail: whatever could change a header or an envelope is
// refused before any connection is opened, and the answer repeats nothing.
func TestSender_RefusesBadMail(t *testing.T) {
	type field struct {
		name string
		set  func(*campaign.Mail, string)
	}
	texts := []field{
		{"from name", func(m *campaign.Mail, v string) { m.FromName = v }},
		{"to name", func(m *campaign.Mail, v string) { m.To.Name = v }},
		{"reply name", func(m *campaign.Mail, v string) { m.ReplyTo.Name = v }},
		{"subject", func(m *campaign.Mail, v string) { m.Subject = v }},
	}
	addresses := []field{
		{"to", func(m *campaign.Mail, v string) { m.To.Email = v }},
		{"reply to", func(m *campaign.Mail, v string) { m.ReplyTo.Email = v }},
	}
	ids := []field{{"message id", func(m *campaign.Mail, v string) { m.MessageID = v }}}
	injections := []string{
		"secret\r\nBcc: x@example.org", "secret\nBcc: x@example.org", "secret\rBcc: x", "secret\r\n\r\nbody",
		"secret\x00", "secret\x0b", "secret\x1b[2J", "secret\x7f", "secret\u0085next", "secret\u2028next", "secret\u2029next",
		"secret\tnext", "secret\xff",
	}
	badAddresses := append([]string{
		"", "secret", "secret@", "@secret.example", "secret @example.org", "<secret@example.org>", "Secret <secret@example.org>",
		"secret@example.org, other@example.org", `"secret one"@example.org`, "secret@[192.0.2.1]", "sécret@example.org",
		"secret@exämple.org", "secret@example.org>\r\nRCPT TO:<x@example.org", "secret@a@b", strings.Repeat("s", 65) + "@example.org",
		"secret@" + strings.Repeat("long.", 60) + "org", "secret@example.org (comment)",
	}, injections...)
	badIDs := append([]string{"", "secret", "secret@", "@secret", "<secret@x>", "sec ret@x", "secret@x>", "sécret@x"}, injections...)

	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	sender := newSender(t, server)
	check := func(fields []field, values []string) {
		for _, f := range fields {
			for _, v := range values {
				m := letter()
				f.set(&m, v)
				got := send(t, sender, m)
				if got.Verdict != campaign.VerdictFailed || got.Code != 0 || got.Answer == "" {
					t.Errorf("%s %q: outcome %+v", f.name, v, got)
				}
				if strings.Contains(got.Answer, "secret") {
					t.Errorf("%s %q: the answer repeats it: %q", f.name, v, got.Answer)
				}
			}
		}
	}
	check(texts, injections)
	check(addresses, badAddresses)
	check(ids, badIDs)
	check([]field{{"text", func(m *campaign.Mail, v string) { m.Text = v }}}, []string{"secret\xff"})
	check([]field{{"date", func(m *campaign.Mail, _ string) { m.Date = time.Time{} }}}, []string{""})
	check([]field{{"subject", func(m *campaign.Mail, v string) { m.Subject = v }}}, []string{strings.Repeat("x", 1000)})
	if n := server.Connections(); n != 0 {
		t.Errorf("%d connections were opened", n)
	}
}

func TestSender_TestRecipient(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	sender := newSender(t, server, func(o *Options) { o.TestRecipient = "tester@example.net" })

	wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
	got := server.Next(t)
	h := parse(t, got.Data).Header
	if strings.Join(got.To, " ") != "tester@example.net" || h.Get("Subject") != "[TEST] Please sign the pledge" {
		t.Errorf("to %v, subject %q", got.To, h.Get("Subject"))
	}
	wantAddress(t, h, "To", letter().To.Name, "tester@example.net")
	if bytes.Contains(got.Data, []byte(letter().To.Email)) {
		t.Error("the MP's address is in the message")
	}

	wantOutcome(t, send(t, sender, confirmation()), campaign.VerdictSent, 250, "")
	got = server.Next(t)
	if got.To[0] != confirmation().To.Email || parse(t, got.Data).Header.Get("Subject") != confirmation().Subject {
		t.Errorf("mail to a supporter was changed: %v", got.To)
	}
}

func everyLength() string {
	var b strings.Builder
	for n := range 160 {
		b.WriteString(strings.Repeat("é", n%3) + strings.Repeat("x", n) + strings.Repeat(" ", n%2) + "\n")
	}
	return b.String()
}

func parse(t *testing.T, raw []byte) *mail.Message {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, raw)
	}
	return m
}

// body decodes the text as a mail program does.
func body(t *testing.T, raw []byte) string {
	t.Helper()
	m := parse(t, raw)
	if got := m.Header.Get("Content-Type"); got != "text/plain; charset=UTF-8" {
		t.Errorf("Content-Type = %q", got)
	}
	if got := m.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
		t.Errorf("Content-Transfer-Encoding = %q", got)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func wantAddress(t *testing.T, h mail.Header, field, name, address string) {
	t.Helper()
	list, err := h.AddressList(field)
	if err != nil || len(list) != 1 || list[0].Name != name || list[0].Address != address {
		t.Errorf("%s = %q (%v), want %q <%s>", field, h.Get(field), err, name, address)
	}
}
