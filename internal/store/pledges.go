package store

import (
	"context"
	"database/sql"
	"fmt"

	"postbag/internal/campaign"
)

// Pledged implements campaign.Store.
func (s *Store) Pledged(ctx context.Context, slug string, memberID int) (bool, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return false, err
	}
	var pledged bool
	err = s.queryRow(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM pledges
			WHERE campaign_id = $1 AND member_id = $2 AND withdrawn_on IS NULL AND corrected_at IS NULL
		)`, []any{&pledged}, id, memberID)
	if err != nil {
		return false, fmt.Errorf("select pledge: %w", err)
	}
	return pledged, nil
}

// Both kinds of pledges have the same columns; of those that count the last three
// are empty.
const (
	selectPledges = pledgeColumns + `
	WHERE p.campaign_id = $1 AND p.corrected_at IS NULL
	ORDER BY p.member_id, p.pledged_on, p.id`

	selectVoided = pledgeColumns + `
	WHERE p.campaign_id = $1 AND p.voided_by IS NOT NULL
	ORDER BY p.member_id, p.pledged_on, p.id`

	pledgeColumns = `
	SELECT p.id, p.member_id, m.name, p.pledged_on, p.evidence, p.recorded_by, p.recorded_at,
		COALESCE(p.withdrawn_on, ''), COALESCE(p.withdrawn_evidence, ''), COALESCE(p.withdrawn_by, ''), p.withdrawn_at,
		COALESCE(p.voided_by, ''), COALESCE(p.voided_reason, ''), p.corrected_at, p.note, p.withdrawn_reason
	FROM pledges p
	JOIN members m ON m.id = p.member_id`
)

// Pledges implements campaign.Store.
func (s *Store) Pledges(ctx context.Context, slug string) ([]campaign.Pledge, error) {
	all, err := s.selectPledges(ctx, slug, selectPledges)
	return counting(all), err
}

// VoidedPledges implements campaign.Store.
func (s *Store) VoidedPledges(ctx context.Context, slug string) ([]campaign.VoidedPledge, error) {
	return s.selectPledges(ctx, slug, selectVoided)
}

func (s *Store) selectPledges(ctx context.Context, slug, q string) ([]campaign.VoidedPledge, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, q, id)
	return scanPledges(rows, err)
}

func (t *tx) selectPledges(campaignID int64, q string) ([]campaign.VoidedPledge, error) {
	rows, err := t.query(q, campaignID)
	return scanPledges(rows, err)
}

// scanPledges reads what a query came to.
func scanPledges(rows *sql.Rows, err error) ([]campaign.VoidedPledge, error) {
	if err != nil {
		return nil, fmt.Errorf("select pledges: %w", err)
	}
	defer rows.Close()
	var pledges []campaign.VoidedPledge
	for rows.Next() {
		var p campaign.VoidedPledge
		var recorded string
		var withdrawn, voided sql.NullString
		err := rows.Scan(&p.ID, &p.MemberID, &p.MemberName, &p.On, &p.Evidence, &p.RecordedBy, &recorded,
			&p.WithdrawnOn, &p.WithdrawnEvidence, &p.WithdrawnBy, &withdrawn, &p.VoidedBy, &p.Reason, &voided,
			&p.Note, &p.WithdrawnReason)
		if err != nil {
			return nil, fmt.Errorf("select pledges: %w", err)
		}
		if p.RecordedAt, err = parseTime(some(recorded)); err != nil {
			return nil, err
		}
		if p.WithdrawnAt, err = parseTime(withdrawn); err != nil {
			return nil, err
		}
		if p.VoidedAt, err = parseTime(voided); err != nil {
			return nil, err
		}
		pledges = append(pledges, p)
	}
	return pledges, rows.Err()
}

// counting returns what pledges that count are without the empty columns.
func counting(all []campaign.VoidedPledge) []campaign.Pledge {
	var pledges []campaign.Pledge
	for _, p := range all {
		pledges = append(pledges, p.Pledge)
	}
	return pledges
}

// ChangePledges implements campaign.Store.
func (s *Store) ChangePledges(ctx context.Context, slug string, decide func([]campaign.Pledge, []campaign.VoidedPledge) ([]campaign.PledgeChange, error)) error {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error { return tx.changePledges(id, slug, decide) })
}

func (t *tx) changePledges(campaignID int64, slug string, decide func([]campaign.Pledge, []campaign.VoidedPledge) ([]campaign.PledgeChange, error)) error {
	history, err := t.selectPledges(campaignID, selectPledges)
	if err != nil {
		return err
	}
	voided, err := t.selectPledges(campaignID, selectVoided)
	if err != nil {
		return err
	}
	changes, err := decide(counting(history), voided)
	if err != nil {
		return err
	}
	for _, c := range changes {
		err := t.changePledge(campaignID, c)
		if err == nil {
			err = t.auditPledge(slug, c)
		}
		if err != nil {
			return fmt.Errorf("%s pledge of member %d: %w", c.Action, c.Pledge.MemberID, err)
		}
	}
	return nil
}

func (t *tx) changePledge(campaignID int64, c campaign.PledgeChange) error {
	t.touch(campaignID)
	now := formatTime(t.now)
	switch c.Action {
	case campaign.PledgeAdded:
		return t.addPledge(campaignID, c.Pledge)
	case campaign.PledgeCorrected:
		if _, err := t.exec(`UPDATE pledges SET corrected_at = $1 WHERE id = $2`, now, c.Pledge.ID); err != nil {
			return err
		}
		return t.addPledge(campaignID, c.Pledge)
	case campaign.PledgeVoided:
		_, err := t.exec(`UPDATE pledges SET corrected_at = $1, voided_by = $2, voided_reason = $3 WHERE id = $4`,
			now, c.VoidedBy, c.Reason, c.Pledge.ID)
		return err
	case campaign.PledgeWithdrawn:
		_, err := t.exec(`
			UPDATE pledges SET withdrawn_on = $1, withdrawn_evidence = $2, withdrawn_by = $3, withdrawn_reason = $4, withdrawn_at = $5
			WHERE id = $6`,
			c.Pledge.WithdrawnOn, c.Pledge.WithdrawnEvidence, c.Pledge.WithdrawnBy, c.Pledge.WithdrawnReason, now, c.Pledge.ID)
		return err
	}
	return nil // unchanged
}

func (t *tx) addPledge(campaignID int64, p campaign.Pledge) error {
	now := formatTime(t.now)
	var on, evidence, by, at any
	if !p.Stands() {
		on, evidence, by, at = p.WithdrawnOn, p.WithdrawnEvidence, p.WithdrawnBy, now
	}
	_, err := t.exec(`
		INSERT INTO pledges (campaign_id, member_id, pledged_on, evidence, recorded_by, recorded_at,
			withdrawn_on, withdrawn_evidence, withdrawn_by, withdrawn_at, note, withdrawn_reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		campaignID, p.MemberID, p.On, p.Evidence, p.RecordedBy, now, on, evidence, by, at, p.Note, p.WithdrawnReason)
	return err
}
