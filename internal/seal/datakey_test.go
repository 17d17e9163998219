package seal_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"postbag/internal/seal"
)

// box is a database of data keys.
type box struct {
	keys  []seal.DataKey
	loads int
	err   error
}

func (b *box) load(context.Context) ([]seal.DataKey, error) {
	b.loads++
	return b.keys, b.err
}

func readSecret(t *testing.T, text string) *seal.Secret {
	t.Helper()
	s, err := seal.ReadSecret([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func loaded(t *testing.T, s *seal.Secret, b *box) *seal.Keys {
	t.Helper()
	keys, err := seal.Load(t.Context(), s, b.load)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// rotate makes another key the current one.
func (b *box) rotate(s *seal.Secret) {
	next := []seal.DataKey{s.NewKey(seal.ForRecords)}
	for _, k := range b.keys {
		if k.Purpose == seal.ForRecords && k.State == seal.Current {
			k.State = seal.Retiring
		}
		next = append(next, k)
	}
	b.keys = next
}

func TestLoad_derivedKeysAreThoseOfBefore(t *testing.T) {
	before := newKeys(t, secretA)
	sealed, hash := before.Seal([]byte("plain"), []byte("context")), before.Hash("token", "x")
	s := readSecret(t, secretA)
	b := &box{keys: append(s.Derived(), s.NewKey(seal.ForRecords))}
	keys := loaded(t, s, b)
	if got, err := keys.Open(sealed, []byte("context")); err != nil || string(got) != "plain" {
		t.Errorf("a record of before: %q, %v", got, err)
	}
	if !bytes.Equal(keys.Hash("token", "x"), hash) {
		t.Error("a hash of before is another now")
	}
	if id, ok := seal.SealedWith(keys.Seal(nil, nil)); !ok || id != keys.Current() || id == before.Current() {
		t.Errorf("what is new is sealed with %s", id)
	}
}

func TestLoad_twoSecretsGiveOtherKeys(t *testing.T) {
	s := readSecret(t, secretA)
	b := &box{keys: s.FirstKeys()}
	if _, err := seal.Load(t.Context(), readSecret(t, secretB), b.load); !errors.Is(err, seal.ErrCannotUnwrap) {
		t.Errorf("another secret: %v", err)
	}
	for name, change := range map[string]func(*seal.DataKey){
		"damaged":         func(k *seal.DataKey) { k.Wrapped = bytes.Clone(k.Wrapped); k.Wrapped[30] ^= 1 },
		"empty":           func(k *seal.DataKey) { k.Wrapped = nil },
		"another id":      func(k *seal.DataKey) { k.ID++ },
		"another purpose": func(k *seal.DataKey) { k.Purpose = seal.ForHashes },
	} {
		changed := &box{keys: append([]seal.DataKey{}, b.keys...)}
		change(&changed.keys[0])
		if _, err := seal.Load(t.Context(), s, changed.load); !errors.Is(err, seal.ErrCannotUnwrap) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, keys := range map[string][]seal.DataKey{"none": nil, "none for hashes": b.keys[:1], "none for records": b.keys[1:]} {
		if _, err := seal.Load(t.Context(), s, (&box{keys: keys}).load); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	b.err = errors.New("the database is locked")
	if _, err := seal.Load(t.Context(), s, b.load); !errors.Is(err, b.err) {
		t.Errorf("no answer: %v", err)
	}
}

func TestKeys_OpenLooksForANewKeyOnce(t *testing.T) {
	s := readSecret(t, secretA)
	b := &box{keys: s.FirstKeys()}
	mine, others := loaded(t, s, b), loaded(t, s, b)
	old := mine.Seal([]byte("old"), nil)
	b.rotate(s)
	if err := others.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealed := others.Seal([]byte("plain"), nil)
	b.loads = 0
	for range 3 {
		if got, err := mine.Open(sealed, nil); err != nil || string(got) != "plain" {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if b.loads != 1 {
		t.Errorf("the keys were loaded %d times", b.loads)
	}
	if mine.Current() != others.Current() {
		t.Error("it still seals with the old key")
	}
	if got, err := mine.Open(old, nil); err != nil || string(got) != "old" {
		t.Errorf("what the old key sealed: %q, %v", got, err)
	}
	stranger := newKeys(t, secretB).Seal(nil, nil)
	if _, err := mine.Open(stranger, nil); !errors.Is(err, seal.ErrCannotOpen) || errors.Is(err, seal.ErrNoKey) {
		t.Errorf("a key that nobody has: %v", err)
	}
	b.err = errors.New("the database is locked")
	if _, err := mine.Open(stranger, nil); !errors.Is(err, seal.ErrNoKey) || errors.Is(err, seal.ErrCannotOpen) || !errors.Is(err, b.err) {
		t.Errorf("no database to ask: %v", err)
	}
	b.err = nil
	b.rotate(readSecret(t, secretB))
	if _, err := mine.Open(stranger, nil); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("a key under a secret that came later: %v", err)
	}
	if got, err := mine.Open(sealed, nil); err != nil || string(got) != "plain" {
		t.Errorf("what it has keys for: %q, %v", got, err)
	}
}

func TestRewrap(t *testing.T) {
	from, to := readSecret(t, secretA), readSecret(t, secretB)
	b := &box{keys: from.FirstKeys()}
	before := loaded(t, from, b)
	sealed := before.Seal([]byte("plain"), nil)
	anew := &box{}
	for _, k := range b.keys {
		if _, err := to.Rewrap(k, from); !errors.Is(err, seal.ErrCannotUnwrap) {
			t.Errorf("by a secret that did not wrap it: %v", err)
		}
		k, err := from.Rewrap(k, to)
		if err != nil {
			t.Fatal(err)
		}
		anew.keys = append(anew.keys, k)
	}
	after := loaded(t, to, anew)
	if got, err := after.Open(sealed, nil); err != nil || string(got) != "plain" {
		t.Errorf("%q, %v", got, err)
	}
	if !bytes.Equal(before.Hash("token", "x"), after.Hash("token", "x")) {
		t.Error("a hash changed with the secret")
	}
}

func TestKeys_areSafeForConcurrentUse(t *testing.T) {
	s := readSecret(t, secretA)
	var mu sync.Mutex
	b := &box{keys: s.FirstKeys()}
	keys, err := seal.Load(t.Context(), s, func(ctx context.Context) ([]seal.DataKey, error) {
		mu.Lock()
		defer mu.Unlock()
		return b.load(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for range 200 {
				if _, err := keys.Open(keys.Seal([]byte("plain"), nil), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Go(func() {
		for range 20 {
			mu.Lock()
			b.rotate(s)
			mu.Unlock()
			if err := keys.Refresh(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	running.Wait()
}
