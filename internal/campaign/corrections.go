package campaign

import (
	"context"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

// CorrectionStore keeps what organisers know better than Parliament's list, and
// puts new lists in force. The roster that Store.Roster returns, and the members
// that letters are addressed to, have the corrections applied.
type CorrectionStore interface {
	// Corrections returns every correction, the latest first, ended ones too.
	Corrections(ctx context.Context) ([]MPCorrection, error)

	// Correct writes a correction down and applies it, in the place of one of the
	// same field that stands. conflict if the member does not sit there any more,
	// or, with c.Seen, if their address is another than that; also if it says
	// nothing new.
	Correct(ctx context.Context, by account.Actor, c MPCorrection) error

	// EndCorrection has Parliament's list hold again for a constituency. not_found if
	// the correction is of none or of another; conflict if it has ended already.
	EndCorrection(ctx context.Context, by account.Actor, constituency string, id int64) error

	// ReplaceRoster makes a list the one in force, with the corrections that still
	// hold, if the roster's version is still the one given. action names it in the
	// audit log, summary is what the entry tells. conflict if it is not.
	ReplaceRoster(ctx context.Context, by account.Actor, r *parliament.Roster, version int64, action, summary string) error
}

// MPCorrection is a correction with its source.
type MPCorrection struct {
	ID int64
	parliament.Correction
	MemberName string
	Listed     string // what Parliament's list says instead, when last looked
	Source     string // how it is known
	RecordedBy string
	At         time.Time
	EndedAt    time.Time // zero: it stands
	EndedBy    string    // empty: Parliament's list caught up

	// Seen is the address that whoever makes it has before them; nil: whatever
	// stands is to be corrected.
	Seen *string
}

// Stands reports whether the correction has not ended.
func (c MPCorrection) Stands() bool { return c.EndedAt.IsZero() }

// Names of the fields that errors are about.
const (
	FieldMPEmail = "email"
	FieldSource  = "source"
)

// CorrectMP writes down what is known better than Parliament's list: Constituency,
// Field, Source and for an address Value are needed; MemberID says who is meant,
// 0 for whoever sits there. It holds whatever lists come, until it is ended or a
// list says the same, or for a vacancy until somebody else sits there. invalid
// with the fields that cannot be used; not_found if there is no such
// constituency; conflict as in CorrectionStore.
func (s *Service) CorrectMP(ctx context.Context, by account.Actor, c MPCorrection) error {
	roster, _ := s.Roster()
	seat, ok := roster.Seat(c.Constituency)
	if !ok {
		return fault.New(fault.NotFound, "error.no_constituency")
	}
	fields := map[string]string{}
	if c.Field == parliament.CorrectedEmail && parliament.CheckEmail(c.Value) != nil {
		fields[FieldMPEmail] = "desk.error.mp_email"
	}
	var err error
	if c.Source, err = parseNote(c.Source); err != nil || c.Source == "" {
		fields[FieldSource] = "desk.error.mp_source"
	}
	if len(fields) > 0 {
		return fault.Fieldwise(fields)
	}
	if c.MemberID == 0 {
		c.MemberID = seat.Member.ID
	}
	if c.MemberID == 0 || c.MemberID != seat.Member.ID {
		return fault.New(fault.Conflict, "desk.error.mp_changed")
	}
	if err := s.store.Correct(ctx, by, c); err != nil {
		return fmt.Errorf("correct MP: %w", err)
	}
	return s.Refresh(ctx)
}

// EndCorrection has Parliament's list hold again for a constituency. not_found if
// the correction is of none or of another; conflict if it has ended already.
func (s *Service) EndCorrection(ctx context.Context, by account.Actor, constituency string, id int64) error {
	if err := s.store.EndCorrection(ctx, by, constituency, id); err != nil {
		return fmt.Errorf("end correction: %w", err)
	}
	return s.Refresh(ctx)
}

// Corrections returns every correction, the latest first, ended ones too.
func (s *Service) Corrections(ctx context.Context) ([]MPCorrection, error) {
	all, err := s.store.Corrections(ctx)
	if err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	return all, nil
}

// StandingCorrections returns those that stand, as a roster is corrected by.
func StandingCorrections(all []MPCorrection) []parliament.Correction {
	var standing []parliament.Correction
	for _, c := range all {
		if c.Stands() {
			standing = append(standing, c.Correction)
		}
	}
	return standing
}
