package view

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// sampleMail has what any mail might say.
func sampleMail() MailData {
	return MailData{
		Campaign: "MPs Not Border Guards", MP: "Jane Example", Constituency: "Ynys Môn",
		Link: "https://letters.example/l/4fXq", Days: 7, Reference: "K7QM-2XRD", Note: "Your MP has left.\n\nhttps://example.org/why\n\nWrite to the new one,\nif you like.",
		Now: "Sam Successor", Sent: day, Kept: day.AddDate(0, 0, 28), Stop: "https://letters.example/stop/9aZq",
	}
}

// TestMail holds every mail to the rule: the campaign's words and the link,
// plain text, paragraphs unbroken.
func TestMail(t *testing.T) {
	r := newRenderer(t)
	full := sampleMail()
	vacant := full
	vacant.MP, vacant.Days = "", 1
	for _, lang := range r.Languages() {
		for _, name := range mailNames {
			for _, data := range []MailData{full, vacant} {
				m, err := r.Mail(lang, name, data)
				if err != nil {
					t.Fatal(err)
				}
				subject, text := m.Subject, m.Text
				if !strings.Contains(subject, data.Campaign) || strings.ContainsAny(subject, "\r\n") {
					t.Errorf("%s %s: subject %q", lang, name, subject)
				}
				wants := []string{data.Campaign, data.MP, data.Constituency, "\n" + data.Link + "\n"}
				switch name {
				case "declined":
					wants[1] = data.Note // it may be about another MP than the one who sits now
				case "sent", "followup":
					wants = append(wants, "\n"+data.Stop+"\n")
				case "changed":
					wants = append(wants, data.Now)
				}
				for _, want := range wants {
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
	if _, err := r.Mail("en", "letter", full); err == nil {
		t.Error("a mail that does not exist was rendered")
	}
	if _, err := r.Mail("en", "confirm", MailData{Campaign: "a\nBcc: x"}); err == nil {
		t.Error("a subject of two lines was accepted")
	}
}

// The HTML says what the text says, in the same order, and nothing else.
func TestMail_HTMLIsTheText(t *testing.T) {
	r := newRenderer(t)
	for _, lang := range r.Languages() {
		for _, name := range mailNames {
			data := sampleMail()
			m, err := r.Mail(lang, name, data)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := html.Parse(strings.NewReader(m.HTML))
			if err != nil {
				t.Fatal(err)
			}
			var body *html.Node
			buttons := 0
			for n := range doc.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				switch n.Data {
				case "html":
					if attr(n, "lang") != lang {
						t.Errorf("%s %s: its language is %q", lang, name, attr(n, "lang"))
					}
				case "body":
					body = n
				case "title":
					if textOf(n) != m.Subject {
						t.Errorf("%s %s: its title is %q", lang, name, textOf(n))
					}
				case "table":
					if attr(n, "role") != "presentation" {
						t.Errorf("%s %s: a table that lays out is read aloud as one", lang, name)
					}
				case "a":
					switch to, words := attr(n, "href"), textOf(n); {
					case words == r.T(lang, "mail.button"):
						if buttons++; to != data.Link {
							t.Errorf("%s %s: the button leads to %s", lang, name, to)
						}
					case words != to || to != data.Link && to != data.Stop && to != "https://example.org/why":
						t.Errorf("%s %s: %q leads to %s", lang, name, words, to)
					}
				case "img", "script", "style", "link", "form", "iframe", "svg":
					t.Errorf("%s %s: there is a %s", lang, name, n.Data)
				}
			}
			if buttons != 1 {
				t.Errorf("%s %s: %d buttons", lang, name, buttons)
			}
			squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
			got := strings.Replace(squeeze(textOf(body)), squeeze(r.T(lang, "mail.button")), "", 1)
			if want := squeeze(m.Text); got != want {
				t.Errorf("%s %s: as HTML it says\n%s\nand as text\n%s", lang, name, got, want)
			}
		}
	}
}

// What somebody typed is never taken for HTML, nor for the main link.
func TestMail_HTMLEscapes(t *testing.T) {
	r := newRenderer(t)
	data := sampleMail()
	const bad = `<img src=x onerror=alert(1)>"&amp;`
	data.Campaign, data.MP, data.Constituency, data.Note = bad, bad, bad, "https://evil.example/\n\n- "+bad
	m, err := r.Mail("en", "declined", data)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.HTML, "<img") || !strings.Contains(m.HTML, "&lt;img") || !strings.Contains(m.HTML, "<blockquote") {
		t.Errorf("the HTML is\n%s", m.HTML)
	}
	if button := regexp.MustCompile(`<td [^>]*><a href="([^"]*)"`).FindStringSubmatch(m.HTML); button == nil || button[1] != data.Link {
		t.Errorf("the button is %q", button)
	}
}
