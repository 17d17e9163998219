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

// SaveSession implements auth.SessionStore. What is written of a session that is
// not fresh goes into its row alone: where that was deleted meanwhile, by whoever
// signed out everywhere, none comes back.
func (s *Store) SaveSession(ctx context.Context, tokenHash []byte, account int64, data []byte, expires time.Time, fresh bool) error {
	return s.writer.do(ctx, func(tx *tx) error {
		var err error
		if fresh {
			_, err = tx.exec(`
				INSERT INTO sessions (token_hash, account_id, data, created_at, expires_at)
				VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (token_hash) DO UPDATE SET account_id = excluded.account_id, data = excluded.data, expires_at = excluded.expires_at`,
				tokenHash, account, data, formatTime(tx.now), formatTime(expires))
		} else {
			_, err = tx.exec(`UPDATE sessions SET account_id = $1, data = $2, expires_at = $3 WHERE token_hash = $4`,
				account, data, formatTime(expires), tokenHash)
		}
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

// SessionsOf implements auth.SessionStore.
func (s *Store) SessionsOf(ctx context.Context, accountID int64) (tokenHashes, data [][]byte, err error) {
	rows, err := s.query(ctx, `SELECT token_hash, data FROM sessions WHERE account_id = $1 AND expires_at > $2`, accountID, formatTime(s.now()))
	if err != nil {
		return nil, nil, fmt.Errorf("select sessions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var hash, one []byte
		if err := rows.Scan(&hash, &one); err != nil {
			return nil, nil, fmt.Errorf("select sessions: %w", err)
		}
		tokenHashes, data = append(tokenHashes, hash), append(data, one)
	}
	return tokenHashes, data, rows.Err()
}

// endSessions ends every session of an account, wherever it is signed in.
func (t *tx) endSessions(account int64) error {
	if _, err := t.exec(`DELETE FROM sessions WHERE account_id = $1`, account); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
