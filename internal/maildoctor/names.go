package maildoctor

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"
)

// patience is how long to wait for one answer of the DNS.
const patience = 8 * time.Second

// names asks the DNS for names as they are: without the dot at the end, the
// domains that the machine searches would be tried, too.
type names struct{ Resolver }

func rooted(name string) string { return strings.TrimSuffix(name, ".") + "." }

// LookupTXT returns the TXT records of a name.
func (n names) LookupTXT(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return n.Resolver.LookupTXT(ctx, rooted(name))
}

// LookupMX returns the MX records of a name.
func (n names) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return n.Resolver.LookupMX(ctx, rooted(name))
}

// LookupIPAddr returns the addresses of a name.
func (n names) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return n.Resolver.LookupIPAddr(ctx, rooted(host))
}

// LookupAddr returns the names of an address.
func (n names) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return n.Resolver.LookupAddr(ctx, addr)
}

// texts returns the TXT records that begin in one way; none is no error.
func (n names) texts(ctx context.Context, name, begin string) ([]string, error) {
	all, err := n.LookupTXT(ctx, name)
	if missing(err) {
		return nil, nil
	}
	var found []string
	for _, text := range all {
		if len(text) >= len(begin) && strings.EqualFold(text[:len(begin)], begin) {
			found = append(found, text)
		}
	}
	return found, err
}

// missing reports that the DNS answered, and has nothing of that kind.
func missing(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}
