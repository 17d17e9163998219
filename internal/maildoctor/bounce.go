package maildoctor

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// ErrElsewhere is returned by Greet for a server that must not be spoken to,
// because it is not on this machine.
var ErrElsewhere = errors.New("only servers on this machine may be spoken to")

var bounceCodes = []string{"bounce_unset", "mx_ok", "mx_named", "mx_none", "mx_address_only", "mx_null", "mx_is_address", "mx_unknown", "mx_quiet", "mx_trouble"}

// bounces looks whether what cannot be delivered comes back: whether the
// envelope's domain has a mail server, and it answers.
func (e *examination) bounces(ctx context.Context) {
	domain := e.envelope()
	if e.Setup.Bounce == "" {
		e.add(Warning, "bounce_unset", "from", e.Setup.From)
	}
	all, err := e.dns.LookupMX(ctx, domain)
	want := Record{domain, "MX", "10 " + "mail." + organisation(domain) + "."}
	switch {
	case err != nil && !missing(err) && len(all) == 0:
		e.add(Warning, "mx_trouble", "domain", domain)
		return
	case len(all) == 1 && strings.Trim(all[0].Host, ".") == "": // RFC 7505
		e.addRecord(Problem, want, "mx_null", "domain", domain)
		return
	case len(all) == 0:
		// Without an MX record the domain itself is the mail server (RFC 5321,
		// section 5.1).
		found, err := e.dns.LookupIPAddr(ctx, domain)
		switch {
		case err == nil && len(found) > 0:
			e.addRecord(Warning, want, "mx_address_only", "domain", domain)
			e.answers(ctx, domain, domain)
			return
		case err != nil && !missing(err):
			e.add(Warning, "mx_trouble", "domain", domain)
			return
		}
		e.addRecord(Problem, want, "mx_none", "domain", domain)
		return
	}
	slices.SortFunc(all, func(a, b *net.MX) int { return cmp.Compare(a.Pref, b.Pref) })
	for _, mx := range all {
		e.answers(ctx, domain, strings.ToLower(strings.TrimSuffix(mx.Host, ".")))
	}
}

// answers looks whether one mail server of a domain is there.
func (e *examination) answers(ctx context.Context, domain, host string) {
	args := []string{"domain", domain, "host", host}
	if _, err := netip.ParseAddr(host); err == nil {
		e.addRecord(Problem, Record{domain, "MX", "10 mail." + organisation(domain) + "."}, "mx_is_address", args...)
		return
	}
	found, err := e.dns.LookupIPAddr(ctx, host)
	switch {
	case missing(err) || err == nil && len(found) == 0:
		e.add(Problem, "mx_unknown", args...)
		return
	case err != nil:
		e.add(Warning, "mx_trouble", args...)
		return
	}
	switch err := e.Greet(ctx, host); {
	case errors.Is(err, ErrElsewhere):
		e.add(OK, "mx_named", args...)
	case err != nil:
		e.add(Warning, "mx_quiet", append(args, "detail", err.Error())...)
	default:
		e.add(OK, "mx_ok", args...)
	}
}
