package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

// AgeKeys implements campaign.AgeKeyStore.
func (s *Store) AgeKeys(ctx context.Context) ([]campaign.AgeKey, error) {
	rows, err := s.query(ctx, `
		SELECT c.slug, r.recipient, r.added_by, r.added_at, r.swept
		FROM age_keys r
		JOIN campaigns c ON c.id = r.campaign_id
		ORDER BY c.id`)
	if err != nil {
		return nil, fmt.Errorf("select age keys: %w", err)
	}
	defer rows.Close()
	var all []campaign.AgeKey
	for rows.Next() {
		var r campaign.AgeKey
		var at string
		if err := rows.Scan(&r.Campaign, &r.Key, &r.AddedBy, &at, &r.Swept); err != nil {
			return nil, fmt.Errorf("select age keys: %w", err)
		}
		if r.AddedAt, err = parseTime(some(at)); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// SetAgeKey implements campaign.AgeKeyStore.
func (s *Store) SetAgeKey(ctx context.Context, by account.Actor, r campaign.AgeKey) error {
	return s.writer.do(ctx, func(tx *tx) error {
		c, err := tx.campaign(r.Campaign)
		if err != nil {
			return err
		}
		was, err := tx.ageKey(c.id)
		if err != nil || was == r.Key {
			return err
		}
		_, err = tx.exec(`
			INSERT INTO age_keys (campaign_id, recipient, added_by, added_at, swept)
			VALUES ($1, $2, $3, $4, 0)
			ON CONFLICT (campaign_id) DO UPDATE SET
				recipient = excluded.recipient, added_by = excluded.added_by, added_at = excluded.added_at, swept = 0`,
			c.id, r.Key, by.Name, formatTime(tx.now))
		if err != nil {
			return fmt.Errorf("set an age key: %w", err)
		}
		return tx.auditAgeKey(by, "age.set", r.Campaign, was, r.Key)
	})
}

// RemoveAgeKey implements campaign.AgeKeyStore.
func (s *Store) RemoveAgeKey(ctx context.Context, by account.Actor, slug string) error {
	return s.writer.do(ctx, func(tx *tx) error {
		c, err := tx.campaign(slug)
		if err != nil {
			return err
		}
		was, err := tx.ageKey(c.id)
		if err != nil {
			return err
		}
		if was == "" {
			return fault.New(fault.NotFound, "error.not_found")
		}
		if _, err := tx.exec(`DELETE FROM age_keys WHERE campaign_id = $1`, c.id); err != nil {
			return fmt.Errorf("remove an age key: %w", err)
		}
		return tx.auditAgeKey(by, "age.remove", slug, was, "")
	})
}

// ageKey is the age key of a campaign; empty: it has none.
func (t *tx) ageKey(campaignID int64) (string, error) {
	var key string
	err := t.queryRow(`SELECT recipient FROM age_keys WHERE campaign_id = $1`, []any{&key}, campaignID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("select an age key: %w", err)
	}
	return key, nil
}

func (t *tx) auditAgeKey(by account.Actor, action, slug, was, is string) error {
	key := func(text string) string {
		if text == "" {
			return ""
		}
		return asJSON(map[string]string{"key": text, "fingerprint": campaign.AgeKey{Key: text}.Fingerprint()})
	}
	return t.audit(account.Entry{Actor: by, Action: action, Campaign: slug, Object: "age key", Before: key(was), After: key(is)})
}

// OwnContacts implements campaign.AgeKeyStore.
func (s *Store) OwnContacts(ctx context.Context, slug string, after int64, limit int) ([]campaign.Sealed, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	p := sealedPlaces[campaign.SealedOptIns]
	rows, err := s.query(ctx, `
		SELECT p.opt_in_id, o.token_hash, p.sealed
		FROM opt_in_people p
		CROSS JOIN opt_ins o ON o.id = p.opt_in_id -- in this order, which is that of the numbers
		WHERE p.opt_in_id > $1 AND o.campaign_id = $2 AND o.partner = '' AND substr(p.sealed, 5, 4) <> $3
		ORDER BY p.opt_in_id
		LIMIT $4`, after, id, []byte("age-"), limit)
	if err != nil {
		return nil, fmt.Errorf("select contacts: %w", err)
	}
	defer rows.Close()
	var found []campaign.Sealed
	for rows.Next() {
		var r campaign.Sealed
		if err := rows.Scan(&r.ID, &r.Of, &r.Record); err != nil {
			return nil, fmt.Errorf("select contacts: %w", err)
		}
		r.Record = p.kept(r.Record)
		found = append(found, r)
	}
	return found, rows.Err()
}

// SetSwept implements campaign.AgeKeyStore. The journal is emptied: it has what
// the server could read.
func (s *Store) SetSwept(ctx context.Context, slug, key string) error {
	return s.writer.do(ctx, func(tx *tx) error {
		tx.erased = true
		_, err := tx.exec(`
			UPDATE age_keys SET swept = 1
			WHERE campaign_id = (SELECT id FROM campaigns WHERE slug = $1) AND recipient = $2`, slug, key)
		if err != nil {
			return fmt.Errorf("note that contacts are sealed: %w", err)
		}
		return nil
	})
}

// unswept notes that a contact was written which is not sealed to the age key that
// the campaign has meanwhile.
func (t *tx) unswept(campaignID int64, o campaign.NewOptIn) error {
	if o.Partner != "" || seal.IsAge(o.Sealed) {
		return nil
	}
	if _, err := t.exec(`UPDATE age_keys SET swept = 0 WHERE campaign_id = $1`, campaignID); err != nil {
		return fmt.Errorf("note a contact: %w", err)
	}
	return nil
}
