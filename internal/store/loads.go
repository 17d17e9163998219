package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"postbag/internal/campaign"
)

// AddLoads implements campaign.PartnerPageStore.
func (s *Store) AddLoads(ctx context.Context, loads map[campaign.Load]int) error {
	return s.writer.do(ctx, func(tx *tx) error {
		// The most seen come last, so that none of the rest takes their place.
		ordered := slices.SortedFunc(maps.Keys(loads), func(a, b campaign.Load) int { return loads[a] - loads[b] })
		for _, l := range ordered {
			if err := tx.addLoad(l, loads[l]); err != nil {
				return fmt.Errorf("add loads: %w", err)
			}
		}
		return nil
	})
}

func (t *tx) addLoad(l campaign.Load, n int) error {
	if !l.Refused {
		_, err := t.exec(`
			INSERT INTO partner_loads (partner, origin, day, loads)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (partner, origin, day) DO UPDATE SET loads = partner_loads.loads + excluded.loads`,
			l.Partner, l.Origin, l.Day, n)
		return err
	}
	_, err := t.exec(`
		DELETE FROM partner_refusals
		WHERE partner = $1 AND last_on < date($2, $3) AND origin <> $4`,
		l.Partner, l.Day, fmt.Sprintf("-%d days", campaign.ForgetRefusals), l.Origin)
	if err != nil {
		return err
	}
	// The least seen makes room, of those the longest unseen: whoever makes origins
	// up drives out others of that kind before a page that is asked for again.
	_, err = t.exec(`
		DELETE FROM partner_refusals
		WHERE partner = $1 AND origin IN (
			SELECT origin
			FROM partner_refusals
			WHERE partner = $1 AND NOT EXISTS (SELECT 1 FROM partner_refusals WHERE partner = $1 AND origin = $2)
			ORDER BY times DESC, last_on DESC, origin DESC
			LIMIT -1 OFFSET $3)`,
		l.Partner, l.Origin, campaign.MaxRefusals-1)
	if err != nil {
		return err
	}
	_, err = t.exec(`
		INSERT INTO partner_refusals (partner, origin, times, last_on)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (partner, origin) DO UPDATE SET times = partner_refusals.times + excluded.times, last_on = excluded.last_on`,
		l.Partner, l.Origin, n, l.Day)
	return err
}

// Loads implements campaign.PartnerPageStore.
func (s *Store) Loads(ctx context.Context, partner, since string) (campaign.EmbedHealth, error) {
	var h campaign.EmbedHealth
	shown, err := s.query(ctx, `
		SELECT origin, SUM(CASE WHEN day >= $2 THEN loads ELSE 0 END), MAX(day)
		FROM partner_loads
		WHERE partner = $1
		GROUP BY origin
		ORDER BY origin`, partner, since)
	if err != nil {
		return h, fmt.Errorf("select loads: %w", err)
	}
	defer shown.Close()
	for shown.Next() {
		var o campaign.OriginLoads
		if err := shown.Scan(&o.Origin, &o.Times, &o.LastOn); err != nil {
			return h, fmt.Errorf("select loads: %w", err)
		}
		h.Shown = append(h.Shown, o)
	}
	if err := shown.Err(); err != nil {
		return h, fmt.Errorf("select loads: %w", err)
	}
	refused, err := s.query(ctx, `
		SELECT origin, times, last_on
		FROM partner_refusals
		WHERE partner = $1
		ORDER BY times DESC, origin`, partner)
	if err != nil {
		return h, fmt.Errorf("select refusals: %w", err)
	}
	defer refused.Close()
	for refused.Next() {
		var o campaign.OriginLoads
		if err := refused.Scan(&o.Origin, &o.Times, &o.LastOn); err != nil {
			return h, fmt.Errorf("select refusals: %w", err)
		}
		h.Refused = append(h.Refused, o)
	}
	return h, refused.Err()
}
