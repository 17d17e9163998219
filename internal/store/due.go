package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"postbag/internal/campaign"
)

// Reclaim deals with messages whose lease ran out: the worker that had them
// died or lost its way. Nobody knows how far it came, so letters become
// uncertain; mails to supporters, where a second copy does no harm, are ready
// again. It returns how many letters became uncertain.
func (s *Store) Reclaim(ctx context.Context) (int, error) {
	uncertain := 0
	err := s.writer.do(ctx, func(tx *tx) error {
		uncertain = 0
		now := formatTime(tx.now)
		if err := tx.mendClock(); err != nil {
			return err
		}
		lost, err := tx.lost(now)
		if err != nil {
			return err
		}
		for _, hash := range lost {
			err := tx.within(func() error {
				l, err := tx.letter(hash)
				if err != nil {
					return err
				}
				return tx.move(l, campaign.StateUncertain, campaign.WhyLease)
			})
			if err != nil { // it must not keep the leases of all others
				tx.w.log.Error("database: a lost letter is left as it is", "err", err)
				continue
			}
			uncertain++
		}
		_, err = tx.exec(`
			INSERT INTO attempts (outbox_id, attempt, at, verdict, code, enhanced)
			SELECT id, attempts, $1, CASE WHEN kind = 'letter' THEN 'uncertain' ELSE 'retry' END, 0, ''
			FROM outbox
			WHERE status = 'sending' AND lease_until <= $1
			ON CONFLICT DO NOTHING`, now)
		if err != nil {
			return fmt.Errorf("log lost attempts: %w", err)
		}
		_, err = tx.exec(`
			UPDATE outbox SET
				status = CASE WHEN kind = 'letter' THEN 'uncertain' ELSE 'ready' END,
				finished_at = CASE WHEN kind = 'letter' THEN $1 ELSE NULL END,
				lease_until = NULL
			WHERE status = 'sending' AND lease_until <= $1`, now)
		if err != nil {
			return fmt.Errorf("end leases: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return uncertain, nil
}

// lost returns the token hashes of letters whose lease ran out.
func (t *tx) lost(now string) ([][]byte, error) {
	rows, err := t.query(`
		SELECT l.token_hash FROM outbox o JOIN letters l ON l.id = o.letter_id
		WHERE o.status = 'sending' AND o.lease_until <= $1 AND o.kind = 'letter'`, now)
	if err != nil {
		return nil, fmt.Errorf("select lost messages: %w", err)
	}
	defer rows.Close()
	var hashes [][]byte
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&hash); err != nil {
			return nil, fmt.Errorf("select lost messages: %w", err)
		}
		hashes = append(hashes, hash)
	}
	return hashes, rows.Err()
}

// NextDue returns when the next message or lease falls due; the zero time when
// there is none.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var ready, lease sql.NullString
	err := s.queryRow(ctx, `
		SELECT
			(SELECT min(at) FROM (
				SELECT min(next_at) AS at FROM outbox WHERE status = 'ready' AND urgency = 0
				UNION ALL
				SELECT min(next_at) FROM outbox WHERE status = 'ready' AND urgency = 1
				UNION ALL
				SELECT min(next_at) FROM outbox WHERE status = 'ready' AND urgency = 2
			)),
			(SELECT min(lease_until) FROM outbox WHERE status = 'sending')`, []any{&ready, &lease})
	if err != nil {
		return time.Time{}, fmt.Errorf("select next due: %w", err)
	}
	return s.sooner(ctx, ready, lease)
}

// sooner returns when there is something to do: when the first message may go
// that is ready, or the first lease ends.
func (s *Store) sooner(ctx context.Context, ready, lease sql.NullString) (time.Time, error) {
	var next, ends time.Time
	if err := times(timed{&next, ready}, timed{&ends, lease}); err != nil {
		return time.Time{}, err
	}
	if ready.Valid {
		at, err := s.notBefore(ctx)
		if err != nil {
			return time.Time{}, err
		}
		if at.After(next) {
			next = at
		}
	}
	if !ready.Valid || lease.Valid && ends.Before(next) {
		next = ends
	}
	return next, nil
}
