package mailer

import (
	"bytes"
	"errors"
	"net/url"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"postbag/internal/campaign"
)

// addParts adds to a message what only mail to people who can be written to in
// more than plain text has: HTML, a way out, and a message that is passed on.
func addParts(msg *gomail.Msg, m campaign.Mail) {
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, bodyText(m.HTML))
	}
	if m.Unsubscribe != "" {
		// RFC 8058, section 3.1: the two fields, which a signature has to cover.
		// The address as it stands: encoded, programs do not find it.
		msg.SetGenHeaderPreformatted("List-Unsubscribe", "<"+m.Unsubscribe+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	if m.Original != nil {
		attachOriginal(msg, m.Original)
	}
}

// sevenBit declares a message that is passed on to be what it is: go-mail calls
// it 8bit, which a server of the way may not take.
func sevenBit(raw []byte) []byte {
	return bytes.Replace(raw, []byte("\r\nContent-Transfer-Encoding: 8bit\r\n"), []byte("\r\nContent-Transfer-Encoding: 7bit\r\n"), 1)
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
