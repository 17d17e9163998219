package store

import (
	"context"
	"fmt"
	"time"
)

// ClaimToken implements bounce.Tokens.
func (s *Store) ClaimToken(ctx context.Context, token, content []byte, within time.Duration) (kept []byte, taken bool, err error) {
	err = s.writer.do(ctx, func(tx *tx) error {
		kept, taken = nil, false
		if _, err := tx.exec(`DELETE FROM hook_tokens WHERE at < $1`, formatTime(tx.now.Add(-within))); err != nil {
			return fmt.Errorf("forget tokens: %w", err)
		}
		_, err := tx.exec(`
			INSERT INTO hook_tokens (token_hash, content_hash, at, taken)
			VALUES ($1, $2, $3, 0)
			ON CONFLICT DO NOTHING`, token, content, formatTime(tx.now))
		if err != nil {
			return fmt.Errorf("claim a token: %w", err)
		}
		err = tx.queryRow(`SELECT content_hash, taken FROM hook_tokens WHERE token_hash = $1`, []any{&kept, &taken}, token)
		if err != nil {
			return fmt.Errorf("look up a token: %w", err)
		}
		return nil
	})
	return kept, taken, err
}

// SettleToken implements bounce.Tokens.
func (s *Store) SettleToken(ctx context.Context, token []byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if _, err := tx.exec(`UPDATE hook_tokens SET taken = 1 WHERE token_hash = $1`, token); err != nil {
			return fmt.Errorf("settle a token: %w", err)
		}
		return nil
	})
}
