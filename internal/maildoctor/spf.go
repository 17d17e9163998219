package maildoctor

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"

	"blitiri.com.ar/go/spf"
)

var spfCodes = []string{"spf_ok", "spf_known", "spf_none", "spf_none_where", "spf_many", "spf_bad", "spf_include", "spf_lookups", "spf_trouble", "spf_open", "spf_lacks", "spf_perhaps", "spf_where"}

// state is what is known of one way to show that mail is genuine.
type state int

const (
	unknown state = iota // nobody can tell from here
	good
	bad
)

// includes are the records that relay services ask to be included, as their
// manuals give them, by the domain of their servers.
var includes = map[string]string{
	"amazonaws.com":   "amazonses.com",
	"postmarkapp.com": "spf.mtasv.net",
	"mailgun.org":     "mailgun.org",
	"sendgrid.net":    "sendgrid.net",
	"mailjet.com":     "spf.mailjet.com",
	"gmail.com":       "_spf.google.com",
	"office365.com":   "spf.protection.outlook.com",
	"fastmail.com":    "spf.messagingengine.com",
}

// spf looks whether the envelope's domain allows the mail server to send for it
// (RFC 7208). The server that Postbag speaks with need not be the one that
// speaks with the world: what is found for it is told as that.
func (e *examination) spf(ctx context.Context, r *Relay) state {
	domain := e.envelope()
	records, err := e.dns.texts(ctx, domain, "v=spf1")
	records = slices.DeleteFunc(records, func(s string) bool { return len(s) > 6 && s[6] != ' ' })
	allow, from, certain := e.senders(r)
	switch {
	case err != nil:
		e.add(Warning, "spf_trouble", "domain", domain)
		return unknown
	case len(records) == 0:
		code := "spf_none"
		if allow == somewhere {
			code = "spf_none_where"
		}
		e.addRecord(Problem, Record{domain, "TXT", "v=spf1 " + allow + " ~all"}, code, "domain", domain)
		return bad
	case len(records) > 1:
		e.addRecord(Problem, Record{domain, "TXT", merged(records)}, "spf_many", "domain", domain)
		return bad
	}
	now := records[0]
	if closed, is := open(now); is {
		e.addRecord(Warning, Record{domain, "TXT", closed}, "spf_open", "domain", domain)
	}
	if len(from) == 0 {
		e.add(Warning, "spf_where", "domain", domain, "now", now)
		return unknown
	}
	var lacks []netip.Addr
	for _, ip := range from {
		result, err := spf.CheckHostWithSender(net.IP(ip.AsSlice()), domain, "letters@"+domain, spf.WithContext(ctx), spf.WithResolver(e.dns))
		switch {
		case result == spf.TempError:
			e.add(Warning, "spf_trouble", "domain", domain)
			return unknown
		case result == spf.PermError && (errors.Is(err, spf.ErrLookupLimitReached) || errors.Is(err, spf.ErrVoidLookupLimitReached)):
			e.add(Problem, "spf_lookups", "domain", domain, "now", now)
			return bad
		case result == spf.PermError && errors.Is(err, spf.ErrNoResult):
			e.add(Problem, "spf_include", "domain", domain, "now", now)
			return bad
		case result == spf.PermError:
			e.add(Problem, "spf_bad", "domain", domain, "now", now, "detail", err.Error())
			return bad
		case result != spf.Pass:
			lacks = append(lacks, ip)
		}
	}
	if strings.HasPrefix(allow, "ip") {
		allow = allowing(lacks)
	}
	wanted := Record{domain, "TXT", "v=spf1 " + allow + " " + strings.TrimSpace(now[len("v=spf1"):])}
	list := []string{"domain", domain, "addresses", addresses(from), "lacks", addresses(lacks), "now", now}
	switch {
	case len(lacks) == 0 && certain:
		e.add(OK, "spf_ok", list...)
		return good
	case len(lacks) == 0:
		e.add(OK, "spf_known", list...)
		return good
	case certain:
		e.addRecord(Problem, wanted, "spf_lacks", list...)
		return bad
	}
	e.addRecord(Warning, wanted, "spf_perhaps", list...)
	return unknown
}

// somewhere stands in a record where only whoever runs the server knows what.
const somewhere = "ip4:ADDRESS"

// senders returns what a record needs to allow the mail server, and the
// addresses to look at. Certain are those that somebody has told.
func (e *examination) senders(r *Relay) (allow string, from []netip.Addr, certain bool) {
	switch {
	case len(e.Setup.SendingIPs) > 0:
		return allowing(e.Setup.SendingIPs), e.Setup.SendingIPs, true
	case r != nil && len(r.Addresses) > 0 && !r.Local():
		for domain, include := range includes {
			if within(strings.ToLower(r.Host), []string{domain}) {
				return "include:" + include, r.Addresses, false
			}
		}
		if _, err := netip.ParseAddr(r.Host); err == nil {
			return allowing(r.Addresses), r.Addresses, false
		}
		return "a:" + strings.ToLower(r.Host), r.Addresses, false
	case len(e.Setup.OwnIPs) > 0:
		return allowing(e.Setup.OwnIPs), e.Setup.OwnIPs, false
	}
	return somewhere, nil, false
}

// allowing writes addresses as a record has them.
func allowing(ips []netip.Addr) string {
	var terms []string
	for _, ip := range ips {
		if ip.Is4() {
			terms = append(terms, "ip4:"+ip.String())
		} else {
			terms = append(terms, "ip6:"+ip.String())
		}
	}
	return strings.Join(terms, " ")
}

func addresses(ips []netip.Addr) string {
	var all []string
	for _, ip := range ips {
		all = append(all, ip.String())
	}
	return strings.Join(all, ", ")
}

// open reports whether a record allows the whole world, and how it would not. What
// stands behind it may be a modifier.
func open(record string) (closed string, is bool) {
	terms := strings.Fields(record)
	for i, term := range terms {
		if lower := strings.ToLower(term); lower == "all" || lower == "+all" {
			terms[i], is = "~all", true
		}
	}
	return strings.Join(terms, " "), is
}

// merged makes one record of several: what each allows, and the mildest end. A
// redirect becomes an include, as it counts for nothing beside an end (RFC 7208,
// section 6.1); how its record ends is not known here.
func merged(records []string) string {
	var terms []string
	end := "-all"
	for _, record := range records {
		for _, term := range strings.Fields(record)[1:] {
			lower := strings.ToLower(term)
			if to, is := strings.CutPrefix(lower, "redirect="); is {
				term, end = "include:"+to, "~all"
			}
			switch {
			case lower == "-all":
			case strings.HasSuffix(lower, "all") && len(lower) <= len("~all"):
				end = "~all"
			case !slices.Contains(terms, term):
				terms = append(terms, term)
			}
		}
	}
	return strings.Join(append(append([]string{"v=spf1"}, terms...), end), " ")
}
