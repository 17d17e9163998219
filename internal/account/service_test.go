package account_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"postbag/db"
	"postbag/internal/account"
	"postbag/internal/auth"
	"postbag/internal/fault"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// passwords are kept as they are: the tests are about the rules around them.
type passwords struct{ compared int }

func (p *passwords) Hash(password string) string { return "hash of " + password }
func (p *passwords) Matches(hash, password string) bool {
	p.compared++
	return hash == "hash of "+password
}
func (p *passwords) Common(password string, own ...string) bool {
	for _, word := range own {
		if word != "" && strings.Contains(password, word) {
			return true
		}
	}
	return false
}

const (
	password = "five plain words are plenty"
	home     = "192.0.2.7"
	away     = "198.51.100.9"
)

// bed is the service on a real database, with a clock that stands.
type bed struct {
	*account.Service
	t         *testing.T
	store     *store.Store
	clock     *testkit.Clock
	passwords *passwords
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{t: t, clock: testkit.NewClock(time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)), passwords: &passwords{}}
	b.store = openStore(t, t.TempDir(), b.clock)
	b.Service = b.over(b.store)
	return b
}

func openStore(t *testing.T, dir string, clock *testkit.Clock) *store.Store {
	t.Helper()
	open := func(ctx context.Context, dir string) (*store.Store, error) {
		migrations, err := fs.Sub(db.FS, "migrations")
		if err != nil {
			return nil, err
		}
		return store.Open(ctx, store.Options{Dir: dir, Migrations: migrations, Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	}
	testkit.FillDatabase(t, dir, store.FileName, func(dir string) (io.Closer, error) { return open(context.Background(), dir) })
	s, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// over is the service of another process on the same database.
func (b *bed) over(s *store.Store) *account.Service {
	keys, err := seal.New([]byte(strings.Repeat("k", seal.MinSecret)))
	if err != nil {
		b.t.Fatal(err)
	}
	return account.NewService(account.Options{
		Store: s, Passwords: b.passwords, Codes: auth.Codes{}, Keys: keys, Now: b.clock.Now, Site: "Postbag", MailDomain: "postbag.example.org",
	})
}

// add makes an account with a password.
func (b *bed) add(name string, role account.Role) account.Account {
	b.t.Helper()
	_, token, err := b.Add(b.t.Context(), account.Actor{Name: "test"}, account.Account{Email: name + "@example.org", Name: name, Role: role})
	if err != nil {
		b.t.Fatal(err)
	}
	a, err := b.SetPassword(b.t.Context(), home, token, password)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// try tries to sign in and returns the code of the answer.
func (b *bed) try(s *account.Service, origin, email, typed string) fault.Code {
	b.t.Helper()
	_, err := s.SignIn(b.t.Context(), origin, email, typed)
	return fault.CodeOf(err)
}

func TestSignIn_sameWhoeverHasTheAddress(t *testing.T) {
	b := newBed(t)
	b.add("noor", account.Viewer)
	closed := b.add("ali", account.Viewer)
	if err := b.Disable(t.Context(), account.Actor{Name: "test"}, closed.ID); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ email, password string }{
		{"noor@example.org", "another password"}, {"nobody@example.org", password}, {"ali@example.org", password}, {"", ""},
	} {
		before := b.passwords.compared
		_, err := b.SignIn(t.Context(), home, tt.email, tt.password)
		if f, ok := err.(*fault.Error); !ok || f.Code != fault.Unauthorized || f.Safe != "desk.error.sign_in" {
			t.Errorf("%q: %v", tt.email, err)
		}
		if n := b.passwords.compared - before; n != 1 {
			t.Errorf("%q: %d passwords were compared, want 1: it can be told by the time it takes", tt.email, n)
		}
	}
}

// Failures slow down who fails, from where they fail, and nobody else.
func TestSignIn_slowsDownFailures(t *testing.T) {
	for name, email := range map[string]string{"an account": "noor@example.org", "an address that nobody has": "nobody@example.org"} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.add("noor", account.Viewer)
			b.add("ali", account.Viewer)
			for n := range 5 {
				if got := b.try(b.Service, home, email, "wrong"); got != fault.Unauthorized {
					t.Fatalf("failure %d: %s", n+1, got)
				}
			}
			before := b.passwords.compared
			_, err := b.SignIn(t.Context(), home, email, password)
			wait, ok := account.IsWait(err)
			if !ok || wait.For != 30*time.Second || wait.Minutes() != 1 || fault.CodeOf(err) != fault.RateLimited {
				t.Fatalf("after five failures: %v", err)
			}
			if b.passwords.compared != before {
				t.Error("the password was looked at all the same")
			}
			if got := b.try(b.Service, away, "noor@example.org", password); got != "" {
				t.Errorf("the owner is kept out elsewhere: %s", got)
			}
			if got := b.try(b.Service, home, "ali@example.org", password); got != "" {
				t.Errorf("a colleague is kept out: %s", got)
			}
			if got := b.try(b.over(b.store), home, email, password); got != fault.RateLimited {
				t.Errorf("another process lets them in: %s", got)
			}
			for _, delay := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
				b.clock.Advance(delay - time.Second)
				if got := b.try(b.Service, home, email, "wrong"); got != fault.RateLimited {
					t.Errorf("a second before %v are over: %s", delay, got)
				}
				b.clock.Advance(time.Second)
				if got := b.try(b.Service, home, email, "wrong"); got != fault.Unauthorized {
					t.Errorf("after %v: %s", delay, got)
				}
			}
		})
	}
}

func TestSignIn_successForgives(t *testing.T) {
	b := newBed(t)
	b.add("noor", account.Viewer)
	for range 3 {
		for range 4 {
			b.try(b.Service, home, "noor@example.org", "wrong")
		}
		if got := b.try(b.Service, home, "noor@example.org", password); got != "" {
			t.Fatalf("the right password: %s", got)
		}
	}
}

// From one place not many accounts can be tried, and success with one's own does
// not wipe that out.
func TestSignIn_manyAccountsFromOnePlace(t *testing.T) {
	b := newBed(t)
	b.add("noor", account.Viewer)
	tried := 0
	for ; tried < 100; tried++ {
		if got := b.try(b.Service, home, strings.Repeat("x", tried+1)+"@example.org", "wrong"); got == fault.RateLimited {
			break
		}
		if got := b.try(b.Service, home, "noor@example.org", password); got == fault.RateLimited {
			break
		}
	}
	if tried < 25 || tried > 31 {
		t.Errorf("%d accounts could be tried", tried)
	}
	if got := b.try(b.Service, away, "noor@example.org", password); got != "" {
		t.Errorf("elsewhere: %s", got)
	}
	b.clock.Advance(25 * time.Hour)
	if got := b.try(b.Service, home, "x@example.org", "wrong"); got != fault.Unauthorized {
		t.Errorf("a day later: %s", got)
	}
}

// One connection has 64 bits of addresses to itself in IPv6.
func TestSignIn_addressBlocks(t *testing.T) {
	b := newBed(t)
	b.add("noor", account.Viewer)
	for n := range 5 {
		b.try(b.Service, "2001:db8:1:1::"+string(rune('1'+n)), "noor@example.org", "wrong")
	}
	for origin, want := range map[string]fault.Code{
		"2001:db8:1:1:ffff::9": fault.RateLimited, "2001:db8:1:2::1": "", "::ffff:192.0.2.7": "", "": "", "nonsense": "",
	} {
		if got := b.try(b.Service, origin, "noor@example.org", password); got != want {
			t.Errorf("from %q: %q, want %q", origin, got, want)
		}
	}
}

// The same password may be typed in several forms, and spaces are part of it.
func TestPassword_normalised(t *testing.T) {
	b := newBed(t)
	_, token, err := b.Add(t.Context(), account.Actor{}, account.Account{Email: "noor@example.org", Name: "Noor", Role: account.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"fourteen chars": "desk.error.password_short", strings.Repeat("e\u0301", 14): "desk.error.password_short",
		strings.Repeat("xyz ", 65): "desk.error.password_long", "I am Noor of Postbag!": "desk.error.password_common",
	} {
		_, err := b.SetPassword(t.Context(), home, token, typed)
		f, ok := err.(*fault.Error)
		if !ok || f.Fields[account.FieldPassword] != want {
			t.Errorf("%q: %v, want %s", typed, err, want)
		}
	}
	if _, err := b.SetPassword(t.Context(), home, token, " cafe\u0301 au lait, oui "); err != nil {
		t.Fatal(err)
	}
	if got := b.try(b.Service, home, "noor@example.org", " caf\u00e9 au lait, oui "); got != "" {
		t.Errorf("composed: %s", got)
	}
	if got := b.try(b.Service, home, "noor@example.org", "caf\u00e9 au lait, oui"); got != fault.Unauthorized {
		t.Errorf("without its spaces: %s", got)
	}
}

// enrol gives an account a second factor and returns its secret and the codes.
func (b *bed) enrol(a account.Account) (secret string, codes []string) {
	b.t.Helper()
	e, err := b.Enrol(a, "")
	if err != nil {
		b.t.Fatal(err)
	}
	codes, err = b.SetSecondFactor(b.t.Context(), a.As(home), e.Sealed, testkit.Code(b.t, e.Secret, b.clock.Now()))
	if err != nil {
		b.t.Fatal(err)
	}
	return e.Secret, codes
}

func (b *bed) prove(a account.Account, code string) fault.Code {
	b.t.Helper()
	_, err := b.Prove(b.t.Context(), home, a.ID, code)
	return fault.CodeOf(err)
}

func TestSecondFactor(t *testing.T) {
	b := newBed(t)
	noor := b.add("noor", account.Owner)
	secret, codes := b.enrol(noor)
	now := func() string { return testkit.Code(t, secret, b.clock.Now()) }
	if a, err := b.SignIn(t.Context(), home, noor.Email, password); err != nil || !a.SecondFactor {
		t.Fatalf("the first step: %+v, %v", a, err)
	}
	if got := b.prove(noor, now()); got != fault.Unauthorized {
		t.Errorf("the code that set it up, again: %q", got)
	}
	b.clock.Advance(30 * time.Second)
	code := now()
	if got := b.prove(noor, code[:3]+" "+code[3:]); got != "" {
		t.Errorf("the next code: %q", got)
	}
	if got := b.prove(noor, code); got != fault.Unauthorized {
		t.Errorf("the same code twice: %q", got)
	}
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes", len(codes))
	}
	if got := b.prove(noor, strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))); got != "" {
		t.Errorf("a recovery code: %q", got)
	}
	if got := b.prove(noor, codes[3]); got != fault.Unauthorized {
		t.Errorf("a recovery code twice: %q", got)
	}
	if left, err := b.RecoveryCodes(t.Context(), noor.ID); left != 9 || err != nil {
		t.Errorf("%d codes left, %v", left, err)
	}
	ali := b.add("ali", account.Owner)
	b.enrol(ali)
	if got := b.prove(ali, codes[4]); got != fault.Unauthorized {
		t.Errorf("another's recovery code: %q", got)
	}
	fresh, err := b.NewRecoveryCodes(t.Context(), noor.As(home), codes[5])
	if err != nil || len(fresh) != 10 {
		t.Fatalf("%d, %v", len(fresh), err)
	}
	if got := b.prove(noor, codes[6]); got != fault.Unauthorized {
		t.Errorf("a recovery code of the set before: %q", got)
	}
	b.clock.Advance(time.Minute)
	if err := b.RemoveSecondFactor(t.Context(), noor.As(home), "000000"); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("taken off with a wrong code: %v", err)
	}
	if err := b.RemoveSecondFactor(t.Context(), noor.As(home), now()); err != nil {
		t.Fatal(err)
	}
	if a, err := b.SignIn(t.Context(), home, noor.Email, password); err != nil || a.SecondFactor {
		t.Errorf("afterwards: %+v, %v", a, err)
	}
	if got := b.prove(noor, fresh[0]); got != fault.Unauthorized {
		t.Errorf("a recovery code of no second factor: %q", got)
	}
}

// A secret goes with the account that it was made for.
func TestSecondFactor_anothersSecret(t *testing.T) {
	b := newBed(t)
	noor, ali := b.add("noor", account.Owner), b.add("ali", account.Owner)
	e, err := b.Enrol(noor, "")
	if err != nil {
		t.Fatal(err)
	}
	code := testkit.Code(t, e.Secret, b.clock.Now())
	if _, err := b.SetSecondFactor(t.Context(), ali.As(home), e.Sealed, code); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("another's: %v", err)
	}
	if again, err := b.Enrol(noor, e.Sealed); err != nil || again != e {
		t.Errorf("the same page again: %+v, %v", again, err)
	}
	if _, err := b.SetSecondFactor(t.Context(), noor.As(home), e.Sealed, "123"); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a wrong code: %v", err)
	}
	b.enrol(noor)
	if _, err := b.SetSecondFactor(t.Context(), noor.As(home), e.Sealed, code); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a second one: %v", err)
	}
}

func TestProve_slowsDownFailures(t *testing.T) {
	b := newBed(t)
	noor := b.add("noor", account.Owner)
	b.enrol(noor)
	for n := range 5 {
		if got := b.prove(noor, "000000"); got != fault.Unauthorized {
			t.Fatalf("failure %d: %s", n+1, got)
		}
	}
	if got := b.prove(noor, "000000"); got != fault.RateLimited {
		t.Errorf("after five failures: %q", got)
	}
}

func TestForgot(t *testing.T) {
	b := newBed(t)
	b.add("noor", account.Viewer)
	closed := b.add("ali", account.Viewer)
	if err := b.Disable(t.Context(), account.Actor{Name: "test"}, closed.ID); err != nil {
		t.Fatal(err)
	}
	queued := func() int {
		jobs, err := b.store.AccountMail().Claim(t.Context(), 100, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return len(jobs)
	}
	for _, email := range []string{"Noor@example.org ", "nobody@example.org", "ali@example.org"} {
		if err := b.Forgot(t.Context(), home, email); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
	if n := queued(); n != 1 {
		t.Errorf("%d mails, want one, to whom can use it", n)
	}
	if err := b.Forgot(t.Context(), home, "noor"); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("no address: %v", err)
	}
	for n := range 5 {
		if err := b.Forgot(t.Context(), "203.0.113."+string(rune('1'+n)), "noor@example.org"); err != nil {
			t.Error(err)
		}
	}
	if n := queued(); n != account.MaxResets-1 {
		t.Errorf("%d more mails: somebody's mailbox can be filled", n)
	}
	b.clock.Advance(account.ResetWithin)
	if err := b.Forgot(t.Context(), home, "noor@example.org"); err != nil || queued() != 1 {
		t.Errorf("an hour later there is no mail: %v", err)
	}
	err := error(nil)
	for range 10 {
		err = b.Forgot(t.Context(), home, "x@example.org")
	}
	if _, ok := account.IsWait(err); !ok {
		t.Errorf("asked for without end from one place: %v", err)
	}
}

func TestFirst(t *testing.T) {
	b := newBed(t)
	token, err := b.OpenFirst(t.Context())
	if err != nil || token == "" {
		t.Fatal(token, err)
	}
	a := account.Account{Name: "Noor", Email: "noor@example.org", Role: account.Viewer}
	if _, err := b.AddFirst(t.Context(), home, seal.NewToken(), a, password); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another token: %v", err)
	}
	if _, err := b.AddFirst(t.Context(), home, token, account.Account{}, "short"); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("an empty form: %v", err)
	}
	got, err := b.AddFirst(t.Context(), home, token, a, password)
	if err != nil || got.Role != account.Owner || !got.Ready {
		t.Fatalf("%+v, %v", got, err)
	}
	a.Email = "again@example.org"
	if _, err := b.AddFirst(t.Context(), home, token, a, password); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a second time: %v", err)
	}
	if token, err := b.OpenFirst(t.Context()); token != "" || err != nil {
		t.Errorf("there is an account, and still a link: %q, %v", token, err)
	}
}

func TestLastOwner(t *testing.T) {
	b := newBed(t)
	by := account.Actor{Name: "test"}
	noor := b.add("noor", account.Owner)
	if _, _, err := b.Add(t.Context(), by, account.Account{Email: "new@example.org", Name: "New", Role: account.Owner}); err != nil {
		t.Fatal(err) // has no password yet, and so is no help
	}
	demoted := noor
	demoted.Role = account.Viewer
	if err := b.Disable(t.Context(), by, noor.ID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("the last owner is closed: %v", err)
	}
	if err := b.Edit(t.Context(), by, demoted, nil); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("the last owner is demoted: %v", err)
	}
	b.add("ali", account.Owner)
	if err := b.Edit(t.Context(), by, demoted, nil); err != nil {
		t.Errorf("one of two: %v", err)
	}
}

func TestEdit_staleIsCaught(t *testing.T) {
	b := newBed(t)
	b.add("noor", account.Owner)
	ali := b.add("ali", account.Viewer)
	was, first, second := ali, ali, ali
	first.Role, second.Name = account.Organiser, "Alison"
	if err := b.Edit(t.Context(), account.Actor{Name: "test"}, first, &was); err != nil {
		t.Fatal(err)
	}
	if err := b.Edit(t.Context(), account.Actor{Name: "test"}, second, &was); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("the other's change is lost: %v", err)
	}
	if now, _ := b.AnyAccount(t.Context(), ali.ID); now.Role != account.Organiser || now.Name != "ali" {
		t.Errorf("%+v", now)
	}
}
