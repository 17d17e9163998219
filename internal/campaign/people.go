package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// Sought says whose letters are looked for. One of the two is set.
type Sought struct {
	EmailHash []byte
	Reference string
}

// FieldSought is the field in which an email address or a reference is typed.
const FieldSought = "sought"

// sought reads what was typed: an email address or a letter's reference.
func (s *Service) sought(typed string) (Sought, error) {
	typed = strings.TrimSpace(typed)
	switch reference, ok := ParseReference(typed); {
	case ok:
		return Sought{Reference: reference}, nil
	case isEmail(typed):
		return Sought{EmailHash: s.emailHash(typed)}, nil
	}
	return Sought{}, fault.Fieldwise(map[string]string{FieldSought: "desk.error.sought"})
}

// FindLetters returns the letters of whoever reads an inbox, or the one with a
// reference, in every campaign, the latest first. Only letters whose person is
// kept are found by email. That somebody looked is written down, not for whom.
func (s *Service) FindLetters(ctx context.Context, by account.Actor, typed string) ([]DeskLetter, error) {
	sought, err := s.sought(typed)
	if err != nil {
		return nil, err
	}
	found, err := s.store.FindLetters(ctx, by, sought)
	if err != nil {
		return nil, fmt.Errorf("find letters: %w", err)
	}
	return found, nil
}

// Copy is what is held about a person with one letter, for them to have.
type Copy struct {
	Reference    string     `json:"reference,omitempty"`
	Campaign     string     `json:"campaign"`
	Constituency string     `json:"constituency"`
	MP           string     `json:"mp"`
	Language     string     `json:"language"`
	State        State      `json:"state"`
	WrittenAt    time.Time  `json:"written_at"`
	ConfirmedAt  *time.Time `json:"confirmed_at"`
	SentAt       *time.Time `json:"sent_at"`
	ErasedFrom   *time.Time `json:"deleted_from"` // when the person is due to go
	OwnWords     *int       `json:"own_words_percent"`
	Person       *Person    `json:"person"` // nil: deleted already, or Unreadable
	Unreadable   bool       `json:"unreadable,omitempty"`
	Note         string     `json:"note,omitempty"` // what an organiser told them

	// What follows is told to supporters who ask by their private link.
	Story      []CopiedMove  `json:"story,omitempty"`
	Answer     Answer        `json:"answer,omitempty"`     // what they said that the MP answered
	NextMail   *time.Time    `json:"next_mail,omitempty"`  // when they are next asked about it
	Remembered string        `json:"code_until,omitempty"` // a day, until which a code of their email address is kept
	TextUntil  *time.Time    `json:"text_until,omitempty"` // when text and address go, before the rest
	OptIns     []CopiedOptIn `json:"hear_more,omitempty"`  // what they ticked
	Checks     []Check       `json:"checks,omitempty"`     // that found something against the letter
}

// CopiedMove is what happened to a letter, and when.
type CopiedMove struct {
	At    time.Time `json:"at"`
	State State     `json:"state"`
	Why   string    `json:"why"`
}

// CopiedOptIn is what somebody agreed to, to hear more.
type CopiedOptIn struct {
	Partner string `json:"partner,omitempty"` // empty: who runs the campaign
	Words   string `json:"words"`
	Since   string `json:"since,omitempty"` // a day; empty: the letter is not confirmed
}

// CopyLetter returns all that is held of a supporter with the letter of a private
// link, for them to have; not_found.
func (s *Service) CopyLetter(ctx context.Context, token string) (Copy, error) {
	p, err := s.Open(ctx, token)
	if err != nil {
		return Copy{}, err
	}
	l := p.Letter
	c := Copy{
		Reference: ShowReference(l.Reference), Campaign: l.Campaign, Constituency: p.To.Seat.Name, MP: l.MemberName,
		Language: l.Lang, State: l.State, WrittenAt: l.CreatedAt, ConfirmedAt: when(l.ConfirmedAt), SentAt: when(l.SentAt),
		ErasedFrom: when(l.EraseAt), TextUntil: when(l.TrimAt), Note: p.Note, Answer: l.Reply.Answer, NextMail: when(l.AskedNext()), Checks: l.Holds,
	}
	if p.Person != nil {
		held := *p.Person
		held.Token = "" // a file is passed on more lightly than a link
		c.Person = &held
	}
	if !p.Remembered.IsZero() {
		c.Remembered = Day(p.Remembered)
	}
	for _, e := range l.Events {
		c.Story = append(c.Story, CopiedMove{e.At, e.To, e.Why})
	}
	for _, o := range p.OptIns {
		c.OptIns = append(c.OptIns, CopiedOptIn{o.Partner, o.Wording.Text, o.Confirmed})
	}
	return c, nil
}

// CopyLetters is FindLetters with all that is held about the person, for them.
func (s *Service) CopyLetters(ctx context.Context, by account.Actor, typed string) ([]Copy, error) {
	found, err := s.FindLetters(ctx, by, typed)
	if err != nil {
		return nil, err
	}
	ids, roster := make([]int64, len(found)), s.roster.Load()
	for i, l := range found {
		ids[i] = l.ID
	}
	sealed, err := s.store.SealedLetters(ctx, by, ids)
	if err != nil {
		return nil, fmt.Errorf("copy letters: %w", err)
	}
	held := map[int64]Copy{}
	for _, each := range sealed {
		var c Copy
		// One that cannot be opened must not keep the others from whom they are of.
		if c.Person, err = OpenPerson(s.keys, each.Record, each.TokenHash); err == nil {
			// The link is theirs, but a file is passed on more lightly than a link.
			c.Person.Token = ""
			c.Note, err = OpenNote(s.keys, each.Note, each.TokenHash)
		}
		if c.Unreadable = err != nil; c.Unreadable {
			s.log.Error("copy letters: a sealed record cannot be opened", "letter", each.Letter, "err", err)
		}
		held[each.Letter] = c
	}
	copies := make([]Copy, len(found))
	for i, l := range found {
		seat, _ := roster.Seat(l.Constituency)
		copies[i] = Copy{
			Reference: ShowReference(l.Reference), Campaign: l.Campaign, Constituency: seat.Constituency.Name, MP: l.MemberName,
			Language: l.Lang, State: l.State, WrittenAt: l.CreatedAt, ConfirmedAt: when(l.ConfirmedAt), SentAt: when(l.SentAt),
			ErasedFrom: when(l.EraseAt), Person: held[l.ID].Person, Unreadable: held[l.ID].Unreadable, Note: held[l.ID].Note,
		}
		if l.Own >= 0 {
			copies[i].OwnWords = &l.Own
		}
	}
	return copies, nil
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// EraseLetters deletes what identifies somebody in every letter that
// FindLetters finds, and says for each what came of it.
func (s *Service) EraseLetters(ctx context.Context, by account.Actor, typed string) ([]Judged, error) {
	found, err := s.FindLetters(ctx, by, typed)
	if err != nil {
		return nil, err
	}
	all := make([]Judged, len(found))
	var rulings []Resolution
	var ruled []int
	for i, l := range found {
		all[i] = Judged{DeskLetter: l, Refused: l.Refuse(DecideErase)}
		if all[i].Refused == "" {
			rulings, ruled = append(rulings, Resolution{Chosen: Chosen{ID: l.ID}, Decision: DecideErase}), append(ruled, i)
		}
	}
	results, err := s.store.DecideLetters(ctx, by, rulings)
	if err != nil {
		return nil, fmt.Errorf("erase letters: %w", err)
	}
	s.settle(all, ruled, results)
	return all, nil
}
