package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

const (
	selectCorrections = `
		SELECT c.id, c.constituency, c.member_id, m.name, c.field, c.value, c.listed, c.source, c.recorded_by, c.at, c.ended_at, COALESCE(c.ended_by, '')
		FROM corrections c
		JOIN members m ON m.id = c.member_id `

	allCorrections      = selectCorrections + `ORDER BY c.id DESC`
	standingCorrections = selectCorrections + `WHERE c.ended_at IS NULL ORDER BY c.id`
	oneCorrection       = selectCorrections + `WHERE c.id = $1`
	sameCorrection      = selectCorrections + `WHERE c.member_id = $1 AND c.field = $2 AND c.ended_at IS NULL`
)

// Corrections implements campaign.CorrectionStore.
func (s *Store) Corrections(ctx context.Context) ([]campaign.MPCorrection, error) {
	rows, err := s.query(ctx, allCorrections)
	return scanCorrections(rows, err)
}

func (t *tx) corrections(q string, args ...any) ([]campaign.MPCorrection, error) {
	rows, err := t.query(q, args...)
	return scanCorrections(rows, err)
}

func scanCorrections(rows *sql.Rows, err error) ([]campaign.MPCorrection, error) {
	if err != nil {
		return nil, fmt.Errorf("select corrections: %w", err)
	}
	defer rows.Close()
	var all []campaign.MPCorrection
	for rows.Next() {
		var c campaign.MPCorrection
		var field, at string
		var ended sql.NullString
		if err := rows.Scan(&c.ID, &c.Constituency, &c.MemberID, &c.MemberName, &field, &c.Value, &c.Listed, &c.Source,
			&c.RecordedBy, &at, &ended, &c.EndedBy); err != nil {
			return nil, fmt.Errorf("select corrections: %w", err)
		}
		c.Field = parliament.CorrectedField(field)
		if c.At, err = parseTime(some(at)); err != nil {
			return nil, err
		}
		if c.EndedAt, err = parseTime(ended); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// Correct implements campaign.CorrectionStore.
func (s *Store) Correct(ctx context.Context, by account.Actor, c campaign.MPCorrection) error {
	return s.writer.do(ctx, func(tx *tx) error {
		var name, email string
		err := tx.queryRow(`SELECT name, email FROM members WHERE id = $1 AND constituency = $2`, []any{&name, &email}, c.MemberID, c.Constituency)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Conflict, "desk.error.mp_changed")
		}
		if err != nil {
			return fmt.Errorf("select member: %w", err)
		}
		before, listed := email, email
		switch {
		case c.Field == parliament.CorrectedVacant:
			before, listed = name, name
		case c.Seen != nil && *c.Seen != email:
			return fault.New(fault.Conflict, "desk.error.mp_stale")
		case email == c.Value:
			return fault.Fieldwise(map[string]string{campaign.FieldMPEmail: "desk.error.mp_same"})
		}
		standing, err := tx.corrections(sameCorrection, c.MemberID, string(c.Field))
		if err != nil {
			return err
		}
		for _, old := range standing { // what Parliament lists is no news
			listed = old.Listed
			if err := tx.endCorrection(old.ID, by.Name); err != nil {
				return err
			}
		}
		_, err = tx.exec(`
			INSERT INTO corrections (constituency, member_id, field, value, listed, source, account_id, recorded_by, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			c.Constituency, c.MemberID, string(c.Field), c.Value, listed, c.Source, by.Account, by.Name, formatTime(tx.now))
		if err != nil {
			return fmt.Errorf("insert correction: %w", err)
		}
		if c.Field == parliament.CorrectedVacant {
			_, err = tx.exec(`UPDATE members SET constituency = NULL WHERE id = $1`, c.MemberID)
		} else {
			_, err = tx.exec(`UPDATE members SET email = $1 WHERE id = $2`, c.Value, c.MemberID)
		}
		if err != nil {
			return fmt.Errorf("apply correction: %w", err)
		}
		return tx.correctionDone(by, "mp.correct", c, before, c.Value, c.Source)
	})
}

// EndCorrection implements campaign.CorrectionStore.
func (s *Store) EndCorrection(ctx context.Context, by account.Actor, constituency string, id int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		found, err := tx.corrections(oneCorrection, id)
		if err != nil {
			return err
		}
		switch {
		case len(found) == 0 || found[0].Constituency != constituency:
			return fault.New(fault.NotFound, "desk.error.no_correction")
		case !found[0].Stands():
			return fault.New(fault.Conflict, "desk.error.correction_ended")
		}
		c := found[0]
		if err := tx.endCorrection(id, by.Name); err != nil {
			return err
		}
		if c.Field == parliament.CorrectedVacant {
			_, err = tx.exec(`
				UPDATE members SET constituency = $1
				WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM members WHERE constituency = $1)`, c.Constituency, c.MemberID)
		} else {
			_, err = tx.exec(`UPDATE members SET email = $1 WHERE id = $2`, c.Listed, c.MemberID)
		}
		if err != nil {
			return fmt.Errorf("undo correction: %w", err)
		}
		return tx.correctionDone(by, "mp.uncorrect", c, c.Value, c.Listed, c.Source)
	})
}

func (t *tx) endCorrection(id int64, by string) error {
	if _, err := t.exec(`UPDATE corrections SET ended_at = $1, ended_by = $2 WHERE id = $3`, formatTime(t.now), by, id); err != nil {
		return fmt.Errorf("end correction: %w", err)
	}
	return nil
}

// correctedEntry is a correction as the audit log has it: an MP's, never a
// supporter's.
type correctedEntry struct {
	Field  parliament.CorrectedField `json:"field"`
	Value  string                    `json:"value"`
	Source string                    `json:"source,omitempty"`
}

func (t *tx) correctionDone(by account.Actor, action string, c campaign.MPCorrection, was, is, source string) error {
	err := t.audit(account.Entry{
		Actor: by, Action: action, Object: memberObject(c.MemberID),
		Before: asJSON(correctedEntry{c.Field, was, ""}), After: asJSON(correctedEntry{c.Field, is, source}),
	})
	if err != nil {
		return err
	}
	return t.newRosterVersion()
}

// correct returns the list as it is in force, and notes what became of the
// corrections: what the list says by now, and which are over.
func (t *tx) correct(r *parliament.Roster) (*parliament.Roster, error) {
	standing, err := t.corrections(standingCorrections)
	if err != nil {
		return nil, err
	}
	inForce, held, err := r.Corrected(campaign.StandingCorrections(standing))
	if err != nil {
		return nil, fmt.Errorf("correct the roster: %w", err)
	}
	for i, h := range held {
		switch {
		case h.Over:
			err = t.endCorrection(standing[i].ID, "")
		case !h.Absent:
			_, err = t.exec(`UPDATE corrections SET listed = $1 WHERE id = $2`, h.Listed, standing[i].ID)
		}
		if err != nil {
			return nil, fmt.Errorf("note a correction: %w", err)
		}
	}
	return inForce, nil
}

// ReplaceRoster implements campaign.CorrectionStore.
func (s *Store) ReplaceRoster(ctx context.Context, by account.Actor, r *parliament.Roster, version int64, action, summary string) error {
	return s.writer.do(ctx, func(tx *tx) error {
		var have string
		if err := tx.queryRow(`SELECT value FROM settings WHERE key = $1`, []any{&have}, settingRosterVersion); err != nil {
			return fmt.Errorf("roster version: %w", err)
		}
		if have != strconv.FormatInt(version, 10) {
			return fault.New(fault.Conflict, "desk.error.sync_stale")
		}
		if err := tx.applyRoster(r); err != nil {
			return err
		}
		return tx.audit(account.Entry{Actor: by, Action: action, Object: "mps", After: summary})
	})
}
