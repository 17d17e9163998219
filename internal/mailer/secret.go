package mailer

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// hidden is what a server's answer must not be repeated with.
type hidden struct {
	login SMTP
	names []string // of the mail: see namesIn
}

// clean makes an answer fit to be stored and shown.
func (h hidden) clean(answer string) string {
	return cleanAnswer(h.login.withoutSecrets(answer), append(slices.Clone(h.names), h.login.User, h.login.Password)...)
}

// minSecret is how long a secret has to be, to be taken out where it stands within a
// word: a shorter one is part of many.
const minSecret = 4

// withoutSecrets takes the password out of a text, in the forms in which the server
// got it: as it is, as an error quotes it, and coded for AUTH LOGIN and PLAIN (RFC
// 4616). The user's name is coded alike, and goes with it.
func (s SMTP) withoutSecrets(text string) string {
	coded := func(secret string) string {
		return strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")
	}
	if s.Password == "" {
		return text
	}
	for _, secret := range []string{
		coded("\x00" + s.User + "\x00" + s.Password), coded(s.Password), coded(s.User),
		s.Password, strings.Trim(strconv.Quote(s.Password), `"`),
	} {
		if len(secret) >= minSecret {
			text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(secret)+`=*`).ReplaceAllLiteralString(text, "[secret]")
		}
	}
	return text
}
