package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// SessionStore keeps sessions on the server. The token of the cookie is never
// kept, only its hash.
type SessionStore interface {
	// Session returns a session's data; found is false if there is none, or its
	// time is over.
	Session(ctx context.Context, tokenHash []byte) (data []byte, found bool, err error)

	// SaveSession keeps a session; account is whose it is, 0 while nobody's. One
	// that is not fresh, and was ended since it was read, stays ended.
	SaveSession(ctx context.Context, tokenHash []byte, account int64, data []byte, expires time.Time, fresh bool) error

	// EndSession deletes a session.
	EndSession(ctx context.Context, tokenHash []byte) error

	// SessionsOf returns the token's hash and the data of every session of an account
	// whose time is not over.
	SessionsOf(ctx context.Context, account int64) (tokenHashes, data [][]byte, err error)
}

// Times of a session.
const (
	// IdleFor is how long a session lasts that is not used, Lasts how long any
	// does.
	IdleFor = 2 * time.Hour
	Lasts   = 12 * time.Hour

	// ProveWithin is how long the second step of signing in may take.
	ProveWithin = 10 * time.Minute

	// noteAfter is how long a use of a session need not be noted.
	noteAfter = time.Minute

	// keepBare is how long a session is kept in which nobody is signed in: it
	// holds a sentence for the next page.
	keepBare = time.Hour
)

// MaxWrongCodes is how many wrong codes end the second step of signing in, which
// then begins anew with the password.
const MaxWrongCodes = 5

// Keys of a session's values.
const (
	keyAccount = "account"
	keyEpoch   = "epoch"   // of the account, when its password was proved
	keySince   = "since"   // when they signed in, in seconds since 1970
	keySeen    = "seen"    // when it was used last, in seconds since 1970
	keyProving = "proving" // the account whose password was right, and whose code is asked for
	keyWrong   = "wrong"   // how many codes were not right
	keyFlash   = "flash"
)

// Sessions are who is signed in, in which browser.
type Sessions struct {
	scs   *scs.SessionManager
	store SessionStore
	now   func() time.Time
}

// NewSessions returns the sessions of a site. Over https its cookie has the
// prefix __Host-, which no other site and no other path can set.
func NewSessions(store SessionStore, https bool, now func() time.Time) *Sessions {
	m := scs.New()
	m.Lifetime = Lasts
	m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = true, http.SameSiteLaxMode, "/"
	m.Cookie.Persist = false // it goes when the browser is closed
	m.Cookie.Name, m.Cookie.Secure = "postbag", https
	if https {
		m.Cookie.Name = "__Host-postbag"
	}
	m.Store = &scsStore{store, m.Codec, now}
	return &Sessions{scs: m, store: store, now: now}
}

// Cookie returns the name of the cookie, and whether it goes over https alone.
func (s *Sessions) Cookie() (name string, secure bool) { return s.scs.Cookie.Name, s.scs.Cookie.Secure }

// Load returns a context with the session of a request's cookie, or with a new
// one that is not kept before something is put into it.
func (s *Sessions) Load(r *http.Request) (context.Context, error) {
	token := ""
	if c, err := r.Cookie(s.scs.Cookie.Name); err == nil {
		token = c.Value
	}
	ctx, err := s.scs.Load(context.WithValue(r.Context(), loadedToken{}, token), token)
	if err != nil {
		return nil, fmt.Errorf("load session: %w", err)
	}
	return ctx, nil
}

// Save keeps what has changed and sets the cookie. It is called before the
// answer's header is written.
func (s *Sessions) Save(ctx context.Context, w http.ResponseWriter) error {
	switch s.scs.Status(ctx) {
	case scs.Modified:
		token, expires, err := s.scs.Commit(ctx)
		if err != nil {
			return fmt.Errorf("save session: %w", err)
		}
		s.scs.WriteSessionCookie(ctx, w, token, expires)
	case scs.Destroyed:
		s.scs.WriteSessionCookie(ctx, w, "", time.Time{})
	}
	return nil
}

// Account returns who is signed in, or 0, and notes that the session is used. One
// that was not used for IdleFor, or is older than Lasts, is nobody's.
func (s *Sessions) Account(ctx context.Context) int64 {
	id := s.Peek(ctx)
	if id != 0 && s.idle(ctx) > noteAfter {
		s.scs.Put(ctx, keySeen, s.now().Unix())
	}
	return id
}

// Peek is Account for what nobody asked for by hand: it is no use of the session.
func (s *Sessions) Peek(ctx context.Context) int64 {
	id := s.scs.GetInt64(ctx, keyAccount)
	if id == 0 || s.idle(ctx) >= IdleFor || s.now().Sub(s.time(ctx, keySince)) >= Lasts {
		return 0
	}
	return id
}

// idle is how long the session was not used.
func (s *Sessions) idle(ctx context.Context) time.Duration { return s.now().Sub(s.time(ctx, keySeen)) }

func (s *Sessions) time(ctx context.Context, key string) time.Time {
	return time.Unix(s.scs.GetInt64(ctx, key), 0)
}

// SignIn makes the session an account's. It gets a new token, so that one that
// somebody else planted is worth nothing.
//
// Epoch is the account's as it was when its password was proved: see Epoch.
func (s *Sessions) SignIn(ctx context.Context, account int64, epoch string) error {
	return s.begin(ctx, keyAccount, account, epoch)
}

// Prove notes that the first step of signing in to an account is done. The
// session gets a new token here too.
func (s *Sessions) Prove(ctx context.Context, account int64, epoch string) error {
	return s.begin(ctx, keyProving, account, epoch)
}

// Epoch is the account's epoch in which its password was proved. When the account
// is in another by now, the session is over.
func (s *Sessions) Epoch(ctx context.Context) string { return s.scs.GetString(ctx, keyEpoch) }

// begin empties the session but for what the next page says, and gives it to an
// account.
func (s *Sessions) begin(ctx context.Context, key string, account int64, epoch string) error {
	if err := s.scs.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	for _, old := range []string{keyAccount, keyProving, keyWrong} {
		s.scs.Remove(ctx, old)
	}
	now := s.now().Unix()
	s.scs.Put(ctx, key, account)
	s.scs.Put(ctx, keyEpoch, epoch)
	s.scs.Put(ctx, keySince, now)
	s.scs.Put(ctx, keySeen, now)
	return nil
}

// Proving returns the account that the second step of signing in is about, or 0.
func (s *Sessions) Proving(ctx context.Context) int64 {
	id := s.scs.GetInt64(ctx, keyProving)
	if id == 0 || s.now().Sub(s.time(ctx, keySince)) >= ProveWithin {
		return 0
	}
	return id
}

// WrongCode notes a wrong code and reports whether there may be another. After
// MaxWrongCodes the session is at the beginning again.
func (s *Sessions) WrongCode(ctx context.Context) bool {
	wrong := s.scs.GetInt64(ctx, keyWrong) + 1
	if wrong >= MaxWrongCodes {
		s.scs.Remove(ctx, keyProving)
		s.scs.Remove(ctx, keyWrong)
		return false
	}
	s.scs.Put(ctx, keyWrong, wrong)
	return true
}

// SignOut ends the session.
func (s *Sessions) SignOut(ctx context.Context) error {
	if err := s.scs.Destroy(ctx); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// Flash keeps the key of a message for the next page.
func (s *Sessions) Flash(ctx context.Context, key string) { s.scs.Put(ctx, keyFlash, key) }

// TakeFlash returns that key once; empty: none.
func (s *Sessions) TakeFlash(ctx context.Context) string {
	if !s.scs.Exists(ctx, keyFlash) {
		return "" // PopString would mark the session as changed
	}
	return s.scs.PopString(ctx, keyFlash)
}

// loadedToken is the key under which a context has the token that the browser
// sent: a session that still has it is not fresh.
type loadedToken struct{}

// scsStore is what scs needs, on a SessionStore.
type scsStore struct {
	store SessionStore
	codec scs.Codec
	now   func() time.Time
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// errNoContext is returned by the methods of scs.Store, which nothing calls:
// those of scs.CtxStore take their place.
var errNoContext = errors.New("a session is kept within a request only")

func (s *scsStore) Delete(string) error                    { return errNoContext }
func (s *scsStore) Find(string) ([]byte, bool, error)      { return nil, false, errNoContext }
func (s *scsStore) Commit(string, []byte, time.Time) error { return errNoContext }

func (s *scsStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.store.Session(ctx, hashToken(token))
}

// CommitCtx keeps a session until its time is over by our clock; scs has one of
// its own.
func (s *scsStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	_, values, err := s.codec.Decode(data)
	if err != nil {
		return err
	}
	of := func(key string) int64 { n, _ := values[key].(int64); return n }
	account, since := of(keyAccount), time.Unix(of(keySince), 0)
	expires := since.Add(Lasts)
	switch {
	case account != 0:
		if idle := time.Unix(of(keySeen), 0).Add(IdleFor); idle.Before(expires) {
			expires = idle
		}
	case of(keyProving) != 0:
		account, expires = of(keyProving), since.Add(ProveWithin)
	default:
		expires = s.now().Add(keepBare)
	}
	return s.store.SaveSession(ctx, hashToken(token), account, data, expires, ctx.Value(loadedToken{}) != token)
}

func (s *scsStore) DeleteCtx(ctx context.Context, token string) error {
	return s.store.EndSession(ctx, hashToken(token))
}
