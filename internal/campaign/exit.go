package campaign

import (
	"net/netip"
	"net/url"
	"strings"
)

// DefaultExit is where people are taken who leave the check in a hurry, unless
// the campaign's file says otherwise: a page that anyone may have open, and that
// explains itself to whoever looks over a shoulder. A page of the government's
// would be the wrong place for somebody who is afraid of it.
const DefaultExit = "https://www.bbc.co.uk/weather"

// validExit reports whether people can be taken to an address: a whole https
// one that names its host and nobody's password. This machine may be reached
// without TLS, for trying out.
func validExit(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || strings.ContainsAny(address, " \t\r\n\"<>") {
		return false
	}
	if u.Scheme == "http" {
		ip, err := netip.ParseAddr(u.Hostname())
		return err == nil && ip.IsLoopback()
	}
	return u.Scheme == "https" && strings.Contains(u.Hostname(), ".")
}
