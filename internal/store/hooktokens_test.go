package store

import (
	"bytes"
	"testing"
	"time"
)

func TestStore_ClaimToken(t *testing.T) {
	b := newBed(t)
	const within = 9 * time.Hour
	token, other := hashOf("token", 1), hashOf("token", 2)
	first, second := hashOf("content", 1), hashOf("content", 2)
	claim := func(token, content, want []byte, done bool) {
		t.Helper()
		kept, taken, err := b.ClaimToken(t.Context(), token, content, within)
		if err != nil || !bytes.Equal(kept, want) || taken != done {
			t.Errorf("%x, %v, %v; want %x, %v", kept, taken, err, want, done)
		}
	}
	claim(token, first, first, false)
	claim(token, second, first, false)
	claim(other, second, second, false)
	b.Store = openAt(t, b.dir, b.clock) // what one process claimed the next one knows
	if err := b.SettleToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	claim(token, first, first, true)
	claim(token, second, first, true)
	b.clock.Advance(within + time.Second)
	claim(token, second, second, false)
	if got := b.texts(t, `SELECT count(*) FROM hook_tokens`); got != "1" {
		t.Errorf("%s tokens are kept, want 1", got)
	}
}
