package store

import (
	"context"
	"fmt"
	"slices"

	"postbag/internal/campaign"
)

// countCredit counts a letter for what brought it, if that is known. Only the
// first campaign.MaxSources of what links of one partner say have rows of their
// own: anybody can make links up.
func (t *tx) countCredit(l row, name string) error { return t.countCreditBy(l, name, 1) }

// countCreditBy counts n: what was counted before is taken back with -1.
func (t *tx) countCreditBy(l row, name string, n int) error {
	if l.partner == "" && l.source == "" || !slices.Contains(columns[credits], name) {
		return nil
	}
	s := sum{table: credits, campaign: l.campaign, partner: l.partner, source: l.source, via: l.via}
	room, err := t.roomFor(s)
	if err != nil {
		return err
	}
	if !room {
		s.source, s.via = campaign.OtherSource, ""
	}
	t.add(s, name, n)
	return nil
}

// roomFor reports whether a row of credits is there, or may be added. Rows stay,
// so a letter counts in the same one whatever becomes of it.
func (t *tx) roomFor(s sum) (bool, error) {
	added := map[sum]bool{}
	for _, d := range t.deltas {
		if d.sum == s {
			return true, nil
		}
		if t.credits[d.sum] && d.campaign == s.campaign && d.partner == s.partner {
			added[d.sum] = true
		}
	}
	var there bool
	var rows int
	err := t.queryRow(`
		SELECT (SELECT COUNT(*) FROM credits WHERE campaign_id = $1 AND partner = $2),
			EXISTS (SELECT 1 FROM credits WHERE campaign_id = $1 AND partner = $2 AND source = $3 AND via = $4)`,
		[]any{&rows, &there}, s.campaign, s.partner, s.source, s.via)
	if err != nil {
		return false, fmt.Errorf("select credits: %w", err)
	}
	if there || rows+len(added) >= campaign.MaxSources {
		return there, nil
	}
	if t.credits == nil {
		t.credits = map[sum]bool{}
	}
	t.credits[s] = true
	return true, nil
}

// Credits implements campaign.CreditStore.
func (s *Store) Credits(ctx context.Context, slug string) ([]campaign.Credited, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT partner, source, via, written, confirmed, sent, bounced
		FROM credits
		WHERE campaign_id = $1
		ORDER BY partner, written DESC, source, via`, id)
	if err != nil {
		return nil, fmt.Errorf("select credits: %w", err)
	}
	defer rows.Close()
	var all []campaign.Credited
	for rows.Next() {
		var c campaign.Credited
		if err := rows.Scan(&c.Partner, &c.Source, &c.Via, &c.Written, &c.Confirmed, &c.Sent, &c.Bounced); err != nil {
			return nil, fmt.Errorf("select credits: %w", err)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// PartnerDays implements campaign.CreditStore.
func (s *Store) PartnerDays(ctx context.Context, slug, partner, from, to string) ([]campaign.PartnerDay, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT day, constituency, SUM(n), SUM(CASE WHEN partner = $2 THEN n ELSE 0 END)
		FROM (
			SELECT day, constituency, partner, CASE WHEN state = 'sent' THEN letters ELSE -letters END AS n
			FROM counters
			WHERE campaign_id = $1 AND day >= $3 AND day <= $4 AND state IN ('sent', 'bounced')
		)
		GROUP BY day, constituency
		ORDER BY day, constituency`, id, partner, from, to)
	if err != nil {
		return nil, fmt.Errorf("select days of a partner: %w", err)
	}
	defer rows.Close()
	var days []campaign.PartnerDay
	for rows.Next() {
		var day, code string
		var seat campaign.PartnerSeat
		if err := rows.Scan(&day, &code, &seat.All, &seat.Own); err != nil {
			return nil, fmt.Errorf("select days of a partner: %w", err)
		}
		if len(days) == 0 || days[len(days)-1].Day != day {
			days = append(days, campaign.PartnerDay{Day: day, Seats: map[string]campaign.PartnerSeat{}})
		}
		days[len(days)-1].Seats[code] = seat
	}
	return days, rows.Err()
}
