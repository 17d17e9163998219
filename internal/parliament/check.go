package parliament

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxField is the most bytes that a name, title, party or address may have.
// Real ones stay well under 100; anything near this limit is not what it says
// it is. It also keeps addresses under the 254 of an SMTP path (RFC 5321).
const maxField = 200

// clean takes the blanks off both ends of a field from outside and composes its
// accents, so that a file saved on a Mac compares equal to Parliament's. A line
// break is no blank: it stays, for checkText to refuse.
func clean(s string) string {
	s = strings.Trim(s, " \t\u00a0")
	if isASCII(s) {
		return s
	}
	return norm.NFC.String(s)
}

// checkText refuses what must never reach a mail header or a page: line breaks,
// control characters, invisible and direction-changing ones, broken UTF-8.
func checkText(s string) error {
	if len(s) > maxField {
		return fmt.Errorf("is longer than %d bytes", maxField)
	}
	if isPlain(s) {
		return nil // nearly always; it keeps the start of the program fast
	}
	if !utf8.ValidString(s) {
		return errors.New("is not UTF-8 text")
	}
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			return errors.New("holds a line break")
		case unicode.IsControl(r):
			return fmt.Errorf("holds a control character (%U)", r)
		case unicode.Is(unicode.Cf, r):
			return fmt.Errorf("holds an invisible character (%U)", r)
		}
	}
	return nil
}

// isPlain reports whether s is printable ASCII throughout.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// CheckEmail reports, in words that follow the field's name, why an MP's address
// cannot be used, or nil. It wants one bare ASCII address: no display name, no
// second recipient, nothing that could break out of a header.
func CheckEmail(s string) error {
	if err := checkText(s); err != nil {
		return err
	}
	switch {
	case s == "":
		return errors.New("is empty")
	case !isASCII(s):
		return errors.New("holds letters that many mail servers cannot carry (only ASCII is accepted)")
	case strings.ContainsAny(s, ",;"):
		return errors.New("must be one address only")
	case strings.ContainsAny(s, " \"<>()[]\\"):
		return errors.New("must be a bare address such as name@parliament.uk")
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s {
		return errors.New("is not an email address")
	}
	_, domain, _ := strings.Cut(s, "@")
	if !strings.Contains(domain, ".") {
		return errors.New("has no full domain after the @")
	}
	return nil
}

// isCode reports whether s is shaped like the ONS code of a constituency.
func isCode(s string) bool {
	if len(s) != 9 || !strings.ContainsRune("ENSW", rune(s[0])) {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// check reports everything in the member's texts that makes it unfit for a
// roster; the number is checked where it is read.
func (m Member) check() []error {
	var problems []error
	texts := []struct{ field, value string }{
		{"name", m.Name}, {"full_title", m.FullTitle}, {"salutation", m.Salutation}, {"party", m.Party},
	}
	for _, t := range texts {
		if err := checkText(t.value); err != nil {
			problems = append(problems, fmt.Errorf("%s %w", t.field, err))
		}
	}
	if m.Name == "" {
		problems = append(problems, errors.New("name is missing"))
	}
	if m.Email != "" {
		if err := CheckEmail(m.Email); err != nil {
			problems = append(problems, fmt.Errorf("email %w", err))
		}
	}
	return problems
}
