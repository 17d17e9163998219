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

// addOptIns writes down what was ticked with a letter. It counts once the letter
// is confirmed.
func (t *tx) addOptIns(campaignID, letter int64, optIns []campaign.NewOptIn) error {
	for _, o := range optIns {
		wording, err := t.wording(o.Wording)
		if err != nil {
			return err
		}
		for _, s := range []struct {
			q    string
			args []any
		}{
			{`INSERT INTO opt_ins (id, campaign_id, partner, wording_id, token_hash, email_hash) VALUES ($1, $2, $3, $4, $5, $6)`,
				[]any{o.ID, campaignID, o.Partner, wording, o.TokenHash, o.EmailHash}},
			{`INSERT INTO opt_in_people (opt_in_id, sealed) VALUES ($1, $2)`, []any{o.ID, pad(o.Sealed)}},
			{`INSERT INTO opt_in_letters (letter_id, opt_in_id) VALUES ($1, $2)`, []any{letter, o.ID}},
		} {
			if _, err := t.exec(s.q, s.args...); err != nil {
				return fmt.Errorf("insert opt-in: %w", err)
			}
		}
		if err := t.unswept(campaignID, o); err != nil {
			return err
		}
	}
	return nil
}

// wording returns the row of a wording, a new one if it was never agreed to.
func (t *tx) wording(w campaign.Wording) (int64, error) {
	if _, err := t.exec(`INSERT INTO opt_in_wordings (hash, lang, text) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING`, w.Hash(), w.Lang, w.Text); err != nil {
		return 0, fmt.Errorf("insert wording: %w", err)
	}
	var id int64
	if err := t.queryRow(`SELECT id FROM opt_in_wordings WHERE hash = $1`, []any{&id}, w.Hash()); err != nil {
		return 0, fmt.Errorf("select wording: %w", err)
	}
	return id, nil
}

// optIn is what a change needs to know of one.
type optIn struct {
	id       int64
	campaign int64
	partner  string
	email    []byte
	waits    bool // its letter is not confirmed
	ended    bool
	retired  bool // whom it was given to has
}

const (
	selectOptIn = `
		SELECT o.id, o.campaign_id, o.partner, o.email_hash, o.confirmed_on IS NULL, o.ended_on IS NOT NULL, ` + toRetired + `
		FROM opt_ins o `

	toRetired = `EXISTS (SELECT 1 FROM partners p WHERE p.slug = o.partner AND p.retired_at IS NOT NULL)`

	ofLetter = `JOIN opt_in_letters x ON x.opt_in_id = o.id WHERE x.letter_id = $1`
)

// optIns returns those that a condition selects.
func (t *tx) optIns(where string, args ...any) ([]optIn, error) {
	rows, err := t.query(selectOptIn+where, args...)
	if err != nil {
		return nil, fmt.Errorf("select opt-ins: %w", err)
	}
	defer rows.Close()
	var found []optIn
	for rows.Next() {
		var o optIn
		if err := rows.Scan(&o.id, &o.campaign, &o.partner, &o.email, &o.waits, &o.ended, &o.retired); err != nil {
			return nil, fmt.Errorf("select opt-ins: %w", err)
		}
		found = append(found, o)
	}
	return found, rows.Err()
}

// confirmOptIns lets those of a letter count that has just been confirmed. Where
// the same person has one already, that one is the letter's too. Whoever has
// retired since gets none.
func (t *tx) confirmOptIns(letter int64) error {
	found, err := t.optIns(ofLetter, letter)
	if err != nil {
		return err
	}
	today := campaign.Day(t.now)
	for _, o := range found {
		if !o.waits {
			continue
		}
		have, err := t.optIns(`WHERE o.email_hash = $1 AND o.confirmed_on IS NOT NULL`, o.email)
		if err != nil {
			return err
		}
		if len(have) > 0 {
			if err := t.dropOptIn(o); err != nil {
				return err
			}
			if _, err := t.exec(`INSERT INTO opt_in_letters (letter_id, opt_in_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, letter, have[0].id); err != nil {
				return fmt.Errorf("note the letter of an opt-in: %w", err)
			}
			continue
		}
		if o.retired {
			if err := t.dropOptIn(o); err != nil {
				return err
			}
			continue
		}
		if _, err := t.exec(`UPDATE opt_ins SET confirmed_on = $1, changed_on = $1 WHERE id = $2`, today, o.id); err != nil {
			return fmt.Errorf("confirm opt-in: %w", err)
		}
		if err := t.sumOptIn(o, 1, 0); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) sumOptIn(o optIn, confirmed, ended int) error {
	_, err := t.exec(`
		INSERT INTO opt_in_sums (campaign_id, partner, confirmed, ended)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (campaign_id, partner) DO UPDATE SET confirmed = confirmed + excluded.confirmed, ended = ended + excluded.ended`,
		o.campaign, o.partner, confirmed, ended)
	if err != nil {
		return fmt.Errorf("count an opt-in: %w", err)
	}
	return nil
}

// dropOptIn deletes one that never counted.
func (t *tx) dropOptIn(o optIn) error {
	if err := t.eraseOptIn(o, campaign.EraseUnconfirmed); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM opt_in_letters WHERE opt_in_id = $1`,
		`DELETE FROM opt_ins WHERE id = $1`,
	} {
		if _, err := t.exec(q, o.id); err != nil {
			return fmt.Errorf("drop opt-in: %w", err)
		}
	}
	return nil
}

// eraseOptIn deletes who gave it.
func (t *tx) eraseOptIn(o optIn, why campaign.EraseWhy) error {
	t.erased = true
	done, err := t.exec(`DELETE FROM opt_in_people WHERE opt_in_id = $1`, o.id)
	if err != nil {
		return fmt.Errorf("erase who opted in: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return t.noteErasure(o.campaign, campaign.ErasedOptIn, why)
}

// endOptIn ends one and erases its person. What stays tells whoever it was given
// to that it has ended.
func (t *tx) endOptIn(o optIn) error {
	if err := t.noteAsked(asked{What: askedEnded, Mark: optInMark(o.id)}); err != nil {
		return err
	}
	if o.waits {
		return t.dropOptIn(o)
	}
	if o.ended {
		return nil
	}
	if err := t.eraseOptIn(o, campaign.EraseEnded); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM opt_in_letters WHERE opt_in_id = $1`, o.id); err != nil {
		return fmt.Errorf("end opt-in: %w", err)
	}
	today := campaign.Day(t.now)
	if _, err := t.exec(`UPDATE opt_ins SET token_hash = NULL, email_hash = NULL, ended_on = $1, changed_on = $1 WHERE id = $2`, today, o.id); err != nil {
		return fmt.Errorf("end opt-in: %w", err)
	}
	return t.sumOptIn(o, 0, 1)
}

// endOptIns ends those of a letter.
func (t *tx) endOptIns(letter int64) error {
	found, err := t.optIns(ofLetter, letter)
	if err != nil {
		return err
	}
	for _, o := range found {
		if err := t.endOptIn(o); err != nil {
			return err
		}
	}
	return nil
}

// forgetOptIns takes away what leads from a letter to its opt-ins, whose life is
// their own by now, and those that never counted.
func (t *tx) forgetOptIns(letter int64) error {
	found, err := t.optIns(ofLetter+` AND o.confirmed_on IS NULL`, letter)
	if err != nil {
		return err
	}
	for _, o := range found {
		if err := t.dropOptIn(o); err != nil {
			return err
		}
	}
	result, err := t.exec(`DELETE FROM opt_in_letters WHERE letter_id = $1`, letter)
	if err != nil {
		return fmt.Errorf("forget the opt-ins of a letter: %w", err)
	}
	n, err := result.RowsAffected()
	t.erased = t.erased || n > 0
	return err
}

// LetterOptIns implements campaign.OptInStore.
func (s *Store) LetterOptIns(ctx context.Context, letterID int64) ([]campaign.OptIn, error) {
	rows, err := s.query(ctx, `
		SELECT o.id, o.partner, w.lang, w.text, COALESCE(o.confirmed_on, '')
		FROM opt_in_letters x
		JOIN opt_ins o ON o.id = x.opt_in_id
		JOIN opt_in_wordings w ON w.id = o.wording_id
		WHERE x.letter_id = $1 AND (o.confirmed_on IS NOT NULL OR NOT `+toRetired+`)`, letterID)
	if err != nil {
		return nil, fmt.Errorf("select opt-ins: %w", err)
	}
	defer rows.Close()
	var found []campaign.OptIn
	for rows.Next() {
		var o campaign.OptIn
		if err := rows.Scan(&o.ID, &o.Partner, &o.Wording.Lang, &o.Wording.Text, &o.Confirmed); err != nil {
			return nil, fmt.Errorf("select opt-ins: %w", err)
		}
		found = append(found, o)
	}
	return found, rows.Err()
}

// EndOptIn implements campaign.OptInStore.
func (s *Store) EndOptIn(ctx context.Context, tokenHash []byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		found, err := tx.optIns(`WHERE o.token_hash = $1`, tokenHash)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "error.no_letter")
		}
		return tx.endOptIn(found[0])
	})
}

// EndLetterOptIn implements campaign.OptInStore.
func (s *Store) EndLetterOptIn(ctx context.Context, letterTokenHash []byte, id int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		l, err := tx.letter(letterTokenHash)
		if err != nil {
			return err
		}
		// Nothing leads from the letter to one that has ended.
		found, err := tx.optIns(`WHERE o.id = $2 AND (o.ended_on IS NOT NULL OR EXISTS (
			SELECT 1 FROM opt_in_letters x WHERE x.letter_id = $1 AND x.opt_in_id = o.id))`, l.id, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "error.not_found")
		}
		return tx.endOptIn(found[0])
	})
}

// OptInsByEmail implements campaign.OptInStore.
func (s *Store) OptInsByEmail(ctx context.Context, emailHashes [][]byte) ([]campaign.OptIn, error) {
	var found []campaign.OptIn
	for _, hash := range emailHashes {
		var o campaign.OptIn
		err := s.queryRow(ctx, `
			SELECT o.id, (SELECT slug FROM campaigns WHERE id = o.campaign_id), o.partner, w.lang, w.text, o.confirmed_on, o.token_hash, p.sealed
			FROM opt_ins o
			JOIN opt_in_wordings w ON w.id = o.wording_id
			LEFT JOIN opt_in_people p ON p.opt_in_id = o.id
			WHERE o.email_hash = $1 AND o.confirmed_on IS NOT NULL`,
			[]any{&o.ID, &o.Campaign, &o.Partner, &o.Wording.Lang, &o.Wording.Text, &o.Confirmed, &o.TokenHash, &o.Sealed}, hash)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find opt-ins: %w", err)
		}
		if plain, err := unpad(o.Sealed); err == nil {
			o.Sealed = plain
		}
		found = append(found, o)
	}
	return found, nil
}

// EndOptIns implements campaign.OptInStore.
func (s *Store) EndOptIns(ctx context.Context, by account.Actor, ids []int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		for _, id := range ids {
			found, err := tx.optIns(`WHERE o.id = $1`, id)
			if err != nil {
				return err
			}
			for _, o := range found {
				if err := tx.endOptIn(o); err != nil {
					return err
				}
			}
		}
		return tx.audit(account.Entry{Actor: by, Action: "opt_ins.end", Object: "opt-ins", After: asJSON(map[string]int{"opt_ins": len(ids)})})
	})
}

// exportOptIns is how many opt-ins an export reads in one go.
const exportOptIns = 500

// meant selects the opt-ins that an export means, of $1 to $3: the partner, the
// campaign (0: any) and the day.
const meant = `
	WHERE o.partner = $1 AND o.changed_on IS NOT NULL AND ($2 = 0 OR o.campaign_id = $2) AND o.changed_on >= $3 `

// meantCampaign is the id of the campaign that is meant; 0: any.
func (s *Store) meantCampaign(ctx context.Context, of campaign.OptInsOf) (int64, error) {
	if of.Campaign == "" {
		return 0, nil
	}
	return s.campaignID(ctx, of.Campaign)
}

// CountOptInsFrom implements campaign.OptInStore.
func (s *Store) CountOptInsFrom(ctx context.Context, of campaign.OptInsOf) (int, error) {
	id, err := s.meantCampaign(ctx, of)
	if err != nil {
		return 0, err
	}
	var n int
	if err := s.queryRow(ctx, `SELECT count(*) FROM opt_ins o`+meant, []any{&n}, of.Partner, id, of.Since); err != nil {
		return 0, fmt.Errorf("count opt-ins: %w", err)
	}
	return n, nil
}

// OptInsFrom implements campaign.OptInStore.
func (s *Store) OptInsFrom(ctx context.Context, of campaign.OptInsOf, from campaign.OptInPlace, each func(campaign.OptIn) error) (campaign.OptInPlace, error) {
	var last campaign.OptInPlace
	id, err := s.meantCampaign(ctx, of)
	if err != nil {
		return last, err
	}
	rows, err := s.query(ctx, `
		SELECT o.id, (SELECT slug FROM campaigns WHERE id = o.campaign_id), w.lang, w.text, o.confirmed_on, o.changed_on, o.ended_on, o.token_hash, p.sealed
		FROM opt_ins o
		CROSS JOIN opt_in_wordings w ON w.id = o.wording_id -- in this order, which is the index's
		LEFT JOIN opt_in_people p ON p.opt_in_id = o.id`+meant+`AND (o.changed_on, o.id) > ($3, $4)
		ORDER BY o.changed_on, o.id
		LIMIT $5`, of.Partner, id, from.Day, from.ID, exportOptIns)
	if err != nil {
		return last, fmt.Errorf("select opt-ins: %w", err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		o := campaign.OptIn{Partner: of.Partner}
		var ended sql.NullString
		if err := rows.Scan(&o.ID, &o.Campaign, &o.Wording.Lang, &o.Wording.Text, &o.Confirmed, &last.Day, &ended, &o.TokenHash, &o.Sealed); err != nil {
			return last, fmt.Errorf("select opt-ins: %w", err)
		}
		o.Ended, last.ID = ended.String, o.ID
		if o.Sealed, err = unpad(o.Sealed); err != nil {
			o.Sealed = []byte{} // damaged: it is told of when it is opened
		}
		if err := each(o); err != nil {
			return last, err
		}
	}
	if err := rows.Err(); err != nil {
		return last, fmt.Errorf("select opt-ins: %w", err)
	}
	if n < exportOptIns {
		return campaign.OptInPlace{}, nil
	}
	return last, nil
}

// OptInCounts implements campaign.OptInStore.
func (s *Store) OptInCounts(ctx context.Context, slug string) ([]campaign.OptInCount, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `SELECT partner, confirmed, ended FROM opt_in_sums WHERE campaign_id = $1 ORDER BY partner`, id)
	if err != nil {
		return nil, fmt.Errorf("select counts of opt-ins: %w", err)
	}
	defer rows.Close()
	var counts []campaign.OptInCount
	for rows.Next() {
		var c campaign.OptInCount
		if err := rows.Scan(&c.Partner, &c.Confirmed, &c.Ended); err != nil {
			return nil, fmt.Errorf("select counts of opt-ins: %w", err)
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}
