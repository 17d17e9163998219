package mailer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"postbag/internal/campaign"
)

// maxAnswer is how many characters of an answer are kept: enough for the
// reason and the link that large providers add.
const maxAnswer = 300

// addresses finds anything with an @ in it, which covers rewritten forms such
// as user=example.org@relay, and quoted local parts.
var addresses = regexp.MustCompile(`("[^"\s]*(?: [^"]*)?"|[^\s<>()",;]+)@[^\s<>()",;]+`)

// cleanAnswer makes an answer fit to be stored and shown: one line, bounded,
// and without email addresses. Names are what else of the mail must not be
// repeated, since a server may quote it in any form.
func cleanAnswer(answer string, names ...string) string {
	answer = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(answer, "?"))
	if strings.Contains(answer, "@") {
		answer = addresses.ReplaceAllString(answer, "[address]")
	}
	for _, name := range names {
		answer = replaceWord(answer, name, "[address]")
	}
	answer = strings.Join(strings.Fields(answer), " ")
	if runes := []rune(answer); len(runes) > maxAnswer {
		answer = string(runes[:maxAnswer-1]) + "…"
	}
	return answer
}

// namesIn returns the parts of the addresses by which a server may name a
// mailbox without its domain ("550 jo.smith: no such user"), and the supporter's
// name, which it may quote from the header.
func namesIn(m campaign.Mail, msg message) []string {
	var names []string
	for _, address := range []string{m.To.Email, m.ReplyTo.Email, msg.to} {
		// Shorter ones are too likely to be part of an ordinary word.
		if local, _, ok := strings.Cut(address, "@"); ok && len(local) >= 3 {
			names = append(names, local)
		}
	}
	if m.Kind == campaign.MailLetter {
		for _, name := range append([]string{m.FromName}, strings.Fields(m.FromName)...) {
			if utf8.RuneCountInString(name) >= 3 {
				names = append(names, name)
			}
		}
	}
	return names
}

// replaceWord replaces a word wherever it stands by itself, in any case.
func replaceWord(s, word, with string) string {
	if word == "" || !strings.Contains(strings.ToLower(s), strings.ToLower(word)) {
		return s
	}
	found := regexp.MustCompile(`(?i)` + regexp.QuoteMeta(word))
	var b strings.Builder
	for {
		at := found.FindStringIndex(s)
		if at == nil {
			return b.String() + s
		}
		before, _ := utf8.DecodeLastRuneInString(s[:at[0]])
		after, _ := utf8.DecodeRuneInString(s[at[1]:])
		b.WriteString(s[:at[0]])
		if inWord(before) || inWord(after) {
			b.WriteString(s[at[0]:at[1]])
		} else {
			b.WriteString(with)
		}
		s = s[at[1]:]
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
