package auth

import (
	"encoding/base32"
	"net/url"
	"testing"
	"time"
)

// The secret and the codes are those of RFC 6238, appendix B, in six digits.
func TestCodes_Step(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for _, tt := range []struct {
		name string
		at   int64 // seconds since 1970
		code string
		step int64 // 0: not good
	}{
		{"RFC 6238, 59 s", 59, "287082", 1},
		{"RFC 6238, 2005", 1111111109, "081804", 37037036},
		{"RFC 6238, 2033", 2000000000, "279037", 66666666},
		{"one step late", 1111111109 + 30, "081804", 37037036},
		{"one step early", 1111111109 - 30, "081804", 37037036},
		{"two steps late", 1111111109 + 61, "081804", 0},
		{"two steps early", 1111111109 - 60, "081804", 0},
		{"another", 59, "287083", 0},
		{"too short", 59, "28708", 0},
		{"none", 59, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			step, ok := Codes{}.Step(secret, tt.code, time.Unix(tt.at, 0))
			if step != tt.step || ok != (tt.step != 0) {
				t.Errorf("step %d, %v, want %d", step, ok, tt.step)
			}
		})
	}
	if _, ok := (Codes{}).Step("not a secret!", "287082", time.Unix(59, 0)); ok {
		t.Error("a secret that cannot be read has a code")
	}
}

func TestCodes_URL(t *testing.T) {
	secret := Codes{}.New()
	if again := (Codes{}).New(); again == secret || len(secret) != 32 {
		t.Errorf("secrets %q and %q", secret, again)
	}
	text, err := Codes{}.URL("Postbag", "noor@example.org", secret)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Postbag:noor@example.org" {
		t.Errorf("%s, %v", text, err)
	}
	if q := u.Query(); q.Get("secret") != secret || q.Get("issuer") != "Postbag" || q.Get("period") != "30" || q.Get("digits") != "6" {
		t.Errorf("%s", text)
	}
	if _, err := (Codes{}).URL("Postbag", "noor@example.org", "0189"); err == nil {
		t.Error("a secret that cannot be read has an address")
	}
}
