package seal_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"postbag/internal/seal"
)

func newKeys(t *testing.T, secret string) *seal.Keys {
	t.Helper()
	keys, err := seal.New([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

var (
	secretA = strings.Repeat("a", seal.MinSecret)
	secretB = strings.Repeat("b", seal.MinSecret)
)

func TestKeys_SealOpensOnlyWhereItBelongs(t *testing.T) {
	keys := newKeys(t, secretA)
	plain, context := []byte("Amina O'Connor, 17 Brudenell Road"), []byte("letter 1")
	sealed := keys.Seal(plain, context)
	if bytes.Contains(sealed, []byte("Amina")) {
		t.Fatal("the sealed record shows its content")
	}
	got, err := keys.Open(sealed, context)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("Open = %q, %v", got, err)
	}
	if bytes.Equal(sealed, keys.Seal(plain, context)) {
		t.Error("two seals of the same record are equal")
	}
	refused := map[string]func() ([]byte, error){
		"another context": func() ([]byte, error) { return keys.Open(sealed, []byte("letter 2")) },
		"another secret":  func() ([]byte, error) { return newKeys(t, secretB).Open(sealed, context) },
		"empty":           func() ([]byte, error) { return keys.Open(nil, context) },
		"cut":             func() ([]byte, error) { return keys.Open(sealed[:len(sealed)-1], context) },
		"only a header":   func() ([]byte, error) { return keys.Open(sealed[:5], context) },
	}
	for name, open := range refused {
		if _, err := open(); !errors.Is(err, seal.ErrCannotOpen) {
			t.Errorf("%s: err = %v, want ErrCannotOpen", name, err)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := keys.Open(changed, context); !errors.Is(err, seal.ErrCannotOpen) {
			t.Fatalf("byte %d changed: err = %v, want ErrCannotOpen", i, err)
		}
	}
}

func TestKeys_Hash(t *testing.T) {
	keys := newKeys(t, secretA)
	same := keys.Hash("repeat", "ab", "c")
	if !bytes.Equal(same, keys.Hash("repeat", "ab", "c")) {
		t.Error("the same value hashes differently")
	}
	for name, other := range map[string][]byte{
		"parts moved":     keys.Hash("repeat", "a", "bc"),
		"another purpose": keys.Hash("token", "ab", "c"),
		"another secret":  newKeys(t, secretB).Hash("repeat", "ab", "c"),
	} {
		if bytes.Equal(same, other) {
			t.Errorf("%s: hashes are equal", name)
		}
	}
}

func TestNew_RefusesAShortSecret(t *testing.T) {
	if _, err := seal.New(make([]byte, seal.MinSecret-1)); err == nil {
		t.Error("a short secret was taken")
	}
}

func TestNewToken(t *testing.T) {
	a, b := seal.NewToken(), seal.NewToken()
	if a == b || len(a) != seal.TokenLen {
		t.Errorf("tokens %q and %q", a, b)
	}
}

// letterRecord is about as long as the record of a letter with its person.
var letterRecord = bytes.Repeat([]byte("The record of a letter: 2,500 bytes, of JSON.\n "), 54)[:2500]

func BenchmarkSeal(b *testing.B) {
	secret, err := seal.ReadSecret([]byte(secretA))
	if err != nil {
		b.Fatal(err)
	}
	first := secret.FirstKeys()
	keys, err := seal.Load(b.Context(), secret, func(context.Context) ([]seal.DataKey, error) { return first, nil })
	if err != nil {
		b.Fatal(err)
	}
	token := keys.Hash("token", "of a letter")
	sealed := keys.Seal(letterRecord, token)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			keys.Seal(letterRecord, token)
		}
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := keys.Open(sealed, token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
