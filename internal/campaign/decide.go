package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

// Decision is what can be done about a letter that waits for somebody to decide.
type Decision string

// The decisions, the whole list.
const (
	DecideSend    Decision = "send"    // a held letter goes after all, to the MP it was written to
	DecideRetry   Decision = "retry"   // it is sent again
	DecideMark    Decision = "mark"    // an uncertain letter arrived
	DecideDecline Decision = "decline" // it will not go, and the supporter is told why
	DecideErase   Decision = "erase"   // whatever identifies the supporter is deleted
)

// Decisions lists every decision.
func Decisions() []Decision {
	return []Decision{DecideSend, DecideRetry, DecideMark, DecideDecline, DecideErase}
}

// Valid reports whether there is such a decision.
func (d Decision) Valid() bool { _, ok := outcomes[d]; return ok }

// outcomes says which state each decision brings letters to, and why.
var outcomes = map[Decision]struct {
	from []State // nil: from any
	to   State
	why  string
}{
	DecideSend:    {[]State{StateHeld}, StateQueued, WhyReleased},
	DecideRetry:   {[]State{StateFailed, StateBounced, StateUncertain}, StateQueued, WhyRetried},
	DecideMark:    {[]State{StateUncertain}, StateSent, WhyMarked},
	DecideDecline: {[]State{StateHeld, StateFailed, StateBounced}, StateWithdrawn, WhyDeclined},
	DecideErase:   {nil, StateWithdrawn, WhyErased},
}

// Outcome returns the state that the decision brings a letter to, and why.
func (d Decision) Outcome() (State, string) { return outcomes[d].to, outcomes[d].why }

// From returns the states of letters that it can be decided about; nil: any.
func (d Decision) From() []State { return outcomes[d].from }

// Reasons why a decision cannot be carried out, besides those for which letters
// are held: keys after desk.refused.
const (
	RefusedState  = "state"  // a letter in this state is not to be decided so
	RefusedMoved  = "moved"  // it came to another state since it was looked at
	RefusedErased = "erased" // nothing of the person is left
	RefusedAgain  = "again"  // the same person has written to the same MP since
	RefusedText   = "text"   // its text was deleted when its time was over
	RefusedFailed = "failed" // something went wrong here, which is in the log
)

// Refuse says why a decision about a letter cannot be carried out, or "".
//
// A letter to an MP who left is never sent to whoever came after: its salutation
// and its words are for the one it was written to, and they are the supporter's.
// It can be declined, and then they may write anew.
func (l DeskLetter) Refuse(d Decision) string {
	o := outcomes[d]
	allowed := o.from == nil && l.State != StateSending
	for _, from := range o.from {
		allowed = allowed || l.State == from && CanMove(from, o.to)
	}
	switch {
	case !allowed:
		return RefusedState
	case d == DecideMark:
		return ""
	case !l.Kept:
		return RefusedErased
	case d != DecideSend && d != DecideRetry:
		return ""
	case l.Trimmed:
		return RefusedText
	case l.Why == WhyDamaged:
		return WhyDamaged
	}
	return l.Obstacle()
}

// Chosen is a letter that somebody decides about.
type Chosen struct {
	ID   int64
	Seen time.Time // when it came to the state in which they saw it; zero: they saw none
}

// Resolution is a decision about one letter, ready to be carried out.
type Resolution struct {
	Chosen
	Campaign   string // slug; empty: whichever it is of
	Decision   Decision
	MessageID  string // of the mail that it leads to
	RepeatHash []byte // to send it: the same for the same person, MP and campaign
	Note       []byte // to decline it: what the supporter is told, sealed
}

// Judged is a letter that was to be decided about, and what came of it.
type Judged struct {
	DeskLetter        // as it was before
	Refused    string // why not: empty: it is done
}

// Limits on what is decided at a time.
const (
	MaxChosen      = 200
	MaxDeclineNote = 2000 // characters (runes)
	FieldNote      = "note"
)

// Weigh returns the letters with what stands in the way of a decision about
// each, and changes nothing. Those that the campaign does not have are left out.
func (s *Service) Weigh(ctx context.Context, slug string, d Decision, chosen []Chosen) ([]Judged, error) {
	if !d.Valid() || len(chosen) > MaxChosen {
		return nil, fault.New(fault.Invalid, "desk.error.decision")
	}
	ids, seen := make([]int64, len(chosen)), map[int64]time.Time{}
	for i, c := range chosen {
		ids[i], seen[c.ID] = c.ID, c.Seen
	}
	found, err := s.store.DeskLetters(ctx, slug, ids)
	if err != nil {
		return nil, fmt.Errorf("weigh letters: %w", err)
	}
	all := make([]Judged, len(found))
	for i, l := range found {
		all[i] = Judged{DeskLetter: l, Refused: l.Refuse(d)}
		if at := seen[l.ID]; !at.IsZero() && !at.Equal(l.StateAt) {
			all[i].Refused = RefusedMoved
		}
	}
	return all, nil
}

// Decide carries a decision out, for each letter that it can be carried out for,
// and says for each what came of it. The note is told to the supporters of
// letters that are declined. invalid for a note that will not do. After any error
// nothing is done.
func (s *Service) Decide(ctx context.Context, by account.Actor, slug string, d Decision, chosen []Chosen, note string) ([]Judged, error) {
	note, err := noteFor(d, note)
	if err != nil {
		return nil, err
	}
	all, err := s.Weigh(ctx, slug, d, chosen)
	if err != nil {
		return nil, err
	}
	var rulings []Resolution
	var ruled []int
	for i, l := range all {
		if l.Refused != "" {
			continue
		}
		r, err := s.ruling(slug, d, l.DeskLetter, note)
		if err != nil {
			all[i].Refused = WhyDamaged
			continue
		}
		rulings, ruled = append(rulings, r), append(ruled, i)
	}
	results, err := s.store.DecideLetters(ctx, by, rulings)
	if err != nil {
		return nil, fmt.Errorf("decide: %w", err)
	}
	s.settle(all, ruled, results)
	s.wake()
	return all, nil
}

// noteFor returns the note that a decision needs as it is kept; invalid.
func noteFor(d Decision, note string) (string, error) {
	if d != DecideDecline {
		return "", nil
	}
	if note = tidyText(note); note == "" {
		return "", fault.Fieldwise(map[string]string{FieldNote: "desk.error.note_missing"})
	}
	if utf8.RuneCountInString(note) > MaxDeclineNote {
		return "", fault.Fieldwise(map[string]string{FieldNote: "desk.error.decline_long"})
	}
	return note, nil
}

// settle notes what came of the letters that were ruled about. What goes wrong with
// one must not hide that the others are done.
func (s *Service) settle(all []Judged, ruled []int, results []error) {
	for i, result := range results {
		j := &all[ruled[i]]
		var err error
		if j.Refused, err = refusal(result); err != nil {
			s.log.Error("decide about a letter", "letter", j.ID, "err", err)
			j.Refused = RefusedFailed
		}
	}
}

// ruling makes a decision about a letter ready: what is sealed is opened and
// sealed here, between the page and the store.
func (s *Service) ruling(slug string, d Decision, l DeskLetter, note string) (Resolution, error) {
	r := Resolution{Chosen: Chosen{l.ID, l.StateAt}, Campaign: slug, Decision: d, MessageID: s.newMessageID()}
	if d == DecideMark || d == DecideErase {
		return r, nil
	}
	p, err := OpenPerson(s.keys, l.sealed, l.tokenHash)
	if err != nil {
		return Resolution{}, err // nothing can be mailed about it
	}
	if d == DecideDecline {
		r.Note = SealNote(s.keys, note, l.tokenHash)
	} else {
		r.RepeatHash = s.repeatHash(l.Campaign, l.MemberID, p.Email)
	}
	return r, nil
}

// refusal turns the store's answer about one letter into the reason that a page
// gives. Any other error is one.
func refusal(err error) (string, error) {
	switch code := fault.CodeOf(err); code {
	case "":
		return "", nil
	case fault.NotFound:
		return RefusedMoved, nil
	case fault.Conflict:
		return strings.TrimPrefix(fault.SafeOf(err), "desk.refused."), nil
	}
	return "", err
}

// SealNote seals what an organiser tells the supporter of a letter.
func SealNote(keys *seal.Keys, note string, tokenHash []byte) []byte {
	return keys.Seal([]byte(note), noteContext(tokenHash))
}

// OpenNote opens what SealNote sealed; none gives "".
func OpenNote(keys *seal.Keys, sealed, tokenHash []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	plain, err := keys.Open(sealed, noteContext(tokenHash))
	if err != nil {
		return "", fmt.Errorf("open note: %w", err)
	}
	return string(plain), nil
}

func noteContext(tokenHash []byte) []byte { return append([]byte("note"), tokenHash...) }
