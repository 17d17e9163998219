package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// Captured is one mail of a development server, sealed.
type Captured struct {
	ID        int64
	MessageID string
	At        time.Time
	Kind      campaign.MailKind
	Sealed    []byte
}

// SaveCaptured keeps a mail that would have been sent.
func (s *Store) SaveCaptured(ctx context.Context, c Captured) error {
	return s.writer.do(ctx, func(tx *tx) error {
		_, err := tx.exec(`INSERT INTO captured_mail (message_id, at, kind, sealed) VALUES ($1, $2, $3, $4)`,
			c.MessageID, formatTime(c.At), string(c.Kind), c.Sealed)
		if err != nil {
			return fmt.Errorf("insert captured mail: %w", err)
		}
		return nil
	})
}

const selectCaptured = `SELECT id, message_id, at, kind, sealed FROM captured_mail `

// CapturedMails returns the latest captured mails, the newest first.
func (s *Store) CapturedMails(ctx context.Context, limit int) ([]Captured, error) {
	rows, err := s.query(ctx, selectCaptured+`ORDER BY id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("select captured mails: %w", err)
	}
	defer rows.Close()
	var mails []Captured
	for rows.Next() {
		c, err := scanCaptured(rows.Scan)
		if err != nil {
			return nil, err
		}
		mails = append(mails, c)
	}
	return mails, rows.Err()
}

// CapturedMail returns one captured mail; not_found if there is none.
func (s *Store) CapturedMail(ctx context.Context, id int64) (Captured, error) {
	stmt, err := s.prepared(ctx, selectCaptured+`WHERE id = $1`)
	if err != nil {
		return Captured{}, fmt.Errorf("select captured mail: %w", err)
	}
	c, err := scanCaptured(stmt.QueryRowContext(ctx, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.New(fault.NotFound, "error.not_found")
	}
	return c, err
}

func scanCaptured(scan func(...any) error) (Captured, error) {
	var c Captured
	var at, kind string
	if err := scan(&c.ID, &c.MessageID, &at, &kind, &c.Sealed); err != nil {
		return c, fmt.Errorf("select captured mail: %w", err)
	}
	c.Kind = campaign.MailKind(kind)
	t, err := parseTime(some(at))
	c.At = t
	return c, err
}
