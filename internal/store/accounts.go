package store

import (
	"context"
	"database/sql"
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
	a.Role, a.Ready = account.Role(role), password != ""
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
	err := s.queryRow(ctx, `SELECT account_id, kind FROM account_links WHERE token_hash = $1 AND expires_at > $2`,
		[]any{&id, &kind}, tokenHash, formatTime(s.now()))
	if errors.Is(err, sql.ErrNoRows) {
		return account.Account{}, "", fault.New(fault.NotFound, "desk.error.link")
	}
	if err != nil {
		return account.Account{}, "", fmt.Errorf("select link: %w", err)
	}
	a, err := s.Account(ctx, id)
	return a, account.LinkKind(kind), err
}

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
func (s *Store) AddAccount(ctx context.Context, by account.Actor, a account.Account, l account.Link) (account.Account, error) {
	err := s.writer.do(ctx, func(tx *tx) error {
		a.CreatedAt = tx.now
		err := tx.queryRow(`
			INSERT INTO accounts (email, name, role, partner, password, totp_step, digest, created_at)
			VALUES ($1, $2, $3, $4, '', 0, 0, $5)
			RETURNING id`, []any{&a.ID}, a.Email, a.Name, string(a.Role), a.Partner, formatTime(tx.now))
		if isTaken(err) {
			return fault.Wrap(err, fault.Conflict, "desk.error.email_taken")
		}
		if err != nil {
			return fmt.Errorf("insert account: %w", err)
		}
		if err := tx.addLink(a.ID, l); err != nil {
			return err
		}
		return tx.audit(account.Entry{Actor: by, Action: "account.add", Object: accountObject(a.ID), After: string(a.Role)})
	})
	return a, err
}

// isTaken reports that a row with the same key is there already.
func isTaken(err error) bool {
	coded, ok := errors.AsType[*sqlite.Error](err)
	return ok && (coded.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || coded.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func accountObject(id int64) string { return "account " + strconv.FormatInt(id, 10) }

func (t *tx) addLink(id int64, l account.Link) error {
	_, err := t.exec(`
		INSERT INTO account_links (token_hash, account_id, kind, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5)`,
		l.TokenHash, id, string(l.Kind), formatTime(t.now), formatTime(l.ExpiresAt))
	if err != nil {
		return fmt.Errorf("insert link: %w", err)
	}
	return nil
}

// UseLink implements account.Store.
func (s *Store) UseLink(ctx context.Context, origin string, tokenHash []byte, password string) (account.Account, error) {
	var id int64
	err := s.writer.do(ctx, func(tx *tx) error {
		var kind, name string
		err := tx.queryRow(`
			SELECT a.id, a.name, l.kind FROM account_links l
			JOIN accounts a ON a.id = l.account_id
			WHERE l.token_hash = $1 AND l.expires_at > $2`, []any{&id, &name, &kind}, tokenHash, formatTime(tx.now))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "desk.error.link")
		}
		if err != nil {
			return fmt.Errorf("select link: %w", err)
		}
		for _, q := range []string{
			`DELETE FROM account_links WHERE account_id = $1`,
			`DELETE FROM sessions WHERE account_id = $1`,
		} {
			if _, err := tx.exec(q, id); err != nil {
				return fmt.Errorf("use link: %w", err)
			}
		}
		if _, err := tx.exec(`UPDATE accounts SET password = $1 WHERE id = $2`, password, id); err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		return tx.audit(account.Entry{
			Actor: account.Actor{Account: id, Name: name, Origin: origin}, Action: "password." + kind, Object: accountObject(id),
		})
	})
	if err != nil {
		return account.Account{}, err
	}
	return s.Account(ctx, id)
}

// NoteSignIn implements account.Store.
func (s *Store) NoteSignIn(ctx context.Context, by account.Actor, worked bool) error {
	return s.writer.do(ctx, func(tx *tx) error {
		action := "sign_in.fail"
		if worked {
			action = "sign_in"
			if _, err := tx.exec(`UPDATE accounts SET signed_in_at = $1 WHERE id = $2`, formatTime(tx.now), by.Account); err != nil {
				return fmt.Errorf("note sign-in: %w", err)
			}
		}
		return tx.audit(account.Entry{Actor: by, Action: action, Object: accountObject(by.Account)})
	})
}
