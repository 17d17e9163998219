package view

import (
	"errors"
	"fmt"
	"strings"
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
	Note         string // what an organiser tells a supporter who confirmed; empty: nothing
}

// Mail renders the mail called name (confirm, remind, repeat, declined) in lang, else in
// DefaultLang: its subject on one line and its text, paragraphs unbroken.
func (r *Renderer) Mail(lang, name string, data any) (subject, text string, err error) {
	e, err := r.fresh()
	if err != nil {
		return "", "", err
	}
	t := e.book(lang).mails[name]
	if t == nil {
		return "", "", fmt.Errorf("there is no mail %q", name)
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return "", "", fmt.Errorf("render the mail %q: %w", name, err)
	}
	return splitMail(b.String())
}

// splitMail takes a rendered mail apart: "Subject: …", an empty line, the text.
func splitMail(s string) (subject, text string, err error) {
	first, text, found := strings.Cut(s, "\n\n")
	subject, named := strings.CutPrefix(first, "Subject: ")
	if !found || !named || strings.ContainsAny(subject, "\r\n") {
		return "", "", errors.New("a mail's template begins with one line \"Subject: …\" and an empty line")
	}
	return subject, strings.TrimSpace(text) + "\n", nil
}
