package account

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"postbag/internal/fault"
	"postbag/internal/seal"
)

// Limits on passwords, in characters. They follow NIST SP 800-63B-4, 3.1.1.2:
// length counts, not what characters a password is made of.
const (
	MinPassword = 15
	MaxPassword = 256
)

// normal is the form in which a password is hashed: the same characters may come
// in several forms from several keyboards.
func normal(password string) string { return norm.NFC.String(password) }

// checkPassword returns the key of what is wrong with a password, or "".
func (s *Service) checkPassword(a Account, password string) string {
	password = normal(password)
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return "desk.error.password_short"
	case n > MaxPassword:
		return "desk.error.password_long"
	case s.passwords.Common(password, append(s.Words(), s.Site, a.Email, a.Name, a.Partner)...):
		return "desk.error.password_common"
	}
	return ""
}

// SignIn is the first step of signing in: it returns the account that the address
// and the password belong to. If that has a second factor, Prove is the second
// step. unauthorized if there is no such account, which says nothing of whether
// the address has one; a *WaitError if it was tried too often.
func (s *Service) SignIn(ctx context.Context, origin, email, password string) (Account, error) {
	email = NormaliseEmail(email)
	limits := s.limits("password", email, origin)
	if err := s.try(ctx, limits); err != nil {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	a, hash, err := s.store.AccountByEmail(ctx, email)
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	if !s.passwords.Matches(hash, normal(password)) || a.Disabled() {
		// An address that nobody has leaves a line too, and so takes as long.
		if err := s.store.NoteSignIn(ctx, a.As(origin), WrongPassword); err != nil {
			return Account{}, fmt.Errorf("sign in: %w", err)
		}
		return Account{}, fault.New(fault.Unauthorized, "desk.error.sign_in")
	}
	if err := s.store.Forgive(ctx, limits); err != nil {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	if a.SecondFactor {
		return a, nil
	}
	return a, s.noteSignIn(ctx, a.As(origin))
}

func (s *Service) noteSignIn(ctx context.Context, by Actor) error {
	if err := s.store.NoteSignIn(ctx, by, SignedInOK); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
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

// SetPassword sets the password of whoever has the link, once. Somebody with a
// second factor has still to prove it. invalid for a password that will not do;
// not_found as ByLink.
func (s *Service) SetPassword(ctx context.Context, origin, token, password string) (Account, error) {
	a, _, err := s.ByLink(ctx, token)
	if err != nil {
		return Account{}, err
	}
	if key := s.checkPassword(a, password); key != "" {
		return Account{}, fault.Fieldwise(map[string]string{FieldPassword: key})
	}
	a, err = s.store.UseLink(ctx, origin, s.hashLink(token), s.passwords.Hash(normal(password)))
	if err != nil {
		return Account{}, fmt.Errorf("set password: %w", err)
	}
	if a.SecondFactor {
		return a, nil
	}
	return a, s.noteSignIn(ctx, a.As(origin))
}

// ChangePassword sets one's own password, which ends every session, and returns the
// epoch that begins. invalid if the old one is not right or the new one will not
// do; a *WaitError.
func (s *Service) ChangePassword(ctx context.Context, by Actor, old, password string) (Epoch, error) {
	a, err := s.store.Account(ctx, by.Account)
	if err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	if key := s.checkPassword(a, password); key != "" {
		return "", fault.Fieldwise(map[string]string{FieldPassword: key})
	}
	limits := s.limits("own password", number(a.ID), by.Origin)
	if err := s.try(ctx, limits); err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	_, hash, err := s.store.AccountByEmail(ctx, a.Email)
	if err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	if !s.passwords.Matches(hash, normal(old)) {
		return "", fault.Fieldwise(map[string]string{FieldOld: "desk.error.old_password"})
	}
	if err := s.store.Forgive(ctx, limits); err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	hash = s.passwords.Hash(normal(password))
	if err := s.store.SetPassword(ctx, by, hash); err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	return NewEpoch(hash, a.SecondFactor), nil
}

// Forgot mails a link to choose another password to an address, if it has an
// account. Whoever asks does not learn whether it has. invalid if it is no
// address; a *WaitError.
func (s *Service) Forgot(ctx context.Context, origin, email string) error {
	email = NormaliseEmail(email)
	if !validEmail(email) {
		return fault.Fieldwise(map[string]string{FieldEmail: "desk.error.email"})
	}
	token, link := s.newLink(LinkReset, ResetWithin)
	m, err := s.linkMail(link, token, "", ResetWithin)
	if err != nil {
		return err
	}
	limits := []Limit{{Bucket: s.keys.Hash("limit", "forgot", place(origin)), Free: freeForgot}}
	until, err := s.store.AskReset(ctx, origin, limits, email, link, m)
	if err := s.wait(until, err); err != nil {
		return fmt.Errorf("ask for another password: %w", err)
	}
	s.Wake()
	return nil
}

// digits takes the spaces out of a code that was typed as telephones show it.
func digits(typed string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.ToLower(typed))
}
