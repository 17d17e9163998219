package store

import (
	"bytes"
	"testing"
)

func TestPad(t *testing.T) {
	for _, n := range []int{0, 1, 500, firstPage - 5, firstPage - 4, firstPage - 3, firstPage + nextPage - 4, firstPage + nextPage - 3, 100_000} {
		sealed := bytes.Repeat([]byte{7}, n)
		kept := pad(sealed)
		if (len(kept)-firstPage)%nextPage != 0 {
			t.Errorf("%d bytes are kept in %d", n, len(kept))
		}
		got, err := unpad(kept)
		if err != nil || !bytes.Equal(got, sealed) {
			t.Errorf("%d bytes come back as %d, %v", n, len(got), err)
		}
	}
	if got, err := unpad(nil); got != nil || err != nil {
		t.Errorf("no record comes back as %v, %v", got, err)
	}
	for _, kept := range [][]byte{{}, {0, 0, 0}, {0, 0, 0, 1}, {255, 255, 255, 255, 1}} {
		if _, err := unpad(kept); err == nil {
			t.Errorf("%v is no damage", kept)
		}
	}
}
