package store

import (
	"context"
	"database/sql"
	"fmt"

	"postbag/internal/campaign"
)

// How many ids an export looks at in one go. With people it is about as much in
// bytes: a sealed record takes a page.
const (
	exportLetters = 4000
	exportPeople  = 500
)

// LettersFrom implements campaign.Store. It goes by ranges of ids, so that it
// costs the same wherever it is, however few of the letters are the campaign's.
func (s *Store) LettersFrom(ctx context.Context, slug string, after int64, people bool, each func(campaign.ExportLetter) error) (int64, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return 0, err
	}
	var last sql.NullInt64
	if err := s.queryRow(ctx, `SELECT max(id) FROM letters`, []any{&last}); err != nil {
		return 0, fmt.Errorf("find the last letter: %w", err)
	}
	span, sealed, join := int64(exportLetters), `NULL, NULL`, ``
	if people {
		span, sealed, join = exportPeople, `l.token_hash, p.sealed`, `LEFT JOIN people p ON p.letter_id = l.id`
	}
	rows, err := s.query(ctx, `
		SELECT l.id, COALESCE(l.reference, ''), l.constituency, l.member_id, l.partner, l.lang, l.variant, l.state, l.why, l.created_at, l.sent_at, COALESCE(l.own, -1), `+sealed+`
		FROM letters l `+join+`
		WHERE l.campaign_id = $1 AND l.id > $2 AND l.id <= $3
		ORDER BY l.id`, id, after, after+span)
	if err != nil {
		return 0, fmt.Errorf("select letters: %w", err)
	}
	defer rows.Close()
	var l campaign.ExportLetter
	var created, variant, state string
	var sent sql.NullString
	dest := []any{
		&l.ID, &l.Reference, &l.Constituency, &l.MemberID, &l.Partner, &l.Lang, &variant, &state, &l.Why, &created, &sent, &l.Own, &l.TokenHash, &l.Sealed,
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return 0, fmt.Errorf("select letters: %w", err)
		}
		l.Variant, l.State = campaign.Variant(variant), campaign.State(state)
		if err := times(timed{&l.CreatedAt, some(created)}, timed{&l.SentAt, sent}); err != nil {
			return 0, err
		}
		if plain, err := unpad(l.Sealed); err == nil {
			l.Sealed = plain
		}
		if err := each(l); err != nil {
			return 0, err
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("select letters: %w", err)
	}
	if after += span; after < last.Int64 {
		return after, nil
	}
	return 0, nil
}

// MemberNames implements campaign.Store.
func (s *Store) MemberNames(ctx context.Context) (map[int]string, error) {
	rows, err := s.query(ctx, `SELECT id, name FROM members`)
	if err != nil {
		return nil, fmt.Errorf("select members: %w", err)
	}
	defer rows.Close()
	names := map[int]string{}
	for rows.Next() {
		var id int
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, fmt.Errorf("select members: %w", err)
		}
		names[id] = name
	}
	return names, rows.Err()
}
