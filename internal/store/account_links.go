package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// addLink gives an account a link in place of those that it has, and queues the
// mail with it unless it is nil.
func (t *tx) addLink(id int64, l account.Link, m *account.Mail) error {
	if err := t.endLinks(id); err != nil {
		return err
	}
	return t.moreLinks(id, l, m)
}

// moreLinks is addLink that leaves the others good.
func (t *tx) moreLinks(id int64, l account.Link, m *account.Mail) error {
	_, err := t.exec(`
		INSERT INTO account_links (token_hash, account_id, kind, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5)`,
		l.TokenHash, id, string(l.Kind), formatTime(t.now), formatTime(l.ExpiresAt))
	if err != nil {
		return fmt.Errorf("insert link: %w", err)
	}
	if m == nil {
		return nil
	}
	return t.queueAccountMail(id, m.Kind, m.Sealed, m.MessageID)
}

// endLinks ends every link of an account.
func (t *tx) endLinks(id int64) error {
	if _, err := t.exec(`DELETE FROM account_links WHERE account_id = $1`, id); err != nil {
		return fmt.Errorf("end links: %w", err)
	}
	return nil
}

// AddLink implements account.Store.
func (s *Store) AddLink(ctx context.Context, by account.Actor, id int64, l account.Link, m *account.Mail) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if _, err := tx.account(`WHERE id = $1`, id); err != nil {
			return err
		}
		if err := tx.addLink(id, l, m); err != nil {
			return err
		}
		return tx.auditAccount(by, "account.link", id, nil, map[string]any{"for": l.Kind, "mailed": m != nil})
	})
}

// UseLink implements account.Store.
func (s *Store) UseLink(ctx context.Context, origin string, tokenHash []byte, password string) (account.Account, error) {
	var a account.Account
	err := s.writer.do(ctx, func(tx *tx) error {
		var id int64
		var kind string
		err := tx.queryRow(selectLink, []any{&id, &kind}, tokenHash, formatTime(tx.now))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "desk.error.link")
		}
		if err != nil {
			return fmt.Errorf("select link: %w", err)
		}
		if err := tx.setPassword(id, password); err != nil {
			return err
		}
		if a, err = tx.account(`WHERE id = $1`, id); err != nil {
			return err
		}
		return tx.auditAccount(a.As(origin), "password."+kind, id, nil, nil)
	})
	return a, err
}

// SetPassword implements account.Store.
func (s *Store) SetPassword(ctx context.Context, by account.Actor, password string) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if err := tx.setPassword(by.Account, password); err != nil {
			return err
		}
		return tx.auditAccount(by, "password.change", by.Account, nil, nil)
	})
}

// setPassword sets a password; whoever was signed in or has a link with the old
// one is out.
func (t *tx) setPassword(id int64, password string) error {
	if err := errors.Join(t.endSessions(id), t.endLinks(id)); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE accounts SET password = $1, signed_in_at = $2 WHERE id = $3`, password, formatTime(t.now), id); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

// AskReset implements account.Store. Whether there is an account or not, it is
// one transaction that writes.
func (s *Store) AskReset(ctx context.Context, origin string, limits []account.Limit, email string, l account.Link, m account.Mail) (time.Time, error) {
	var until time.Time
	err := s.writer.do(ctx, func(tx *tx) (err error) {
		if until, err = tx.attempt(limits); err != nil || !until.IsZero() {
			return err
		}
		a, err := tx.account(`WHERE email = $1`, email)
		if fault.CodeOf(err) == fault.NotFound || err == nil && a.Disabled() {
			return nil
		}
		if err != nil {
			return err
		}
		var before int
		err = tx.queryRow(`SELECT count(*) FROM account_mail WHERE account_id = $1 AND kind = $2 AND queued_at > $3`,
			[]any{&before}, a.ID, string(m.Kind), formatTime(tx.now.Add(-account.ResetWithin)))
		if err != nil {
			return fmt.Errorf("count mails: %w", err)
		}
		if before >= account.MaxResets {
			return nil
		}
		if err := tx.moreLinks(a.ID, l, &m); err != nil {
			return err
		}
		return tx.auditAccount(account.Actor{Name: a.Name, Account: a.ID, Origin: origin}, "password.ask", a.ID, nil, nil)
	})
	return until, err
}

// ForgetAccountTrails implements account.Store.
func (s *Store) ForgetAccountTrails(ctx context.Context) error {
	return s.writer.do(ctx, func(tx *tx) error {
		now, mail := formatTime(tx.now), formatTime(tx.now.Add(-account.KeepMail))
		for _, step := range []struct {
			q    string
			than string
		}{
			{`DELETE FROM sessions WHERE expires_at <= $1`, now},
			{`DELETE FROM account_links WHERE expires_at <= $1`, now},
			{`DELETE FROM sign_in_failures WHERE until <= $1`, formatTime(tx.now.Add(-account.ForgetFailures))},
			{`DELETE FROM captured_mail WHERE message_id IN (SELECT message_id FROM account_mail WHERE finished_at <= $1)`, mail},
			{`DELETE FROM account_mail WHERE finished_at <= $1`, mail},
		} {
			if _, err := tx.exec(step.q, step.than); err != nil {
				return fmt.Errorf("forget account trails: %w", err)
			}
		}
		_, err := tx.unknownToday()
		return err
	})
}
