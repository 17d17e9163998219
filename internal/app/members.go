package app

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"postbag/internal/fault"
	"postbag/internal/fetch"
	"postbag/internal/parliament"
)

// membersAPI is whom to ask for Parliament's list. Outside production nobody
// elsewhere is asked: a test, or a try, is no reason to.
func (a *App) membersAPI() (*parliament.Client, error) {
	if !a.cfg.Production() && !isLoopback(a.cfg.MembersAPI) {
		return nil, fault.New(fault.Conflict, "desk.error.sync_development")
	}
	return NewMembersAPI(a.cfg.MembersAPI)
}

// NewMembersAPI returns the client of an address that the settings or a command
// name. What a name leads to must be public, whatever whoever keeps it says it is
// today; an address within this network is asked where it is named as a number. A
// proxy that the environment names makes its connections itself.
func NewMembersAPI(base string) (*parliament.Client, error) {
	client, err := parliament.NewClient(base)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(client.BaseURL)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil || isLoopback(client.BaseURL) {
		return client, nil
	}
	transport, guarded := client.HTTP.Transport.(*http.Transport), fetch.Dial(fetch.Public)
	plain := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(address); err == nil && host != u.Hostname() {
			return plain(ctx, network, address)
		}
		return guarded(ctx, network, address)
	}
	return client, nil
}

func isLoopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
