package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// VoidedPledge is one that should never have been recorded, as of the wrong MP.
// It counts for nothing and is published nowhere; that it was recorded, and who
// took it out and why, is kept for organisers.
type VoidedPledge struct {
	Pledge
	VoidedBy string
	Reason   string
	VoidedAt time.Time
}

// maxReason is the most characters of a reason.
const maxReason = 300

// VoidPledge takes a pledge out of the record that was put there by mistake,
// standing or withdrawn, so that nobody reads that the MP pledged or took a
// pledge back. MemberID, VoidedBy and Reason are needed, and On, the day of the
// pledge, if the member has several. Errors are those of AddPledge; conflict if
// there is no such pledge, or if it may be any of several.
func (s *Service) VoidPledge(ctx context.Context, slug string, v VoidedPledge) (PledgeChange, error) {
	var err error
	if v.On != "" {
		if v.On, err = parseDay(v.On, Day(s.now())); err != nil {
			return PledgeChange{}, invalidPledge("date %v", err)
		}
	}
	if v.VoidedBy, err = parseRecorder(v.VoidedBy); err != nil {
		return PledgeChange{}, err
	}
	if v.Reason, err = parseReason(v.Reason); err != nil {
		return PledgeChange{}, err
	}
	by := account.Actor{Name: v.VoidedBy}
	return s.changePledge(ctx, by, slug, func(b *pledgeBook) (PledgeChange, error) { return b.void(v) })
}

// VoidedPledges returns the pledges of the campaign that were voided, by member
// and day: for organisers. not_found if there is no such campaign.
func (s *Service) VoidedPledges(ctx context.Context, slug string) ([]VoidedPledge, error) {
	voided, err := s.store.VoidedPledges(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("voided pledges: %w", err)
	}
	return voided, nil
}

func parseReason(typed string) (string, error) {
	reason, err := parseNote(typed)
	switch {
	case err != nil:
		return "", wrongPledge(PledgeReason, "the reason %v", err)
	case reason == "":
		return "", wrongPledge(PledgeReason, "the reason is missing")
	}
	return reason, nil
}

// void says what taking a pledge out of the record comes to.
func (b *pledgeBook) void(v VoidedPledge) (PledgeChange, error) {
	name, err := b.name(v.MemberID)
	if err != nil {
		return PledgeChange{}, err
	}
	var meant []Pledge
	var all []string
	for _, have := range b.members[v.MemberID] {
		all = append(all, have.Describe())
		if v.On == "" || v.On == have.On {
			meant = append(meant, have.Pledge)
		}
	}
	switch {
	case len(all) == 0:
		return PledgeChange{}, pledgeConflict("%s has no pledge recorded", name)
	case len(meant) == 0:
		return PledgeChange{}, pledgeConflict("%s has no pledge of %s recorded: %s", name, v.On, strings.Join(all, "; or "))
	case len(meant) > 1:
		return PledgeChange{}, pledgeConflict("%s has several pledges recorded, and the day of the pledge says which: %s", name, strings.Join(all, "; or "))
	}
	return PledgeChange{Action: PledgeVoided, Pledge: meant[0], Before: meant[0], VoidedBy: v.VoidedBy, Reason: v.Reason}, nil
}

// checkVoided refuses a pledge that was voided. A list that still has the
// mistake, imported again, would else bring it back.
func (b *pledgeBook) checkVoided(name string, p Pledge, how Correction) error {
	if how.Reinstate {
		return nil
	}
	var last *VoidedPledge
	for i, v := range b.voided {
		if v.MemberID == p.MemberID && v.On == p.On && (last == nil || last.VoidedAt.Before(v.VoidedAt)) {
			last = &b.voided[i]
		}
	}
	if last == nil {
		return nil
	}
	return &PledgeError{
		Code: fault.Conflict, Ended: true,
		Text: fmt.Sprintf("%s: the pledge of %s was voided by %s on %s: %s", name, p.On, last.VoidedBy, Day(last.VoidedAt), last.Reason),
	}
}
