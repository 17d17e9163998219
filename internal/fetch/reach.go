package fetch

import (
	"context"
	"net"
	"net/netip"
	"syscall"
)

// Dial returns what makes connections within a reach. It looks at the address that a
// connection is about to be made to, after the name was resolved: a name that leads
// elsewhere the second time gains nothing by it.
func Dial(reach Reach) func(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !reach(to.Addr().Unmap().WithZone("")) {
			return refused("desk.doctor.error.private")
		}
		return nil
	}}
	return dialer.DialContext
}

// Loopback is this very machine alone: where development and tests may look.
func Loopback(a netip.Addr) bool { return a.Unmap().IsLoopback() }

// Public is what everybody can reach. What leads into a network of its own, or
// carries another address within it, is not.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !global6.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// global6 is all of IPv6 that is given out to networks.
var global6 = netip.MustParsePrefix("2000::/3")

// special are the ranges within the rest that are not public, as IANA's
// registries of special-purpose addresses have them (RFC 6890).
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}
