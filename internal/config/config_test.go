package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/config"
)

const secret = "0123456789abcdef0123456789abcdef"

func env(pairs map[string]string) config.Environment {
	return func(name string) (string, bool) {
		v, ok := pairs[name]
		return v, ok
	}
}

const membersAPI = "https://members-api.parliament.uk"

func smtpOK(string) error { return nil }

func production(changes map[string]string) map[string]string {
	all := map[string]string{
		"POSTBAG_ENV": "production", "POSTBAG_SECRET": secret, "POSTBAG_BASE_URL": "https://letters.example.org/",
		"POSTBAG_SMTP_URL": "smtp://mail.example.org", "POSTBAG_MAIL_FROM": "letters@example.org",
	}
	for k, v := range changes {
		all[k] = v
	}
	return all
}

func TestLoad_DevelopmentNeedsNothing(t *testing.T) {
	got, err := config.Load(env(nil), smtpOK)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Env: "development", Addr: "127.0.0.1:8080", DataDir: "./data", MailFrom: "letters@postbag.invalid", MembersAPI: membersAPI,
		Connections: 4, // and no pace: captured mail reaches nobody
		Limits:      campaign.GenerousLimits(), Bounds: campaign.GenerousLimits().Bounds(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !got.Captured() || got.Production() {
		t.Error("development without a mail server must capture mail")
	}
}

func TestLoad_Production(t *testing.T) {
	got, err := config.Load(env(production(nil)), smtpOK)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Env: "production", Addr: "127.0.0.1:8080", BaseURL: "https://letters.example.org", DataDir: "./data",
		Secret: secret, SMTPURL: "smtp://mail.example.org", MailFrom: "letters@example.org", MembersAPI: membersAPI,
		Pace: campaign.Pace{PerHour: 60}, Connections: 4, Limits: campaign.StrictLimits(), Bounds: campaign.StrictLimits().Bounds(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.MailDomain() != "example.org" {
		t.Errorf("MailDomain = %q", got.MailDomain())
	}
}

func TestLoad_Problems(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want []string // settings named, in order
	}{
		{"production with nothing else", map[string]string{"POSTBAG_ENV": "production"},
			[]string{"POSTBAG_SECRET", "POSTBAG_BASE_URL", "POSTBAG_SMTP_URL", "POSTBAG_MAIL_FROM"}},
		{"production over http", production(map[string]string{"POSTBAG_BASE_URL": "http://letters.example.org"}), []string{"POSTBAG_BASE_URL"}},
		{"production without a sender", production(map[string]string{"POSTBAG_MAIL_FROM": ""}), []string{"POSTBAG_MAIL_FROM"}},
		{"unknown environment", map[string]string{"POSTBAG_ENV": "prod"}, []string{"POSTBAG_ENV"}},
		{"short secret", map[string]string{"POSTBAG_SECRET": "short"}, []string{"POSTBAG_SECRET"}},
		{"address without a port", map[string]string{"POSTBAG_ADDR": "localhost"}, []string{"POSTBAG_ADDR"}},
		{"a port that is a word", map[string]string{"POSTBAG_ADDR": "127.0.0.1:web"}, []string{"POSTBAG_ADDR"}},
		{"a port beyond the last", map[string]string{"POSTBAG_ADDR": ":80800"}, []string{"POSTBAG_ADDR"}},
		{"production without a scheme", production(map[string]string{"POSTBAG_BASE_URL": "letters.example.org"}), []string{"POSTBAG_BASE_URL"}},
		{"base URL with a path", map[string]string{"POSTBAG_BASE_URL": "https://example.org/letters"}, []string{"POSTBAG_BASE_URL"}},
		{"base URL without a scheme", map[string]string{"POSTBAG_BASE_URL": "example.org"}, []string{"POSTBAG_BASE_URL"}},
		{"sender with a name", map[string]string{"POSTBAG_MAIL_FROM": "Letters <letters@example.org>"}, []string{"POSTBAG_MAIL_FROM"}},
		{"sender with a header", map[string]string{"POSTBAG_MAIL_FROM": "letters@example.org\r\nBcc: x@example.org"}, []string{"POSTBAG_MAIL_FROM"}},
		{"sender beyond ASCII", production(map[string]string{"POSTBAG_MAIL_FROM": "briefe@bücher.example"}), []string{"POSTBAG_MAIL_FROM"}},
		{"a postcode index that is not there", map[string]string{"POSTBAG_ENV": "x", "POSTBAG_POSTCODES": "no/such/file"}, []string{"POSTBAG_ENV", "POSTBAG_POSTCODES"}},
		{"a list of domains that is not there", map[string]string{"POSTBAG_DISPOSABLE_DOMAINS": "no/such/file"}, []string{"POSTBAG_DISPOSABLE_DOMAINS"}},
		{"a folder for a list of domains", map[string]string{"POSTBAG_DISPOSABLE_DOMAINS": "."}, []string{"POSTBAG_DISPOSABLE_DOMAINS"}},
		{"limits that are none", map[string]string{"POSTBAG_LIMITS": "adress_hour=1"}, []string{"POSTBAG_LIMITS"}},
		{"a folder for a postcode index", map[string]string{"POSTBAG_POSTCODES": "."}, []string{"POSTBAG_POSTCODES"}},
		{"test recipient", map[string]string{"POSTBAG_TEST_RECIPIENT": "me"}, []string{"POSTBAG_TEST_RECIPIENT"}},
		{"missing SMTP file", map[string]string{"POSTBAG_SMTP_URL_FILE": "no/such/file"}, []string{"POSTBAG_SMTP_URL_FILE"}},
		{"missing secret file", map[string]string{"POSTBAG_SECRET_FILE": "no/such/file"}, []string{"POSTBAG_SECRET_FILE"}},
		{"a pace that is none", map[string]string{
			"POSTBAG_MP_PER_HOUR": "many", "POSTBAG_OFFICE_HOURS": "mornings", "POSTBAG_DISSOLVED": "soon", "POSTBAG_SMTP_PER_MINUTE": "-1",
			"POSTBAG_SMTP_CONNECTIONS": "0", "POSTBAG_SMTP_PER_DOMAIN": "1.5",
		}, []string{"POSTBAG_MP_PER_HOUR", "POSTBAG_SMTP_PER_MINUTE", "POSTBAG_SMTP_CONNECTIONS", "POSTBAG_SMTP_PER_DOMAIN", "POSTBAG_OFFICE_HOURS", "POSTBAG_DISSOLVED"}},
		{"bounces received without an address for them", map[string]string{"POSTBAG_BOUNCE_LISTEN": "lmtp://127.0.0.1:2525"}, []string{"POSTBAG_BOUNCE_ADDRESS"}},
		{"an address for bounces that takes no token", map[string]string{"POSTBAG_BOUNCE_ADDRESS": "a+b@example.org"}, []string{"POSTBAG_BOUNCE_ADDRESS"}},
		{"a hook for Postmark without a password", map[string]string{"POSTBAG_HOOK_POSTMARK": "postmark", "POSTBAG_BOUNCE_ADDRESS": "bounces@example.org"}, []string{"POSTBAG_HOOK_POSTMARK"}},
		{"a hook for Postmark with a slash in it", map[string]string{"POSTBAG_HOOK_POSTMARK": "postmark:0123456789/abcdef", "POSTBAG_BOUNCE_ADDRESS": "bounces@example.org"}, []string{"POSTBAG_HOOK_POSTMARK"}},
		{"a hook for Postmark without an address for bounces", map[string]string{"POSTBAG_HOOK_POSTMARK": "postmark:0123456789abcdef"}, []string{"POSTBAG_BOUNCE_ADDRESS"}},
		{"a key of Mailgun's that is none", map[string]string{"POSTBAG_HOOK_MAILGUN": "key"}, []string{"POSTBAG_HOOK_MAILGUN"}},
		{"a topic that is none", map[string]string{"POSTBAG_HOOK_SES": "arn:aws:sns:eu-west-2:123456789012:a, postbag"}, []string{"POSTBAG_HOOK_SES"}},
		{"several at once", map[string]string{"POSTBAG_ENV": "x", "POSTBAG_ADDR": "y", "POSTBAG_MAIL_FROM": "z"},
			[]string{"POSTBAG_ENV", "POSTBAG_ADDR", "POSTBAG_MAIL_FROM"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.Load(env(tt.env), smtpOK)
			if err == nil {
				t.Fatal("no error")
			}
			var got []string
			for _, line := range strings.Split(err.Error(), "\n")[1:] {
				if strings.HasPrefix(line, "  POSTBAG_") {
					got = append(got, strings.Fields(line)[0])
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s\n%v", diff, err)
			}
		})
	}
}

func TestLoad_Contact(t *testing.T) {
	for contact, ok := range map[string]bool{
		"": true, "data@example.org": true, "https://example.org/data": true, "https://example.org": true,
		"http://example.org": false, "javascript:alert(1)": false, "Noor <data@example.org>": false, "example.org": false, "https://": false, "https://a:b@example.org": false,
	} {
		got, err := config.Load(env(production(map[string]string{"POSTBAG_CONTACT": contact})), smtpOK)
		if ok && (err != nil || got.Contact != contact) || !ok && (err == nil || !strings.Contains(err.Error(), "POSTBAG_CONTACT")) {
			t.Errorf("%q: %q, %v", contact, got.Contact, err)
		}
	}
}

func TestLoad_Delivery(t *testing.T) {
	got, err := config.Load(env(production(map[string]string{
		"POSTBAG_MP_PER_HOUR": "0", "POSTBAG_OFFICE_HOURS": "Mon-Fri 09:00-17:30", "POSTBAG_DISSOLVED": "2029-03-30/2029-05-03",
		"POSTBAG_SMTP_PER_MINUTE": "600", "POSTBAG_SMTP_CONNECTIONS": "8", "POSTBAG_SMTP_PER_DOMAIN": "4",
	})), smtpOK)
	if err != nil {
		t.Fatal(err)
	}
	want := campaign.Pace{
		Office:    campaign.OfficeHours{Days: [7]bool{false, true, true, true, true, true, false}, From: 9 * 60, To: 17*60 + 30},
		Dissolved: []campaign.Days{{First: "2029-03-30", Last: "2029-05-03"}},
	}
	if diff := cmp.Diff(want, got.Pace); diff != "" {
		t.Error(diff)
	}
	if got.SMTPPerMinute != 600 || got.Connections != 8 || got.PerDomain != 4 {
		t.Errorf("%d a minute, %d connections, %d to a domain", got.SMTPPerMinute, got.Connections, got.PerDomain)
	}
}

func TestLoad_SMTPProblemIsTheCheckers(t *testing.T) {
	_, err := config.Load(env(map[string]string{"POSTBAG_SMTP_URL": "smtp://user:hunter2hunter2@host", "POSTBAG_MAIL_FROM": "a@example.org"}),
		func(string) error { return errors.New("has an unknown ?tls=") })
	if err == nil || !strings.Contains(err.Error(), "POSTBAG_SMTP_URL has an unknown ?tls=") {
		t.Errorf("err = %v", err)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the password is in the error")
	}
}

func TestLoad_SecretFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(env(map[string]string{"POSTBAG_SECRET_FILE": path}), smtpOK)
	if err != nil || got.Secret != secret {
		t.Errorf("secret from the file: %v", err)
	}
	_, err = config.Load(env(map[string]string{"POSTBAG_SECRET_FILE": path, "POSTBAG_SECRET": secret}), smtpOK)
	if err == nil {
		t.Error("set twice, and taken")
	}
}

func TestLoad_OnlySecretsComeFromFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "smtp")
	if err := os.WriteFile(path, []byte("smtp://mail.example.org\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(env(map[string]string{
		"POSTBAG_SMTP_URL_FILE": path, "POSTBAG_MAIL_FROM": "letters@example.org",
		"POSTBAG_ADDR_FILE": "no/such/file", "POSTBAG_DATA_DIR_FILE": path,
	}), smtpOK)
	if err != nil || got.SMTPURL != "smtp://mail.example.org" || got.DataDir != "./data" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestConfig_PrintsNoSecret(t *testing.T) {
	c := config.Config{Secret: secret, SMTPURL: "smtp://user:hunter2@host"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(verb, c); strings.Contains(out, secret) || strings.Contains(out, "hunter2") {
			t.Errorf("%s shows a secret", verb)
		}
	}
}
