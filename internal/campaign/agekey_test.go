package campaign_test

import (
	"context"
	"log/slog"
	"testing"

	. "postbag/internal/campaign"
	"postbag/internal/store"
)

// rekeyed is a store in which, as contacts are looked for, another process seals
// them anew with the server's key.
type rekeyed struct {
	*store.Store
	t    *testing.T
	left int // times
}

func (r *rekeyed) OwnContacts(ctx context.Context, slug string, after int64, limit int) ([]Sealed, error) {
	found, err := r.Store.OwnContacts(ctx, slug, after, limit)
	if err != nil || r.left == 0 {
		return found, err
	}
	r.left--
	for _, was := range found {
		c, err := OpenContact(keys(), was.Record, was.Of)
		check(r.t, err)
		now := was
		now.Record, err = SealContact(keys(), c, was.Of)
		check(r.t, err)
		if n, err := r.Reseal(ctx, SealedOptIns, []Sealed{was}, []Sealed{now}); n != 1 || err != nil {
			r.t.Fatal(n, err)
		}
	}
	return found, nil
}

// Nobody is told that contacts are sealed to the organisers' key while one is not,
// because the server's own key was replaced at that moment.
func TestService_SetAgeKey_whileKeysAreReplaced(t *testing.T) {
	d := asking(t)
	confirm(t, d, d.mailed(t, agreed("", ownAsk)))
	meddled, err := NewService(t.Context(), Options{
		Store: &rekeyed{d.store, t, 1}, Keys: keys(), Postcodes: postcodes(), Words: words(), MailDomain: "postbag.example.org",
		Now: d.clock.Now, Log: slog.New(slog.DiscardHandler), Wake: func() {},
	})
	check(t, err)
	check(t, meddled.SetAgeKey(t.Context(), olga, slug, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"))
	state := func() (swept bool, left int) {
		t.Helper()
		k, err := d.AgeKey(t.Context(), slug)
		check(t, err)
		found, err := d.store.OwnContacts(t.Context(), slug, 0, 10)
		check(t, err)
		return k.Swept, len(found)
	}
	if swept, left := state(); swept != (left == 0) {
		t.Errorf("swept: %v, and the server can read %d", swept, left)
	}
	check(t, d.Tick(t.Context()))
	if swept, left := state(); !swept || left > 0 {
		t.Errorf("after the next tick: swept: %v, and the server can read %d", swept, left)
	}
}
