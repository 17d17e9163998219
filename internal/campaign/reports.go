package campaign

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"postbag/internal/account"
)

// ReportStore keeps what supporters say of pledges, and what was decided.
type ReportStore interface {
	// PledgeReports returns what waits, the latest first. not_found if there is no
	// such campaign.
	PledgeReports(ctx context.Context, slug string) ([]PledgeReport, error)

	// JudgeReports does what ChangePledges does, if decide is not nil, and marks
	// what supporters said of the member until j.Until as judged, all in one
	// transaction. It returns how many that were. conflict if there were none;
	// not_found if there is no such campaign.
	JudgeReports(ctx context.Context, by account.Actor, slug string, j Judgement, decide func([]Pledge, []VoidedPledge) ([]PledgeChange, error)) (int, error)
}

// PledgeReport is what supporters say of one MP: that they answered that they
// pledge. Nothing here says who they are.
type PledgeReport struct {
	MemberID     int
	MemberName   string // as last listed
	Constituency string // ONS code that the letters were written for
	Supporters   int
	First, Last  time.Time
}

// Judgement is what was decided about what supporters say of an MP.
type Judgement struct {
	MemberID  int
	Until     time.Time // what was seen: later reports wait on
	Confirmed bool
}

// PledgeReports returns what supporters say that waits for somebody to look, the
// latest first. not_found if there is no such campaign.
func (s *Service) PledgeReports(ctx context.Context, slug string) ([]PledgeReport, error) {
	reports, err := s.store.PledgeReports(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("pledge reports: %w", err)
	}
	return reports, nil
}

// ConfirmReports records the pledge that supporters told of, and that they were
// right. For an MP whose pledge stands already only the latter. Errors are those
// of AddPledge; conflict if somebody has judged them meanwhile. On, and Evidence
// or Note, are needed: a supporter's word is not enough to publish.
func (s *Service) ConfirmReports(ctx context.Context, by account.Actor, slug string, until time.Time, p Pledge) (PledgeChange, error) {
	p.RecordedBy = by.Name
	history, err := s.PledgeHistory(ctx, slug)
	if err != nil {
		return PledgeChange{}, err
	}
	j := Judgement{MemberID: p.MemberID, Until: until, Confirmed: true}
	if slices.ContainsFunc(history, func(have Pledge) bool { return have.MemberID == p.MemberID && have.Stands() }) {
		_, err := s.store.JudgeReports(ctx, by, slug, j, nil)
		return PledgeChange{Action: PledgeUnchanged}, err
	}
	bare := p.Evidence == "" && p.Note == ""
	err = s.checkPledge(&p)
	if bare {
		err = mistakes(err, wrongPledge(PledgeEvidence, "evidence is missing, and no note says where it is kept"))
	}
	if err != nil {
		return PledgeChange{}, err
	}
	var change PledgeChange
	decide := s.deciding(by, func(b *pledgeBook) (PledgeChange, error) { return b.add(p, Correction{}, 0) }, &change)
	if _, err := s.store.JudgeReports(ctx, by, slug, j, decide); err != nil {
		return PledgeChange{}, fmt.Errorf("confirm reports: %w", err)
	}
	s.forgetPledges(slug)
	return change, nil
}

// DismissReports notes that what supporters told of an MP is no pledge. conflict
// if somebody has judged them meanwhile.
func (s *Service) DismissReports(ctx context.Context, by account.Actor, slug string, until time.Time, memberID int) error {
	if _, err := s.store.JudgeReports(ctx, by, slug, Judgement{MemberID: memberID, Until: until}, nil); err != nil {
		return fmt.Errorf("dismiss reports: %w", err)
	}
	return nil
}

// Refusal is how many supporters say that the MP for a constituency refused.
type Refusal struct {
	Constituency string
	Supporters   int
}

// Refusals returns where supporters say that the MP refused, the most first.
// not_found if there is no such campaign.
func (s *Service) Refusals(ctx context.Context, slug string) ([]Refusal, error) {
	counts, err := s.store.Counts(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("refusals: %w", err)
	}
	var all []Refusal
	for _, c := range counts {
		if c.Replies.Refused > 0 {
			all = append(all, Refusal{c.Constituency, c.Replies.Refused})
		}
	}
	slices.SortStableFunc(all, func(a, b Refusal) int { return cmp.Compare(b.Supporters, a.Supporters) })
	return all, nil
}

// SeatCounts returns the letters of one constituency, exact: for organisers.
// not_found if there is no such campaign.
func (s *Service) SeatCounts(ctx context.Context, slug, code string) (Count, error) {
	counts, err := s.store.Counts(ctx, slug)
	if err != nil {
		return Count{}, fmt.Errorf("counts of a constituency: %w", err)
	}
	for _, c := range counts {
		if c.Constituency == code {
			return c, nil
		}
	}
	return Count{Constituency: code}, nil
}
