package campaign

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"postbag/internal/phone"
)

// The fields of the letter form, as they are named in the page.
const (
	FieldSubject  = "subject"
	FieldBody     = "body"
	FieldName     = "name"
	FieldEmail    = "email"
	FieldPhone    = "phone"
	FieldAddress1 = "address1"
	FieldAddress2 = "address2"
	FieldTown     = "town"
	FieldPostcode = "postcode"
)

// MaxQuestions is how many questions a campaign may ask. More would make a form
// of what should be a letter.
const MaxQuestions = 3

// answerFields are the fields for the answers, in the order of the questions.
var answerFields = [MaxQuestions]string{"answer1", "answer2", "answer3"}

// AnswerFields lists the fields for the answers to the campaign's questions.
func AnswerFields() []string { return answerFields[:] }

// FormFields lists the fields a supporter fills in, in the order of the page,
// without those for answers.
func FormFields() []string {
	return []string{FieldSubject, FieldBody, FieldName, FieldAddress1, FieldAddress2, FieldTown, FieldPostcode, FieldPhone, FieldEmail}
}

// Value returns the field as it stands in the form.
func (f Form) Value(field string) string {
	if p := f.field(field); p != nil {
		return *p
	}
	return ""
}

func (f *Form) field(name string) *string {
	switch name {
	case FieldSubject:
		return &f.Subject
	case FieldBody:
		return &f.Body
	case FieldName:
		return &f.Name
	case FieldEmail:
		return &f.Email
	case FieldPhone:
		return &f.Phone
	case FieldAddress1:
		return &f.Address1
	case FieldAddress2:
		return &f.Address2
	case FieldTown:
		return &f.Town
	case FieldPostcode:
		return &f.Postcode
	}
	if i := slices.Index(answerFields[:], name); i >= 0 {
		return &f.Answers[i]
	}
	return nil
}

// Set puts a value into a field of the form; an unknown field is ignored.
func (f *Form) Set(field, value string) {
	if p := f.field(field); p != nil {
		*p = value
	}
}

// withAnswers returns the form with the answers put before the body, a
// paragraph each.
func (f Form) withAnswers() Form {
	var paragraphs []string
	for _, answer := range f.Answers {
		if answer = tidyText(answer); !blank(answer) {
			paragraphs = append(paragraphs, answer)
		}
	}
	f.Answers = [MaxQuestions]string{}
	if body := tidyText(f.Body); len(paragraphs) > 0 && !blank(body) {
		paragraphs = append(paragraphs, body)
	} else if len(paragraphs) == 0 {
		return f
	}
	f.Body = strings.Join(paragraphs, "\n\n")
	return f
}

// check returns the form made fit for a letter and, for every field that will
// not do, the key of the sentence beside it. Only what is beyond doubt is
// mended: Unicode form, line ends, invisible characters, space around and
// between words. The postcode is checked elsewhere. An email address is asked
// for only when Postbag is to send the letter; what else stands in that field is
// then nobody's business.
func (f Form) check(way Way) (Form, map[string]string) {
	problems := map[string]string{}
	line := func(field string, most int, required bool) {
		value := f.field(field)
		if hasControl(*value) {
			problems[field] = "field." + field + ".control"
			return
		}
		*value = tidyLine(*value)
		switch {
		case *value == "" && required:
			problems[field] = "field." + field + ".missing"
		case utf8.RuneCountInString(*value) > most:
			problems[field] = "field." + field + ".long"
		}
	}
	line(FieldSubject, MaxSubject, true)
	line(FieldName, MaxName, true)
	line(FieldAddress1, MaxAddress, true)
	line(FieldAddress2, MaxAddress, false)
	line(FieldTown, MaxAddress, true)
	if way == WaySend {
		line(FieldEmail, MaxEmail, true)
	}
	line(FieldPhone, MaxAddress, false)

	f.Body = tidyText(f.Body)
	switch {
	case blank(f.Body):
		problems[FieldBody] = "field.body.missing"
	case utf8.RuneCountInString(f.Body) > MaxBody:
		problems[FieldBody] = "field.body.long"
	}
	if problems[FieldName] == "" && (!strings.ContainsFunc(f.Name, unicode.IsLetter) || isEmail(f.Name)) {
		problems[FieldName] = "field.name.letters"
	}
	if way == WaySend && problems[FieldEmail] == "" {
		email, key := checkEmail(f.Email)
		if key != "" {
			problems[FieldEmail] = key
		} else {
			f.Email = email
		}
	}
	if problems[FieldPhone] == "" && f.Phone != "" {
		number, err := phone.Normalise(f.Phone)
		if err != nil {
			problems[FieldPhone] = "field.phone.invalid"
		} else {
			f.Phone = number
		}
	}
	return f, problems
}

// isEmail reports a whole email address: in place of a name, a slip.
func isEmail(s string) bool {
	_, problem := checkEmail(s)
	return problem == ""
}

// checkEmail returns the address to send to (the domain in its ASCII form) or
// the key of the sentence that says what is wrong with it.
func checkEmail(typed string) (address, problem string) {
	at := strings.LastIndexByte(typed, '@')
	switch {
	case at < 0:
		return "", "field.email.at"
	case at == 0 || at == len(typed)-1:
		return "", "field.email.invalid"
	case strings.ContainsFunc(typed, unicode.IsSpace):
		return "", "field.email.space"
	}
	local, domain := typed[:at], strings.TrimSuffix(typed[at+1:], ".")
	if strings.ContainsFunc(local, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", "field.email.ascii" // few mail servers take these (RFC 6531), so an answer would not arrive
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || !plausibleDomain(domain) {
		return "", "field.email.domain"
	}
	address = local + "@" + domain
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address || len(address) > MaxEmail || len(local) > 64 {
		return "", "field.email.invalid"
	}
	return address, ""
}

// plausibleDomain asks for a name with a dot whose last label is no number: an
// address literal or a bare host name is a slip here. No label has more than 63
// characters (RFC 1035, 2.3.4).
func plausibleDomain(domain string) bool {
	dot := strings.LastIndexByte(domain, '.')
	if dot <= 0 || len(domain)-dot < 3 {
		return false
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return strings.ContainsFunc(domain[dot+1:], unicode.IsLetter)
}

// emailKey is the form of an address by which repeats are found: mailbox names
// differ only in case on no provider that matters.
func emailKey(address string) string { return strings.ToLower(address) }

// inboxKey is the form of an address by which the mails to one inbox are counted,
// however it is written: what follows a plus sign leads to the same inbox
// (RFC 5233) wherever it means anything, and so do dots at Gmail
// (support.google.com/mail/answer/7436150).
func inboxKey(address string) string {
	name, domain, _ := strings.Cut(emailKey(address), "@")
	if before, _, tagged := strings.Cut(name, "+"); tagged && before != "" {
		name = before
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		name, domain = strings.ReplaceAll(name, ".", ""), "gmail.com"
	}
	return name + "@" + domain
}

// hasControl reports a line end or another control character: in a field of
// one line nobody types these, and in a header they would forge another.
func hasControl(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' || r == '\u2028' || r == '\u2029'
	})
}

// tidyLine puts s into composed form, drops invisible formatting characters
// (among them those that turn the direction of writing) and folds space.
func tidyLine(s string) string {
	s = strings.Join(strings.Fields(norm.NFC.String(strings.Map(visible, s))), " ")
	if blank(s) {
		return ""
	}
	return s
}

// blank reports whether there is nothing to see in a tidied text.
func blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && r != zwnj && r != zwj })
}

// tidyText is tidyLine for many lines: it keeps the line ends and drops space
// at the end of lines and blank lines around the text.
func tidyText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	s = strings.NewReplacer("\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(s)
	s = norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return visible(r)
	}, s))
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRightFunc(lines[i], unicode.IsSpace)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// The joiners: Persian, several Indian scripts and emoji are spelt with them.
const (
	zwnj = '\u200c'
	zwj  = '\u200d'
)

// visible drops a rune that shows nothing, save the joiners.
func visible(r rune) rune {
	if r > unicode.MaxASCII && r != zwnj && r != zwj && unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) {
		return -1
	}
	return r
}
