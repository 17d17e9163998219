package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"postbag/internal/testkit"
)

// rack keeps sessions as the store does.
type rack struct {
	clock *testkit.Clock
	rows  map[string]rackRow
}

type rackRow struct {
	account int64
	data    []byte
	expires time.Time
}

func (r *rack) Session(_ context.Context, tokenHash []byte) ([]byte, bool, error) {
	row, ok := r.rows[string(tokenHash)]
	return row.data, ok && row.expires.After(r.clock.Now()), nil
}

func (r *rack) SaveSession(_ context.Context, tokenHash []byte, account int64, data []byte, expires time.Time, fresh bool) error {
	if _, there := r.rows[string(tokenHash)]; there || fresh {
		r.rows[string(tokenHash)] = rackRow{account, data, expires}
	}
	return nil
}

func (r *rack) EndSession(_ context.Context, tokenHash []byte) error {
	delete(r.rows, string(tokenHash))
	return nil
}

func (r *rack) SessionsOf(_ context.Context, account int64) (hashes, data [][]byte, err error) {
	for hash, row := range r.rows {
		if row.account == account && row.expires.After(r.clock.Now()) {
			hashes, data = append(hashes, []byte(hash)), append(data, row.data)
		}
	}
	return hashes, data, nil
}

// browser keeps the cookie of a site.
type browser struct {
	t      *testing.T
	s      *Sessions
	cookie *http.Cookie
}

// visit does something in one request.
func (b *browser) visit(do func(ctx context.Context)) {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "/", nil)
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	ctx, err := b.s.Load(r)
	if err != nil {
		b.t.Fatal(err)
	}
	do(ctx)
	w := httptest.NewRecorder()
	if err := b.s.Save(ctx, w); err != nil {
		b.t.Fatal(err)
	}
	for _, c := range w.Result().Cookies() {
		b.cookie = c
		if c.MaxAge < 0 {
			b.cookie = nil
		}
	}
}

func (b *browser) signIn(account int64) {
	b.t.Helper()
	b.visit(func(ctx context.Context) {
		if err := b.s.SignIn(ctx, account, "1"); err != nil {
			b.t.Fatal(err)
		}
	})
}

// who is signed in, in a request of its own.
func (b *browser) who() (account int64) {
	b.t.Helper()
	b.visit(func(ctx context.Context) { account = b.s.Account(ctx) })
	return account
}

func newBrowser(t *testing.T) (*browser, *rack) {
	t.Helper()
	clock := testkit.NewClock(time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC))
	r := &rack{clock: clock, rows: map[string]rackRow{}}
	return &browser{t: t, s: NewSessions(r, true, clock.Now)}, r
}

func TestSessions_endWhenNotUsed(t *testing.T) {
	b, r := newBrowser(t)
	b.signIn(7)
	for range 3 {
		r.clock.Advance(IdleFor - time.Second)
		if b.who() != 7 {
			t.Fatal("a session that is used ends")
		}
	}
	r.clock.Advance(IdleFor)
	if got := b.who(); got != 0 {
		t.Errorf("account %d is signed in after %v without use", got, IdleFor)
	}
}

func TestSessions_endAfterALongDay(t *testing.T) {
	b, r := newBrowser(t)
	b.signIn(7)
	for range 11 {
		r.clock.Advance(time.Hour)
		if b.who() != 7 {
			t.Fatal("a session that is used ends")
		}
	}
	r.clock.Advance(time.Hour - time.Second)
	if b.who() != 7 {
		t.Fatal("a session ends before its time")
	}
	r.clock.Advance(time.Second)
	if got := b.who(); got != 0 {
		t.Errorf("account %d is signed in after %v", got, Lasts)
	}
}

// The clock of the database may be another's: what the session holds counts too.
func TestSessions_endWhateverTheStoreSays(t *testing.T) {
	b, r := newBrowser(t)
	b.signIn(7)
	for key, row := range r.rows {
		row.expires = row.expires.Add(1000 * time.Hour)
		r.rows[key] = row
	}
	r.clock.Advance(IdleFor)
	if b.who() != 0 {
		t.Error("a session goes on after its idle time")
	}
}

// Whoever plants a session in another's browser gains nothing when they sign in.
func TestSessions_newTokenAtEachStep(t *testing.T) {
	b, r := newBrowser(t)
	b.visit(func(ctx context.Context) { b.s.Flash(ctx, "planted") })
	planted := *b.cookie
	thief := &browser{t: t, s: b.s, cookie: &planted}
	seen := map[string]bool{planted.Value: true}
	for _, step := range []struct {
		after string
		do    func(context.Context, int64, string) error
	}{{"the password", b.s.Prove}, {"the code", b.s.SignIn}, {"signing in again", b.s.SignIn}} {
		b.visit(func(ctx context.Context) {
			if err := step.do(ctx, 7, "1"); err != nil {
				t.Fatal(err)
			}
		})
		if seen[b.cookie.Value] {
			t.Errorf("after %s the token is an old one", step.after)
		}
		seen[b.cookie.Value] = true
	}
	if thief.who() != 0 {
		t.Error("the planted token is signed in")
	}
	if len(r.rows) != 1 {
		t.Errorf("%d sessions are kept, want 1", len(r.rows))
	}
}

// A request under way when all sessions are ended does not bring its own back.
func TestSessions_stayEnded(t *testing.T) {
	b, r := newBrowser(t)
	b.signIn(7)
	b.visit(func(ctx context.Context) {
		b.s.Flash(ctx, "something to keep")
		clear(r.rows) // everywhere
	})
	if len(r.rows) != 0 || b.who() != 0 {
		t.Errorf("the session is back: %v", r.rows)
	}
}

func TestSessions_codes(t *testing.T) {
	b, r := newBrowser(t)
	prove := func() {
		b.visit(func(ctx context.Context) {
			if err := b.s.Prove(ctx, 7, "1"); err != nil {
				t.Fatal(err)
			}
		})
	}
	proving := func() (account int64) {
		b.visit(func(ctx context.Context) { account = b.s.Proving(ctx) })
		return account
	}
	prove()
	if proving() != 7 || b.who() != 0 {
		t.Fatalf("proving %d, signed in %d", proving(), b.who())
	}
	for n := 1; n <= MaxWrongCodes; n++ {
		left := false
		b.visit(func(ctx context.Context) { left = b.s.WrongCode(ctx) })
		if left != (n < MaxWrongCodes) || (proving() == 7) != left {
			t.Errorf("after %d wrong codes: another allowed: %v, proving %d", n, left, proving())
		}
	}
	prove()
	r.clock.Advance(ProveWithin)
	if got := proving(); got != 0 {
		t.Errorf("account %d may still show a code after %v", got, ProveWithin)
	}
	prove()
	b.signIn(7)
	if proving() != 0 || b.who() != 7 {
		t.Error("after signing in a code is still asked for")
	}
}

// Somebody sees where they are signed in, and ends one of these sessions: no other
// of theirs, and none of anybody else's.
func TestSessions_listAndEnd(t *testing.T) {
	b, r := newBrowser(t)
	other, stranger := &browser{t: t, s: b.s}, &browser{t: t, s: b.s}
	other.signIn(7)
	stranger.signIn(8)
	r.clock.Advance(10 * time.Minute)
	b.signIn(7)
	proving := &browser{t: t, s: b.s}
	proving.visit(func(ctx context.Context) {
		if err := b.s.Prove(ctx, 7, "1"); err != nil {
			t.Fatal(err)
		}
	})
	list := func(b *browser, account int64) (all []Session) {
		b.visit(func(ctx context.Context) {
			var err error
			if all, err = b.s.Of(ctx, account); err != nil {
				t.Fatal(err)
			}
		})
		return all
	}
	all := list(b, 7)
	if len(all) != 2 || !all[0].This || all[1].This || all[0].Seen.Sub(all[1].Seen) != 10*time.Minute || all[0].ID == all[1].ID {
		t.Fatalf("%+v", all)
	}
	theirs := list(stranger, 8)
	b.visit(func(ctx context.Context) {
		for _, id := range []string{theirs[0].ID, "", all[1].ID} {
			if err := b.s.End(ctx, 7, id); err != nil {
				t.Fatal(err)
			}
		}
	})
	if b.who() != 7 || other.who() != 0 || stranger.who() != 8 {
		t.Error("not the one session is ended, or others are")
	}
}
