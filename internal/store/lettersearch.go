package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// ReadLetter implements campaign.Store.
func (s *Store) ReadLetter(ctx context.Context, by account.Actor, slug string, id int64) (campaign.SealedLetter, error) {
	campaignID, err := s.campaignID(ctx, slug)
	if err != nil {
		return campaign.SealedLetter{}, err
	}
	var found campaign.SealedLetter
	err = s.writer.do(ctx, func(tx *tx) error {
		var of int64
		found, of, err = tx.sealed(id)
		switch {
		case err != nil:
			return err
		case of != campaignID:
			return fault.New(fault.NotFound, "desk.error.no_letter")
		case found.Record == nil:
			return fault.New(fault.Conflict, "desk.error.erased")
		}
		if found.Answers, err = tx.answers(id); err != nil {
			return err
		}
		return tx.audit(account.Entry{Actor: by, Action: "letter.read", Campaign: slug, Object: fmt.Sprintf("letter %d", id)})
	})
	return found, err
}

// sealed returns what is sealed of a letter, and the campaign it is of.
func (t *tx) sealed(id int64) (found campaign.SealedLetter, of int64, err error) {
	found.Letter = id
	err = t.queryRow(`
		SELECT l.campaign_id, l.token_hash, p.sealed, n.sealed
		FROM letters l
		LEFT JOIN people p ON p.letter_id = l.id
		LEFT JOIN notes n ON n.letter_id = l.id
		WHERE l.id = $1`, []any{&of, &found.TokenHash, &found.Record, &found.Note}, id)
	if errors.Is(err, sql.ErrNoRows) {
		return found, 0, fault.New(fault.NotFound, "desk.error.no_letter")
	}
	if err != nil {
		return found, 0, fmt.Errorf("select sealed record: %w", err)
	}
	if found.Record, err = unpad(found.Record); err != nil {
		return found, 0, err
	}
	if found.Note, err = unpad(found.Note); err != nil {
		return found, 0, err
	}
	return found, of, nil
}

func (t *tx) answers(id int64) (map[int64][]byte, error) {
	rows, err := t.query(`SELECT id, sealed FROM outbox WHERE letter_id = $1 AND sealed IS NOT NULL`, id)
	if err != nil {
		return nil, fmt.Errorf("select answers: %w", err)
	}
	defer rows.Close()
	all := map[int64][]byte{}
	for rows.Next() {
		var posting int64
		var sealed []byte
		if err := rows.Scan(&posting, &sealed); err != nil {
			return nil, fmt.Errorf("select answers: %w", err)
		}
		all[posting] = sealed
	}
	return all, rows.Err()
}

// FindLetters implements campaign.Store.
func (s *Store) FindLetters(ctx context.Context, by account.Actor, sought campaign.Sought) ([]campaign.DeskLetter, error) {
	where, value, how := `WHERE l.email_hash = $1`, any(sought.EmailHash), "by email"
	if sought.Reference != "" {
		where, value, how = `WHERE l.reference = $1`, sought.Reference, "by reference"
	}
	var found []campaign.DeskLetter
	err := s.writer.do(ctx, func(tx *tx) error {
		rows, err := tx.query(`SELECT `+deskColumns+deskTables+where+` ORDER BY l.id DESC`, value)
		if err != nil {
			return fmt.Errorf("find letters: %w", err)
		}
		if found, err = collectDesk(rows); err != nil {
			return err
		}
		return tx.audit(account.Entry{Actor: by, Action: "people.search", Object: how, After: asJSON(map[string]int{"letters": len(found)})})
	})
	return found, err
}

// SealedLetters implements campaign.Store.
func (s *Store) SealedLetters(ctx context.Context, by account.Actor, ids []int64) ([]campaign.SealedLetter, error) {
	var all []campaign.SealedLetter
	err := s.writer.do(ctx, func(tx *tx) error {
		all = nil
		for _, id := range ids {
			found, _, err := tx.sealed(id)
			if err != nil {
				return err
			}
			if found.Record == nil {
				continue
			}
			all = append(all, found)
			if err := tx.audit(account.Entry{Actor: by, Action: "people.copy", Object: fmt.Sprintf("letter %d", id)}); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}
