package app

import (
	"net"
	"net/url"

	"postbag/internal/fault"
	"postbag/internal/parliament"
)

// membersAPI is whom to ask for Parliament's list. Outside production nobody
// elsewhere is asked: a test, or a try, is no reason to.
func (a *App) membersAPI() (*parliament.Client, error) {
	if !a.cfg.Production() && !isLoopback(a.cfg.MembersAPI) {
		return nil, fault.New(fault.Conflict, "desk.error.sync_development")
	}
	return parliament.NewClient(a.cfg.MembersAPI)
}

func isLoopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
