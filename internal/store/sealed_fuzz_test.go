package store

// Built with: sealed.go

import (
	"bytes"
	"testing"
)

// FuzzUnpad: what was padded comes back, and what is read from a damaged page is no
// more than the page.
func FuzzUnpad(f *testing.F) {
	for _, kept := range [][]byte{pad([]byte("sealed")), pad(make([]byte, firstPage)), {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff, 1}, {0, 0, 0}, {}} {
		f.Add(kept)
	}
	f.Fuzz(func(t *testing.T, kept []byte) {
		padded := pad(kept)
		if sealed, err := unpad(padded); err != nil || !bytes.Equal(sealed, kept) || (len(padded)-firstPage)%nextPage != 0 {
			t.Errorf("%d bytes are padded to %d, and are then %d, %v", len(kept), len(padded), len(sealed), err)
		}
		sealed, err := unpad(kept)
		if err != nil {
			if sealed != nil {
				t.Error("an error and a record")
			}
			return
		}
		if len(kept) > 0 && (len(sealed) > len(kept)-4 || !bytes.HasPrefix(kept[4:], sealed)) {
			t.Errorf("of %d bytes it is %d", len(kept), len(sealed))
		}
	})
}
