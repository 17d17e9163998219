package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"postbag/internal/campaign"
)

// addParts adds to a message what only mail to people who can be written to in
// more than plain text has: HTML, a way out, and a message that is passed on.
func addParts(msg *gomail.Msg, m campaign.Mail) error {
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, bodyText(m.HTML))
	}
	if m.Unsubscribe != "" {
		// RFC 8058, section 3.1: the two fields, which a signature has to cover.
		// The address as it stands: encoded, programs do not find it.
		msg.SetGenHeaderPreformatted("List-Unsubscribe", "<"+m.Unsubscribe+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	if m.Original == nil {
		return nil
	}
	original := wireLines(m.Original)
	name, kind, encoding := "original.eml", gomail.ContentType("message/rfc822"), gomail.NoEncoding
	if !plainMessage(original) {
		// What is in a message/rfc822 may not be encoded (RFC 2046, section 5.2.1), and
		// would be changed on its way. As a file it arrives as it came.
		kind, encoding = gomail.TypeAppOctetStream, gomail.EncodingB64
	}
	err := msg.AttachReader(name, bytes.NewReader(original), gomail.WithFileContentType(kind), gomail.WithFileEncoding(encoding))
	if err != nil {
		return fmt.Errorf("attach the original: %w", err)
	}
	return nil
}

// sevenBit declares a message that is passed on to be what it is: go-mail calls
// it 8bit, which a server of the way may not take.
func sevenBit(raw []byte) []byte {
	return bytes.Replace(raw, []byte("\r\nContent-Transfer-Encoding: 8bit\r\n"), []byte("\r\nContent-Transfer-Encoding: 7bit\r\n"), 1)
}

// wireLines ends every line with \r\n, the last one too.
func wireLines(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	b = append(bytes.TrimRight(b, "\n"), '\n')
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}

// plainMessage reports whether a message can be passed on within another and
// arrive unchanged: ASCII in short lines, none of which guardFrom would change.
func plainMessage(b []byte) bool {
	if bytes.ContainsFunc(b, func(r rune) bool { return r == 0 || r > '~' }) || bytes.HasPrefix(b, []byte("From ")) || bytes.Contains(b, []byte("\nFrom ")) {
		return false
	}
	for line := range bytes.Lines(b) {
		if len(line) > 998+len("\r\n") {
			return false
		}
	}
	return true
}

// checkParts refuses what must not reach a header.
func checkParts(m campaign.Mail) error {
	if m.Unsubscribe == "" {
		return nil
	}
	u, err := url.Parse(m.Unsubscribe)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(m.Unsubscribe) > 900 ||
		strings.ContainsFunc(m.Unsubscribe, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>,", r) }) {
		return errors.New("the address that ends such mails is not one of the web")
	}
	return nil
}
