package store

import (
	"context"
	"database/sql"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

const (
	selectAPIKeys = `
		SELECT id, name, partner, created_at, created_by, last_used_on, revoked_at
		FROM api_keys `

	apiKeyByHash = selectAPIKeys + `WHERE key_hash = $1 AND revoked_at IS NULL`
)

// APIKeys implements campaign.APIKeyStore.
func (s *Store) APIKeys(ctx context.Context) ([]campaign.APIKey, error) {
	return scanAPIKeys(s.query(ctx, selectAPIKeys+`ORDER BY id DESC`))
}

func scanAPIKeys(rows *sql.Rows, err error) ([]campaign.APIKey, error) {
	if err != nil {
		return nil, fmt.Errorf("select keys: %w", err)
	}
	defer rows.Close()
	var all []campaign.APIKey
	for rows.Next() {
		var k campaign.APIKey
		var created string
		var revoked sql.NullString
		if err := rows.Scan(&k.ID, &k.Name, &k.Partner, &created, &k.CreatedBy, &k.LastUsedOn, &revoked); err != nil {
			return nil, fmt.Errorf("select keys: %w", err)
		}
		if k.CreatedAt, err = parseTime(some(created)); err != nil {
			return nil, err
		}
		if k.RevokedAt, err = parseTime(revoked); err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

// APIKeyByHash implements campaign.APIKeyStore.
func (s *Store) APIKeyByHash(ctx context.Context, hash []byte) (campaign.APIKey, error) {
	found, err := scanAPIKeys(s.query(ctx, apiKeyByHash, hash))
	if err != nil {
		return campaign.APIKey{}, err
	}
	if len(found) == 0 {
		return campaign.APIKey{}, fault.New(fault.NotFound, "error.no_key")
	}
	k := found[0]
	if today := campaign.Day(s.now()); k.LastUsedOn != today { // once a day: reading must not write
		err := s.writer.do(ctx, func(tx *tx) error {
			_, err := tx.exec(`UPDATE api_keys SET last_used_on = $1 WHERE id = $2`, campaign.Day(tx.now), k.ID)
			return err
		})
		if err != nil {
			return k, fmt.Errorf("note the use of a key: %w", err)
		}
		k.LastUsedOn = today
	}
	return k, nil
}

// AddAPIKey implements campaign.APIKeyStore.
func (s *Store) AddAPIKey(ctx context.Context, by account.Actor, k campaign.APIKey, hash []byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		var id int64
		err := tx.queryRow(`
			INSERT INTO api_keys (name, partner, key_hash, created_at, created_by, last_used_on)
			VALUES ($1, $2, $3, $4, $5, '')
			RETURNING id`, []any{&id}, k.Name, k.Partner, hash, formatTime(tx.now), by.Name)
		if err != nil {
			return fmt.Errorf("insert key: %w", err)
		}
		return tx.auditAPIKey(by, "key.add", k.Partner, id, k.Name)
	})
}

// RevokeAPIKey implements campaign.APIKeyStore.
func (s *Store) RevokeAPIKey(ctx context.Context, by account.Actor, partner string, id int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		rows, err := tx.query(selectAPIKeys+`WHERE id = $1 AND partner = $2`, id, partner)
		found, err := scanAPIKeys(rows, err)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return fault.New(fault.NotFound, "error.no_key")
		case found[0].Revoked():
			return nil
		}
		if _, err := tx.exec(`UPDATE api_keys SET revoked_at = $1 WHERE id = $2`, formatTime(tx.now), id); err != nil {
			return fmt.Errorf("revoke key: %w", err)
		}
		return tx.auditAPIKey(by, "key.revoke", partner, id, found[0].Name)
	})
}

func (t *tx) auditAPIKey(by account.Actor, action, partner string, id int64, name string) error {
	return t.audit(account.Entry{
		Actor: by, Action: action, Object: fmt.Sprintf("key %d", id), After: asJSON(map[string]string{"name": name, "partner": partner}),
	})
}
