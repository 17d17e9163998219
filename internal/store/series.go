package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"postbag/internal/campaign"
)

const hourLayout = "2006-01-02T15"

// Hours implements campaign.Store.
func (s *Store) Hours(ctx context.Context, slug string, from, until time.Time) ([]campaign.Hour, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT hour, written, confirmed, sent, failed, bounced, uncertain
		FROM hours
		WHERE campaign_id = $1 AND hour >= $2 AND hour < $3
		ORDER BY hour`, id, hour(from), hour(until))
	if err != nil {
		return nil, fmt.Errorf("select hours: %w", err)
	}
	defer rows.Close()
	var hours []campaign.Hour
	for rows.Next() {
		var h campaign.Hour
		var at string
		if err := rows.Scan(&at, &h.Written, &h.Confirmed, &h.Sent, &h.Failed, &h.Bounced, &h.Uncertain); err != nil {
			return nil, fmt.Errorf("select hours: %w", err)
		}
		if h.At, err = time.Parse(hourLayout, at); err != nil {
			return nil, fmt.Errorf("hour in the database: %w", err)
		}
		hours = append(hours, h)
	}
	return hours, rows.Err()
}

// FirstHour implements campaign.Store.
func (s *Store) FirstHour(ctx context.Context, slug string) (time.Time, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return time.Time{}, err
	}
	var first sql.NullString
	if err := s.queryRow(ctx, `SELECT MIN(hour) FROM hours WHERE campaign_id = $1`, []any{&first}, id); err != nil {
		return time.Time{}, fmt.Errorf("select the first hour: %w", err)
	}
	if !first.Valid {
		return time.Time{}, nil
	}
	at, err := time.Parse(hourLayout, first.String)
	if err != nil {
		return time.Time{}, fmt.Errorf("hour in the database: %w", err)
	}
	return at, nil
}
