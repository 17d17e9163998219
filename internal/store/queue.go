package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"postbag/internal/campaign"
)

// deskColumns are those that scanDesk reads. What was last tried to send the
// letter is the youngest of its postings.
const deskColumns = `
	l.id, COALESCE(l.reference, ''), c.slug, l.constituency, l.member_id, m.name, COALESCE(n.id, 0), COALESCE(n.name, ''), COALESCE(n.email, ''),
	EXISTS (SELECT 1 FROM failing f WHERE f.member_id = n.id AND f.email = n.email AND f.ended_at IS NULL),
	l.partner, l.lang, l.variant, l.state, l.why, l.created_at, l.state_at, l.confirmed_at, l.sent_at, l.erase_at, COALESCE(l.own, -1),
	p.letter_id IS NOT NULL, l.trimmed, COALESCE(o.attempts, 0), COALESCE(o.code, 0), COALESCE(o.answer, ''), l.holds`

const deskTables = `
	FROM letters l
	JOIN campaigns c ON c.id = l.campaign_id
	JOIN members m ON m.id = l.member_id
	LEFT JOIN members n ON n.constituency = l.constituency
	LEFT JOIN people p ON p.letter_id = l.id
	LEFT JOIN outbox o ON o.id = (SELECT max(id) FROM outbox WHERE letter_id = l.id AND kind = 'letter')
`

// isOpen is what the index letters_open asks for, word for word.
const isOpen = `l.state IN ('held', 'uncertain', 'failed', 'bounced') AND l.erase_at IS NOT NULL`

// scanDesk reads a letter as organisers see it, with further columns behind.
func scanDesk(rows *sql.Rows, more ...any) (campaign.DeskLetter, error) {
	var l campaign.DeskLetter
	var variant, state, created, stateAt, holds string
	var confirmed, sent, erase sql.NullString
	dest := []any{
		&l.ID, &l.Reference, &l.Campaign, &l.Constituency, &l.MemberID, &l.MemberName, &l.Now.MemberID, &l.Now.Name, &l.Now.Email, &l.Now.Failing,
		&l.Partner, &l.Lang, &variant, &state, &l.Why, &created, &stateAt, &confirmed, &sent, &erase, &l.Own,
		&l.Kept, &l.Trimmed, &l.Attempts, &l.Code, &l.Answer, &holds,
	}
	if err := rows.Scan(append(dest, more...)...); err != nil {
		return l, fmt.Errorf("select letters: %w", err)
	}
	l.Variant, l.State, l.Holds = campaign.Variant(variant), campaign.State(state), campaign.SplitChecks(holds)
	return l, times(
		timed{&l.CreatedAt, some(created)}, timed{&l.StateAt, some(stateAt)}, timed{&l.ConfirmedAt, confirmed},
		timed{&l.SentAt, sent}, timed{&l.EraseAt, erase})
}

// timed is a time to read from a column.
type timed struct {
	to   *time.Time
	from sql.NullString
}

func times(all ...timed) (err error) {
	for _, t := range all {
		if *t.to, err = parseTime(t.from); err != nil {
			return err
		}
	}
	return nil
}

// OpenLetters implements campaign.Store.
func (s *Store) OpenLetters(ctx context.Context, slug string, f campaign.OpenFilter, limit int) ([]campaign.DeskLetter, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `SELECT `+deskColumns+deskTables+`
		WHERE l.campaign_id = $1 AND l.id > $2 AND `+isOpen+`
			AND ($3 = '' OR l.state = $3) AND ($4 = '' OR l.why = $4) AND ($5 = '' OR l.constituency = $5)
			AND ($6 = 0 OR l.member_id = $6) AND ($7 = '' OR l.variant = $7) AND ($8 = '' OR l.partner = CASE WHEN $8 = $9 THEN '' ELSE $8 END)
		ORDER BY l.id
		LIMIT $10`, id, f.After, string(f.State), f.Why, f.Constituency, f.Member, string(f.Variant), f.Partner, campaign.NoPartner, limit)
	if err != nil {
		return nil, fmt.Errorf("select open letters: %w", err)
	}
	return collectDesk(rows)
}

func collectDesk(rows *sql.Rows) ([]campaign.DeskLetter, error) {
	defer rows.Close()
	var all []campaign.DeskLetter
	for rows.Next() {
		l, err := scanDesk(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// OpenGroups implements campaign.Store. It reads the index of open letters and
// nothing else.
func (s *Store) OpenGroups(ctx context.Context, slug string) ([]campaign.OpenGroup, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT l.state, l.why, l.constituency, l.member_id, l.variant, l.partner, count(*)
		FROM letters l
		WHERE l.campaign_id = $1 AND `+isOpen+`
		GROUP BY l.state, l.why, l.constituency, l.member_id, l.variant, l.partner`, id)
	if err != nil {
		return nil, fmt.Errorf("count open letters: %w", err)
	}
	defer rows.Close()
	var groups []campaign.OpenGroup
	for rows.Next() {
		var g campaign.OpenGroup
		var state, variant string
		if err := rows.Scan(&state, &g.Why, &g.Constituency, &g.Member, &variant, &g.Partner, &g.Letters); err != nil {
			return nil, fmt.Errorf("count open letters: %w", err)
		}
		g.State, g.Variant = campaign.State(state), campaign.Variant(variant)
		groups = append(groups, g)
	}
	return groups, rows.Err()
}

// DeskLetters implements campaign.Store.
func (s *Store) DeskLetters(ctx context.Context, slug string, ids []int64) ([]campaign.DeskLetter, error) {
	campaignID, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	var all []campaign.DeskLetter
	for _, id := range ids {
		rows, err := s.query(ctx, `SELECT `+deskColumns+`, l.token_hash, p.sealed`+deskTables+`WHERE l.campaign_id = $1 AND l.id = $2`, campaignID, id)
		if err != nil {
			return nil, fmt.Errorf("select letter: %w", err)
		}
		if err := func() error {
			defer rows.Close()
			for rows.Next() {
				var tokenHash, sealed []byte
				l, err := scanDesk(rows, &tokenHash, &sealed)
				if err != nil {
					return err
				}
				// One that is damaged is shown, and cannot be opened.
				if plain, err := unpad(sealed); err == nil {
					sealed = plain
				}
				all = append(all, l.WithRecord(tokenHash, sealed))
			}
			return rows.Err()
		}(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// LetterHistory implements campaign.Store.
func (s *Store) LetterHistory(ctx context.Context, id int64) ([]campaign.Event, []campaign.Posting, error) {
	events, err := s.events(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.query(ctx, `
		SELECT id, kind, status, attempts, queued_at, finished_at, code, answer
		FROM outbox
		WHERE letter_id = $1
		ORDER BY id`, id)
	if err != nil {
		return nil, nil, fmt.Errorf("select postings: %w", err)
	}
	defer rows.Close()
	var all []campaign.Posting
	for rows.Next() {
		var p campaign.Posting
		var kind, queued string
		var finished sql.NullString
		if err := rows.Scan(&p.ID, &kind, &p.Status, &p.Attempts, &queued, &finished, &p.Code, &p.Answer); err != nil {
			return nil, nil, fmt.Errorf("select postings: %w", err)
		}
		p.Kind = campaign.MailKind(kind)
		if err := times(timed{&p.QueuedAt, some(queued)}, timed{&p.FinishedAt, finished}); err != nil {
			return nil, nil, err
		}
		all = append(all, p)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("select postings: %w", err)
	}
	return events, all, s.attempts(ctx, id, all)
}

// attempts adds to the messages about a letter the log of each.
func (s *Store) attempts(ctx context.Context, letter int64, all []campaign.Posting) error {
	rows, err := s.query(ctx, `
		SELECT a.outbox_id, a.at, a.verdict, a.code, a.enhanced
		FROM outbox o
		JOIN attempts a ON a.outbox_id = o.id
		WHERE o.letter_id = $1
		ORDER BY a.outbox_id, a.attempt`, letter)
	if err != nil {
		return fmt.Errorf("select attempts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var posting int64
		var a campaign.Attempt
		var at, verdict string
		if err := rows.Scan(&posting, &at, &verdict, &a.Code, &a.Enhanced); err != nil {
			return fmt.Errorf("select attempts: %w", err)
		}
		a.Verdict = campaign.Verdict(verdict)
		if a.At, err = parseTime(some(at)); err != nil {
			return err
		}
		for i := range all {
			if all[i].ID == posting {
				all[i].Log = append(all[i].Log, a)
			}
		}
	}
	return rows.Err()
}
