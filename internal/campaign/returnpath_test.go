package campaign_test

import (
	"math"
	"strings"
	"testing"

	. "postbag/internal/campaign"
	"postbag/internal/seal"
)

func returnPath(tb testing.TB, secret, address string) *ReturnPath {
	tb.Helper()
	keys, err := seal.New([]byte(strings.Repeat(secret, seal.MinSecret)))
	if err != nil {
		tb.Fatal(err)
	}
	p, err := NewReturnPath(keys, address)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestReturnPath(t *testing.T) {
	p := returnPath(t, "k", "Bounces@letters.example.org")
	for _, id := range []int64{1, 255, 256, 1_000_000, math.MaxInt64} {
		address := p.For(id)
		local, _, _ := strings.Cut(address, "@")
		if len(local) > 64 || !strings.HasPrefix(local, "Bounces+") {
			t.Errorf("%d: local part %q", id, local)
		}
		for _, came := range []string{address, strings.ToUpper(address), strings.ToLower(address)} {
			if got, ok := p.Read(came); !ok || got != id {
				t.Errorf("%s: %d, %v; want %d", came, got, ok, id)
			}
		}
		if got, ok := returnPath(t, "x", "bounces@letters.example.org").Read(address); ok {
			t.Errorf("under another secret %s is message %d", address, got)
		}
	}
	if again := p.For(1); p.For(1) == p.For(2) || p.For(1) != again {
		t.Error("two messages share an address, or one has two")
	}
}

func TestReturnPath_refuses(t *testing.T) {
	p := returnPath(t, "k", "bounces@letters.example.org")
	good := p.For(77)
	token := p.Token(77)
	for name, address := range map[string]string{
		"nothing": "", "no token": "bounces@letters.example.org", "an empty token": "bounces+@letters.example.org",
		"another domain": "bounces+" + token + "@example.org", "another local part": "letters+" + token + "@letters.example.org",
		"a changed token": "bounces+" + flip(token, 0) + "@letters.example.org", "a changed end": "bounces+" + flip(token, len(token)-1) + "@letters.example.org",
		"a cut token": strings.Replace(good, token, token[:len(token)-2], 1), "padding": strings.Replace(good, token, token+"======", 1),
		"more of it": strings.Replace(good, token, token+token, 1), "no address": token, "id zero": "bounces+" + strings.Repeat("a", 22) + "@letters.example.org",
	} {
		if got, ok := p.Read(address); ok {
			t.Errorf("%s: taken for message %d", name, got)
		}
	}
	if got, ok := (*ReturnPath)(nil).Read(good); ok || (*ReturnPath)(nil).For(1) != "" {
		t.Errorf("without a return path: %d", got)
	}
}

// flip puts another letter in a place.
func flip(s string, i int) string {
	other := "b"
	if s[i] == 'b' {
		other = "c"
	}
	return s[:i] + other + s[i+1:]
}

func TestNewReturnPath_refuses(t *testing.T) {
	for _, address := range []string{"bounces", "a b@example.org", "Bounces <bounces@example.org>", "bounces+x@example.org", strings.Repeat("b", MaxReturnLocal+1) + "@example.org", "ŵ@example.org", `"b"@example.org`} {
		if _, err := NewReturnPath(nil, address); err == nil {
			t.Errorf("%s: taken", address)
		}
	}
	if p, err := NewReturnPath(nil, ""); p != nil || err != nil {
		t.Errorf("unset: %v, %v", p, err)
	}
	long := returnPath(t, "k", strings.Repeat("b", MaxReturnLocal)+"@example.org").For(math.MaxInt64)
	if local, _, _ := strings.Cut(long, "@"); len(local) > 64 {
		t.Errorf("a local part of %d characters", len(local))
	}
}

func FuzzReturnPath_Read(f *testing.F) {
	p := returnPath(f, "k", "bounces@letters.example.org")
	f.Add(p.For(1))
	f.Add("bounces+@letters.example.org")
	f.Fuzz(func(t *testing.T, address string) {
		if id, ok := p.Read(address); ok && !strings.EqualFold(p.For(id), address) {
			t.Errorf("%q is taken for message %d", address, id)
		}
	})
}
