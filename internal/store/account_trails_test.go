package store

import (
	"testing"
	"time"

	"postbag/internal/account"
)

// What is of no use any more goes, and nothing else does.
func TestForgetAccountTrails(t *testing.T) {
	b := newBed(t)
	noor := b.person(t, "noor@example.org", account.Owner)
	now := b.clock.Now()
	for hash, expires := range map[string]time.Time{"over": now, "good": now.Add(time.Second)} {
		if err := b.SaveSession(t.Context(), []byte(hash), noor.ID, []byte("x"), expires, true); err != nil {
			t.Fatal(err)
		}
	}
	b.queueAccountMail(t, noor, "old@example.org")
	b.alter(t, `UPDATE account_mail SET status = 'sent', finished_at = $1`, formatTime(now.Add(-account.KeepMail)))
	b.queueAccountMail(t, noor, "new@example.org")
	limits := []account.Limit{{Bucket: []byte("old"), Free: 5}}
	if _, err := b.Attempt(t.Context(), limits); err != nil {
		t.Fatal(err)
	}
	b.alter(t, `UPDATE sign_in_failures SET until = $1`, formatTime(now.Add(-account.ForgetFailures)))
	limits[0].Bucket = []byte("new")
	if _, err := b.Attempt(t.Context(), limits); err != nil {
		t.Fatal(err)
	}
	if err := b.ForgetAccountTrails(t.Context()); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]string{
		`SELECT CAST(token_hash AS TEXT) FROM sessions`:     "good",
		`SELECT message_id FROM account_mail`:               "new@example.org",
		`SELECT CAST(bucket AS TEXT) FROM sign_in_failures`: "new",
		`SELECT count(*) FROM account_links`:                "1",
	} {
		if got := b.texts(t, q); got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
	b.clock.Advance(account.SetUpWithin)
	if err := b.ForgetAccountTrails(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT count(*) FROM account_links`); got != "0" {
		t.Errorf("%s links are left whose time is over", got)
	}
}

// A session that was ended does not come back with what a request that was under
// way writes.
func TestSaveSession_endedMeanwhile(t *testing.T) {
	b := newBed(t)
	noor := b.person(t, "noor@example.org", account.Owner)
	expires := b.clock.Now().Add(time.Hour)
	save := func(fresh bool) {
		t.Helper()
		if err := b.SaveSession(t.Context(), []byte("token"), noor.ID, []byte("x"), expires, fresh); err != nil {
			t.Fatal(err)
		}
	}
	save(true)
	if err := b.SignOutEverywhere(t.Context(), noor.As("192.0.2.1")); err != nil {
		t.Fatal(err)
	}
	save(false)
	if _, found, err := b.Session(t.Context(), []byte("token")); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

// Each code is good once, and none after a later one.
func TestUseCode_once(t *testing.T) {
	b := newBed(t)
	noor := b.person(t, "noor@example.org", account.Owner)
	if ok, err := b.UseCode(t.Context(), noor.ID, 100); ok || err != nil {
		t.Errorf("a code of no second factor: %v, %v", ok, err)
	}
	if err := b.SetSecondFactor(t.Context(), noor.As(""), []byte("sealed"), 100, [][]byte{[]byte("a"), []byte("b")}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		step int64
		want bool
	}{{99, false}, {100, false}, {101, true}, {101, false}, {100, false}, {103, true}} {
		if ok, err := b.UseCode(t.Context(), noor.ID, tt.step); ok != tt.want || err != nil {
			t.Errorf("step %d: %v, %v", tt.step, ok, err)
		}
	}
}
