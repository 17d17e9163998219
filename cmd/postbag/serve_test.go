package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever watches a service can tell a setting that is wrong, which no second
// start mends, from trouble that passes.
func TestServe_aWrongSettingIsOne(t *testing.T) {
	for _, tt := range []struct{ name, value string }{
		{"POSTBAG_DKIM", "postbag=" + filepath.Join(t.TempDir(), "none.pem")},
		{"POSTBAG_BOUNCE_LISTEN", "http://127.0.0.1:2525"},
		{"POSTBAG_ADDR", "127.0.0.1:web"},
	} {
		got := withSettings(t, map[string]string{
			"POSTBAG_ADDR": "127.0.0.1:0", "POSTBAG_DATA_DIR": t.TempDir(), "POSTBAG_BOUNCE_ADDRESS": "bounces@example.org", tt.name: tt.value,
		}, "serve")
		if got.code != exitUsage || !strings.Contains(got.err, tt.name) {
			t.Errorf("%s: exit %d, %s", tt.name, got.code, got.err)
		}
	}
}

// A mistyped setting is told of by its name; nothing of its value is.
func TestServe_tellsOfStrangers(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, err bytes.Buffer
	settings := map[string]string{"POSTBAG_ADDR": "127.0.0.1:0", "POSTBAG_DATA_DIR": t.TempDir()}
	w := &world{ctx: ctx, out: &out, err: &err, environ: []string{"POSTBAG_SMPT_URL=smtp://user:hunter2@host", "POSTBAG_ADDR=127.0.0.1:0"}, env: func(name string) (string, bool) {
		value, ok := settings[name]
		return value, ok
	}}
	w.run([]string{"serve"})
	if said := err.String(); !strings.Contains(said, "POSTBAG_SMPT_URL") || strings.Contains(said, "hunter2") || strings.Contains(said, "POSTBAG_ADDR") {
		t.Errorf("%s", said)
	}
}

// Every setting stands in the help.
func TestServe_helpHasEverySetting(t *testing.T) {
	help := serveCmd{}.Help()
	for _, name := range []string{
		"POSTBAG_ENV", "POSTBAG_ADDR", "POSTBAG_BASE_URL", "POSTBAG_DATA_DIR", "POSTBAG_SECRET", "POSTBAG_SMTP_URL", "POSTBAG_MAIL_FROM",
		"POSTBAG_BOUNCE_ADDRESS", "POSTBAG_BOUNCE_LISTEN", "POSTBAG_HOOK_POSTMARK", "POSTBAG_HOOK_MAILGUN", "POSTBAG_HOOK_SES", "POSTBAG_DKIM",
		"POSTBAG_MP_PER_HOUR", "POSTBAG_OFFICE_HOURS", "POSTBAG_DISSOLVED", "POSTBAG_SMTP_PER_MINUTE", "POSTBAG_SMTP_CONNECTIONS",
		"POSTBAG_SMTP_PER_DOMAIN", "POSTBAG_LIMITS", "POSTBAG_DISPOSABLE_DOMAINS", "POSTBAG_POSTCODES", "POSTBAG_TEST_RECIPIENT", "POSTBAG_MEMBERS_API",
	} {
		if !strings.Contains(help, name) {
			t.Errorf("%s is not in it", name)
		}
	}
}
