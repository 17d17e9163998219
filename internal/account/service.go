package account

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"postbag/internal/fault"
	"postbag/internal/seal"
)

// Passwords turns passwords into hashes and compares them.
type Passwords interface {
	// Hash returns the hash of a password with its parameters.
	Hash(password string) string

	// Matches reports whether the hash is that of the password. For the empty
	// hash, which is nobody's, it takes as long and answers false.
	Matches(hash, password string) bool

	// Common reports whether the password is one of those that are tried first.
	// Own are words from around the account.
	Common(password string, own ...string) bool
}

// Codes makes the secrets of second factors and checks their codes.
type Codes interface {
	// New returns a new secret as text.
	New() string

	// URL returns the address by which a telephone takes a secret.
	URL(site, email, secret string) (string, error)

	// Step returns the time step whose code this is, if it is good now.
	Step(secret, code string, now time.Time) (int64, bool)
}

// Options are what a Service is made of.
type Options struct {
	Store     Store
	Passwords Passwords
	Codes     Codes
	Keys      *seal.Keys
	Now       func() time.Time

	Site       string          // its name
	Words      func() []string // what campaigns are called: no password is made of that; nil: none
	MailDomain string          // of the address that mail comes from
	Wake       func()          // tells that mail is queued; nil: nobody wants to know
}

// Service is how accounts are made, and how people get in. It is safe for
// concurrent use.
type Service struct {
	Options
	store     Store
	passwords Passwords
	codes     Codes
	keys      *seal.Keys
	now       func() time.Time
	first     atomic.Pointer[[]byte] // hash of the token that lets somebody make the first account
}

// NewService returns the service.
func NewService(o Options) *Service {
	if o.Words == nil {
		o.Words = func() []string { return nil }
	}
	if o.Wake == nil {
		o.Wake = func() {}
	}
	return &Service{Options: o, store: o.Store, passwords: o.Passwords, codes: o.Codes, keys: o.Keys, now: o.Now}
}

// Limits on what is typed, in characters (runes).
const (
	MaxName  = 100
	MaxEmail = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
)

// Names of the fields that errors are about.
const (
	FieldEmail    = "email"
	FieldName     = "name"
	FieldRole     = "role"
	FieldPartner  = "partner"
	FieldPassword = "password"
	FieldOld      = "old"
	FieldCode     = "code"
)

// Account returns an account that may act now: not_found for one that is gone,
// forbidden for one that is disabled.
func (s *Service) Account(ctx context.Context, id int64) (Account, error) {
	a, err := s.store.Account(ctx, id)
	if err != nil {
		return Account{}, fmt.Errorf("account: %w", err)
	}
	if a.Disabled() {
		return Account{}, fault.New(fault.Forbidden, "desk.error.disabled")
	}
	return a, nil
}

// AnyAccount returns an account whether or not it may act; not_found.
func (s *Service) AnyAccount(ctx context.Context, id int64) (Account, error) {
	return s.store.Account(ctx, id)
}

// AccountByEmail returns the account of an address; not_found.
func (s *Service) AccountByEmail(ctx context.Context, email string) (Account, error) {
	a, _, err := s.store.AccountByEmail(ctx, NormaliseEmail(email))
	return a, err
}

// Accounts returns every account by name.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	return s.store.Accounts(ctx)
}

// Tick deletes what is of no use any more.
func (s *Service) Tick(ctx context.Context) error {
	if err := s.store.ForgetAccountTrails(ctx); err != nil {
		return fmt.Errorf("forget what accounts left behind: %w", err)
	}
	return nil
}

// NormaliseEmail returns the form in which an address is kept and looked up.
func NormaliseEmail(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

// validEmail accepts what every mail server takes, as the mailer does.
func validEmail(email string) bool {
	a, err := mail.ParseAddress(email)
	_, domain, _ := strings.Cut(email, "@")
	return err == nil && a.Name == "" && a.Address == email && strings.Contains(domain, ".") && utf8.RuneCountInString(email) <= MaxEmail &&
		!strings.ContainsFunc(email, func(r rune) bool { return isControl(r) || r >= utf8.RuneSelf })
}

func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= MaxName && !strings.ContainsFunc(name, isControl)
}

// isControl includes the line separators of Unicode: a name stands in the header
// of a mail.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
}
