package store

import (
	"context"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// PledgeReports implements campaign.ReportStore. The join is written so that the
// few replies that wait lead to their letters, not the other way about.
func (s *Store) PledgeReports(ctx context.Context, slug string) ([]campaign.PledgeReport, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `
		SELECT l.member_id, m.name, MAX(l.constituency), COUNT(*), MIN(r.at), MAX(r.at)
		FROM replies r
		CROSS JOIN letters l ON l.id = r.letter_id
		JOIN members m ON m.id = l.member_id
		WHERE r.answer = 'pledged' AND r.judged = '' AND l.campaign_id = $1
		GROUP BY l.member_id, m.name
		ORDER BY MAX(r.at) DESC, l.member_id`, id)
	if err != nil {
		return nil, fmt.Errorf("select pledge reports: %w", err)
	}
	defer rows.Close()
	var reports []campaign.PledgeReport
	for rows.Next() {
		var r campaign.PledgeReport
		var first, last string
		if err := rows.Scan(&r.MemberID, &r.MemberName, &r.Constituency, &r.Supporters, &first, &last); err != nil {
			return nil, fmt.Errorf("select pledge reports: %w", err)
		}
		if r.First, err = parseTime(some(first)); err != nil {
			return nil, err
		}
		if r.Last, err = parseTime(some(last)); err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, rows.Err()
}

// JudgeReports implements campaign.ReportStore.
func (s *Store) JudgeReports(ctx context.Context, by account.Actor, slug string, j campaign.Judgement, decide func([]campaign.Pledge, []campaign.VoidedPledge) ([]campaign.PledgeChange, error)) (int, error) {
	id, err := s.campaignID(ctx, slug)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.writer.do(ctx, func(tx *tx) error {
		if n, err = tx.judge(id, j); err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "desk.error.report_gone")
		}
		if decide != nil {
			if err := tx.changePledges(id, slug, decide); err != nil {
				return err
			}
		}
		action := "report.dismiss"
		if j.Confirmed {
			action = "report.confirm"
		}
		return tx.audit(account.Entry{
			Actor: by, Action: action, Campaign: slug, Object: memberObject(j.MemberID), After: fmt.Sprintf(`{"supporters":%d}`, n),
		})
	})
	return n, err
}

func (t *tx) judge(campaignID int64, j campaign.Judgement) (int, error) {
	verdict := "dismissed"
	if j.Confirmed {
		verdict = "confirmed"
	}
	done, err := t.exec(`
		UPDATE replies SET judged = $1
		WHERE answer = 'pledged' AND judged = '' AND at <= $2 AND EXISTS (
			SELECT 1 FROM letters l
			WHERE l.id = replies.letter_id AND l.campaign_id = $3 AND l.member_id = $4
		)`, verdict, formatTime(j.Until), campaignID, j.MemberID)
	if err != nil {
		return 0, fmt.Errorf("judge reports: %w", err)
	}
	n, err := done.RowsAffected()
	return int(n), err
}
