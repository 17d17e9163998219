package config

import (
	"net/netip"
	"strings"
)

// proxies reads the addresses of proxies that are believed about whom they speak
// for.
func (l *loader) proxies() []netip.Prefix {
	const name = "POSTBAG_PROXIES"
	var all []netip.Prefix
	for _, text := range strings.FieldsFunc(l.get(name, ""), func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(text)
		if addr, bare := netip.ParseAddr(text); bare == nil {
			p, err = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
		}
		switch {
		case err != nil:
			l.problem(name, "has %q; it must be addresses or networks of proxies, with commas between them, such as 172.17.0.1 or 10.0.0.0/24", text)
		case p.Bits() == 0:
			l.problem(name, "has %q, which is everybody: whoever is believed can say to be anyone, so name the proxies alone", text)
		default:
			all = append(all, p.Masked())
		}
	}
	return all
}
