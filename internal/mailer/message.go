package mailer

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"postbag/internal/campaign"
)

// message is a mail as it goes over the wire.
type message struct {
	from    string // envelope, without angle brackets
	to      string
	header  campaign.Address // the To field
	subject string           // as sent, with [TEST] when marked
	raw     []byte           // RFC 5322, lines ended by \r\n, the last one too
}

// builder turns a campaign.Mail into a message. Sender and Capture share it,
// so that what is captured is what would be sent.
type builder struct {
	from          string // the configured address
	testRecipient string // takes all letters; "" for none
	tokenHeader   string // a header in which a message says its token; "" for none
}

func newBuilder(from, testRecipient string) (builder, error) {
	if err := checkAddress("From", from); err != nil {
		return builder{}, err
	}
	if testRecipient != "" {
		if err := checkAddress("test recipient", testRecipient); err != nil {
			return builder{}, err
		}
	}
	return builder{from: from, testRecipient: testRecipient}, nil
}

// build returns the message, or an error in plain words that names no one.
//
// The text is quoted-printable: a paragraph stays one line however long it is,
// for the reader's program to wrap, and every character arrives as it was
// typed. The body always ends with a line break, because SMTP would add it.
func (b builder) build(m campaign.Mail) (message, error) {
	to, subject := m.To, m.Subject
	if b.testRecipient != "" && m.Kind == campaign.MailLetter {
		to.Email, subject = b.testRecipient, "[TEST] "+subject
	}
	if err := checkHeaders(m, to); err != nil {
		return message{}, err
	}

	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&mail.Address{Name: headerName(m.FromName), Address: b.from})
	msg.ToMailAddress(&mail.Address{Name: headerName(to.Name), Address: to.Email})
	if m.ReplyTo != (campaign.Address{}) {
		msg.ReplyToMailAddress(&mail.Address{Name: headerName(m.ReplyTo.Name), Address: m.ReplyTo.Email})
	}
	msg.Subject(literal(subject))
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDateWithValue(m.Date)
	if m.Kind != campaign.MailLetter {
		// RFC 3834: no holiday replies to what a machine wrote.
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	if b.tokenHeader != "" && m.Token != "" {
		msg.SetGenHeader(gomail.Header(b.tokenHeader), m.Token)
	}
	msg.SetBodyString(gomail.TypeTextPlain, bodyText(m.Text))
	addParts(msg, m)

	var raw bytes.Buffer
	raw.Grow((len(m.Text)+len(m.HTML)+len(m.Original))*5/4 + 1024) // some characters take three, headers some hundred
	if _, err := msg.WriteTo(&raw); err != nil {
		return message{}, fmt.Errorf("write the message: %w", err)
	}
	built := message{from: cmp.Or(m.Envelope, b.from), to: to.Email, header: to, subject: subject, raw: raw.Bytes()}
	if m.Original == nil { // which is passed on as it came
		built.raw = guardFrom(built.raw)
	} else {
		built.raw = sevenBit(built.raw)
	}
	return built, checkLines(built.raw)
}

// headerName replaces a backslash, where net/mail would write one into an
// encoded word: RFC 2047, section 5 forbids it there, and it makes the whole
// field unreadable. In an ASCII name it is written correctly.
func headerName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r > '~' }) {
		return strings.ReplaceAll(name, `\`, "/")
	}
	return name
}

// bodyText makes every line end with \n, the last one too.
func bodyText(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// literal encodes an ASCII subject that would not arrive as it was typed:
// one that looks like an encoded word already and would be decoded, or one
// with spaces that may be lost where the line is folded. Others are left to
// go-mail, which encodes whatever is not ASCII.
func literal(subject string) string {
	lossy := strings.Contains(subject, "=?") || strings.Contains(subject, "  ") || subject != strings.TrimSpace(subject)
	if !lossy || strings.ContainsFunc(subject, func(r rune) bool { return r > '~' }) {
		return subject
	}
	var words []string
	for rest := subject; rest != ""; {
		n := min(len(rest), 42) // 56 characters of base64 in a word of at most 75
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(rest[:n]))+"?=")
		rest = rest[n:]
	}
	return strings.Join(words, " ")
}

const maxQP = 76 // the longest quoted-printable line (RFC 2045, section 6.7)

// guardFrom writes "From " at the start of a body line as "=46rom ", which
// decodes to the same: mail stored in mbox files would otherwise show ">From".
func guardFrom(raw []byte) []byte {
	header, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok || !(bytes.HasPrefix(body, []byte("From ")) || bytes.Contains(body, []byte("\r\nFrom "))) {
		return raw
	}
	out := append(bytes.Clone(header), "\r\n\r\n"...)
	for line := range bytes.Lines(body) {
		if rest, found := bytes.CutPrefix(line, []byte("From ")); found {
			out = append(out, "=46rom "...)
			if len(line)-len("\r\n")+len("=46")-len("F") > maxQP {
				out = append(out, "=\r\n"...) // a soft break makes room
			}
			line = rest
		}
		out = append(out, line...)
	}
	return out
}

// checkLines holds the limit of RFC 5322, section 2.1.1. Only a header can
// break it, with a word that cannot be folded.
func checkLines(raw []byte) error {
	for line := range bytes.Lines(raw) {
		if len(line) > 998+len("\r\n") {
			return errors.New("a header line would be longer than 998 characters")
		}
	}
	return nil
}
