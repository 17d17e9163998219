package store

import (
	"fmt"
	"testing"
	"time"

	"postbag/internal/account"
)

// However often anybody fails to sign in with addresses that nobody has, the audit
// log grows by no more than a few lines a day, and tells how many there were.
func TestNoteSignIn_unknownAddresses(t *testing.T) {
	b := newBed(t)
	note := func(times int) {
		t.Helper()
		for i := range times {
			if err := b.NoteSignIn(t.Context(), account.Actor{Origin: fmt.Sprintf("192.0.2.%d", i%200)}, account.WrongPassword); err != nil {
				t.Fatal(err)
			}
		}
	}
	tick := func() {
		t.Helper()
		if err := b.ForgetAccountTrails(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const lines = `SELECT count(*) FROM audit WHERE action = 'sign_in.fail'`
	const sums = `SELECT after FROM audit WHERE action = 'sign_in.fail' AND after <> ''`
	tick()
	note(account.MaxUnknown + 37)
	tick()
	if got := b.texts(t, lines); got != fmt.Sprint(account.MaxUnknown) {
		t.Errorf("%s lines, want %d", got, account.MaxUnknown)
	}
	day := b.clock.Now().Format(time.DateOnly)
	b.clock.Advance(24 * time.Hour)
	tick()
	tick()
	if got, want := b.texts(t, sums), `{"day":"`+day+`","attempts":37}`; got != want {
		t.Errorf("the sum is %s, want %s", got, want)
	}
	note(3)
	b.clock.Advance(24 * time.Hour)
	note(1)
	if got := b.texts(t, lines); got != fmt.Sprint(account.MaxUnknown+1+4) {
		t.Errorf("%s lines after two days more", got)
	}
	noor := b.person(t, "noor@example.org", account.Owner)
	for range account.MaxUnknown + 1 {
		if err := b.NoteSignIn(t.Context(), noor.As("192.0.2.1"), account.WrongPassword); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.texts(t, lines+fmt.Sprintf(" AND account_id = %d", noor.ID)); got != fmt.Sprint(account.MaxUnknown+1) {
		t.Errorf("of an account that there is, %s lines", got)
	}
}
