package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// PledgeEdit names a recorded pledge that somebody has before them, to change it.
type PledgeEdit struct {
	ID   int64
	Seen string // Pledge.Version of what they see
}

// Version stands for all that is recorded of a pledge: it is another as soon as
// anything is.
func (p Pledge) Version() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %q %q %q", p.ID, p.Describe(), p.Note, p.WithdrawnReason))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// RecordedPledge returns a pledge that counts, by the number of its record;
// not_found if there is none: another may have taken its place.
func (s *Service) RecordedPledge(ctx context.Context, slug string, id int64) (Pledge, error) {
	history, err := s.PledgeHistory(ctx, slug)
	if err != nil {
		return Pledge{}, err
	}
	for _, p := range history {
		if p.ID == id {
			return p, nil
		}
	}
	return Pledge{}, fault.New(fault.NotFound, "desk.error.no_pledge")
}

// VoidedRecord returns a pledge that was voided, by the number of its record;
// not_found if there is none.
func (s *Service) VoidedRecord(ctx context.Context, slug string, id int64) (VoidedPledge, error) {
	voided, err := s.VoidedPledges(ctx, slug)
	if err != nil {
		return VoidedPledge{}, err
	}
	for _, p := range voided {
		if p.ID == id {
			return p, nil
		}
	}
	return VoidedPledge{}, fault.New(fault.NotFound, "desk.error.no_pledge")
}

// LatestPledge returns the pledge that counts most for a member, as
// PledgeList.ByMember does, with what is for organisers; not_found if there is
// none.
func (s *Service) LatestPledge(ctx context.Context, slug string, memberID int) (Pledge, error) {
	history, err := s.PledgeHistory(ctx, slug)
	if err != nil {
		return Pledge{}, err
	}
	var last *Pledge
	for i, p := range history {
		if p.MemberID == memberID && (last == nil || later(*last, p)) {
			last = &history[i]
		}
	}
	if last == nil {
		return Pledge{}, fault.New(fault.NotFound, "desk.error.no_pledge")
	}
	return *last, nil
}

// CorrectPledge has p take the place of a recorded pledge of the same member,
// note and reason too. A withdrawal is cleared only if reinstate is set. Errors
// are those of AddPledge; conflict and Stale if the record is not as it was seen.
func (s *Service) CorrectPledge(ctx context.Context, by account.Actor, slug string, of PledgeEdit, p Pledge, reinstate bool) (PledgeChange, error) {
	p.RecordedBy = by.Name
	if err := s.checkPledge(&p); err != nil {
		return PledgeChange{}, err
	}
	return s.changePledge(ctx, by, slug, func(b *pledgeBook) (PledgeChange, error) {
		have, err := b.seen(of)
		if err != nil {
			return PledgeChange{}, err
		}
		return b.correct(have, p, Correction{Replace: true, Reinstate: reinstate, Notes: true})
	})
}

// WithdrawRecorded is WithdrawPledge for a pledge that somebody has before them.
func (s *Service) WithdrawRecorded(ctx context.Context, by account.Actor, slug string, of PledgeEdit, w Pledge) (PledgeChange, error) {
	w.WithdrawnBy = by.Name
	bare := strings.TrimSpace(w.WithdrawnReason) == ""
	err := s.checkWithdrawal(&w)
	if bare {
		_, missing := parseReason("")
		err = mistakes(err, missing)
	}
	if err != nil {
		return PledgeChange{}, err
	}
	return s.changePledge(ctx, by, slug, func(b *pledgeBook) (PledgeChange, error) {
		have, err := b.seen(of)
		if err != nil {
			return PledgeChange{}, err
		}
		name, err := b.name(have.MemberID)
		if err != nil {
			return PledgeChange{}, err
		}
		return takeBack(name, have, w)
	})
}

// VoidRecorded is VoidPledge for a pledge that somebody has before them.
func (s *Service) VoidRecorded(ctx context.Context, by account.Actor, slug string, of PledgeEdit, reason string) (PledgeChange, error) {
	name, err := parseRecorder(by.Name)
	if err != nil {
		return PledgeChange{}, err
	}
	if reason, err = parseReason(reason); err != nil {
		return PledgeChange{}, err
	}
	return s.changePledge(ctx, by, slug, func(b *pledgeBook) (PledgeChange, error) {
		have, err := b.seen(of)
		if err != nil {
			return PledgeChange{}, err
		}
		return PledgeChange{Action: PledgeVoided, Pledge: have, Before: have, VoidedBy: name, Reason: reason}, nil
	})
}

// seen returns the record that an edit is of, if it is as it was seen.
func (b *pledgeBook) seen(of PledgeEdit) (Pledge, error) {
	for _, booked := range b.members {
		for _, have := range booked {
			if have.ID == of.ID && have.Version() == of.Seen {
				return have.Pledge, nil
			}
		}
	}
	return Pledge{}, &PledgeError{Code: fault.Conflict, Stale: true, Text: "somebody else has changed this pledge meanwhile"}
}

// correct says what putting p in the place of a record comes to. Unlike add it
// knows which record is meant, whatever the days.
func (b *pledgeBook) correct(have, p Pledge, how Correction) (PledgeChange, error) {
	name, err := b.name(have.MemberID)
	if err != nil {
		return PledgeChange{}, err
	}
	p.ID, p.MemberID, p.MemberName = have.ID, have.MemberID, have.MemberName
	if !p.Stands() && p.WithdrawnOn < p.On {
		return PledgeChange{}, wrongPledge(PledgeWithdrawnDate, "%s cannot have withdrawn on %s what they pledged on %s", name, p.WithdrawnOn, p.On)
	}
	for _, other := range b.members[have.MemberID] {
		if other.ID != have.ID && overlap(other.Pledge, p) {
			return PledgeChange{}, pledgeConflict("%s has another pledge recorded for the days given: %s", name, other.Describe())
		}
	}
	if have.Describe() == p.Describe() && have.Note == p.Note && have.WithdrawnReason == p.WithdrawnReason {
		return PledgeChange{Action: PledgeUnchanged, Pledge: have, Before: have}, nil
	}
	if err := checkReplaced(name, have, how, true, !have.Stands() && p.Stands()); err != nil {
		return PledgeChange{}, err
	}
	if have.On != p.On {
		if err := b.checkVoided(name, p, how); err != nil {
			return PledgeChange{}, err
		}
	}
	return PledgeChange{Action: PledgeCorrected, Pledge: p, Before: have}, nil
}
