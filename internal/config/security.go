package config

import (
	"net/url"
	"strings"
)

// securityContact reads where weaknesses may be told of; empty: MailFrom.
func (l *loader) securityContact() string {
	const name = "POSTBAG_SECURITY_CONTACT"
	contact := l.get(name, "")
	if contact == "" || bareAddress(contact) && ascii(contact) {
		return contact
	}
	u, err := url.Parse(contact)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsFunc(contact, func(r rune) bool { return r <= ' ' || r > '~' }) {
		l.problem(name, "is %q; it must be an email address, or the https address of a page, where weaknesses can be reported", contact)
	}
	return contact
}
