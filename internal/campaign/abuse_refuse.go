package campaign

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/idna"

	"postbag/internal/parliament"
)

// Domains is a list of mail domains, with all below them. The nil Domains has none.
type Domains struct{ names map[string]bool }

// ReadDomains reads a list: a domain on each line, in any case; empty lines and what
// follows a # count for nothing.
func ReadDomains(r io.Reader) (*Domains, error) {
	d := &Domains{map[string]bool{}}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.Trim(strings.TrimSpace(line), "."); line == "" {
			continue
		}
		name, err := idna.Lookup.ToASCII(line)
		if err != nil || !plausibleDomain(name) {
			return nil, fmt.Errorf("line %d is no domain", n)
		}
		d.names[name] = true
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return d, nil
}

// Has reports whether a domain, in its ASCII form, is listed or below one that is.
func (d *Domains) Has(domain string) bool {
	if d == nil {
		return false
	}
	for domain = strings.ToLower(domain); domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if d.names[domain] {
			return true
		}
	}
	return false
}

// parliamentDomain is where MPs and those who work for them have their mail.
const parliamentDomain = "parliament.uk"

// refuseSender returns the key of the sentence that says why a checked address cannot
// be a supporter's, or "".
func (s *Service) refuseSender(email, mp string) string {
	key := inboxKey(email)
	_, domain, _ := strings.Cut(key, "@")
	switch {
	case emailKey(email) == emailKey(mp), mp != "" && key == inboxKey(mp):
		return "field.email.mp"
	case domain == parliamentDomain, strings.HasSuffix(domain, "."+parliamentDomain), s.sits(key):
		return "field.email.parliament"
	case s.disposable.Has(domain):
		return "field.email.disposable"
	}
	return ""
}

// sits reports whether an inbox is that of an MP.
func (s *Service) sits(inbox string) bool {
	return s.roster.Load().inboxes[inbox]
}

// inboxesOf are the inboxes of the MPs who sit.
func inboxesOf(r *parliament.Roster) map[string]bool {
	inboxes := map[string]bool{}
	for _, seat := range r.Seats() {
		if seat.Member.Email != "" {
			inboxes[inboxKey(seat.Member.Email)] = true
		}
	}
	return inboxes
}
