package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
)

// AddSteps implements campaign.Store.
func (s *Store) AddSteps(ctx context.Context, visits map[campaign.Visit]int) error {
	return s.writer.do(ctx, func(tx *tx) error {
		for v, n := range visits {
			_, err := tx.exec(`
				INSERT INTO steps (campaign_id, day, step, visits)
				SELECT id, $2, $3, $4 FROM campaigns WHERE slug = $1
				ON CONFLICT (campaign_id, day, step) DO UPDATE SET visits = steps.visits + excluded.visits`,
				v.Campaign, v.Day, string(v.Step), n)
			if err != nil {
				return fmt.Errorf("add steps: %w", err)
			}
		}
		return nil
	})
}

// Steps implements campaign.Store.
func (s *Store) Steps(ctx context.Context, slug, from, to string) (map[campaign.Step]int, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT step, SUM(visits)
		FROM steps
		WHERE campaign_id = $1 AND day BETWEEN $2 AND $3
		GROUP BY step`, id, from, to)
	if err != nil {
		return nil, fmt.Errorf("select steps: %w", err)
	}
	defer rows.Close()
	steps := map[campaign.Step]int{}
	for rows.Next() {
		var step string
		var visits int
		if err := rows.Scan(&step, &visits); err != nil {
			return nil, fmt.Errorf("select steps: %w", err)
		}
		steps[campaign.Step(step)] = visits
	}
	return steps, rows.Err()
}
