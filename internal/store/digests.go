package store

import (
	"context"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// DigestsDue implements campaign.DigestStore.
func (s *Store) DigestsDue(ctx context.Context, week string) ([]account.Account, error) {
	rows, err := s.query(ctx, selectAccounts+`
		WHERE digest = 1 AND role <> 'partner' AND password <> '' AND disabled_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM digests d WHERE d.account_id = accounts.id AND d.week = $1)
		ORDER BY id`, week)
	if err != nil {
		return nil, fmt.Errorf("select digests due: %w", err)
	}
	defer rows.Close()
	var due []account.Account
	for rows.Next() {
		a, _, err := scanAccount(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("select digests due: %w", err)
		}
		due = append(due, a)
	}
	return due, rows.Err()
}

// QueueDigest implements campaign.DigestStore.
func (s *Store) QueueDigest(ctx context.Context, accountID int64, week string, m account.Mail) error {
	return s.writer.do(ctx, func(tx *tx) error {
		done, err := tx.exec(`INSERT INTO digests (account_id, week) VALUES ($1, $2) ON CONFLICT DO NOTHING`, accountID, week)
		if err != nil {
			return fmt.Errorf("note the digest: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return tx.queueAccountMail(accountID, m.Kind, m.Sealed, m.MessageID)
	})
}

// SeatWeeks implements campaign.DigestStore.
func (s *Store) SeatWeeks(ctx context.Context, slug, from, to string) ([]campaign.SeatWeek, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT constituency, state, SUM(CASE WHEN day < $3 THEN letters ELSE 0 END), SUM(CASE WHEN day >= $2 AND day < $3 THEN letters ELSE 0 END)
		FROM counters
		WHERE campaign_id = $1
		GROUP BY constituency, state
		ORDER BY constituency`, id, from, to)
	if err != nil {
		return nil, fmt.Errorf("select the week's counts: %w", err)
	}
	defer rows.Close()
	var seats []campaign.SeatWeek
	for rows.Next() {
		var code, state string
		var all, week int
		if err := rows.Scan(&code, &state, &all, &week); err != nil {
			return nil, fmt.Errorf("select the week's counts: %w", err)
		}
		if n := len(seats); n == 0 || seats[n-1].Constituency != code {
			seats = append(seats, campaign.SeatWeek{Constituency: code})
		}
		seat := &seats[len(seats)-1]
		switch state {
		case countConfirmed:
			seat.All.Confirmed, seat.Week.Confirmed = all, week
		case string(campaign.StateSent):
			seat.All.Sent, seat.Week.Sent = all, week
		case string(campaign.StateFailed):
			seat.All.Failed, seat.Week.Failed = all, week
		case string(campaign.StateBounced):
			seat.All.Bounced, seat.Week.Bounced = all, week
		}
	}
	return seats, rows.Err()
}

// PledgeMoves implements campaign.DigestStore. What stood at a time is told by
// when it was written down, so that a correction moves nothing.
func (s *Store) PledgeMoves(ctx context.Context, slug string, from, to time.Time) ([]campaign.PledgeMove, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT m.name, stood.later
		FROM (
			SELECT member_id,
				MAX(recorded_at < $2 AND COALESCE(corrected_at, '9') >= $2 AND COALESCE(withdrawn_at, '9') >= $2) AS sooner,
				MAX(recorded_at < $3 AND COALESCE(corrected_at, '9') >= $3 AND COALESCE(withdrawn_at, '9') >= $3) AS later
			FROM pledges
			WHERE campaign_id = $1 AND voided_by IS NULL
			GROUP BY member_id
		) stood
		JOIN members m ON m.id = stood.member_id
		WHERE stood.sooner <> stood.later
		ORDER BY m.name`, id, formatTime(from), formatTime(to))
	if err != nil {
		return nil, fmt.Errorf("select pledge moves: %w", err)
	}
	defer rows.Close()
	var moves []campaign.PledgeMove
	for rows.Next() {
		var m campaign.PledgeMove
		if err := rows.Scan(&m.Name, &m.Gained); err != nil {
			return nil, fmt.Errorf("select pledge moves: %w", err)
		}
		moves = append(moves, m)
	}
	return moves, rows.Err()
}
