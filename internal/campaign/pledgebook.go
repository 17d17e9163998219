package campaign

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

// PledgeAction says what is done to the record of pledges.
type PledgeAction string

// The actions, the whole list.
const (
	PledgeAdded     PledgeAction = "added"
	PledgeUnchanged PledgeAction = "unchanged" // it was recorded just so
	PledgeWithdrawn PledgeAction = "withdrawn"
	PledgeCorrected PledgeAction = "corrected" // it took the place of another record
	PledgeVoided    PledgeAction = "voided"    // it should never have been recorded
)

// PledgeChange is one change to the record of pledges.
type PledgeChange struct {
	Action PledgeAction
	Line   int    // of the file that it comes from; 0: from none
	Pledge Pledge // as it is now; its ID names the record that is withdrawn or corrected
	Before Pledge // what stood there; the zero Pledge if it was added

	VoidedBy, Reason string // of one that is voided

	By account.Actor // who changes it, for the audit log
}

// Correction says what a pledge may take the place of that is recorded
// otherwise. The zero value: of nothing.
type Correction struct {
	Replace   bool // another day, other evidence, other details of a withdrawal
	Reinstate bool // a withdrawal, or that the pledge was voided: it counts again

	// Notes is true of a source that has a place for notes and reasons. The
	// silence of another leaves them as they are.
	Notes bool

	// noWithdrawals is true of a source that has no place for withdrawals. Its
	// silence about one says nothing, and clears none.
	noWithdrawals bool
}

// PledgeError says, in words for an organiser, why a pledge is not recorded.
type PledgeError struct {
	Code  fault.Code // invalid, not_found or conflict
	Text  string
	Field string // that it is about, one of the Pledge constants; may be empty

	// Fields says what is wrong with each of several fields; Text is all of it.
	Fields map[string]string

	// Differs is true if another pledge is in the way that Correction.Replace
	// would replace, and Ended if a withdrawal or a voiding is that
	// Correction.Reinstate would clear.
	Differs, Ended bool

	// Stale is true if somebody else has changed the pledge meanwhile.
	Stale bool
}

// The fields that errors are about.
const (
	PledgeMember            = "mp"
	PledgeDate              = "date"
	PledgeEvidence          = "evidence"
	PledgeNote              = "note"
	PledgeWithdrawnDate     = "withdrawn"
	PledgeWithdrawnEvidence = "withdrawn_evidence"
	PledgeReason            = "reason"
)

// Error returns the words.
func (e *PledgeError) Error() string { return e.Text }

// Unwrap lets fault.CodeOf find the code.
func (e *PledgeError) Unwrap() error { return fault.New(e.Code, "error.fields") }

func invalidPledge(format string, args ...any) error {
	return &PledgeError{Code: fault.Invalid, Text: fmt.Sprintf(format, args...)}
}

func wrongPledge(field, format string, args ...any) error {
	return &PledgeError{Code: fault.Invalid, Text: fmt.Sprintf(format, args...), Field: field}
}

// mistakes is one error of all that is wrong with what was typed of a pledge. An
// error that is about none of its fields goes before them.
func mistakes(errs ...error) error {
	var all []*PledgeError
	for _, err := range errs {
		wrong, ok := errors.AsType[*PledgeError](err)
		switch {
		case err == nil:
		case !ok || wrong.Field == "" && len(wrong.Fields) == 0:
			return err
		default:
			all = append(all, wrong)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	sum, texts := &PledgeError{Code: fault.Invalid, Fields: map[string]string{}}, make([]string, 0, len(all))
	for _, wrong := range all {
		texts = append(texts, wrong.Text)
		maps.Copy(sum.Fields, wrong.Fields)
		if wrong.Field != "" {
			sum.Fields[wrong.Field] = wrong.Text
		}
	}
	sum.Text = strings.Join(texts, "; ")
	return sum
}

func pledgeConflict(format string, args ...any) error {
	return &PledgeError{Code: fault.Conflict, Text: fmt.Sprintf(format, args...)}
}

// pledgeBook is what is recorded of a campaign's pledges, and holds the rules of
// how it may change: a member has at most one pledge at a time.
type pledgeBook struct {
	roster  *parliament.Roster
	members map[int][]bookedPledge
	voided  []VoidedPledge
}

type bookedPledge struct {
	Pledge
	line int // of the file that the import has already seen it in; 0: none
}

func newPledgeBook(history []Pledge, voided []VoidedPledge, roster *parliament.Roster) *pledgeBook {
	b := &pledgeBook{roster: roster, members: map[int][]bookedPledge{}, voided: voided}
	for _, p := range history {
		b.members[p.MemberID] = append(b.members[p.MemberID], bookedPledge{Pledge: p})
	}
	return b
}

// name returns what to call the member; not_found for one who neither sits nor
// has pledged before.
func (b *pledgeBook) name(memberID int) (string, error) {
	if seat, ok := b.roster.ByMember(memberID); ok {
		return fmt.Sprintf("%s (%s)", seat.Member.Name, seat.Constituency.Name), nil
	}
	if booked := b.members[memberID]; len(booked) > 0 {
		return booked[0].MemberName + " (no longer an MP)", nil
	}
	return "", &PledgeError{Code: fault.NotFound, Text: fmt.Sprintf("no MP has the number %d", memberID)}
}

// add says what recording p comes to, and notes it in the book.
func (b *pledgeBook) add(p Pledge, how Correction, line int) (PledgeChange, error) {
	name, err := b.name(p.MemberID)
	if err != nil {
		return PledgeChange{}, err
	}
	if !p.Stands() && p.WithdrawnOn < p.On {
		return PledgeChange{}, invalidPledge("%s cannot have withdrawn on %s what they pledged on %s", name, p.WithdrawnOn, p.On)
	}
	var meets []*bookedPledge
	for i := range b.members[p.MemberID] {
		if have := &b.members[p.MemberID][i]; overlap(have.Pledge, p) {
			meets = append(meets, have)
		}
	}
	if len(meets) == 0 {
		if err := b.checkVoided(name, p, how); err != nil {
			return PledgeChange{}, err
		}
		b.members[p.MemberID] = append(b.members[p.MemberID], bookedPledge{p, line})
		return PledgeChange{Action: PledgeAdded, Line: line, Pledge: p}, nil
	}
	have := meets[0]
	for _, m := range meets {
		if m.line != 0 {
			return PledgeChange{}, invalidPledge("%s already stands on line %d", name, m.line)
		}
	}
	change := PledgeChange{Action: PledgeCorrected, Line: line, Pledge: p, Before: have.Pledge}
	change.Pledge.ID, change.Pledge.MemberName = have.ID, have.MemberName
	if !how.Notes {
		change.Pledge.Note = have.Note
		if !p.Stands() {
			change.Pledge.WithdrawnReason = have.WithdrawnReason
		}
	}
	same := have.On == p.On && have.Evidence == p.Evidence && have.Note == change.Pledge.Note
	revived := !have.Stands() && p.Stands()
	switch {
	case len(meets) > 1:
		return PledgeChange{}, pledgeConflict("%s has several pledges recorded between the days given", name)
	case same && have.WithdrawnOn == p.WithdrawnOn && have.WithdrawnEvidence == p.WithdrawnEvidence && have.WithdrawnReason == change.Pledge.WithdrawnReason:
		change.Action, change.Pledge = PledgeUnchanged, have.Pledge
	case same && have.Stands():
		change.Action = PledgeWithdrawn
		change.Pledge.RecordedBy, change.Pledge.RecordedAt = have.RecordedBy, have.RecordedAt
	default:
		if err := checkReplaced(name, have.Pledge, how, !same || !revived, revived); err != nil {
			return PledgeChange{}, err
		}
		if have.On != p.On {
			if err := b.checkVoided(name, p, how); err != nil {
				return PledgeChange{}, err
			}
		}
	}
	*have = bookedPledge{change.Pledge, line}
	return change, nil
}

// checkReplaced says whether another record may take the place of one: differs
// if more than a withdrawal is different, revived if the pledge would stand
// again. A correction alone never does that: a list that was put together before
// the MP went back on it would tell people that the MP is safe to go to.
func checkReplaced(name string, have Pledge, how Correction, differs, revived bool) error {
	err := &PledgeError{
		Code: fault.Conflict, Differs: differs && !how.Replace,
		Text: fmt.Sprintf("%s is recorded otherwise: %s", name, have.Describe()),
	}
	switch {
	case revived && how.noWithdrawals:
		err.Text += ". A file without the column withdrawn does not clear a withdrawal"
		return err
	case revived && !how.Reinstate:
		err.Ended = true
		err.Text += ". A correction alone does not clear a withdrawal"
		return err
	case err.Differs:
		return err
	}
	return nil
}

// withdraw says what recording a withdrawal comes to.
func (b *pledgeBook) withdraw(p Pledge) (PledgeChange, error) {
	name, err := b.name(p.MemberID)
	if err != nil {
		return PledgeChange{}, err
	}
	var last *Pledge
	for _, have := range b.members[p.MemberID] {
		if last == nil || later(*last, have.Pledge) {
			last = &have.Pledge
		}
	}
	if last == nil {
		return PledgeChange{}, pledgeConflict("%s has not pledged", name)
	}
	return takeBack(name, *last, p)
}

// takeBack says what recording the withdrawal of one pledge comes to.
func takeBack(name string, last, p Pledge) (PledgeChange, error) {
	switch {
	case !last.Stands() && last.WithdrawnOn == p.WithdrawnOn && last.WithdrawnEvidence == p.WithdrawnEvidence && (p.WithdrawnReason == "" || p.WithdrawnReason == last.WithdrawnReason):
		return PledgeChange{Action: PledgeUnchanged, Pledge: last, Before: last}, nil
	case !last.Stands():
		return PledgeChange{}, pledgeConflict("%s has no pledge that stands: %s", name, last.Describe())
	case p.WithdrawnOn < last.On:
		return PledgeChange{}, wrongPledge(PledgeWithdrawnDate, "%s cannot have withdrawn on %s what they pledged on %s", name, p.WithdrawnOn, last.On)
	}
	return PledgeChange{Action: PledgeWithdrawn, Pledge: last.takenBack(p), Before: last}, nil
}

// takenBack returns the pledge with the withdrawal that w tells of.
func (p Pledge) takenBack(w Pledge) Pledge {
	p.WithdrawnOn, p.WithdrawnEvidence, p.WithdrawnReason, p.WithdrawnBy = w.WithdrawnOn, w.WithdrawnEvidence, w.WithdrawnReason, w.WithdrawnBy
	return p
}

// overlap reports whether two pledges of a member cannot both be true. A pledge
// given anew on the day on which one was taken back can.
func overlap(a, b Pledge) bool {
	return a.On == b.On || (a.Stands() || b.On < a.WithdrawnOn) && (b.Stands() || a.On < b.WithdrawnOn)
}

// Describe says all that is recorded of a pledge to an organiser, but who the
// member is.
func (p Pledge) Describe() string {
	text := "pledged on " + p.On
	if p.Evidence != "" {
		text += ", " + p.Evidence
	}
	if !p.Stands() {
		text += "; withdrawn on " + p.WithdrawnOn
		if p.WithdrawnEvidence != "" {
			text += ", " + p.WithdrawnEvidence
		}
	}
	return text
}
