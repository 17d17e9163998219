package config_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"postbag/internal/config"
)

func TestLoad_Proxies(t *testing.T) {
	for value, want := range map[string][]netip.Prefix{
		"":                          nil,
		"172.17.0.1":                {netip.MustParsePrefix("172.17.0.1/32")},
		"::ffff:172.17.0.1":         {netip.MustParsePrefix("172.17.0.1/32")},
		"10.0.0.9/24, fd00::1":      {netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::1/128")},
		" 192.0.2.1 ,, 192.0.2.2  ": {netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")},
	} {
		c, err := config.Load(env(map[string]string{"POSTBAG_PROXIES": value}), smtpOK)
		if err != nil || !slices.Equal(c.Proxies, want) {
			t.Errorf("%q: %v, %v; want %v", value, c.Proxies, err, want)
		}
	}
	for _, value := range []string{"proxy.example.org", "10.0.0.0/33", "0.0.0.0/0", "::/0", "10.0.0.1:80"} {
		if _, err := config.Load(env(map[string]string{"POSTBAG_PROXIES": value}), smtpOK); err == nil || !strings.Contains(err.Error(), "POSTBAG_PROXIES has") {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestLoad_SecurityContact(t *testing.T) {
	for _, value := range []string{"", "security@example.org", "https://example.org/security?from=txt"} {
		if c, err := config.Load(env(map[string]string{"POSTBAG_SECURITY_CONTACT": value}), smtpOK); err != nil || c.SecurityContact != value {
			t.Errorf("%q: %q, %v", value, c.SecurityContact, err)
		}
	}
	for _, value := range []string{"us", "http://example.org", "javascript:alert(1)", "https://", "https://a@example.org", "https://example.org/\nExpires: never", "a@example.org\r\nX: y", "ü@example.org"} {
		if _, err := config.Load(env(map[string]string{"POSTBAG_SECURITY_CONTACT": value}), smtpOK); err == nil || !strings.Contains(err.Error(), "POSTBAG_SECURITY_CONTACT is") {
			t.Errorf("%q: %v", value, err)
		}
	}
}
