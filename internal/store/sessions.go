package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Session implements auth.SessionStore.
func (s *Store) Session(ctx context.Context, tokenHash []byte) (data []byte, found bool, err error) {
	err = s.queryRow(ctx, `SELECT data FROM sessions WHERE token_hash = $1 AND expires_at > $2`, []any{&data}, tokenHash, formatTime(s.now()))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("select session: %w", err)
	}
	return data, true, nil
}

// SaveSession implements auth.SessionStore.
func (s *Store) SaveSession(ctx context.Context, tokenHash []byte, account int64, data []byte, expires time.Time) error {
	return s.writer.do(ctx, func(tx *tx) error {
		_, err := tx.exec(`
			INSERT INTO sessions (token_hash, account_id, data, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (token_hash) DO UPDATE SET account_id = excluded.account_id, data = excluded.data, expires_at = excluded.expires_at`,
			tokenHash, account, data, formatTime(tx.now), formatTime(expires))
		if err != nil {
			return fmt.Errorf("save session: %w", err)
		}
		return nil
	})
}

// EndSession implements auth.SessionStore.
func (s *Store) EndSession(ctx context.Context, tokenHash []byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if _, err := tx.exec(`DELETE FROM sessions WHERE token_hash = $1`, tokenHash); err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		return nil
	})
}

// EndSessions implements auth.SessionStore.
func (s *Store) EndSessions(ctx context.Context, account int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if _, err := tx.exec(`DELETE FROM sessions WHERE account_id = $1`, account); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return nil
	})
}
