package view

import (
	"errors"
	"fmt"
	"strings"
	texttemplate "text/template"
	"time"
)

// MailData is what a mail to a supporter may say: the campaign's words, those of
// its organisers, and the private link. It has no room for anything that a
// stranger typed, because a stranger can make us send these mails to anybody.
type MailData struct {
	Campaign     string // the campaign's title
	MP           string // as a sentence names them; empty when the seat is vacant
	Constituency string
	Link         string // the private link, whole
	Days         int    // until the link expires
	Reference    string // of the letter; empty: it has none

	// What follows is for supporters who confirmed.
	Note string    // what an organiser tells them; empty: nothing
	Now  string    // who sits for the constituency by now; empty: nobody
	Sent time.Time // when the letter went; zero: it did not
	Text time.Time // until when its text and the address are kept, before Kept; zero: as Kept, or not known
	Kept time.Time // until when it is kept, at most; zero: not known
	Gone bool      // the letter's text is deleted
	Stop string    // address that ends the questions about the letter, whole; empty: none
}

// Mailing is a mail in words: the same in plain text and in HTML.
type Mailing struct {
	Subject string // one line
	Text    string // paragraphs unbroken
	HTML    string
}

// mailButton is the message on the button that stands for a mail's main link.
const mailButton = "mail.button"

// Mail renders the mail called name, one of mailNames, in lang, else in
// DefaultLang.
func (r *Renderer) Mail(lang, name string, data MailData) (Mailing, error) {
	e, err := r.fresh()
	if err != nil {
		return Mailing{}, err
	}
	m, err := e.book(lang).mail(name, data)
	if err != nil {
		return Mailing{}, err
	}
	return e.dress(e.book(lang), m, mailButton, data.Note)
}

// mail renders the text of a mail.
func (b *book) mail(name string, data any) (Mailing, error) {
	t := b.mails[name]
	if t == nil {
		return Mailing{}, fmt.Errorf("there is no mail %q", name)
	}
	return written(t, data)
}

// written fills the template of a mail in and takes it apart: "Subject: …", an
// empty line, the text.
func written(t *texttemplate.Template, data any) (Mailing, error) {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return Mailing{}, fmt.Errorf("render the mail %q: %w", t.Name(), err)
	}
	first, text, found := strings.Cut(b.String(), "\n\n")
	subject, named := strings.CutPrefix(first, "Subject: ")
	if !found || !named || strings.ContainsAny(subject, "\r\n") {
		return Mailing{}, errors.New("a mail's template begins with one line \"Subject: …\" and an empty line")
	}
	return Mailing{Subject: subject, Text: strings.TrimSpace(text) + "\n"}, nil
}
