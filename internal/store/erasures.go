package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postbag/internal/campaign"
)

// noteErasure counts a sealed record that was erased.
func (t *tx) noteErasure(campaignID int64, kind campaign.Erased, why campaign.EraseWhy) error {
	return t.noteErasures(campaignID, kind, why, 1)
}

// noteErasures counts sealed records that were erased, in the ledger's line for the
// day. A day that is closed takes no more: a clock that went back counts to the
// first day after it.
func (t *tx) noteErasures(campaignID int64, kind campaign.Erased, why campaign.EraseWhy, records int) error {
	if t.ledgerDay == "" {
		var closed sql.NullString
		if err := t.queryRow(`SELECT max(day) FROM erasures WHERE number IS NOT NULL`, []any{&closed}); err != nil {
			return fmt.Errorf("open the erasure ledger: %w", err)
		}
		t.ledgerDay = campaign.Day(t.now)
		if closed.String >= t.ledgerDay {
			last, err := time.Parse(time.DateOnly, closed.String)
			if err != nil {
				return fmt.Errorf("open the erasure ledger: %w", err)
			}
			t.ledgerDay = last.AddDate(0, 0, 1).Format(time.DateOnly)
		}
	}
	_, err := t.exec(`
		INSERT INTO erasures (day, campaign, kind, why, records)
		SELECT $1, slug, $2, $3, $4 FROM campaigns WHERE id = $5
		ON CONFLICT (day, campaign, kind, why) DO UPDATE SET records = records + excluded.records`, t.ledgerDay, string(kind), string(why), records, campaignID)
	if err != nil {
		return fmt.Errorf("note an erasure: %w", err)
	}
	return nil
}

// selectErasures lists the ledger in the order of its numbers; what is open comes last.
const selectErasures = `
	SELECT day, campaign, kind, why, records, COALESCE(number, 0), COALESCE(hash, '')
	FROM erasures
	ORDER BY number IS NULL, number, day, campaign, kind, why`

// Erasures returns the erasure ledger, the oldest line first.
func (s *Store) Erasures(ctx context.Context) ([]campaign.Erasure, error) {
	rows, err := s.query(ctx, selectErasures)
	if err != nil {
		return nil, fmt.Errorf("select erasures: %w", err)
	}
	return scanErasures(rows)
}

func scanErasures(rows *sql.Rows) (all []campaign.Erasure, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e campaign.Erasure
		if err := rows.Scan(&e.Day, &e.Campaign, &e.Kind, &e.Why, &e.Records, &e.Number, &e.Hash); err != nil {
			return nil, fmt.Errorf("select erasures: %w", err)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// CloseErasures implements campaign.Store.
func (s *Store) CloseErasures(ctx context.Context) (int, error) {
	today, waits := campaign.Day(s.now()), false
	if err := s.queryRow(ctx, `SELECT EXISTS (SELECT 1 FROM erasures WHERE number IS NULL AND day < $1)`, []any{&waits}, today); err != nil || !waits {
		return 0, err
	}
	closed := 0
	err := s.writer.do(ctx, func(tx *tx) error {
		rows, err := tx.query(selectErasures)
		if err != nil {
			return fmt.Errorf("select erasures: %w", err)
		}
		ledger, err := scanErasures(rows)
		if err != nil {
			return err
		}
		number, head := 0, campaign.FirstErasure
		closed = 0
		for _, e := range ledger {
			if e.Number > 0 {
				number, head = e.Number, e.Hash
				continue
			}
			if e.Day >= today {
				continue
			}
			number++
			e.Number = number
			head = e.Chain(head)
			_, err := tx.exec(`
				UPDATE erasures SET number = $1, hash = $2
				WHERE day = $3 AND campaign = $4 AND kind = $5 AND why = $6`, e.Number, head, e.Day, e.Campaign, string(e.Kind), string(e.Why))
			if err != nil {
				return fmt.Errorf("close a day of the erasure ledger: %w", err)
			}
			closed++
		}
		return nil
	})
	return closed, err
}

// Kept returns how many sealed records are kept, by the day on which they go.
func (s *Store) Kept(ctx context.Context) ([]campaign.Kept, error) {
	rows, err := s.query(ctx, `
		SELECT c.slug, 'letter', COALESCE(l.erase_at, ''), count(*)
		FROM people p
		JOIN letters l ON l.id = p.letter_id
		JOIN campaigns c ON c.id = l.campaign_id
		GROUP BY c.slug, substr(l.erase_at, 1, 13)
		UNION ALL
		SELECT c.slug, 'text', l.trim_at, count(*)
		FROM letters l
		JOIN campaigns c ON c.id = l.campaign_id
		WHERE l.trim_at IS NOT NULL
		GROUP BY c.slug, substr(l.trim_at, 1, 13)
		UNION ALL
		SELECT c.slug, 'opt_in', '', count(*)
		FROM opt_in_people p
		JOIN opt_ins o ON o.id = p.opt_in_id
		JOIN campaigns c ON c.id = o.campaign_id
		GROUP BY c.slug
		ORDER BY 1, 2, 3`)
	if err != nil {
		return nil, fmt.Errorf("select what is kept: %w", err)
	}
	defer rows.Close()
	var all []campaign.Kept
	for rows.Next() {
		var k campaign.Kept
		var at string
		if err := rows.Scan(&k.Campaign, &k.Kind, &at, &k.Records); err != nil {
			return nil, fmt.Errorf("select what is kept: %w", err)
		}
		if at != "" {
			due, err := parseTime(some(at))
			if err != nil {
				return nil, err
			}
			k.Day = campaign.Day(due)
		}
		if n := len(all); n > 0 && all[n-1].Campaign == k.Campaign && all[n-1].Kind == k.Kind && all[n-1].Day == k.Day {
			all[n-1].Records += k.Records
			continue
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

// Overdue counts the sealed records of letters that should have gone before a time,
// whole or in part.
func (s *Store) Overdue(ctx context.Context, before time.Time) (int, error) {
	var n int
	err := s.queryRow(ctx, `
		SELECT count(*)
		FROM letters l
		JOIN people p ON p.letter_id = l.id
		WHERE l.erase_at IS NOT NULL AND l.erase_at < $1 OR l.trim_at IS NOT NULL AND l.trim_at < $1`, []any{&n}, formatTime(before))
	if err != nil {
		return 0, fmt.Errorf("count what is overdue: %w", err)
	}
	return n, nil
}
