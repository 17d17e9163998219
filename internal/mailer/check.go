package mailer

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"postbag/internal/campaign"
)

// checkHeaders refuses everything that must not reach a header or an envelope.
// It runs before anything is built. The errors name the field, never its
// value. To is given apart, because a test recipient may stand in for it.
func checkHeaders(m campaign.Mail, to campaign.Address) error {
	switch {
	case m.Date.IsZero():
		return errors.New("the message has no date")
	case !utf8.ValidString(m.Text), !utf8.ValidString(m.HTML):
		return errors.New("the text is not valid UTF-8")
	}
	if err := checkParts(m); err != nil {
		return err
	}
	for _, f := range []struct{ field, value string }{
		{"sender's name", m.FromName},
		{"recipient's name", to.Name},
		{"reply name", m.ReplyTo.Name},
		{"subject", m.Subject},
	} {
		if err := checkText(f.field, f.value); err != nil {
			return err
		}
	}
	if err := checkMessageID(m.MessageID); err != nil {
		return err
	}
	if err := checkAddress("recipient's address", to.Email); err != nil {
		return err
	}
	if m.Envelope != "" {
		if err := checkAddress("envelope's address", m.Envelope); err != nil {
			return err
		}
	}
	if m.ReplyTo != (campaign.Address{}) {
		return checkAddress("reply address", m.ReplyTo.Email)
	}
	return nil
}

// checkText refuses line breaks, which would begin a header of their own, and
// all other control characters. The line and paragraph separators of Unicode
// are refused with them: some programs break lines there.
func checkText(field, value string) error {
	if !utf8.ValidString(value) {
		return fmt.Errorf("the %s is not valid UTF-8", field)
	}
	if strings.ContainsFunc(value, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}) {
		return fmt.Errorf("the %s contains a line break or control character", field)
	}
	return nil
}

// checkAddress accepts addresses that every mail server takes: ASCII,
// unquoted, within the lengths of RFC 5321, section 4.5.3.1. Others would need
// SMTPUTF8 on every server of the way, and bounce where it is missing.
func checkAddress(field, address string) error {
	if err := checkText(field, address); err != nil {
		return err
	}
	if address == "" {
		return fmt.Errorf("the %s is missing", field)
	}
	if strings.ContainsFunc(address, func(r rune) bool { return r > unicode.MaxASCII }) {
		return fmt.Errorf("the %s has letters outside a-z, which many mail servers refuse", field)
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" {
		return fmt.Errorf("the %s is not an email address", field)
	}
	local, domain, _ := strings.Cut(address, "@")
	if len(local) > 64 || len(address) > 254 || strings.ContainsAny(domain, "[]@") {
		return fmt.Errorf("the %s is not an email address that can be used", field)
	}
	return nil
}

// checkMessageID accepts what stands between the angle brackets of RFC 5322,
// section 3.6.4, in its usual form.
func checkMessageID(id string) error {
	left, right, ok := strings.Cut(id, "@")
	if !ok || left == "" || right == "" || len(id) > 250 || strings.ContainsFunc(id, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`<>()[]\,;:"`, r)
	}) {
		return errors.New("the Message-ID is not of the form left@right")
	}
	return nil
}
