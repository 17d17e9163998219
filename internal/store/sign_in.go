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

// Attempt implements account.Store.
func (s *Store) Attempt(ctx context.Context, limits []account.Limit) (time.Time, error) {
	var until time.Time
	err := s.writer.do(ctx, func(tx *tx) (err error) {
		until, err = tx.attempt(limits)
		return err
	})
	return until, err
}

// attempt is Attempt in the transaction of what is tried.
func (t *tx) attempt(limits []account.Limit) (until time.Time, err error) {
	failures := make([]int, len(limits))
	for i, l := range limits {
		n, wait, err := t.failures(l.Bucket)
		if err != nil {
			return time.Time{}, err
		}
		if wait.After(t.now) && wait.After(until) {
			until = wait
		}
		failures[i] = n
	}
	if !until.IsZero() {
		return until, nil
	}
	for i, l := range limits {
		n := failures[i] + 1
		_, err := t.exec(`
			INSERT INTO sign_in_failures (bucket, failures, first_at, until)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (bucket) DO UPDATE SET
				failures = excluded.failures, until = excluded.until,
				first_at = CASE WHEN excluded.failures = 1 THEN excluded.first_at ELSE first_at END`,
			l.Bucket, n, formatTime(t.now), formatTime(t.now.Add(l.Delay(n))))
		if err != nil {
			return time.Time{}, fmt.Errorf("count an attempt: %w", err)
		}
	}
	return time.Time{}, nil
}

// failures returns how many failures count against a bucket, and until when to
// wait.
func (t *tx) failures(bucket []byte) (int, time.Time, error) {
	var n int
	var until string
	err := t.queryRow(`SELECT failures, until FROM sign_in_failures WHERE bucket = $1`, []any{&n, &until}, bucket)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, time.Time{}, nil
	}
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("select failures: %w", err)
	}
	wait, err := parseTime(some(until))
	if err != nil || !wait.Add(account.ForgetFailures).After(t.now) {
		return 0, time.Time{}, err
	}
	return n, wait, nil
}

// Forgive implements account.Store.
func (s *Store) Forgive(ctx context.Context, limits []account.Limit) error {
	return s.writer.do(ctx, func(tx *tx) error {
		for _, l := range limits {
			q := `DELETE FROM sign_in_failures WHERE bucket = $1`
			args := []any{l.Bucket}
			if l.Shared {
				q = `UPDATE sign_in_failures SET failures = max(0, failures - 1), until = min(until, $2) WHERE bucket = $1`
				args = append(args, formatTime(tx.now))
			}
			if _, err := tx.exec(q, args...); err != nil {
				return fmt.Errorf("forgive an attempt: %w", err)
			}
		}
		return nil
	})
}

// SecondFactor implements account.Store.
func (s *Store) SecondFactor(ctx context.Context, id int64) ([]byte, error) {
	if _, err := s.Account(ctx, id); err != nil {
		return nil, err
	}
	var sealed []byte
	if err := s.queryRow(ctx, `SELECT totp FROM accounts WHERE id = $1`, []any{&sealed}, id); err != nil {
		return nil, fmt.Errorf("select second factor: %w", err)
	}
	return sealed, nil
}

// SetSecondFactor implements account.Store.
func (s *Store) SetSecondFactor(ctx context.Context, by account.Actor, sealed []byte, step int64, codes [][]byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		done, err := tx.exec(`UPDATE accounts SET totp = $1, totp_step = $2 WHERE id = $3 AND totp IS NULL`, sealed, step, by.Account)
		if err != nil {
			return fmt.Errorf("set second factor: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.Conflict, "desk.error.second_factor_on"))
		}
		if err := errors.Join(tx.setRecoveryCodes(by.Account, codes), tx.endSessions(by.Account)); err != nil {
			return err
		}
		return tx.auditAccount(by, "second_factor.add", by.Account, nil, nil)
	})
}

// RemoveSecondFactor implements account.Store.
func (s *Store) RemoveSecondFactor(ctx context.Context, by account.Actor, id int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		a, err := tx.account(`WHERE id = $1`, id)
		if err != nil || !a.SecondFactor {
			return err
		}
		if _, err := tx.exec(`UPDATE accounts SET totp = NULL, totp_step = 0 WHERE id = $1`, id); err != nil {
			return fmt.Errorf("remove second factor: %w", err)
		}
		if err := errors.Join(tx.setRecoveryCodes(id, nil), tx.endSessions(id)); err != nil {
			return err
		}
		return tx.auditAccount(by, "second_factor.remove", id, nil, nil)
	})
}

// UseCode implements account.Store.
func (s *Store) UseCode(ctx context.Context, id, step int64) (bool, error) {
	used := false
	err := s.writer.do(ctx, func(tx *tx) error {
		result, err := tx.exec(`UPDATE accounts SET totp_step = $1 WHERE id = $2 AND totp IS NOT NULL AND totp_step < $1`, step, id)
		if err != nil {
			return fmt.Errorf("use a code: %w", err)
		}
		n, err := result.RowsAffected()
		used = n == 1
		return err
	})
	return used && err == nil, err
}

// SetRecoveryCodes implements account.Store.
func (s *Store) SetRecoveryCodes(ctx context.Context, by account.Actor, codes [][]byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if err := tx.setRecoveryCodes(by.Account, codes); err != nil {
			return err
		}
		return tx.auditAccount(by, "recovery_codes.new", by.Account, nil, nil)
	})
}

func (t *tx) setRecoveryCodes(id int64, codes [][]byte) error {
	if _, err := t.exec(`DELETE FROM recovery_codes WHERE account_id = $1`, id); err != nil {
		return fmt.Errorf("delete recovery codes: %w", err)
	}
	for _, hash := range codes {
		if _, err := t.exec(`INSERT INTO recovery_codes (account_id, code_hash) VALUES ($1, $2)`, id, hash); err != nil {
			return fmt.Errorf("insert recovery code: %w", err)
		}
	}
	return nil
}

const recoveryCodesLeft = `SELECT count(*) FROM recovery_codes WHERE account_id = $1 AND used_at IS NULL`

// UseRecoveryCode implements account.Store.
func (s *Store) UseRecoveryCode(ctx context.Context, by account.Actor, hash []byte) (int, error) {
	left := 0
	err := s.writer.do(ctx, func(tx *tx) error {
		result, err := tx.exec(`UPDATE recovery_codes SET used_at = $1 WHERE account_id = $2 AND code_hash = $3 AND used_at IS NULL`,
			formatTime(tx.now), by.Account, hash)
		if err != nil {
			return fmt.Errorf("use a recovery code: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "desk.error.code")
		}
		if err := tx.queryRow(recoveryCodesLeft, []any{&left}, by.Account); err != nil {
			return fmt.Errorf("count recovery codes: %w", err)
		}
		return tx.auditAccount(by, "recovery_code.use", by.Account, nil, map[string]any{"left": left})
	})
	return left, err
}

// RecoveryCodes implements account.Store.
func (s *Store) RecoveryCodes(ctx context.Context, id int64) (int, error) {
	n := 0
	if err := s.queryRow(ctx, recoveryCodesLeft, []any{&n}, id); err != nil {
		return 0, fmt.Errorf("count recovery codes: %w", err)
	}
	return n, nil
}
