package config_test

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/config"
)

// FuzzLoad: settings that are taken can be used, and those that are refused are
// told by name, without a secret.
func FuzzLoad(f *testing.F) {
	for name, value := range production(map[string]string{
		"POSTBAG_OFFICE_HOURS": "Mon-Fri 09:00-17:30", "POSTBAG_DISSOLVED": "2029-03-30/2029-05-03", "POSTBAG_DKIM": "a=/b.pem, c=d", "POSTBAG_CONTACT": "https://example.org/data",
		"POSTBAG_BOUNCE_ADDRESS": "bounces@example.org", "POSTBAG_BOUNCE_LISTEN": "lmtp://127.0.0.1:2525", "POSTBAG_HOOK_POSTMARK": "user:0123456789012345678901234567890123456789",
		"POSTBAG_HOOK_SES": "arn:aws:sns:eu-west-2:123456789012:postbag", "POSTBAG_HOOK_MAILGUN": "key-0123456789", "POSTBAG_MP_PER_HOUR": "60", "POSTBAG_ADDR": "[::1]:0", "POSTBAG_TEST_RECIPIENT": "a@b.c",
		"POSTBAG_MEMBERS_API": "http://127.0.0.1:1/",
	}) {
		f.Add(name, value)
	}
	f.Add("POSTBAG_BASE_URL", "https://[::1]:99999")
	f.Add("POSTBAG_MAIL_FROM", "\"a\r\nBcc: b\"@example.org")
	f.Fuzz(func(t *testing.T, name, value string) {
		if strings.HasSuffix(name, "_FILE") || name == "POSTBAG_POSTCODES" { // files of this machine
			return
		}
		c, err := config.Load(env(production(map[string]string{name: value})), smtpOK)
		if err != nil {
			if !strings.Contains(err.Error(), "POSTBAG_") || strings.Contains(err.Error(), secret) {
				t.Errorf("%v", err)
			}
			if hidden := name == "POSTBAG_SECRET" || strings.HasPrefix(name, "POSTBAG_HOOK_MAILGUN") || name == "POSTBAG_HOOK_POSTMARK"; hidden && len(value) > 12 && !strings.Contains(err.Error(), name+" ") {
				t.Errorf("%s is wrong, and it says %v", name, err)
			}
			return
		}
		if strings.Count(c.MailFrom, "@") == 0 || strings.ContainsAny(c.MailFrom+c.TestRecipient+c.BounceAddress, "\r\n\x00") || c.MailDomain() == "" {
			t.Errorf("mail comes from %q", c.MailFrom)
		}
		u, err := url.Parse(c.BaseURL)
		if err != nil || u.Scheme != "https" && c.Production() || u.Host == "" || u.Path != "" || strings.ContainsAny(c.BaseURL, " \"<>") {
			t.Errorf("the site is %q", c.BaseURL)
		}
		if _, _, err := net.SplitHostPort(c.Addr); err != nil {
			t.Errorf("it listens on %q", c.Addr)
		}
		if c.Pace.PerHour < 0 || c.Pace.PerHour > campaign.MaxPerHour || c.Connections < 1 || c.Connections > 100 || c.PerDomain < 0 || len(c.Secret) < 32 {
			t.Errorf("%+v", c)
		}
		for _, k := range c.DKIM {
			if !config.Selector.MatchString(k.Selector) || k.File == "" {
				t.Errorf("a key %+v", k)
			}
		}
	})
}
