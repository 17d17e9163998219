package mailer

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	for raw, want := range map[string]SMTP{
		"smtp://mail.example.org":                                 {"mail.example.org", 25, "", "", TLSOpportunistic},
		"smtp://mail.example.org/":                                {"mail.example.org", 25, "", "", TLSOpportunistic},
		"  smtp://localhost:1025\n":                               {"localhost", 1025, "", "", TLSOpportunistic},
		"smtp://localhost?tls=none":                               {"localhost", 25, "", "", TLSNone},
		"smtp://mail.example.org?tls=required":                    {"mail.example.org", 587, "", "", TLSRequired},
		"smtp://mail.example.org:2525?tls=opportunistic":          {"mail.example.org", 2525, "", "", TLSOpportunistic},
		"smtp://u:p@mail.example.org":                             {"mail.example.org", 587, "u", "p", TLSRequired},
		"smtp://u:p@mail.example.org?tls=required":                {"mail.example.org", 587, "u", "p", TLSRequired},
		"smtp://u:p@localhost?tls=none":                           {"localhost", 587, "u", "p", TLSNone},
		"smtp://u:p@127.0.0.1:25?tls=opportunistic":               {"127.0.0.1", 25, "u", "p", TLSOpportunistic},
		"smtp://u:p@[::1]?tls=none":                               {"::1", 587, "u", "p", TLSNone},
		"smtps://mail.example.org":                                {"mail.example.org", 465, "", "", TLSImplicit},
		"smtps://u:p@mail.example.org:2465?tls=required":          {"mail.example.org", 2465, "u", "p", TLSImplicit},
		"smtps://post%40example.org:p%3A%2F%40%23@[2001:db8::25]": {"2001:db8::25", 465, "post@example.org", "p:/@#", TLSImplicit},
		"SMTPS://u:p@mail.example.org":                            {"mail.example.org", 465, "u", "p", TLSImplicit},
	} {
		got, err := ParseURL(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
		} else if got != want {
			t.Errorf("%s: %s %q %q, want %s", raw, got, got.User, got.Password, want)
		}
	}
}

// TestParseURL_Errors: each mistake is explained, and hunter2, wherever it
// slipped to, is never repeated.
func TestParseURL_Errors(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                                    "is empty",
		"   ":                                                 "is empty",
		"mail.example.org:587":                                "smtp://",
		"hunter2":                                             "must begin with smtp://",
		"hunter2://u@mail.example.org":                        "must begin with smtp://",
		"https://u:hunter2@mail.example.org":                  "must begin with smtp://",
		"smtp:u:hunter2@mail.example.org":                     "something between the host",
		"smtp://":                                             "names no host",
		"smtp://u:hunter2@":                                   "names no host",
		"smtp://u:hun/ter2@mail.example.org":                  "written as %3A %2F",
		"smtp://u:12/hunter2@mail.example":                    "something between the host",
		"smtp://u:12#hunter2@mail.example":                    "something between the host",
		"smtp://u:12?hunter2@mail.example":                    "and nothing else",
		"smtp://u:hunter2%zz@mail.example":                    "cannot be read",
		"smtp://u:hunter2 x@mail.example":                     "cannot be read",
		"smtp://u@mail.example.org":                           "both a user and a password",
		"smtp://u:@mail.example.org":                          "both a user and a password",
		"smtp://:hunter2@mail.example.org":                    "both a user and a password",
		"smtp://mail.example.org:0":                           "between 1 and 65535",
		"smtp://mail.example.org:65536":                       "between 1 and 65535",
		"smtp://mail.example.org:hunter2":                     "cannot be read",
		"smtp://mail.example.org?tls=hunter2":                 "unknown ?tls=",
		"smtp://mail.example.org?tls=":                        "unknown ?tls=",
		"smtp://mail.example.org?tls=implicit":                "smtps://",
		"smtp://mail.example.org?tls=none&tls=required":       "and nothing else",
		"smtp://mail.example.org?tls=none&x=hunter2":          "and nothing else",
		"smtps://mail.example.org?tls=none":                   "always uses TLS",
		"smtps://mail.example.org?tls=opportunistic":          "always uses TLS",
		"smtp://u:hunter2@mail.example.org?tls=none":          "may not be encrypted",
		"smtp://u:hunter2@mail.example.org?tls=opportunistic": "may not be encrypted",
		"smtp://u:hunter2@localhost.example.org?tls=none":     "may not be encrypted",
		"smtp://u:hunter2%0a@mail.example.org":                "line break",
		"smtp://mäil.example.org":                             "no host name has",
	} {
		_, err := ParseURL(raw)
		if err == nil {
			t.Errorf("%s: accepted", raw)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %q, want something with %q", raw, err, want)
		}
	}
}

func TestSMTP_PrintsNoSecret(t *testing.T) {
	s := SMTP{"mail.example.org", 587, "sam", "hunter2", TLSRequired}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "smtp", s, "options", Options{SMTP: s})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "smtp", s, "options", &Options{SMTP: s})
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s), fmt.Sprintf("%+v %#v", Options{SMTP: s}, &Options{SMTP: s}),
		string(asJSON), log.String(),
	} {
		if strings.Contains(printed, "hunter2") || strings.Contains(printed, "sam") || !strings.Contains(printed, "mail.example.org") {
			t.Errorf("printed %s", printed)
		}
	}
}

func TestSMTP_String_readsAsItself(t *testing.T) {
	s, err := ParseURL("smtp://[fe80::1%25eth0]:25?tls=none")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseURL(s.String()); err != nil || again != s {
		t.Errorf("%q reads as %q, %v", s, again, err)
	}
}
