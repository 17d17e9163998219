package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// settingCampaignsVersion counts the changes of campaigns.
const settingCampaignsVersion = "campaigns_version"

// Sources implements campaign.Store.
func (s *Store) Sources(ctx context.Context) ([]campaign.Source, error) {
	rows, err := s.query(ctx, `
		SELECT slug, source, state, version, created_at, starts_at, ends_at
		FROM campaigns
		ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("select campaigns: %w", err)
	}
	defer rows.Close()
	var sources []campaign.Source
	for rows.Next() {
		var source campaign.Source
		var created string
		var starts, ends sql.NullString
		if err := rows.Scan(&source.Slug, &source.TOML, &source.Stage, &source.Version, &created, &starts, &ends); err != nil {
			return nil, fmt.Errorf("select campaigns: %w", err)
		}
		for _, t := range []struct {
			text sql.NullString
			to   *time.Time
		}{{some(created), &source.CreatedAt}, {starts, &source.StartsAt}, {ends, &source.EndsAt}} {
			if *t.to, err = parseTime(t.text); err != nil {
				return nil, err
			}
		}
		sources = append(sources, source)
	}
	return sources, rows.Err()
}

// CampaignsVersion implements campaign.Store. It is 0 until the first change.
func (s *Store) CampaignsVersion(ctx context.Context) (int64, error) {
	return s.version(ctx, settingCampaignsVersion)
}

// version is the number in a setting that counts changes; 0 until the first.
func (s *Store) version(ctx context.Context, key string) (int64, error) {
	value, err := s.Setting(ctx, key)
	if err != nil || value == "" {
		return 0, err
	}
	version, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", key, err)
	}
	return version, nil
}

// AddCampaign keeps a campaign that ships with the program, live, unless its slug
// is there already.
func (s *Store) AddCampaign(ctx context.Context, slug, source string) error {
	return s.writer.do(ctx, func(tx *tx) error {
		_, err := tx.addCampaign(slug, source, campaign.StageLive, account.Actor{}, "")
		return err
	})
}

// addCampaign adds a campaign with its first version, and reports whether there
// was none of that slug.
func (t *tx) addCampaign(slug, source string, stage campaign.Stage, by account.Actor, note string) (bool, error) {
	var id int64
	// The number is nobody's that was deleted: the audit log goes by it.
	err := t.queryRow(`
		INSERT INTO campaigns (id, slug, source, state, created_at)
		SELECT 1 + MAX(COALESCE((SELECT MAX(id) FROM campaigns), 0), COALESCE((SELECT MAX(campaign_id) FROM audit), 0)), $1, $2, $3, $4
		WHERE true
		ON CONFLICT (slug) DO NOTHING
		RETURNING id`, []any{&id}, slug, source, string(stage), formatTime(t.now))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("insert campaign: %w", err)
	}
	if err := t.addVersion(id, 1, source, by, note); err != nil {
		return false, err
	}
	return true, t.countVersion(settingCampaignsVersion)
}

func (t *tx) addVersion(id int64, version int, source string, by account.Actor, note string) error {
	_, err := t.exec(`
		INSERT INTO campaign_versions (campaign_id, version, source, account_id, author, at, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, version, source, by.Account, by.Name, formatTime(t.now), note)
	if err != nil {
		return fmt.Errorf("insert version: %w", err)
	}
	return nil
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

// countVersion counts one more change of what a setting numbers.
func (t *tx) countVersion(key string) error {
	_, err := t.exec(`
		INSERT INTO settings (key, value) VALUES ($1, '1')
		ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)`, key)
	if err != nil {
		return fmt.Errorf("count %s: %w", key, err)
	}
	return nil
}

func (t *tx) set(key, value string) error {
	_, err := t.exec(`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	if err != nil {
		return fmt.Errorf("set %s: %w", key, err)
	}
	return nil
}
