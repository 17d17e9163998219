package parliament_test

import (
	"strings"
	"testing"

	"postbag/internal/parliament"
)

func TestCheckEmail(t *testing.T) {
	good := []string{
		"alex.baker.mp@parliament.uk",
		"o'neill+mp@parliament.uk",
		"contact@lucypowell.org.uk",
	}
	for _, email := range good {
		if err := parliament.CheckEmail(email); err != nil {
			t.Errorf("CheckEmail(%q): %v", email, err)
		}
	}
	bad := map[string]string{
		"":                                 "empty",
		"parliament.uk":                    "not an email address",
		"a@":                               "not an email address",
		"@parliament.uk":                   "not an email address",
		"a@b@parliament.uk":                "not an email address",
		"a..b@parliament.uk":               "not an email address",
		"a@parliament..uk":                 "not an email address",
		"a@localhost":                      "no full domain",
		"a@parliament.uk\r\nBcc: b@c.uk":   "line break",
		"a@parliament.uk\n":                "line break",
		"a\x00@parliament.uk":              "control character",
		"a@parliament.uk, b@parliament.uk": "one address only",
		"a@parliament.uk;b@parliament.uk":  "one address only",
		"Alex <a@parliament.uk>":           "bare address",
		"<a@parliament.uk>":                "bare address",
		`"a b"@parliament.uk`:              "bare address",
		"a b@parliament.uk":                "bare address",
		"a@[192.0.2.1]":                    "bare address",
		"órfhlaith@parliament.uk":          "ASCII",
		"a@parliament.uk\u200b":            "invisible",
		strings.Repeat("a", 190) + "@b.org.uk.example": "longer",
	}
	for email, want := range bad {
		if err := parliament.CheckEmail(email); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckEmail(%q) = %v, want an error that says %q", email, err, want)
		}
	}
}
