package campaign

import (
	"encoding/base64"
	"strings"
	"testing"

	"postbag/internal/seal"
)

func TestStopToken(t *testing.T) {
	keys, err := seal.New([]byte(strings.Repeat("k", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	others, err := seal.New([]byte(strings.Repeat("o", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, letter := range []int64{1, 2, 41, 1 << 40} {
		token := StopToken(keys, letter)
		if got, ok := openStop(keys, token); !ok || got != letter {
			t.Errorf("letter %d: %d, %t", letter, got, ok)
		}
		if _, ok := openStop(others, token); ok {
			t.Errorf("letter %d: another secret opens it", letter)
		}
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		if tail := string(raw[16:22]); seen[tail] {
			t.Error("the numbers of letters can be read from the tokens")
		} else {
			seen[tail] = true
		}
		for i := range raw {
			raw[i] ^= 1
			if got, ok := openStop(keys, base64.RawURLEncoding.EncodeToString(raw)); ok {
				t.Errorf("letter %d, byte %d changed: it opens %d", letter, i, got)
			}
			raw[i] ^= 1
		}
	}
	for _, bad := range []string{"", "A", strings.Repeat("A", 32), strings.Repeat("A", 5000), "!!!!", seal.NewToken()} {
		if got, ok := openStop(keys, bad); ok {
			t.Errorf("%q opens %d", bad, got)
		}
	}
}
