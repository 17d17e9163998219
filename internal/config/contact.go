package config

import (
	"net/url"
	"strings"
)

// contact reads where people can turn to about something: an email address, or the
// https address of a page; empty: there is none.
func (l *loader) contact(name, about string) string {
	contact := l.get(name, "")
	if contact == "" || bareAddress(contact) && ascii(contact) {
		return contact
	}
	u, err := url.Parse(contact)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsFunc(contact, func(r rune) bool { return r <= ' ' || r > '~' }) {
		l.problem(name, "is %q; it must be an email address, or the https address of a page, %s", contact, about)
	}
	return contact
}
