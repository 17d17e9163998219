package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/seal"
)

// keySecret is the setting that names the secret which wraps the data keys.
const keySecret = "key_id"

// FirstKeys keeps the data keys of a database that has none yet, and the name of the
// secret that wrapped them. What another process was quicker with stays.
func (s *Store) FirstKeys(ctx context.Context, secret string, keys []seal.DataKey) error {
	const anyKeys = `SELECT EXISTS (SELECT 1 FROM data_keys)`
	var some bool
	if err := s.queryRow(ctx, anyKeys, []any{&some}); err != nil || some {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error {
		if err := tx.queryRow(anyKeys, []any{&some}); err != nil || some {
			return err
		}
		for _, k := range keys {
			if err := tx.addKey(k); err != nil {
				return err
			}
		}
		return tx.set(keySecret, secret)
	})
}

func (t *tx) addKey(k seal.DataKey) error {
	retired := sql.NullString{}
	if k.State != seal.Current {
		retired = some(formatTime(t.now))
	}
	_, err := t.exec(`INSERT INTO data_keys (id, purpose, state, wrapped, created_at, retired_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		k.ID.Bytes(), string(k.Purpose), string(k.State), k.Wrapped, formatTime(t.now), retired)
	if err != nil {
		return fmt.Errorf("insert data key: %w", err)
	}
	return nil
}

const selectDataKeys = `
	SELECT id, purpose, state, wrapped, created_at, retired_at, gone_at
	FROM data_keys
	ORDER BY created_at, retired_at IS NULL, purpose DESC, id`

// DataKeys implements campaign.KeyStore.
func (s *Store) DataKeys(ctx context.Context) ([]seal.DataKey, error) {
	return scanDataKeys(s.query(ctx, selectDataKeys))
}

func scanDataKeys(rows *sql.Rows, err error) (all []seal.DataKey, _ error) {
	if err != nil {
		return nil, fmt.Errorf("select data keys: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k seal.DataKey
		var id []byte
		var created string
		var retired, gone sql.NullString
		if err := rows.Scan(&id, &k.Purpose, &k.State, &k.Wrapped, &created, &retired, &gone); err != nil {
			return nil, fmt.Errorf("select data keys: %w", err)
		}
		var err error
		if k.ID, err = seal.ReadKeyID(id); err != nil {
			return nil, fmt.Errorf("select data keys: %w", err)
		}
		if err := times(timed{&k.CreatedAt, some(created)}, timed{&k.RetiredAt, retired}, timed{&k.GoneAt, gone}); err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

// ReplaceKey implements campaign.KeyStore.
func (s *Store) ReplaceKey(ctx context.Context, by account.Actor, secret string, old seal.KeyID, with seal.DataKey) (replaced bool, err error) {
	err = s.writer.do(ctx, func(tx *tx) error {
		replaced = false
		if err := tx.wrappedBy(secret); err != nil {
			return err
		}
		n, err := tx.moveKey(old, seal.Current, seal.Retiring, `retired_at = $4`)
		if err != nil || n == 0 {
			return err
		}
		replaced = true
		if err := tx.addKey(with); err != nil {
			return err
		}
		return tx.auditKeys(by, "seal.rotate", "key", old.String(), with.ID.String())
	})
	return replaced, err
}

// ErrSecretChanged is returned for a key that a secret wrapped which is not the
// database's any more.
var ErrSecretChanged = errors.New("the secret of the database was changed meanwhile")

// wrappedBy reports whether the secret of that name is the database's.
func (t *tx) wrappedBy(name string) error {
	var have string
	if err := t.queryRow(`SELECT value FROM settings WHERE key = $1`, []any{&have}, keySecret); err != nil {
		return fmt.Errorf("look up the secret: %w", err)
	}
	if have != name {
		return ErrSecretChanged
	}
	return nil
}

// moveKey moves a key for records from one state to another, if it is in that.
func (t *tx) moveKey(id seal.KeyID, from, to seal.State, set string) (int64, error) {
	result, err := t.exec(`UPDATE data_keys SET state = $3, `+set+` WHERE id = $1 AND state = $2 AND purpose = 'seal'`,
		id.Bytes(), string(from), string(to), formatTime(t.now))
	if err != nil {
		return 0, fmt.Errorf("move a data key: %w", err)
	}
	return result.RowsAffected()
}

// CloseKey implements campaign.KeyStore.
func (s *Store) CloseKey(ctx context.Context, id seal.KeyID) error {
	return s.writer.do(ctx, func(tx *tx) error {
		_, err := tx.moveKey(id, seal.Retiring, seal.Closed, `retired_at = COALESCE(retired_at, $4)`)
		return err
	})
}

// DestroyKey implements campaign.KeyStore. The journal is emptied as well: it has
// the key, and what it sealed.
func (s *Store) DestroyKey(ctx context.Context, by account.Actor, id seal.KeyID) error {
	return s.writer.do(ctx, func(tx *tx) error {
		tx.erased = true
		n, err := tx.moveKey(id, seal.Closed, seal.Gone, `gone_at = $4, wrapped = x''`)
		if err != nil || n == 0 {
			return err
		}
		return tx.auditKeys(by, "seal.destroy", "key", id.String(), "")
	})
}

// RewrapKeys has every data key wrapped by another secret, all in one transaction.
// Nothing is changed when rewrap answers an error, and that is returned.
// ErrSecretChanged if the secret is not the database's any more.
func (s *Store) RewrapKeys(ctx context.Context, by account.Actor, secret, to string, rewrap func(seal.DataKey) (seal.DataKey, error)) error {
	return s.writer.do(ctx, func(tx *tx) error {
		if err := tx.wrappedBy(secret); err != nil {
			return err
		}
		all, err := scanDataKeys(tx.query(selectDataKeys))
		if err != nil {
			return err
		}
		for _, k := range all {
			if k.State == seal.Gone {
				continue
			}
			if k, err = rewrap(k); err != nil {
				return fmt.Errorf("wrap anew: %w", err)
			}
			if _, err := tx.exec(`UPDATE data_keys SET wrapped = $1 WHERE id = $2`, k.Wrapped, k.ID.Bytes()); err != nil {
				return fmt.Errorf("wrap anew: %w", err)
			}
		}
		tx.erased = true // what the other secret opens goes out of the journal too
		if err := tx.set(keySecret, to); err != nil {
			return err
		}
		return tx.auditKeys(by, "seal.rewrap", "secret", secret, to)
	})
}

// auditKeys writes down, by the names of keys or secrets, which was before and which
// is now.
func (t *tx) auditKeys(by account.Actor, action, what, was, is string) error {
	entry := account.Entry{Actor: by, Action: action, Object: "sealing"}
	if was != "" {
		entry.Before = asJSON(map[string]string{what: was})
	}
	if is != "" {
		entry.After = asJSON(map[string]string{what: is})
	}
	return t.audit(entry)
}
