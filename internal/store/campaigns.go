package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// Sources implements campaign.Store.
func (s *Store) Sources(ctx context.Context) ([]campaign.Source, error) {
	rows, err := s.query(ctx, `SELECT slug, source, created_at FROM campaigns ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("select campaigns: %w", err)
	}
	defer rows.Close()
	var sources []campaign.Source
	for rows.Next() {
		var source campaign.Source
		var created string
		if err := rows.Scan(&source.Slug, &source.TOML, &created); err != nil {
			return nil, fmt.Errorf("select campaigns: %w", err)
		}
		if source.CreatedAt, err = parseTime(some(created)); err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return sources, rows.Err()
}

// AddCampaign keeps a campaign file unless its slug is there already.
func (s *Store) AddCampaign(ctx context.Context, slug, source string) error {
	return s.writer.do(ctx, func(tx *tx) error {
		_, err := tx.exec(`INSERT INTO campaigns (slug, source, created_at) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING`,
			slug, source, formatTime(tx.now))
		if err != nil {
			return fmt.Errorf("insert campaign: %w", err)
		}
		return nil
	})
}

// campaignID returns the row of a campaign; not_found if there is none.
func (s *Store) campaignID(ctx context.Context, slug string) (int64, error) {
	if id, ok := s.campaigns.Load(slug); ok {
		return id.(int64), nil
	}
	var id int64
	err := s.queryRow(ctx, `SELECT id FROM campaigns WHERE slug = $1`, []any{&id}, slug)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault.New(fault.NotFound, "error.no_campaign")
	}
	if err != nil {
		return 0, fmt.Errorf("select campaign: %w", err)
	}
	s.campaigns.Store(slug, id)
	return id, nil
}

// Setting returns a fact about the database, or "" if it is not set.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var value string
	err := s.queryRow(ctx, `SELECT value FROM settings WHERE key = $1`, []any{&value}, key)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("select setting %s: %w", key, err)
	}
	return value, nil
}

// SetSetting sets a fact about the database.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	return s.writer.do(ctx, func(tx *tx) error { return tx.set(key, value) })
}

func (t *tx) set(key, value string) error {
	_, err := t.exec(`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	if err != nil {
		return fmt.Errorf("set %s: %w", key, err)
	}
	return nil
}
