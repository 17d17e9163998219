package maildoctor

import (
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Record is a record for the DNS.
type Record struct {
	Name  string `json:"name"`  // whole, without a dot at the end
	Type  string `json:"type"`  // TXT or MX
	Value string `json:"value"` // without quotes
}

// maxString is how many bytes one string of a TXT record holds (RFC 1035,
// section 3.3.14); what is longer is written as several, which are read as one.
const maxString = 255

// Zone writes the record as a zone file has it.
func (r Record) Zone() string {
	value := r.Value
	if r.Type == "TXT" {
		var parts []string
		for rest := r.Value; rest != ""; {
			n := min(len(rest), maxString)
			parts = append(parts, `"`+escaped(rest[:n])+`"`)
			rest = rest[n:]
		}
		value = strings.Join(parts, " ")
		if len(parts) > 1 {
			value = "( " + strings.Join(parts, "\n    ") + " )"
		}
	}
	return fmt.Sprintf("%s. 3600 IN %s %s", r.Name, r.Type, value)
}

// escaped writes one string so that it can stand between quotes (RFC 1035, section
// 5.1): what others have put into the DNS may be any bytes, line ends among them.
func escaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c == '\\' || c == '"':
			b.WriteString(`\` + string(rune(c)))
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Within splits the name into the domain that was registered, under which a
// panel of the DNS lists it, and what to type there; "@" stands for the domain
// itself.
func (r Record) Within() (typed, domain string) {
	domain = organisation(r.Name)
	typed = strings.TrimSuffix(strings.TrimSuffix(r.Name, domain), ".")
	if typed == "" {
		typed = "@"
	}
	return typed, domain
}

// organisation returns the domain that somebody registered: the one below a
// public suffix such as org.uk. It is what DMARC means by the organisational
// domain (RFC 7489, section 3.2).
func organisation(name string) string {
	name = strings.ToLower(name)
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return domain
	}
	return name
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
