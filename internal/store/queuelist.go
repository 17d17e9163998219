package store

import (
	"context"
	"database/sql"
	"fmt"

	"postbag/internal/campaign"
)

// inState are the letters that a list for the command line has in it, by their state.
// Those that are on their way are found through the outbox; the sent ones are read
// from the first on, which no page does.
var inState = map[campaign.State]string{
	campaign.StateQueued: `l.state = 'queued' AND l.id IN (
		SELECT letter_id FROM outbox WHERE status = 'ready' AND urgency = 1 AND kind = 'letter')`,
	campaign.StateSending: `l.state = 'sending' AND l.id IN (
		SELECT letter_id FROM outbox WHERE status = 'sending' AND kind = 'letter')`,
	campaign.StateSent: `l.state = 'sent'`,
}

// ListLetters implements campaign.Store.
func (s *Store) ListLetters(ctx context.Context, slug string, f campaign.OpenFilter, limit int) ([]campaign.DeskLetter, int, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, 0, err
	}
	of := inState[f.State]
	if of == "" {
		of = isOpen
	}
	where := `
		WHERE l.campaign_id = $1 AND ` + of + `
			AND ($2 = '' OR l.state = $2) AND ($3 = '' OR l.why = $3)
			AND ($4 = '' OR l.partner = CASE WHEN $4 = $5 THEN '' ELSE $4 END)`
	args := []any{id, string(f.State), f.Why, f.Partner, campaign.NoPartner}
	n := 0
	if err := s.queryRow(ctx, `SELECT count(*) FROM letters l`+where, []any{&n}, args...); err != nil {
		return nil, 0, fmt.Errorf("count letters: %w", err)
	}
	rows, err := s.query(ctx, `SELECT `+deskColumns+deskTables+where+`
		ORDER BY l.id
		LIMIT $6`, append(args, limit)...)
	if err != nil {
		return nil, 0, fmt.Errorf("select letters: %w", err)
	}
	found, err := collectDesk(rows)
	return found, n, err
}

// Line implements campaign.Store.
func (s *Store) Line(ctx context.Context, slug string) (campaign.Waiting, error) {
	var w campaign.Waiting
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return w, err
	}
	var last sql.NullString
	err = s.queryRow(ctx, `
		SELECT count(*), max(o.next_at)
		FROM outbox o
		JOIN letters l ON l.id = o.letter_id
		WHERE o.status = 'ready' AND o.urgency = $1 AND o.kind = $2 AND l.campaign_id = $3`,
		[]any{&w.Letters, &last}, int(campaign.Letters), string(campaign.MailLetter), id)
	if err != nil {
		return w, fmt.Errorf("count the queue: %w", err)
	}
	w.Last, err = parseTime(last)
	return w, err
}
