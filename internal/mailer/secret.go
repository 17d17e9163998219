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
	*secrets
	names []string // of the mail: see namesIn
}

// clean makes an answer fit to be stored and shown.
func (h hidden) clean(answer string) string {
	if h.coded != nil {
		answer = h.coded.ReplaceAllLiteralString(answer, "[secret]")
	}
	return cleanAnswer(answer, append(slices.Clone(h.names), h.words...)...)
}

// secrets are the login's. They are made once: an answer comes with every letter.
type secrets struct {
	coded *regexp.Regexp // the password in all its forms, wherever it stands; nil: there is none
	words []string       // what goes where it stands as a word
}

// minSecret is how long a secret has to be, to be taken out where it stands within a
// word: a shorter one is part of many.
const minSecret = 4

// secrets returns the password in the forms in which the server got it: as it is, as
// an error quotes it, and coded for AUTH LOGIN and PLAIN (RFC 4616). The user's name
// is coded alike, and goes with it.
func (s SMTP) secrets() *secrets {
	found := &secrets{words: []string{s.User, s.Password}}
	if s.Password == "" {
		return found
	}
	coded := func(secret string) string {
		return strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")
	}
	var forms []string
	for _, secret := range []string{ // one that holds others comes before them
		coded("\x00" + s.User + "\x00" + s.Password), coded(s.Password), coded(s.User),
		strings.Trim(strconv.Quote(s.Password), `"`), s.Password,
	} {
		if len(secret) >= minSecret {
			forms = append(forms, regexp.QuoteMeta(secret)+"=*")
		}
	}
	if len(forms) > 0 {
		found.coded = regexp.MustCompile("(?i)" + strings.Join(forms, "|"))
	}
	return found
}
