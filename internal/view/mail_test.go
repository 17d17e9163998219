package view

import (
	"strings"
	"testing"
)

// TestMail holds every mail to the rule: the campaign's words and the link,
// plain text, paragraphs unbroken.
func TestMail(t *testing.T) {
	r := newRenderer(t)
	full := MailData{
		Campaign: "MPs Not Border Guards", MP: "Jane Example", Constituency: "Ynys Môn",
		Link: "https://letters.example/l/4fXq", Days: 7, Reference: "K7QM-2XRD", Note: "Your MP has left.\nWrite to the new one.",
	}
	vacant := full
	vacant.MP, vacant.Days = "", 1
	for _, lang := range r.Languages() {
		for _, name := range mailNames {
			for _, data := range []MailData{full, vacant} {
				subject, text, err := r.Mail(lang, name, data)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(subject, data.Campaign) || strings.ContainsAny(subject, "\r\n") {
					t.Errorf("%s %s: subject %q", lang, name, subject)
				}
				switch name { // they may be about another MP than the one who sits now
				case "declined":
					data.MP = data.Note
				case "bounced", "forward":
					data.MP = ""
				}
				for _, want := range []string{data.Campaign, data.MP, data.Constituency, "\n" + data.Link + "\n"} {
					if !strings.Contains(text, want) {
						t.Errorf("%s %s: the text lacks %q", lang, name, want)
					}
				}
				if !strings.HasSuffix(text, "\n") || strings.Contains(text, "\n\n\n") || strings.Contains(text, "{") || strings.Contains(text, "&#") {
					t.Errorf("%s %s: the text is untidy:\n%s", lang, name, text)
				}
			}
		}
	}
	if _, _, err := r.Mail("en", "letter", full); err == nil {
		t.Error("a mail that does not exist was rendered")
	}
	if _, _, err := r.Mail("en", "confirm", MailData{Campaign: "a\nBcc: x"}); err == nil {
		t.Error("a subject of two lines was accepted")
	}
}
