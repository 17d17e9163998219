package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"postbag/internal/fault"
)

// codeLen is how many digits a code of a telephone has.
const codeLen = 6

// Recovery codes: ten, each of ten characters of five bits, written in two halves.
// No letter in them looks like another or like a digit (Crockford's base 32).
const (
	recoveryCodes    = 10
	recoveryLen      = 10
	recoveryAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
)

// Enrolment is a second factor that is about to be set up.
type Enrolment struct {
	Secret string // as text, for who cannot scan
	URL    string // for the QR code
	Sealed string // the secret, to come back with the form
}

// Enrol begins to set up a second factor; nothing is kept. Sealed is that of an
// Enrolment that goes on, empty for a new one; invalid if it is another's.
func (s *Service) Enrol(a Account, sealed string) (Enrolment, error) {
	secret := s.codes.New()
	if sealed != "" {
		var err error
		if secret, err = s.enrolled(a, sealed); err != nil {
			return Enrolment{}, err
		}
	} else {
		sealed = base64.RawURLEncoding.EncodeToString(s.keys.Seal([]byte(secret), enrolContext(a.ID)))
	}
	url, err := s.codes.URL(s.Site, a.Email, secret)
	if err != nil {
		return Enrolment{}, fmt.Errorf("enrol: %w", err)
	}
	return Enrolment{Secret: secret, URL: url, Sealed: sealed}, nil
}

func enrolContext(id int64) []byte  { return []byte("second factor to be of account " + number(id)) }
func secretContext(id int64) []byte { return SecondFactorContext(number(id)) }

// SecondFactorContext is what the second factor of an account, by its number, is
// sealed for.
func SecondFactorContext(number string) []byte { return []byte("second factor of account " + number) }

func (s *Service) enrolled(a Account, sealed string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "desk.error.enrol")
	}
	secret, err := s.keys.Open(raw, enrolContext(a.ID))
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "desk.error.enrol")
	}
	return string(secret), nil
}

// SetSecondFactor gives somebody a second factor, in place of none, when they
// show a code of it. It returns their recovery codes, to be seen this once, and
// ends every session. conflict if they have one; invalid; a *WaitError.
func (s *Service) SetSecondFactor(ctx context.Context, by Actor, sealed, code string) ([]string, error) {
	a, err := s.store.Account(ctx, by.Account)
	if err != nil {
		return nil, fmt.Errorf("set second factor: %w", err)
	}
	if a.SecondFactor {
		return nil, fault.New(fault.Conflict, "desk.error.second_factor_on")
	}
	secret, err := s.enrolled(a, sealed)
	if err != nil {
		return nil, err
	}
	step, ok := s.codes.Step(secret, digits(code), s.now())
	if !ok {
		return nil, fault.Fieldwise(map[string]string{FieldCode: "desk.error.code"})
	}
	codes, hashes := s.newCodes(a.ID)
	if err := s.store.SetSecondFactor(ctx, by, s.keys.Seal([]byte(secret), secretContext(a.ID)), step, hashes); err != nil {
		return nil, fmt.Errorf("set second factor: %w", err)
	}
	return codes, nil
}

// Prove is the second step of signing in: a code of the telephone, or a recovery
// code. unauthorized if it is not right, or was used before; a *WaitError.
func (s *Service) Prove(ctx context.Context, origin string, id int64, code string) (Account, error) {
	a, err := s.Account(ctx, id)
	if err != nil {
		return Account{}, err
	}
	by := a.As(origin)
	if err := s.show(ctx, by, code); err != nil {
		if fault.CodeOf(err) == fault.Unauthorized {
			if err := s.store.NoteSignIn(ctx, by, WrongCode); err != nil {
				return Account{}, fmt.Errorf("sign in: %w", err)
			}
		}
		return Account{}, err
	}
	return a, s.noteSignIn(ctx, by)
}

// show checks a code of an account and uses it up. unauthorized; a *WaitError.
func (s *Service) show(ctx context.Context, by Actor, code string) error {
	limits := s.limits("code", number(by.Account), by.Origin)
	if err := s.try(ctx, limits); err != nil {
		return fmt.Errorf("show a code: %w", err)
	}
	right, err := s.right(ctx, by, digits(code))
	if err != nil {
		return fmt.Errorf("show a code: %w", err)
	}
	if !right {
		return fault.New(fault.Unauthorized, "desk.error.code")
	}
	return s.store.Forgive(ctx, limits)
}

func (s *Service) right(ctx context.Context, by Actor, code string) (bool, error) {
	if len(code) != codeLen {
		_, err := s.store.UseRecoveryCode(ctx, by, s.hashCode(by.Account, code))
		if fault.CodeOf(err) == fault.NotFound {
			return false, nil
		}
		return err == nil, err
	}
	sealed, err := s.store.SecondFactor(ctx, by.Account)
	if err != nil || sealed == nil {
		return false, err
	}
	secret, err := s.keys.Open(sealed, secretContext(by.Account))
	if err != nil {
		return false, err
	}
	step, ok := s.codes.Step(string(secret), code, s.now())
	if !ok {
		return false, nil
	}
	return s.store.UseCode(ctx, by.Account, step)
}

// showHere is show for a form of one's own page, where a wrong code is a wrong
// field.
func (s *Service) showHere(ctx context.Context, by Actor, code string) error {
	err := s.show(ctx, by, code)
	if fault.CodeOf(err) == fault.Unauthorized {
		return fault.Fieldwise(map[string]string{FieldCode: "desk.error.code"})
	}
	return err
}

// RemoveSecondFactor takes somebody's second factor away when they show a code,
// and ends every session. invalid; a *WaitError.
func (s *Service) RemoveSecondFactor(ctx context.Context, by Actor, code string) error {
	if err := s.showHere(ctx, by, code); err != nil {
		return err
	}
	return s.store.RemoveSecondFactor(ctx, by, by.Account)
}

// ClearSecondFactor takes away another's, who has lost the telephone and the
// codes. not_found; conflict for one’s own, which needs a code.
func (s *Service) ClearSecondFactor(ctx context.Context, by Actor, id int64) error {
	if by.Account == id { // whoever found the window open has no code
		return fault.New(fault.Conflict, "desk.error.own_second_factor")
	}
	return s.store.RemoveSecondFactor(ctx, by, id)
}

// NewRecoveryCodes returns new recovery codes, to be seen this once, when a code
// is shown. Those before are good no more. invalid; a *WaitError.
func (s *Service) NewRecoveryCodes(ctx context.Context, by Actor, code string) ([]string, error) {
	if err := s.showHere(ctx, by, code); err != nil {
		return nil, err
	}
	codes, hashes := s.newCodes(by.Account)
	if err := s.store.SetRecoveryCodes(ctx, by, hashes); err != nil {
		return nil, fmt.Errorf("new recovery codes: %w", err)
	}
	return codes, nil
}

// RecoveryCodes returns how many recovery codes somebody has left.
func (s *Service) RecoveryCodes(ctx context.Context, id int64) (int, error) {
	return s.store.RecoveryCodes(ctx, id)
}

func (s *Service) newCodes(id int64) (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		var raw [recoveryLen]byte
		rand.Read(raw[:])
		for i := range raw {
			raw[i] = recoveryAlphabet[raw[i]%32]
		}
		code := string(raw[:])
		codes = append(codes, code[:recoveryLen/2]+"-"+code[recoveryLen/2:])
		hashes = append(hashes, s.hashCode(id, code))
	}
	return codes, hashes
}

// hashCode hashes a recovery code as it is read: what looks like a digit is one.
func (s *Service) hashCode(id int64, code string) []byte {
	return s.keys.Hash("recovery code", number(id), strings.NewReplacer("o", "0", "i", "1", "l", "1", "u", "v").Replace(code))
}
