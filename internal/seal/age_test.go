package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"

	"postbag/internal/seal"
)

func TestRecipient(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	public := id.Recipient().String()
	for name, typed := range map[string]string{
		"as it is": public, "with space around": " " + public + "\r\n", "the line of its file": "# public key: " + public, "what age-keygen says": "Public key: " + public,
	} {
		if r, err := seal.ReadRecipient(typed); err != nil || r.String() != public {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := seal.ReadRecipient(public)
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Fingerprint(); len(f) != 19 || f == newRecipient(t).Fingerprint() {
		t.Errorf("the fingerprint %q", f)
	}
	sealed, err := r.Seal([]byte("Amina O'Connor"))
	if err != nil || bytes.Contains(sealed, []byte("Amina")) || !seal.IsAge(sealed) {
		t.Fatalf("%q, %v", sealed, err)
	}
	keys, err := seal.ParseStreamKeys(strings.NewReader("# a comment\n" + id.String() + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := keys.Open(sealed); err != nil || string(plain) != "Amina O'Connor" {
		t.Errorf("%q, %v", plain, err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (seal.StreamKeys{other}).Open(sealed); !errors.Is(err, seal.ErrCannotOpen) {
		t.Errorf("another's key: %v", err)
	}
	for n := range sealed {
		if _, err := keys.Open(sealed[:n]); !errors.Is(err, seal.ErrCannotOpen) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if seal.IsAge(newKeys(t, secretA).Seal(nil, nil)) {
		t.Error("a record of the server's is taken for an age file")
	}
	if _, err := seal.ParseStreamKeys(strings.NewReader(public)); err == nil {
		t.Error("a public key is taken for a secret one")
	}
}

func newRecipient(t *testing.T) *seal.Recipient {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	r, err := seal.ReadRecipient(id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadRecipient_refuses(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	public := newRecipient(t).String()
	for name, c := range map[string]struct {
		typed string
		want  error
	}{
		"nothing":         {"", seal.ErrNoRecipient},
		"two keys":        {public + "\n" + public, seal.ErrNoRecipient},
		"one cut":         {public[:len(public)-1], seal.ErrNoRecipient},
		"one more":        {public + "q", seal.ErrNoRecipient},
		"words after it":  {public + " is mine", seal.ErrNoRecipient},
		"a plugin's":      {"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t", seal.ErrNoRecipient},
		"the secret half": {id.String(), seal.ErrAgeSecretHalf},
		"in small":        {strings.ToLower(id.String()), seal.ErrAgeSecretHalf},
	} {
		_, err := seal.ReadRecipient(c.typed)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err != nil && len(c.typed) > 20 && strings.Contains(err.Error(), c.typed[:20]) {
			t.Errorf("%s: the error tells what was typed", name)
		}
	}
}

func BenchmarkRecipient(b *testing.B) {
	r, err := seal.ReadRecipient("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Seal(letterRecord[:256]); err != nil {
			b.Fatal(err)
		}
	}
}
