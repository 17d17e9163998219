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

const selectPledges = `
	SELECT p.id, p.member_id, m.name, p.pledged_on, p.evidence, p.recorded_by, p.recorded_at,
		COALESCE(p.withdrawn_on, ''), COALESCE(p.withdrawn_evidence, ''), COALESCE(p.withdrawn_by, ''), p.withdrawn_at
	FROM pledges p
	JOIN members m ON m.id = p.member_id
	WHERE p.campaign_id = $1 AND p.corrected_at IS NULL
	ORDER BY p.member_id, p.pledged_on, p.id`

// Pledges implements campaign.Store.
func (s *Store) Pledges(ctx context.Context, slug string) ([]campaign.Pledge, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, selectPledges, id)
	if err != nil {
		return nil, fmt.Errorf("select pledges: %w", err)
	}
	return scanPledges(rows)
}

func scanPledges(rows *sql.Rows) ([]campaign.Pledge, error) {
	defer rows.Close()
	var pledges []campaign.Pledge
	for rows.Next() {
		var p campaign.Pledge
		var recorded string
		var withdrawn sql.NullString
		err := rows.Scan(&p.ID, &p.MemberID, &p.MemberName, &p.On, &p.Evidence, &p.RecordedBy, &recorded,
			&p.WithdrawnOn, &p.WithdrawnEvidence, &p.WithdrawnBy, &withdrawn)
		if err != nil {
			return nil, fmt.Errorf("select pledges: %w", err)
		}
		if p.RecordedAt, err = parseTime(some(recorded)); err != nil {
			return nil, err
		}
		if p.WithdrawnAt, err = parseTime(withdrawn); err != nil {
			return nil, err
		}
		pledges = append(pledges, p)
	}
	return pledges, rows.Err()
}

// ChangePledges implements campaign.Store.
func (s *Store) ChangePledges(ctx context.Context, slug string, decide func([]campaign.Pledge) ([]campaign.PledgeChange, error)) error {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error {
		rows, err := tx.query(selectPledges, id)
		if err != nil {
			return fmt.Errorf("select pledges: %w", err)
		}
		history, err := scanPledges(rows)
		if err != nil {
			return err
		}
		changes, err := decide(history)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := tx.changePledge(id, c); err != nil {
				return fmt.Errorf("%s pledge of member %d: %w", c.Action, c.Pledge.MemberID, err)
			}
		}
		return nil
	})
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
	case campaign.PledgeWithdrawn:
		_, err := t.exec(`
			UPDATE pledges SET withdrawn_on = $1, withdrawn_evidence = $2, withdrawn_by = $3, withdrawn_at = $4
			WHERE id = $5`,
			c.Pledge.WithdrawnOn, c.Pledge.WithdrawnEvidence, c.Pledge.WithdrawnBy, now, c.Pledge.ID)
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
			withdrawn_on, withdrawn_evidence, withdrawn_by, withdrawn_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		campaignID, p.MemberID, p.On, p.Evidence, p.RecordedBy, now, on, evidence, by, at)
	return err
}
