package maildoctor

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

var settingsCodes = []string{"captured", "development", "test_recipient", "from_missing", "from_example", "from_shared", "base_unknown", "base_trouble", "clock"}

// reserved are the domains that nobody can own (RFC 2606, RFC 6761).
var reserved = []string{"example", "invalid", "test", "localhost", "example.com", "example.org", "example.net", "local", "internal"}

// shared are domains of mail services for everybody. Whoever has an address
// there cannot add to their DNS, so nothing that Postbag sends is genuine.
var shared = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk", "msn.com",
	"yahoo.com", "yahoo.co.uk", "ymail.com", "icloud.com", "me.com", "aol.com", "btinternet.com", "sky.com", "talktalk.net", "virginmedia.com",
	"proton.me", "protonmail.com", "pm.me", "gmx.com", "gmx.co.uk", "gmx.net", "mail.com", "zoho.com", "tutanota.com", "riseup.net",
}

// within reports whether a domain is one of the list or stands below one.
func within(domain string, list []string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return domain == one || strings.HasSuffix(domain, "."+one) })
}

// ours reports whether the domain is one whose DNS can be changed.
func (e *examination) ours(domain string) bool {
	return domain != "" && !within(domain, reserved) && !slices.Contains(shared, domain)
}

// settings looks at what needs no mail server.
func (e *examination) settings(ctx context.Context) {
	s := e.Setup
	if now := e.Now(); now.Before(e.NoSooner) {
		e.add(Problem, "clock", "now", now.UTC().Format(time.DateTime))
	}
	switch {
	case s.Captured:
		e.add(Warning, "captured")
	case !s.Production:
		e.add(Warning, "development")
	}
	if s.TestRecipient {
		e.add(Warning, "test_recipient")
	}
	domain := domainOf(s.From)
	switch {
	case s.Captured && within(domain, []string{"invalid"}):
		e.add(Warning, "from_missing")
	case within(domain, reserved):
		e.add(worse(s.Production), "from_example", "from", s.From)
	case slices.Contains(shared, domain):
		e.add(Problem, "from_shared", "from", s.From, "domain", domain)
	}
	e.base(ctx)
}

// base looks whether the links in mails lead anywhere.
func (e *examination) base(ctx context.Context) {
	u, err := url.Parse(e.Setup.BaseURL)
	if err != nil || u.Host == "" {
		return
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || strings.EqualFold(host, "localhost") {
		return
	}
	addresses, err := e.dns.LookupIPAddr(ctx, host)
	switch {
	case missing(err) || err == nil && len(addresses) == 0:
		e.add(worse(e.Setup.Production), "base_unknown", "host", host)
	case err != nil:
		e.add(Warning, "base_trouble", "host", host)
	}
}

// worse is a problem where it counts, and a warning elsewhere.
func worse(counts bool) Severity {
	if counts {
		return Problem
	}
	return Warning
}
