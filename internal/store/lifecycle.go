package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// kept is a campaign's row as a change finds it.
type kept struct {
	id           int64
	stage        campaign.Stage
	version      int
	starts, ends sql.NullString
}

// campaign returns a campaign's row; not_found.
func (t *tx) campaign(slug string) (kept, error) {
	var k kept
	err := t.queryRow(`SELECT id, state, version, starts_at, ends_at FROM campaigns WHERE slug = $1`,
		[]any{&k.id, &k.stage, &k.version, &k.starts, &k.ends}, slug)
	if errors.Is(err, sql.ErrNoRows) {
		return k, fault.New(fault.NotFound, "error.no_campaign")
	}
	if err != nil {
		return k, fmt.Errorf("select campaign: %w", err)
	}
	return k, nil
}

// changed writes the audit log's line about a campaign, and counts the change.
func (t *tx) changed(by account.Actor, action, slug, object string, before, after campaign.Standpoint) error {
	e := account.Entry{Actor: by, Action: action, Campaign: slug, Object: object, Before: before.JSON(), After: after.JSON()}
	if err := t.audit(e); err != nil {
		return err
	}
	return t.countVersion(settingCampaignsVersion)
}

// CreateCampaign implements campaign.Store.
func (s *Store) CreateCampaign(ctx context.Context, by account.Actor, slug, source, note string) error {
	return s.writer.do(ctx, func(tx *tx) error {
		added, err := tx.addCampaign(slug, source, campaign.StageDraft, by, note)
		if err != nil {
			return err
		}
		if !added {
			return fault.New(fault.Conflict, "desk.error.slug_taken")
		}
		return tx.changed(by, "campaign.create", slug, "campaign "+slug, campaign.Standpoint{}, campaign.Standpoint{Stage: campaign.StageDraft, Version: 1})
	})
}

// SaveCampaign implements campaign.Store.
func (s *Store) SaveCampaign(ctx context.Context, by account.Actor, c campaign.CampaignChange) (int, error) {
	version := c.Base + 1
	err := s.writer.do(ctx, func(tx *tx) error {
		k, err := tx.campaign(c.Slug)
		switch {
		case err != nil:
			return err
		case k.version != c.Base:
			return fault.New(fault.Conflict, "desk.error.stale")
		case c.Draft && (k.stage != campaign.StageDraft || k.starts.Valid):
			return fault.New(fault.Conflict, "desk.error.incomplete")
		}
		if _, err := tx.exec(`UPDATE campaigns SET source = $1, version = $2 WHERE id = $3`, c.Source, version, k.id); err != nil {
			return fmt.Errorf("update campaign: %w", err)
		}
		if err := tx.addVersion(k.id, version, c.Source, by, c.Note); err != nil {
			return err
		}
		if err := tx.shortened(k.id, c.Keep); err != nil {
			return err
		}
		return tx.changed(by, "campaign.edit", c.Slug, fmt.Sprintf("version %d", version), campaign.Standpoint{Version: c.Base}, campaign.Standpoint{Version: version})
	})
	return version, err
}

// TurnCampaign implements campaign.Store.
func (s *Store) TurnCampaign(ctx context.Context, by account.Actor, slug string, from, to campaign.Stage, version int) error {
	return s.writer.do(ctx, func(tx *tx) error {
		k, err := tx.campaign(slug)
		switch {
		case err != nil:
			return err
		case k.stage != from, k.version != version:
			return fault.New(fault.Conflict, "desk.error.turned")
		}
		// A start is over once it is live, and an end once it is closed; who opens
		// it again does not want the old end either.
		_, err = tx.exec(`
			UPDATE campaigns
			SET state = $1, starts_at = NULL, ends_at = CASE WHEN $1 = 'closed' OR state = 'closed' THEN NULL ELSE ends_at END
			WHERE id = $2`, string(to), k.id)
		if err != nil {
			return fmt.Errorf("update campaign: %w", err)
		}
		return tx.changed(by, "campaign.turn", slug, "campaign "+slug, campaign.Standpoint{Stage: from}, campaign.Standpoint{Stage: to})
	})
}

// ScheduleCampaign implements campaign.Store.
func (s *Store) ScheduleCampaign(ctx context.Context, by account.Actor, slug string, starts, ends time.Time) error {
	return s.writer.do(ctx, func(tx *tx) error {
		k, err := tx.campaign(slug)
		if err != nil {
			return err
		}
		from, until := when(starts), when(ends)
		if _, err := tx.exec(`UPDATE campaigns SET starts_at = $1, ends_at = $2 WHERE id = $3`, from, until, k.id); err != nil {
			return fmt.Errorf("update campaign: %w", err)
		}
		return tx.changed(by, "campaign.schedule", slug, "campaign "+slug,
			campaign.Standpoint{Stage: k.stage, Starts: k.starts.String, Ends: k.ends.String},
			campaign.Standpoint{Stage: k.stage, Starts: from.String, Ends: until.String})
	})
}

// when is a time as it is kept; none for the zero time.
func when(t time.Time) sql.NullString {
	if t.IsZero() {
		return sql.NullString{}
	}
	return some(formatTime(t))
}

// holds counts what belongs to a campaign, of letters by their counters.
const holds = `
	SELECT (SELECT COALESCE(SUM(letters), 0) FROM counters WHERE campaign_id = $1 AND state = 'awaiting'),
		(SELECT COUNT(*) FROM pledges WHERE campaign_id = $1 AND corrected_at IS NULL),
		(SELECT COALESCE(SUM(letters), 0) FROM counters WHERE campaign_id = $1 AND state = 'self_reported')`

// CampaignHolds implements campaign.Store.
func (s *Store) CampaignHolds(ctx context.Context, slug string) (campaign.Holds, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return campaign.Holds{}, err
	}
	var h campaign.Holds
	if err := s.queryRow(ctx, holds, []any{&h.Letters, &h.Pledges, &h.SelfReports}, id); err != nil {
		return h, fmt.Errorf("count what a campaign holds: %w", err)
	}
	var stage campaign.Stage
	if err := s.queryRow(ctx, `SELECT state FROM campaigns WHERE id = $1`, []any{&stage}, id); err != nil {
		return h, fmt.Errorf("select campaign: %w", err)
	}
	h.Public = stage != campaign.StageDraft
	return h, nil
}

// DeleteCampaign implements campaign.Store.
func (s *Store) DeleteCampaign(ctx context.Context, by account.Actor, slug string) error {
	err := s.writer.do(ctx, func(tx *tx) error {
		k, err := tx.campaign(slug)
		if err != nil {
			return err
		}
		var h campaign.Holds
		if err := tx.queryRow(holds, []any{&h.Letters, &h.Pledges, &h.SelfReports}, k.id); err != nil {
			return fmt.Errorf("count what a campaign holds: %w", err)
		}
		if h.Any() || k.stage != campaign.StageDraft {
			return fault.New(fault.Conflict, "desk.error.holds")
		}
		if err := tx.changed(by, "campaign.delete", slug, "campaign "+slug, campaign.Standpoint{Stage: k.stage, Version: k.version}, campaign.Standpoint{}); err != nil {
			return err
		}
		for _, table := range []string{"campaign_versions", "counters", "tallies", "hours", "steps", "variants", "own_words", "changes", "pledges", "age_keys", "checks", "check_counts"} {
			if _, err := tx.exec(`DELETE FROM `+table+` WHERE campaign_id = $1`, k.id); err != nil {
				return fmt.Errorf("delete from %s: %w", table, err)
			}
		}
		if _, err := tx.exec(`DELETE FROM campaigns WHERE id = $1`, k.id); err != nil {
			return fmt.Errorf("delete campaign: %w", err)
		}
		return nil
	})
	if err == nil {
		s.campaigns.Delete(slug)
	}
	return err
}

// CampaignVersions implements campaign.Store.
func (s *Store) CampaignVersions(ctx context.Context, slug string) ([]campaign.Version, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT version, author, at, note
		FROM campaign_versions
		WHERE campaign_id = $1
		ORDER BY version DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("select versions: %w", err)
	}
	defer rows.Close()
	var all []campaign.Version
	for rows.Next() {
		var v campaign.Version
		var at string
		if err := rows.Scan(&v.Number, &v.Author, &at, &v.Note); err != nil {
			return nil, fmt.Errorf("select versions: %w", err)
		}
		if v.At, err = parseTime(some(at)); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// CampaignVersion implements campaign.Store.
func (s *Store) CampaignVersion(ctx context.Context, slug string, number int) (campaign.Version, error) {
	v := campaign.Version{Number: number}
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return v, err
	}
	var at string
	err = s.queryRow(ctx, `SELECT source, author, at, note FROM campaign_versions WHERE campaign_id = $1 AND version = $2`,
		[]any{&v.Source, &v.Author, &at, &v.Note}, id, number)
	if errors.Is(err, sql.ErrNoRows) {
		return v, fault.New(fault.NotFound, "desk.error.no_version")
	}
	if err != nil {
		return v, fmt.Errorf("select version: %w", err)
	}
	v.At, err = parseTime(some(at))
	return v, err
}

// Variants implements campaign.Store.
func (s *Store) Variants(ctx context.Context, slug string) ([]campaign.VariantCount, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT variant, written, confirmed, sent, replied_pledged
		FROM variants
		WHERE campaign_id = $1
		ORDER BY variant`, id)
	if err != nil {
		return nil, fmt.Errorf("select variants: %w", err)
	}
	defer rows.Close()
	var all []campaign.VariantCount
	for rows.Next() {
		var v campaign.VariantCount
		if err := rows.Scan(&v.Variant, &v.Written, &v.Confirmed, &v.Sent, &v.RepliedPledged); err != nil {
			return nil, fmt.Errorf("select variants: %w", err)
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
