package account

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"postbag/internal/fault"
	"postbag/internal/seal"
)

// Add adds an account and returns it with the token of the link by which its
// owner chooses a password. invalid with the fields that cannot be used;
// conflict if the address has an account.
func (s *Service) Add(ctx context.Context, by Actor, a Account) (Account, string, error) {
	token, link := s.newLink(LinkSetUp, SetUpWithin)
	a, err := s.add(ctx, by, a, link, nil)
	if err != nil {
		return Account{}, "", err
	}
	return a, token, nil
}

// Invite adds an account and mails its owner the link. Errors as Add.
func (s *Service) Invite(ctx context.Context, by Actor, a Account) (Account, error) {
	token, link := s.newLink(LinkSetUp, SetUpWithin)
	m, err := s.linkMail(link, token, by.Name, SetUpWithin)
	if err != nil {
		return Account{}, err
	}
	if a, err = s.add(ctx, by, a, link, &m); err != nil {
		return Account{}, err
	}
	s.Wake()
	return a, nil
}

func (s *Service) add(ctx context.Context, by Actor, a Account, link Link, m *Mail) (Account, error) {
	a = tidy(a)
	if fields := check(a); len(fields) > 0 {
		return Account{}, fault.Fieldwise(fields)
	}
	a, err := s.store.AddAccount(ctx, by, a, link, m)
	if err != nil {
		return Account{}, fmt.Errorf("add account: %w", err)
	}
	return a, nil
}

func tidy(a Account) Account {
	a.Email, a.Name, a.Partner = NormaliseEmail(a.Email), strings.TrimSpace(a.Name), strings.TrimSpace(a.Partner)
	if a.Role != Partner {
		a.Partner = ""
	}
	return a
}

// check returns what is wrong with an account, by field.
func check(a Account) map[string]string {
	fields := map[string]string{}
	if !validEmail(a.Email) {
		fields[FieldEmail] = "desk.error.email"
	}
	if !validName(a.Name) {
		fields[FieldName] = "desk.error.name"
	}
	if !a.Role.Valid() {
		fields[FieldRole] = "desk.error.role"
	}
	if a.Role == Partner && !validName(a.Partner) {
		fields[FieldPartner] = "desk.error.partner"
	}
	return fields
}

// OpenFirst lets whoever has the token it returns make the first account, until
// there is one; the token is empty if there is one already. For development,
// where whoever starts the program is shown it.
func (s *Service) OpenFirst(ctx context.Context) (token string, err error) {
	all, err := s.store.Accounts(ctx)
	if err != nil || len(all) > 0 {
		return "", err
	}
	token = seal.NewToken()
	hash := s.hashLink(token)
	s.first.Store(&hash)
	return token, nil
}

// First reports whether the token is that of OpenFirst and still good, else
// not_found.
func (s *Service) First(ctx context.Context, token string) error {
	hash := s.first.Load()
	if hash == nil || subtle.ConstantTimeCompare(*hash, s.hashLink(token)) != 1 {
		return fault.New(fault.NotFound, "desk.error.link")
	}
	if all, err := s.store.Accounts(ctx); err != nil || len(all) > 0 {
		return errOr(err, fault.New(fault.NotFound, "desk.error.link"))
	}
	return nil
}

func errOr(err error, otherwise *fault.Error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// AddFirst makes the first account: an owner, with a password. invalid with the
// fields that cannot be used; not_found as First; conflict if another was quicker.
func (s *Service) AddFirst(ctx context.Context, origin, token string, a Account, password string) (Account, error) {
	if err := s.First(ctx, token); err != nil {
		return Account{}, err
	}
	a.Role = Owner
	a = tidy(a)
	fields := check(a)
	if key := s.checkPassword(a, password); key != "" {
		fields[FieldPassword] = key
	}
	if len(fields) > 0 {
		return Account{}, fault.Fieldwise(fields)
	}
	a, err := s.store.AddFirstAccount(ctx, origin, a, s.passwords.Hash(normal(password)))
	if err != nil {
		return Account{}, fmt.Errorf("add the first account: %w", err)
	}
	s.first.Store(nil)
	return a, nil
}

// Edit changes the name, the role and the partner of an account. Was is what the
// page showed whoever changes it; nil: they saw nothing. invalid with the fields
// that cannot be used; conflict if it was changed since, or if no owner would be
// left; not_found.
func (s *Service) Edit(ctx context.Context, by Actor, a Account, was *Account) error {
	now, err := s.store.Account(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("edit account: %w", err)
	}
	a.Email = now.Email
	a = tidy(a)
	if fields := check(a); len(fields) > 0 {
		return fault.Fieldwise(fields)
	}
	if err := s.store.EditAccount(ctx, by, a, was); err != nil {
		return fmt.Errorf("edit account: %w", err)
	}
	return nil
}

// Disable closes an account; conflict if no owner would be left; not_found.
func (s *Service) Disable(ctx context.Context, by Actor, id int64) error {
	return s.store.SetDisabled(ctx, by, id, true)
}

// Enable opens it again; not_found.
func (s *Service) Enable(ctx context.Context, by Actor, id int64) error {
	return s.store.SetDisabled(ctx, by, id, false)
}

// NewLink gives an account a link to choose a password and returns its token;
// not_found; conflict if the account is disabled.
func (s *Service) NewLink(ctx context.Context, by Actor, id int64) (string, error) {
	token, link, _, err := s.linkFor(ctx, id)
	if err != nil {
		return "", err
	}
	return token, s.store.AddLink(ctx, by, id, link, nil)
}

// SendLink mails somebody a link to choose a password. Errors as NewLink.
func (s *Service) SendLink(ctx context.Context, by Actor, id int64) error {
	token, link, within, err := s.linkFor(ctx, id)
	if err != nil {
		return err
	}
	m, err := s.linkMail(link, token, by.Name, within)
	if err != nil {
		return err
	}
	if err := s.store.AddLink(ctx, by, id, link, &m); err != nil {
		return fmt.Errorf("send link: %w", err)
	}
	s.Wake()
	return nil
}

// linkFor makes the link that an account needs: to choose the first password, or
// another.
func (s *Service) linkFor(ctx context.Context, id int64) (string, Link, time.Duration, error) {
	a, err := s.store.Account(ctx, id)
	if err != nil {
		return "", Link{}, 0, fmt.Errorf("link: %w", err)
	}
	if a.Disabled() {
		return "", Link{}, 0, fault.New(fault.Conflict, "desk.error.disabled_link")
	}
	kind, within := LinkSetUp, SetUpWithin
	if a.Ready {
		kind, within = LinkReset, SentWithin
	}
	token, link := s.newLink(kind, within)
	return token, link, within, nil
}

// linkMail is the mail with a link.
func (s *Service) linkMail(l Link, token, by string, within time.Duration) (Mail, error) {
	kind := MailReset
	if l.Kind == LinkSetUp {
		kind = MailSetUp
	}
	return NewMail(s.keys, s.MailDomain, kind, LinkMail{Token: token, By: by, Hours: int(within / time.Hour)})
}

func (s *Service) newLink(kind LinkKind, within time.Duration) (string, Link) {
	token := seal.NewToken()
	return token, Link{Kind: kind, TokenHash: s.hashLink(token), ExpiresAt: s.now().Add(within)}
}

func (s *Service) hashLink(token string) []byte { return s.keys.Hash("account link", token) }

// SetProfile sets one's own name, and whether one wants the digest. invalid.
func (s *Service) SetProfile(ctx context.Context, by Actor, name string, digest bool) error {
	if name = strings.TrimSpace(name); !validName(name) {
		return fault.Fieldwise(map[string]string{FieldName: "desk.error.name"})
	}
	return s.store.SetProfile(ctx, by, name, digest)
}

// SignOutEverywhere ends every session of whoever asks for it.
func (s *Service) SignOutEverywhere(ctx context.Context, by Actor) error {
	return s.store.SignOutEverywhere(ctx, by)
}
