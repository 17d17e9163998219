package doctor

import (
	"net/url"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// NewSite gathers what Postbag knows of itself. base is its address.
func NewSite(base string, partners []*campaign.Partner, campaigns []*campaign.Campaign) (Site, error) {
	u, err := ParseAddress(base)
	if err != nil {
		return Site{}, err
	}
	s := Site{Base: &url.URL{Scheme: u.Scheme, Host: u.Host}, Partners: map[string]Partner{}, Campaigns: map[string]bool{}}
	for _, p := range partners {
		s.Partners[p.Slug] = Partner{Origins: p.Origins, Retired: p.Retired()}
	}
	for _, c := range campaigns {
		s.Campaigns[c.Slug] = c.Writing()
	}
	return s, nil
}

// ParseAddress reads what somebody typed as the address of a page: https where
// nothing is said.
func ParseAddress(typed string) (*url.URL, error) {
	typed = strings.TrimSpace(typed)
	if typed != "" && !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Hostname() == "" || u.User != nil || !network(u.Scheme) {
		return nil, fault.New(fault.Invalid, "desk.doctor.error.address")
	}
	u.Fragment = ""
	return u, nil
}

// Elsewhere is the report on a page of a site that is not in the partner's list,
// where such pages are not even read.
func Elsewhere(page *url.URL, partner string) Report {
	origin := Origin(page)
	return Report{[]Finding{{Severity: Broken, Code: "origin", Args: []string{"origin", origin, "partner", partner}, Line: origin}}}
}
