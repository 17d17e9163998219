package seal

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzOpen: nothing opens but what was sealed, where it was sealed for, whatever
// was changed of it or put in its place.
func FuzzOpen(f *testing.F) {
	keys, err := New(bytes.Repeat([]byte("k"), MinSecret))
	if err != nil {
		f.Fatal(err)
	}
	sealed := keys.Seal([]byte("a letter"), []byte("7"))
	f.Add(sealed, []byte("7"), []byte("8"), 0)
	f.Add(sealed[:headerLen], []byte{}, []byte("7"), 3)
	f.Add(sealed[:len(sealed)-1], []byte("7"), []byte{}, 29)
	f.Add([]byte{}, []byte{}, []byte{0}, -1)
	f.Fuzz(func(t *testing.T, raw, context, other []byte, at int) {
		if plain, err := keys.Open(raw, context); err == nil && (string(plain) != "a letter" || string(context) != "7") {
			t.Errorf("%x opens as %x", raw, plain)
		} else if err != nil && (plain != nil || !errors.Is(err, ErrCannotOpen)) {
			t.Errorf("an error %v and %x", err, plain)
		}
		own := keys.Seal(raw, context)
		if plain, err := keys.Open(own, context); err != nil || !bytes.Equal(plain, raw) {
			t.Errorf("what was sealed is %x, %v", plain, err)
		}
		if _, err := keys.Open(own, other); err == nil && !bytes.Equal(other, context) {
			t.Error("it opens elsewhere")
		}
		if at >= 0 {
			own[at%len(own)] ^= 1
			if _, err := keys.Open(own, context); err == nil {
				t.Errorf("byte %d can be changed", at%len(own))
			}
		}
	})
}
