package account

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"postbag/internal/fault"
	"postbag/internal/seal"
)

// Store keeps accounts and the audit log. Every method is one whole transaction,
// with its entry in the audit log where it has one. Errors that a person may see
// are *fault.Error with the codes named here.
type Store interface {
	// Account returns an account; not_found.
	Account(ctx context.Context, id int64) (Account, error)

	// AccountByEmail returns an account with its password's hash; not_found.
	AccountByEmail(ctx context.Context, email string) (Account, string, error)

	// AccountByLink returns whose link it is; not_found if there is none, or its
	// time is over.
	AccountByLink(ctx context.Context, tokenHash []byte) (Account, LinkKind, error)

	// Accounts returns every account by name.
	Accounts(ctx context.Context) ([]Account, error)

	// AddAccount adds one, with a link to set it up. conflict if the address has
	// one already.
	AddAccount(ctx context.Context, by Actor, a Account, l Link) (Account, error)

	// UseLink sets the password of the account that a link belongs to, ends all its
	// links and all its sessions. not_found as in AccountByLink.
	UseLink(ctx context.Context, origin string, tokenHash []byte, password string) (Account, error)

	// AuditLog returns lines of the audit log, the latest first, at most limit of
	// them. not_found if there is no such campaign.
	AuditLog(ctx context.Context, f AuditFilter, limit int) ([]Entry, error)

	// AuditActions returns every action that the audit log has, sorted.
	AuditActions(ctx context.Context) ([]string, error)

	// Record writes down what somebody did that changes nothing.
	Record(ctx context.Context, e Entry) error

	// NoteSignIn notes that somebody signed in, or failed to.
	NoteSignIn(ctx context.Context, by Actor, worked bool) error
}

// LinkKind says what a link is for.
type LinkKind string

// The kinds of link.
const (
	LinkSetUp LinkKind = "setup"
	LinkReset LinkKind = "reset"
)

// Link is a link about to be written down: it lets somebody set a password.
type Link struct {
	Kind      LinkKind
	TokenHash []byte
	ExpiresAt time.Time
}

// How long links are good.
const (
	SetUpWithin = 7 * 24 * time.Hour
	ResetWithin = time.Hour
)

// Passwords turns passwords into hashes and compares them.
type Passwords interface {
	// Hash returns the hash of a password with its parameters.
	Hash(password string) string

	// Matches reports whether the hash is that of the password. For the empty
	// hash, which is nobody's, it takes as long and answers false.
	Matches(hash, password string) bool

	// Common reports whether the password is one of those that everybody tries
	// first.
	Common(password string) bool
}

// Service is how accounts are made, and how people get in. It is safe for
// concurrent use.
type Service struct {
	store     Store
	passwords Passwords
	keys      *seal.Keys
	now       func() time.Time
}

// NewService returns the service.
func NewService(store Store, passwords Passwords, keys *seal.Keys, now func() time.Time) *Service {
	return &Service{store: store, passwords: passwords, keys: keys, now: now}
}

// Limits on what is typed, in characters (runes).
const (
	MaxName  = 100
	MaxEmail = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets

	// MinPassword and MaxPassword follow NIST SP 800-63B-4, 3.1.1.2: length
	// counts, not what characters a password is made of.
	MinPassword = 15
	MaxPassword = 256
)

// Names of the fields that errors are about.
const (
	FieldEmail    = "email"
	FieldName     = "name"
	FieldRole     = "role"
	FieldPartner  = "partner"
	FieldPassword = "password"
)

// Add adds an account and returns it with the token of the link by which its
// owner chooses a password. invalid with the fields that cannot be used;
// conflict if the address has an account.
func (s *Service) Add(ctx context.Context, by Actor, a Account) (Account, string, error) {
	a.Email, a.Name, a.Partner = NormaliseEmail(a.Email), strings.TrimSpace(a.Name), strings.TrimSpace(a.Partner)
	fields := map[string]string{}
	if !validEmail(a.Email) {
		fields[FieldEmail] = "desk.error.email"
	}
	if a.Name == "" || utf8.RuneCountInString(a.Name) > MaxName || strings.ContainsFunc(a.Name, isControl) {
		fields[FieldName] = "desk.error.name"
	}
	if !a.Role.Valid() {
		fields[FieldRole] = "desk.error.role"
	}
	if (a.Role == Partner) != (a.Partner != "") {
		fields[FieldPartner] = "desk.error.partner"
	}
	if len(fields) > 0 {
		return Account{}, "", fault.Fieldwise(fields)
	}
	token, link := s.newLink(LinkSetUp, SetUpWithin)
	a, err := s.store.AddAccount(ctx, by, a, link)
	if err != nil {
		return Account{}, "", fmt.Errorf("add account: %w", err)
	}
	return a, token, nil
}

// ByLink returns whose link it is, and what for; not_found.
func (s *Service) ByLink(ctx context.Context, token string) (Account, LinkKind, error) {
	if len(token) != seal.TokenLen {
		return Account{}, "", fault.New(fault.NotFound, "desk.error.link")
	}
	a, kind, err := s.store.AccountByLink(ctx, s.hashLink(token))
	if err != nil {
		return Account{}, "", fmt.Errorf("open link: %w", err)
	}
	return a, kind, nil
}

// SetPassword sets the password of whoever has the link, once. invalid for a
// password that will not do; not_found as ByLink.
func (s *Service) SetPassword(ctx context.Context, origin, token, password string) (Account, error) {
	a, _, err := s.ByLink(ctx, token)
	if err != nil {
		return Account{}, err
	}
	if key := s.checkPassword(a, password); key != "" {
		return Account{}, fault.Fieldwise(map[string]string{FieldPassword: key})
	}
	a, err = s.store.UseLink(ctx, origin, s.hashLink(token), s.passwords.Hash(password))
	if err != nil {
		return Account{}, fmt.Errorf("set password: %w", err)
	}
	return a, nil
}

// checkPassword returns the key of what is wrong with a password, or "".
func (s *Service) checkPassword(a Account, password string) string {
	lower := strings.ToLower(password)
	user, _, _ := strings.Cut(a.Email, "@")
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return "desk.error.password_short"
	case n > MaxPassword:
		return "desk.error.password_long"
	case s.passwords.Common(password), lower == a.Email, lower == strings.ToLower(a.Name), strings.Trim(lower, user) == "":
		return "desk.error.password_common"
	}
	return ""
}

// SignIn returns the account that the address and the password belong to.
// unauthorized if there is none, which says nothing of whether the address has
// an account.
func (s *Service) SignIn(ctx context.Context, origin, email, password string) (Account, error) {
	a, hash, err := s.store.AccountByEmail(ctx, NormaliseEmail(email))
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	ok := s.passwords.Matches(hash, password) && !a.Disabled()
	if a.ID != 0 {
		if err := s.store.NoteSignIn(ctx, a.As(origin), ok); err != nil {
			return Account{}, fmt.Errorf("sign in: %w", err)
		}
	}
	if !ok {
		return Account{}, fault.New(fault.Unauthorized, "desk.error.sign_in")
	}
	return a, nil
}

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

// Accounts returns every account by name.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	return s.store.Accounts(ctx)
}

func (s *Service) newLink(kind LinkKind, within time.Duration) (string, Link) {
	token := seal.NewToken()
	return token, Link{Kind: kind, TokenHash: s.hashLink(token), ExpiresAt: s.now().Add(within)}
}

func (s *Service) hashLink(token string) []byte { return s.keys.Hash("account link", token) }

// NormaliseEmail returns the form in which an address is kept and looked up.
func NormaliseEmail(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

func validEmail(email string) bool {
	a, err := mail.ParseAddress(email)
	return err == nil && a.Name == "" && a.Address == email && utf8.RuneCountInString(email) <= MaxEmail && !strings.ContainsFunc(email, isControl)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
