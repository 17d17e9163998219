package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Who asks, and whom they believe to ask: what a request says of both is anybody's
// to write, and is believed as far as it can be known.

// proxiesKey is where a request's context carries the networks of proxies that the
// settings name.
type proxiesKey struct{}

// fromProxies has a request carry the proxies that are believed besides one on the
// same machine.
func (s *Server) fromProxies(r *http.Request) *http.Request {
	if len(s.Proxies) == 0 {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), proxiesKey{}, s.Proxies))
}

// addressOf is the network address that a request comes from. A proxy on the same
// machine is believed about whom it speaks for, as nobody else can reach us from
// there, and so is one that the settings name. Each adds an address behind those
// that it was told, so they are read from the last on, and those before the first
// stranger's are only what that one says.
func addressOf(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := from.Addr().Unmap()
	if !believed(r, addr) {
		return addr
	}
	// Some proxies add a line of their own.
	told := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(told) - 1; i >= 0 && believed(r, addr); i-- {
		client, err := netip.ParseAddr(strings.TrimSpace(told[i]))
		if err != nil || client.Zone() != "" {
			break
		}
		addr = client.Unmap()
	}
	return addr
}

// believed reports whether an address is a proxy's.
func believed(r *http.Request, addr netip.Addr) bool {
	if addr.IsLoopback() {
		return true
	}
	proxies, _ := r.Context().Value(proxiesKey{}).([]netip.Prefix)
	for _, p := range proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// name is a site's, as a Host header has it.
type name struct{ host, bare string } // with the port, and without

// nameOf is the name that an address of the site has.
func nameOf(base string) name {
	u, err := url.Parse(base)
	if err != nil {
		return name{}
	}
	return name{u.Host, u.Hostname()}
}

// ours reports whether a Host header names this site. A bare address does, and so
// does this very machine: no other site's name can be made to lead there, while any
// other name can be made to lead here (DNS rebinding), and its pages would then be
// taken for our own.
func (s *Server) ours(host string) bool {
	if host == s.name.host && host != "" {
		return true
	}
	bare := host
	if without, _, err := net.SplitHostPort(host); err == nil {
		bare = without
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		bare = host[1 : len(host)-1]
	}
	if bare = strings.TrimSuffix(bare, "."); bare == "" {
		return false
	}
	if strings.EqualFold(bare, s.name.bare) || strings.EqualFold(bare, "localhost") {
		return true
	}
	_, err := netip.ParseAddr(bare)
	return err == nil
}

// forProbes reports whether a route is for whoever watches the machine, and may ask
// by any name: it tells nothing.
func forProbes(route string) bool { return route == "/healthz" || route == "/readyz" }
