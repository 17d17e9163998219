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

	// SaveSession keeps a session; account is 0 while nobody is signed in.
	SaveSession(ctx context.Context, tokenHash []byte, account int64, data []byte, expires time.Time) error

	// EndSession deletes a session, EndSessions all of an account.
	EndSession(ctx context.Context, tokenHash []byte) error
	EndSessions(ctx context.Context, account int64) error
}

// Times of a session.
const (
	// IdleFor is how long a session lasts that is not used, Lasts how long any
	// does.
	IdleFor = 2 * time.Hour
	Lasts   = 12 * time.Hour

	// noteAfter is how long a use of a session need not be noted.
	noteAfter = time.Minute
)

// Keys of a session's values.
const (
	keyAccount = "account"
	keySeen    = "seen" // seconds since 1970
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
	m.Store = &scsStore{store, m.Codec}
	return &Sessions{scs: m, store: store, now: now}
}

// Load returns a context with the session of a request's cookie, or with a new
// one that is not kept before something is put into it.
func (s *Sessions) Load(r *http.Request) (context.Context, error) {
	token := ""
	if c, err := r.Cookie(s.scs.Cookie.Name); err == nil {
		token = c.Value
	}
	ctx, err := s.scs.Load(r.Context(), token)
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
// that was not used for IdleFor is nobody's.
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
	if id == 0 || s.idle(ctx) > IdleFor {
		return 0
	}
	return id
}

// idle is how long the session was not used.
func (s *Sessions) idle(ctx context.Context) time.Duration {
	return s.now().Sub(time.Unix(s.scs.GetInt64(ctx, keySeen), 0))
}

// SignIn makes the session an account's. It gets a new token, so that one that
// somebody else planted is worth nothing.
func (s *Sessions) SignIn(ctx context.Context, account int64) error {
	if err := s.scs.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	s.scs.Put(ctx, keyAccount, account)
	s.scs.Put(ctx, keySeen, s.now().Unix())
	return nil
}

// SignOut ends the session.
func (s *Sessions) SignOut(ctx context.Context) error {
	if err := s.scs.Destroy(ctx); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// SignOutEverywhere ends every session of an account.
func (s *Sessions) SignOutEverywhere(ctx context.Context, account int64) error {
	if err := s.store.EndSessions(ctx, account); err != nil {
		return fmt.Errorf("end sessions: %w", err)
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

// scsStore is what scs needs, on a SessionStore.
type scsStore struct {
	store SessionStore
	codec scs.Codec
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

func (s *scsStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	_, values, err := s.codec.Decode(data)
	if err != nil {
		return err
	}
	account, _ := values[keyAccount].(int64)
	return s.store.SaveSession(ctx, hashToken(token), account, data, expires)
}

func (s *scsStore) DeleteCtx(ctx context.Context, token string) error {
	return s.store.EndSession(ctx, hashToken(token))
}
