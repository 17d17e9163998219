package campaign

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"postbag/internal/account"
	"postbag/internal/parliament"
)

// Pledge is one MP's pledge in a campaign, standing or taken back. Days are of
// London: "2026-11-23".
type Pledge struct {
	ID         int64 // of its record; 0: not recorded yet
	MemberID   int
	MemberName string // as the member was last listed, who may have left the House
	On         string // day they pledged
	Evidence   string // web address; may be empty

	WithdrawnOn       string // day they took it back; empty: it stands
	WithdrawnEvidence string // web address; may be empty

	// What follows is for organisers. Service.Pledges leaves it out, so that no
	// public page can show it.
	Note            string // where the evidence is kept that is no web address; may be empty
	WithdrawnReason string // may be empty
	RecordedBy      string
	RecordedAt      time.Time
	WithdrawnBy     string
	WithdrawnAt     time.Time
}

// Stands reports whether the MP has not taken the pledge back.
func (p Pledge) Stands() bool { return p.WithdrawnOn == "" }

// PledgeList is what everyone may know of a campaign's pledges.
type PledgeList struct {
	// ByMember has every member's latest pledge, standing or withdrawn, by member
	// id. It is shared: whoever reads it must not change it.
	ByMember map[int]Pledge

	// Standing is how many MPs who sit now have a pledge that stands.
	Standing int

	// Version is the same as long as the list is, in every process: together
	// with the roster's version it serves as the key of a cache or as an ETag.
	Version uint64
}

// Stands reports whether the member has a pledge that stands.
func (l PledgeList) Stands(memberID int) bool {
	p, ok := l.ByMember[memberID]
	return ok && p.Stands()
}

type cachedPledges struct {
	at   time.Time
	list PledgeList
}

// Pledges returns the latest pledge of every member who ever pledged. It may be
// two seconds old. not_found if there is no such campaign.
func (s *Service) Pledges(ctx context.Context, slug string) (PledgeList, error) {
	s.pledgesMu.Lock()
	defer s.pledgesMu.Unlock()
	now := s.now()
	if have, ok := s.pledges[slug]; ok && now.Sub(have.at) < countsFor && !now.Before(have.at) {
		return have.list, nil
	}
	history, err := s.store.Pledges(ctx, slug)
	if err != nil {
		return PledgeList{}, fmt.Errorf("pledges: %w", err)
	}
	roster, _ := s.Roster()
	list := newPledgeList(history, roster)
	s.pledges[slug] = cachedPledges{now, list}
	return list, nil
}

// forgetPledges has the next reader look again.
func (s *Service) forgetPledges(slug string) {
	s.pledgesMu.Lock()
	delete(s.pledges, slug)
	s.pledgesMu.Unlock()
}

func newPledgeList(history []Pledge, roster *parliament.Roster) PledgeList {
	list := PledgeList{ByMember: map[int]Pledge{}}
	for _, p := range history {
		p.RecordedBy, p.RecordedAt, p.WithdrawnBy, p.WithdrawnAt = "", time.Time{}, "", time.Time{}
		p.Note, p.WithdrawnReason = "", ""
		if have, ok := list.ByMember[p.MemberID]; !ok || later(have, p) {
			list.ByMember[p.MemberID] = p
		}
	}
	ids := make([]int, 0, len(list.ByMember))
	for id, p := range list.ByMember {
		ids = append(ids, id)
		if _, sits := roster.ByMember(id); sits && p.Stands() {
			list.Standing++
		}
	}
	slices.Sort(ids)
	sum := sha256.New()
	for _, id := range ids {
		fmt.Fprintf(sum, "%q\n", fmt.Sprint(list.ByMember[id]))
	}
	fmt.Fprintln(sum, list.Standing)
	list.Version = binary.BigEndian.Uint64(sum.Sum(nil))
	return list
}

// later reports whether b is the pledge to show rather than a: the one that
// stands, else the one that was taken back last.
func later(a, b Pledge) bool {
	if a.Stands() != b.Stands() {
		return b.Stands()
	}
	return cmp.Or(cmp.Compare(a.WithdrawnOn, b.WithdrawnOn), cmp.Compare(a.On, b.On), cmp.Compare(a.ID, b.ID)) < 0
}

// PledgeHistory returns every pledge of the campaign, standing or withdrawn, by
// member and day, with who recorded it: for organisers. not_found if there is no
// such campaign.
func (s *Service) PledgeHistory(ctx context.Context, slug string) ([]Pledge, error) {
	history, err := s.store.Pledges(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("pledge history: %w", err)
	}
	return history, nil
}

// AddPledge records that a member pledged: MemberID, On and RecordedBy are
// needed, Evidence, Note and the fields of a withdrawal are not. A pledge that is
// recorded just so already is no error. One that differs from what is recorded
// is a conflict, unless how lets it take the other's place. The error is a
// *PledgeError, with the code invalid, not_found or conflict; or not_found if
// there is no such campaign.
func (s *Service) AddPledge(ctx context.Context, slug string, p Pledge, how Correction) (PledgeChange, error) {
	return s.AddPledgeAs(ctx, account.Actor{Name: p.RecordedBy}, slug, p, how)
}

// AddPledgeAs is AddPledge by somebody who is signed in: they are who records it.
func (s *Service) AddPledgeAs(ctx context.Context, by account.Actor, slug string, p Pledge, how Correction) (PledgeChange, error) {
	p.RecordedBy = by.Name
	if err := s.checkPledge(&p); err != nil {
		return PledgeChange{}, err
	}
	return s.changePledge(ctx, by, slug, func(b *pledgeBook) (PledgeChange, error) { return b.add(p, how, 0) })
}

// RecordPledge is AddPledgeAs for whoever was typed as who pledged: see
// FindMember. The error has all that is wrong with what was typed.
func (s *Service) RecordPledge(ctx context.Context, by account.Actor, slug, who string, p Pledge, how Correction) (PledgeChange, error) {
	history, err := s.PledgeHistory(ctx, slug)
	if err != nil {
		return PledgeChange{}, err
	}
	roster, _ := s.Roster()
	p.RecordedBy = by.Name
	p.MemberID, err = FindMember(who, roster, FormerMembers(history, roster))
	if wrong, ok := errors.AsType[*PledgeError](err); ok {
		wrong.Field = PledgeMember
	}
	if err := mistakes(err, s.checkPledge(&p)); err != nil {
		return PledgeChange{}, err
	}
	return s.AddPledgeAs(ctx, by, slug, p, how)
}

// WithdrawPledge records that a member took their pledge back: MemberID,
// WithdrawnOn and WithdrawnBy are needed, WithdrawnEvidence and WithdrawnReason
// are not. A withdrawal that is recorded just so already is no error. Errors are
// those of AddPledge; conflict if the member has no pledge that stands.
func (s *Service) WithdrawPledge(ctx context.Context, slug string, p Pledge) (PledgeChange, error) {
	if err := s.checkWithdrawal(&p); err != nil {
		return PledgeChange{}, err
	}
	by := account.Actor{Name: p.WithdrawnBy}
	return s.changePledge(ctx, by, slug, func(b *pledgeBook) (PledgeChange, error) { return b.withdraw(p) })
}

func (s *Service) changePledge(ctx context.Context, by account.Actor, slug string, decide func(*pledgeBook) (PledgeChange, error)) (PledgeChange, error) {
	var change PledgeChange
	err := s.store.ChangePledges(ctx, slug, s.deciding(by, decide, &change))
	if err != nil {
		return PledgeChange{}, fmt.Errorf("change pledge: %w", err)
	}
	s.forgetPledges(slug)
	return change, nil
}

// deciding is what the store asks about the record of pledges: it notes in change
// what decide answers.
func (s *Service) deciding(by account.Actor, decide func(*pledgeBook) (PledgeChange, error), change *PledgeChange) func([]Pledge, []VoidedPledge) ([]PledgeChange, error) {
	roster, _ := s.Roster()
	return func(history []Pledge, voided []VoidedPledge) ([]PledgeChange, error) {
		var err error
		if *change, err = decide(newPledgeBook(history, voided, roster)); err != nil {
			return nil, err
		}
		change.By = by
		return []PledgeChange{*change}, nil
	}
}

// checkPledge tidies what was typed of a pledge; the error has all that is wrong
// with it.
func (s *Service) checkPledge(p *Pledge) error {
	var wrong [4]error
	var err error
	if p.On, err = parseDay(p.On, Day(s.now())); err != nil {
		wrong[0] = wrongPledge(PledgeDate, "date %v", err)
	}
	if p.Evidence, err = parseEvidence(p.Evidence); err != nil {
		wrong[1] = wrongPledge(PledgeEvidence, "evidence %v", err)
	}
	if p.Note, err = parseNote(p.Note); err != nil {
		wrong[2] = wrongPledge(PledgeNote, "note %v", err)
	}
	if p.RecordedBy, err = parseRecorder(p.RecordedBy); err != nil {
		return err
	}
	if p.WithdrawnOn != "" {
		p.WithdrawnBy = p.RecordedBy
		wrong[3] = s.checkWithdrawal(p)
	}
	return mistakes(wrong[:]...)
}

func (s *Service) checkWithdrawal(p *Pledge) error {
	var wrong [3]error
	var err error
	if p.WithdrawnOn, err = parseDay(p.WithdrawnOn, Day(s.now())); err != nil {
		wrong[0] = wrongPledge(PledgeWithdrawnDate, "withdrawal date %v", err)
	}
	if p.WithdrawnEvidence, err = parseEvidence(p.WithdrawnEvidence); err != nil {
		wrong[1] = wrongPledge(PledgeWithdrawnEvidence, "withdrawal evidence %v", err)
	}
	if p.WithdrawnReason, err = parseNote(p.WithdrawnReason); err != nil {
		wrong[2] = wrongPledge(PledgeReason, "reason %v", err)
	}
	if p.WithdrawnBy, err = parseRecorder(p.WithdrawnBy); err != nil {
		return err
	}
	return mistakes(wrong[:]...)
}
