package auth_test

import (
	"strings"
	"testing"

	"postbag/internal/auth"
)

// Passwords are kept as argon2id with OWASP's settings and a salt of their own.
func TestPasswords(t *testing.T) {
	p := auth.NewPasswords()
	one, two := p.Hash("five plain words are plenty"), p.Hash("five plain words are plenty")
	if !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") || one == two || strings.Contains(one, "plain") {
		t.Errorf("%s\n%s", one, two)
	}
	for hash, want := range map[string]bool{one: true, two: true, "": false, "$argon2id$": false, strings.Replace(one, "argon2id", "argon2i", 1): false, one[:len(one)-1]: false} {
		if got := p.Matches(hash, "five plain words are plenty"); got != want {
			t.Errorf("%q: %v", hash, got)
		}
	}
	if p.Matches(one, "five plain words are plenty ") || p.Matches(one, "Five plain words are plenty") {
		t.Error("another password opens it")
	}
}
