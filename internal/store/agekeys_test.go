package store

import (
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

const ageKey, ageKey2 = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"

// contacts submits letter n with a contact for somebody, sealed like that.
func (b *bed) contact(tb testing.TB, n int, partner string, sealed []byte) {
	tb.Helper()
	l := newLetter(n)
	l.OptIns = []campaign.NewOptIn{{
		ID: int64(100 + n), Partner: partner, Wording: askedEn, TokenHash: hashOf("opt-in token", n), EmailHash: hashOf("opt-in email", n), Sealed: sealed,
	}}
	if err := b.SubmitLetter(tb.Context(), l); err != nil {
		tb.Fatal(err)
	}
}

func TestAgeKeys(t *testing.T) {
	b := newBed(t)
	ctx, noor := t.Context(), account.Actor{Name: "Noor"}
	_, keys := b.keyed(t, "a")
	mine := keys.Seal([]byte("Planted Contact 1"), hashOf("opt-in token", 1))
	b.contact(t, 1, "", mine)
	b.contact(t, 2, "", keys.Seal([]byte("Planted Contact 2"), hashOf("opt-in token", 2)))
	b.contact(t, 3, "friends", keys.Seal([]byte("Planted Contact 3"), hashOf("opt-in token", 3)))
	swept := func() string { return b.texts(t, `SELECT swept FROM age_keys`) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SetAgeKey(ctx, noor, campaign.AgeKey{Campaign: "none", Key: ageKey}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("of no campaign: %v", err)
	}
	must(b.SetAgeKey(ctx, noor, campaign.AgeKey{Campaign: slug, Key: ageKey}))
	all, err := b.AgeKeys(ctx)
	if want := (campaign.AgeKey{Campaign: slug, Key: ageKey, AddedBy: "Noor", AddedAt: start}); err != nil || len(all) != 1 || all[0] != want {
		t.Fatalf("%+v, %v", all, err)
	}

	// Stopped after the first of two, it finds the other.
	to, err := seal.ReadRecipient(ageKey)
	must(err)
	found, err := b.OwnContacts(ctx, slug, 0, 1)
	if err != nil || len(found) != 1 || found[0].ID != 101 {
		t.Fatalf("%+v, %v", found, err)
	}
	now := found[0]
	now.Record, err = to.Seal([]byte("Planted Contact 1"))
	must(err)
	if n, err := b.Reseal(ctx, campaign.SealedOptIns, found, []campaign.Sealed{now}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if n, err := b.Reseal(ctx, campaign.SealedOptIns, found, []campaign.Sealed{now}); err != nil || n != 0 {
		t.Errorf("what is sealed by now is sealed again: %d, %v", n, err)
	}
	found, err = b.OwnContacts(ctx, slug, 0, 9)
	if err != nil || len(found) != 1 || found[0].ID != 102 || string(found[0].Of) != string(hashOf("opt-in token", 2)) {
		t.Errorf("%+v, %v", found, err)
	}
	must(b.SetSwept(ctx, slug, ageKey2))
	if swept() != "0" {
		t.Error("all is sealed to a key that is not the campaign's")
	}
	must(b.SetSwept(ctx, slug, ageKey))
	if swept() != "1" {
		t.Error("it is not noted")
	}
	wantGone(t, b, "sealed to the key", mine)

	// Whoever writes a contact without knowing of the key begins it again.
	sealed, err := to.Seal(nil)
	must(err)
	b.contact(t, 4, "", sealed)
	b.contact(t, 5, "friends", keys.Seal(nil, nil))
	if swept() != "1" {
		t.Error("what is sealed to it, or is a partner's, is looked for")
	}
	b.contact(t, 6, "", keys.Seal(nil, nil))
	if swept() != "0" {
		t.Error("a contact that is not sealed to it is not looked for")
	}
	must(b.SetSwept(ctx, slug, ageKey))
	must(b.SetAgeKey(ctx, noor, campaign.AgeKey{Campaign: slug, Key: ageKey})) // nothing changes
	if swept() != "1" {
		t.Error("the same key begins it again")
	}
	must(b.SetAgeKey(ctx, noor, campaign.AgeKey{Campaign: slug, Key: ageKey2}))
	if swept() != "0" {
		t.Error("another key does not begin it again")
	}
	must(b.RemoveAgeKey(ctx, noor, slug))
	if err := b.RemoveAgeKey(ctx, noor, slug); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("removed twice: %v", err)
	}
	if got := b.texts(t, `SELECT action FROM audit WHERE action LIKE 'age.%' ORDER BY id`); got != "age.set, age.set, age.remove" {
		t.Errorf("audit: %s", got)
	}
	// Changing the server's key leaves alone what it cannot open.
	secret, keys := b.keyed(t, "a")
	if _, err := b.rekeying(secret, keys).Rotate(ctx); err != nil {
		t.Error(err)
	}
	if got := b.texts(t, `SELECT count(*) FROM opt_in_people WHERE substr(sealed, 5, 4) = x'6167652d'`); got != "2" {
		t.Errorf("%s contacts are sealed to an age key", got)
	}
}
