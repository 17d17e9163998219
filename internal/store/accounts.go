package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"postbag/internal/account"
	"postbag/internal/fault"
)

const selectAccounts = `
	SELECT id, email, name, role, partner, password, totp IS NOT NULL, digest, created_at, signed_in_at, disabled_at
	FROM accounts `

// scanAccount reads one row of selectAccounts, and its password's hash.
func scanAccount(scan func(...any) error) (account.Account, string, error) {
	var a account.Account
	var role, password, created string
	var signedIn, disabled sql.NullString
	err := scan(&a.ID, &a.Email, &a.Name, &role, &a.Partner, &password, &a.SecondFactor, &a.Digest, &created, &signedIn, &disabled)
	if err != nil {
		return account.Account{}, "", err
	}
	a.Role, a.Ready, a.Epoch = account.Role(role), password != "", account.NewEpoch(password, a.SecondFactor)
	if a.CreatedAt, err = parseTime(some(created)); err != nil {
		return account.Account{}, "", err
	}
	if a.SignedInAt, err = parseTime(signedIn); err != nil {
		return account.Account{}, "", err
	}
	if a.DisabledAt, err = parseTime(disabled); err != nil {
		return account.Account{}, "", err
	}
	return a, password, nil
}

func (s *Store) account(ctx context.Context, where string, args ...any) (account.Account, string, error) {
	a, password, err := scanAccount(func(dest ...any) error { return s.queryRow(ctx, selectAccounts+where, dest, args...) })
	if errors.Is(err, sql.ErrNoRows) {
		return a, "", fault.New(fault.NotFound, "desk.error.account")
	}
	if err != nil {
		return a, "", fmt.Errorf("select account: %w", err)
	}
	return a, password, nil
}

// Account implements account.Store.
func (s *Store) Account(ctx context.Context, id int64) (account.Account, error) {
	a, _, err := s.account(ctx, `WHERE id = $1`, id)
	return a, err
}

// AccountByEmail implements account.Store.
func (s *Store) AccountByEmail(ctx context.Context, email string) (account.Account, string, error) {
	return s.account(ctx, `WHERE email = $1`, email)
}

// AccountByLink implements account.Store.
func (s *Store) AccountByLink(ctx context.Context, tokenHash []byte) (account.Account, account.LinkKind, error) {
	var id int64
	var kind string
	err := s.queryRow(ctx, selectLink, []any{&id, &kind}, tokenHash, formatTime(s.now()))
	if errors.Is(err, sql.ErrNoRows) {
		return account.Account{}, "", fault.New(fault.NotFound, "desk.error.link")
	}
	if err != nil {
		return account.Account{}, "", fmt.Errorf("select link: %w", err)
	}
	a, err := s.Account(ctx, id)
	return a, account.LinkKind(kind), err
}

// selectLink finds a link that is good.
const selectLink = `
	SELECT a.id, l.kind FROM account_links l
	JOIN accounts a ON a.id = l.account_id
	WHERE l.token_hash = $1 AND l.expires_at > $2 AND a.disabled_at IS NULL`

// Accounts implements account.Store.
func (s *Store) Accounts(ctx context.Context) ([]account.Account, error) {
	rows, err := s.query(ctx, selectAccounts+`ORDER BY name, email`)
	if err != nil {
		return nil, fmt.Errorf("select accounts: %w", err)
	}
	defer rows.Close()
	var all []account.Account
	for rows.Next() {
		a, _, err := scanAccount(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("select accounts: %w", err)
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// AddAccount implements account.Store.
func (s *Store) AddAccount(ctx context.Context, by account.Actor, a account.Account, l account.Link, m *account.Mail) (account.Account, error) {
	err := s.writer.do(ctx, func(tx *tx) (err error) {
		if a, err = tx.addAccount(by, a, ""); err != nil {
			return err
		}
		return tx.addLink(a.ID, l, m)
	})
	return a, err
}

// AddFirstAccount implements account.Store.
func (s *Store) AddFirstAccount(ctx context.Context, origin string, a account.Account, password string) (account.Account, error) {
	err := s.writer.do(ctx, func(tx *tx) error {
		var there bool
		if err := tx.queryRow(`SELECT EXISTS (SELECT 1 FROM accounts)`, []any{&there}); err != nil {
			return fmt.Errorf("look for accounts: %w", err)
		}
		if there {
			return fault.New(fault.Conflict, "desk.error.not_first")
		}
		var err error
		a, err = tx.addAccount(account.Actor{Name: a.Name, Origin: origin}, a, password)
		return err
	})
	return a, err
}

func (t *tx) addAccount(by account.Actor, a account.Account, password string) (account.Account, error) {
	a.CreatedAt, a.Ready, a.Epoch = t.now, password != "", account.NewEpoch(password, false)
	err := t.queryRow(`
		INSERT INTO accounts (email, name, role, partner, password, totp_step, digest, created_at)
		VALUES ($1, $2, $3, $4, $5, 0, 0, $6)
		RETURNING id`, []any{&a.ID}, a.Email, a.Name, string(a.Role), a.Partner, password, formatTime(t.now))
	if isTaken(err) {
		return a, fault.Wrap(err, fault.Conflict, "desk.error.email_taken")
	}
	if err != nil {
		return a, fmt.Errorf("insert account: %w", err)
	}
	if by.Account == 0 && password != "" {
		by.Account = a.ID // it made itself
	}
	return a, t.auditAccount(by, "account.add", a.ID, nil, profile(a))
}

// isTaken reports that a row with the same key is there already.
func isTaken(err error) bool {
	coded, ok := errors.AsType[*sqlite.Error](err)
	return ok && (coded.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || coded.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func accountObject(id int64) string { return "account " + strconv.FormatInt(id, 10) }

// auditAccount adds what was done to an account to the audit log; before and
// after are what it was and is, nil for nothing.
func (t *tx) auditAccount(by account.Actor, action string, id int64, before, after map[string]any) error {
	e := account.Entry{Actor: by, Action: action, Object: accountObject(id)}
	for _, side := range []struct {
		text *string
		is   map[string]any
	}{{&e.Before, before}, {&e.After, after}} {
		if side.is == nil {
			continue
		}
		text, err := json.Marshal(side.is)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		*side.text = string(text)
	}
	return t.audit(e)
}

// profile is what the audit log tells of an account.
func profile(a account.Account) map[string]any {
	is := map[string]any{"name": a.Name, "role": a.Role}
	if a.Partner != "" {
		is["partner"] = a.Partner
	}
	return is
}

// account reads an account in a transaction; not_found.
func (t *tx) account(where string, arg any) (account.Account, error) {
	a, _, err := scanAccount(func(dest ...any) error { return t.queryRow(selectAccounts+where, dest, arg) })
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "desk.error.account")
	}
	if err != nil {
		return a, fmt.Errorf("select account: %w", err)
	}
	return a, nil
}

// NoteSignIn implements account.Store.
func (s *Store) NoteSignIn(ctx context.Context, by account.Actor, how account.SignInResult) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if by.Account == 0 {
			return tx.noteUnknown(by, how)
		}
		if how == account.SignedInOK {
			if _, err := tx.exec(`UPDATE accounts SET signed_in_at = $1 WHERE id = $2`, formatTime(tx.now), by.Account); err != nil {
				return fmt.Errorf("note sign-in: %w", err)
			}
		}
		return tx.auditAccount(by, string(how), by.Account, nil, nil)
	})
}

// SignOutEverywhere implements account.Store.
func (s *Store) SignOutEverywhere(ctx context.Context, by account.Actor) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if err := tx.endSessions(by.Account); err != nil {
			return err
		}
		return tx.auditAccount(by, "sign_out.everywhere", by.Account, nil, nil)
	})
}

// SetProfile implements account.Store.
func (s *Store) SetProfile(ctx context.Context, by account.Actor, name string, digest bool) error {
	return s.writer.do(ctx, func(tx *tx) error {
		a, err := tx.account(`WHERE id = $1`, by.Account)
		if err != nil || a.Name == name && a.Digest == digest {
			return err
		}
		if _, err := tx.exec(`UPDATE accounts SET name = $1, digest = $2 WHERE id = $3`, name, digest, a.ID); err != nil {
			return fmt.Errorf("set profile: %w", err)
		}
		return tx.auditAccount(by, "account.profile", a.ID,
			map[string]any{"name": a.Name, "digest": a.Digest}, map[string]any{"name": name, "digest": digest})
	})
}

// EditAccount implements account.Store.
func (s *Store) EditAccount(ctx context.Context, by account.Actor, a account.Account, was *account.Account) error {
	return s.writer.do(ctx, func(tx *tx) error {
		old, err := tx.account(`WHERE id = $1`, a.ID)
		if err != nil {
			return err
		}
		if was != nil && (was.Name != old.Name || was.Role != old.Role || was.Partner != old.Partner) {
			return fault.New(fault.Conflict, "desk.error.account_changed")
		}
		if a.Name == old.Name && a.Role == old.Role && a.Partner == old.Partner {
			return nil
		}
		if a.Role != account.Owner {
			if err := tx.keepAnOwner(old); err != nil {
				return err
			}
		}
		if a.Role != old.Role || a.Partner != old.Partner {
			if err := tx.endSessions(a.ID); err != nil {
				return err
			}
		}
		if _, err := tx.exec(`UPDATE accounts SET name = $1, role = $2, partner = $3 WHERE id = $4`, a.Name, string(a.Role), a.Partner, a.ID); err != nil {
			return fmt.Errorf("edit account: %w", err)
		}
		return tx.auditAccount(by, "account.edit", a.ID, profile(old), profile(a))
	})
}

// SetDisabled implements account.Store.
func (s *Store) SetDisabled(ctx context.Context, by account.Actor, id int64, disabled bool) error {
	return s.writer.do(ctx, func(tx *tx) error {
		a, err := tx.account(`WHERE id = $1`, id)
		if err != nil || a.Disabled() == disabled {
			return err
		}
		if !disabled {
			if _, err := tx.exec(`UPDATE accounts SET disabled_at = NULL WHERE id = $1`, id); err != nil {
				return fmt.Errorf("enable account: %w", err)
			}
			return tx.auditAccount(by, "account.enable", id, nil, profile(a))
		}
		if err := tx.keepAnOwner(a); err != nil {
			return err
		}
		if err := errors.Join(tx.endSessions(id), tx.endLinks(id)); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE accounts SET disabled_at = $1 WHERE id = $2`, formatTime(tx.now), id); err != nil {
			return fmt.Errorf("disable account: %w", err)
		}
		return tx.auditAccount(by, "account.disable", id, profile(a), nil)
	})
}

// keepAnOwner refuses to take the last owner who can sign in away: conflict.
func (t *tx) keepAnOwner(a account.Account) error {
	if a.Role != account.Owner || a.Disabled() || !a.Ready {
		return nil
	}
	var others bool
	err := t.queryRow(`
		SELECT EXISTS (SELECT 1 FROM accounts WHERE role = 'owner' AND password <> '' AND disabled_at IS NULL AND id <> $1)`,
		[]any{&others}, a.ID)
	if err != nil {
		return fmt.Errorf("look for other owners: %w", err)
	}
	if !others {
		return fault.New(fault.Conflict, "desk.error.last_owner")
	}
	return nil
}
