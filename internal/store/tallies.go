package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/campaign"
)

// Tallies implements campaign.Store.
func (s *Store) Tallies(ctx context.Context, slug string) ([]campaign.Tally, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT constituency, last_at, thanked_at, written, confirmed, sent, failed, bounced, uncertain, withdrawn, expired, self_reported,
			replied_none, replied_standard, replied_real, replied_pledged, replied_refused,
			now_awaiting, now_queued, now_held, now_failed, now_bounced, now_uncertain
		FROM tallies
		WHERE campaign_id = $1
		ORDER BY constituency`, id)
	if err != nil {
		return nil, fmt.Errorf("select tallies: %w", err)
	}
	defer rows.Close()
	var tallies []campaign.Tally
	for rows.Next() {
		var t campaign.Tally
		var last, thanked string
		err := rows.Scan(&t.Constituency, &last, &thanked, &t.Written, &t.Confirmed, &t.Sent, &t.Failed, &t.Bounced, &t.Uncertain, &t.Withdrawn, &t.Expired, &t.SelfReported,
			&t.Replies.None, &t.Replies.Standard, &t.Replies.Real, &t.Replies.Pledged, &t.Replies.Refused,
			&t.Now.Awaiting, &t.Now.Queued, &t.Now.Held, &t.Now.Failed, &t.Now.Bounced, &t.Now.Uncertain)
		if err != nil {
			return nil, fmt.Errorf("select tallies: %w", err)
		}
		if t.LastAt, err = parseTime(sql.NullString{String: last, Valid: last != ""}); err != nil {
			return nil, err
		}
		if t.ThankedAt, err = parseTime(sql.NullString{String: thanked, Valid: thanked != ""}); err != nil {
			return nil, err
		}
		tallies = append(tallies, t)
	}
	return tallies, rows.Err()
}

// ChangesVersion implements campaign.Store.
func (s *Store) ChangesVersion(ctx context.Context, slug string) (int64, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return 0, err
	}
	var version int64
	err = s.queryRow(ctx, `SELECT version FROM changes WHERE campaign_id = $1`, []any{&version}, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("select changes: %w", err)
	}
	return version, nil
}

// Totals implements campaign.Store.
func (s *Store) Totals(ctx context.Context, slug string) (campaign.Tally, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return campaign.Tally{}, err
	}
	var t campaign.Tally
	err = s.queryRow(ctx, `
		SELECT COALESCE(SUM(written), 0), COALESCE(SUM(confirmed), 0), COALESCE(SUM(sent), 0), COALESCE(SUM(bounced), 0),
			COALESCE(SUM(now_awaiting), 0), COALESCE(SUM(now_queued), 0), COALESCE(SUM(now_held), 0), COALESCE(SUM(now_failed), 0),
			COALESCE(SUM(now_bounced), 0), COALESCE(SUM(now_uncertain), 0)
		FROM tallies
		WHERE campaign_id = $1`,
		[]any{&t.Written, &t.Confirmed, &t.Sent, &t.Bounced, &t.Now.Awaiting, &t.Now.Queued, &t.Now.Held, &t.Now.Failed, &t.Now.Bounced, &t.Now.Uncertain}, id)
	if err != nil {
		return campaign.Tally{}, fmt.Errorf("select totals: %w", err)
	}
	return t, nil
}

// OwnWords implements campaign.Store.
func (s *Store) OwnWords(ctx context.Context, slug string) (campaign.OwnShares, error) {
	var shares campaign.OwnShares
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return shares, err
	}
	rows, err := s.query(ctx, `SELECT percent, letters FROM own_words WHERE campaign_id = $1`, id)
	if err != nil {
		return shares, fmt.Errorf("select own words: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var percent, letters int
		if err := rows.Scan(&percent, &letters); err != nil {
			return shares, fmt.Errorf("select own words: %w", err)
		}
		shares[min(max(percent, 0), len(shares)-1)] += letters
	}
	return shares, rows.Err()
}
