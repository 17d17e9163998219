package campaign

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"postbag/internal/fault"
	"postbag/internal/postcode"
	"postbag/internal/seal"
)

// Written is a letter that passed every check and can be previewed.
type Written struct {
	Slug    string // of the campaign
	Draft   Draft
	Form    Form       // tidied
	Letter  string     // the whole letter, to the character
	Way     Way        // how it goes
	Day     time.Time  // when it was written
	Changed Change     // what is different from what the supporter saw last; empty: nothing
	Replace string     // the token by which a corrected letter can take its place, once submitted
	OptIns  []OptInAsk // those that are ticked, where it is for Postbag to send
}

// Change says what is different from what a supporter saw in the preview.
type Change string

// The changes.
const (
	ChangedMP     Change = "mp"     // another MP sits
	ChangedPledge Change = "pledge" // the MP has pledged, or taken it back
	ChangedLetter Change = "letter" // something else in the letter: how the MP is addressed, the campaign's words
	ChangedOptIn  Change = "opt_in" // the words of a box that they ticked, which now is not ticked any more
	ChangedQuick  Change = "quick"  // nothing; but it was sent quicker than anybody reads
	ChangedStale  Change = "stale"  // nothing; but the form is too old to be sent, or not known to be ours
)

// seen stands for what the supporter sees in the preview: whether the MP has
// pledged and, as a hash, the whole letter.
func (w Written) seen() string {
	sum := sha256.Sum256([]byte(w.Form.Subject + "\n" + w.Letter))
	pledge := "not_pledged"
	if w.Draft.To.Pledged {
		pledge = "pledged"
	}
	return pledge + "." + string(w.Draft.Variant) + "." + hex.EncodeToString(sum[:12])
}

// change says what is different from what the form says was seen.
func (w Written) change(f Form) Change {
	pledge, letter, _ := strings.Cut(f.Seen, ".")
	pledgeNow, letterNow, _ := strings.Cut(w.seen(), ".")
	switch {
	case f.Member != 0 && f.Member != w.Draft.To.MemberID:
		return ChangedMP
	case f.Seen == "" || letter == letterNow:
		return ""
	case pledge != pledgeNow:
		return ChangedPledge
	}
	return ChangedLetter
}

// Write checks what was typed and composes the letter. The error is Invalid
// with the fields in it, or not_found; the returned Written then still holds
// what was typed.
func (s *Service) Write(ctx context.Context, slug string, f Form) (Written, error) {
	draft, err := s.Draft(ctx, slug, f)
	if err != nil {
		return Written{Form: f}, err
	}
	if draft.To.Ruling.Exclude != "" {
		return Written{Draft: draft, Form: f}, fault.New(fault.Conflict, "error.excluded")
	}
	way := draft.To.Way(f.Way)
	tidy, problems := f.withAnswers().check(way)
	if key := s.checkPostcode(&tidy); key != "" {
		problems[FieldPostcode] = key
	}
	if way == WaySend && problems[FieldEmail] == "" {
		if key := s.refuseSender(tidy.Email, draft.To.Email); key != "" {
			problems[FieldEmail] = key
		}
	}
	if len(problems) > 0 {
		return Written{Draft: draft, Form: f}, fault.Fieldwise(problems)
	}
	tidy.Member, tidy.LetterLang = draft.To.MemberID, draft.Lang
	w := Written{Slug: slug, Draft: draft, Form: tidy, Letter: draft.Letter(tidy), Way: way, Day: s.now()}
	w.Changed = w.change(f)
	w.Form.Seen = w.seen()
	if way == WaySend {
		c, err := s.writing(slug)
		if err != nil {
			return w, err
		}
		asks, gone := s.AskOptIns(c, f)
		if gone {
			w.Changed = ChangedOptIn
		}
		w.OptIns = slices.DeleteFunc(asks, func(ask OptInAsk) bool { return !ask.Ticked })
	}
	return w, nil
}

// checkPostcode puts the postcode into its usual form, or returns the key of
// the sentence beside it. A postcode that is new or of a place without a
// constituency is allowed: the supporter has then chosen theirs.
func (s *Service) checkPostcode(f *Form) string {
	if strings.TrimSpace(f.Postcode) == "" {
		return "field.postcode.missing"
	}
	p, err := postcode.Parse(f.Postcode)
	if err != nil {
		return "field.postcode.malformed"
	}
	f.Postcode = p.String()
	return ""
}

// Submit checks once more what was previewed, writes the letter down and queues
// the mail that asks to confirm it. It returns the letter without writing
// anything when it is not what was previewed (Changed), so that the supporter
// looks again. conflict when it is not for Postbag to send; rate_limited, with a
// BusyError, when so many write that it has to wait.
//
// A letter that a check would hold is written down like any other, and held once it is
// confirmed: then its supporter and the organisers read why. Whoever types it is told
// nothing, as it may not be their address.
//
// Whether this person has written to this MP before is not told here, as anyone
// may type anyone's address: the mail says so to whoever reads it there. Nor is
// it told whether a mail goes at all (MaxMails).
func (s *Service) Submit(ctx context.Context, slug string, f Form) (Written, error) {
	w, err := s.Write(ctx, slug, f)
	if err != nil || w.Changed != "" {
		return w, err
	}
	if w.Way != WaySend {
		return w, fault.New(fault.Conflict, "error.by_post")
	}
	if w.Changed = s.aged(slug, f.Shown); w.Changed != "" {
		w.Form.Shown = s.Shown(slug, f.Shown)
		return w, nil
	}
	c, err := s.writing(slug)
	if err != nil {
		return w, err
	}
	token, replace := seal.NewToken(), seal.NewToken()
	tokenHash := hashToken(s.keys, token)
	sealed, err := SealPerson(s.keys, w.person(token), tokenHash)
	if err != nil {
		return w, err
	}
	member := fmt.Sprint(w.Draft.To.MemberID)
	l := NewLetter{
		Campaign: slug, Constituency: w.Draft.To.Constituency, MemberID: w.Draft.To.MemberID,
		Credit: s.Credit(f.Credit),
		Lang:   f.Lang, Variant: w.Draft.Variant, Version: w.Draft.Version, Own: OwnWords(w.Draft.Body, w.Form.Body), Chosen: !s.isFound(w.Form),
		TokenHash:   tokenHash,
		RepeatHash:  s.repeatHash(slug, w.Draft.To.MemberID, w.Form.Email),
		EmailHash:   s.emailHash(w.Form.Email),
		ContentHash: s.keys.Hash("content", slug, member, emailKey(w.Form.Email), w.Form.Subject, w.Letter),
		ReplaceHash: s.keys.Hash("replace", replace),
		Keep:        s.told(slug, f.Shown, w.Draft.Keep),
		Sealed:      sealed, MessageID: s.newMessageID(), Reference: newReference(),
	}
	if l.OptIns, err = s.newOptIns(ctx, slug, w.Form, w.OptIns, l.Credit); err != nil {
		return w, err
	}
	for _, ask := range w.OptIns { // the same letter with another answer is another
		l.ContentHash = s.keys.Hash("content and opt-in", string(l.ContentHash), ask.Partner, ask.Wording.Hash())
	}
	if f.Replaces != "" {
		l.Replaces = s.keys.Hash("replace", f.Replaces)
	}
	l.Guard = s.guard(ctx, c, w)
	if err := s.store.SubmitLetter(ctx, l); err != nil {
		return w, fmt.Errorf("submit letter: %w", err)
	}
	s.wake()
	w.Replace = replace
	return w, nil
}

// repeatHash is the same for every letter of a person to an MP in a campaign.
func (s *Service) repeatHash(slug string, memberID int, email string) []byte {
	return s.keys.Hash("repeat", slug, fmt.Sprint(memberID), emailKey(email))
}

// emailHash is the same for every letter of whoever reads an inbox.
func (s *Service) emailHash(email string) []byte { return s.keys.Hash("email", inboxKey(email)) }

// person is what identifies the supporter, with the letter.
func (w Written) person(token string) *Person {
	f := w.Form
	return &Person{
		Name: f.Name, Email: f.Email, Phone: f.Phone,
		Address1: f.Address1, Address2: f.Address2, Town: f.Town, Postcode: f.Postcode,
		Subject: f.Subject, Letter: w.Letter, Lang: w.Draft.Lang, Token: token,
	}
}

// isFound reports whether the postcode by itself leads to the constituency.
func (s *Service) isFound(f Form) bool {
	r := s.Locate(f.Postcode)
	return r.Answer == postcode.Found && r.Constituency == f.Constituency
}

func (s *Service) newMessageID() string { return NewMessageID(s.mailDomain) }

// NewMessageID returns an identifier for a mail (RFC 5322, 3.6.4) from a domain,
// without the angle brackets. It is random: it names neither letter nor supporter.
func NewMessageID(domain string) string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:]) + "@" + domain
}
