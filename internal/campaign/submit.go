package campaign

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"postbag/internal/fault"
	"postbag/internal/postcode"
	"postbag/internal/seal"
)

// Written is a letter that passed every check and can be previewed.
type Written struct {
	Draft   Draft
	Form    Form   // tidied
	Letter  string // the whole letter, to the character
	Changed bool   // another MP sits than when the supporter saw it last
	Replace string // the token by which a corrected letter can take its place, once submitted
}

// Write checks what was typed and composes the letter. The error is Invalid
// with the fields in it, or not_found; the returned Written then still holds
// what was typed.
func (s *Service) Write(ctx context.Context, slug string, f Form) (Written, error) {
	draft, err := s.Draft(ctx, slug, f.Lang, f.Constituency)
	if err != nil {
		return Written{Form: f}, err
	}
	tidy, problems := f.check(draft.To.ByPost())
	if key := s.checkPostcode(&tidy); key != "" {
		problems[FieldPostcode] = key
	}
	if problems[FieldEmail] == "" && tidy.Email != "" && emailKey(tidy.Email) == emailKey(draft.To.Email) {
		problems[FieldEmail] = "field.email.mp"
	}
	if len(problems) > 0 {
		return Written{Draft: draft, Form: f}, fault.Fieldwise(problems)
	}
	changed := f.Member != 0 && f.Member != draft.To.MemberID
	tidy.Member = draft.To.MemberID
	return Written{Draft: draft, Form: tidy, Letter: draft.Letter(tidy), Changed: changed}, nil
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
// anything when another MP sits than the one it was previewed for (Changed), so
// that the supporter looks again.
//
// Whether this person has written to this MP before is not told here, as anyone
// may type anyone's address: the mail says so to whoever reads it there.
func (s *Service) Submit(ctx context.Context, slug string, f Form) (Written, error) {
	w, err := s.Write(ctx, slug, f)
	if err != nil || w.Changed {
		return w, err
	}
	if w.Draft.To.ByPost() {
		return w, fault.New(fault.Conflict, "error.by_post")
	}
	token, replace := seal.NewToken(), seal.NewToken()
	tokenHash := hashToken(s.keys, token)
	sealed, err := SealPerson(s.keys, &Person{
		Name: w.Form.Name, Email: w.Form.Email, Phone: w.Form.Phone,
		Address1: w.Form.Address1, Address2: w.Form.Address2, Town: w.Form.Town, Postcode: w.Form.Postcode,
		Subject: w.Form.Subject, Letter: w.Letter, Token: token,
	}, tokenHash)
	if err != nil {
		return w, err
	}
	member := fmt.Sprint(w.Draft.To.MemberID)
	l := NewLetter{
		Campaign: slug, Constituency: w.Draft.To.Constituency, MemberID: w.Draft.To.MemberID,
		Lang: f.Lang, Variant: w.Draft.Variant, Chosen: !s.isFound(w.Form),
		TokenHash:   tokenHash,
		RepeatHash:  s.keys.Hash("repeat", slug, member, emailKey(w.Form.Email)),
		ContentHash: s.keys.Hash("content", slug, member, emailKey(w.Form.Email), w.Form.Subject, w.Letter),
		ReplaceHash: s.keys.Hash("replace", replace),
		Sealed:      sealed, MessageID: s.newMessageID(),
	}
	if f.Replaces != "" {
		l.Replaces = s.keys.Hash("replace", f.Replaces)
	}
	if err := s.store.SubmitLetter(ctx, l); err != nil {
		return w, fmt.Errorf("submit letter: %w", err)
	}
	s.wake()
	w.Replace = replace
	return w, nil
}

// isFound reports whether the postcode by itself leads to the constituency.
func (s *Service) isFound(f Form) bool {
	r := s.Locate(f.Postcode)
	return r.Answer == postcode.Found && r.Constituency == f.Constituency
}

// newMessageID returns an identifier for a mail (RFC 5322, 3.6.4), without the
// angle brackets. It is random: it names neither letter nor supporter.
func (s *Service) newMessageID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:]) + "@" + s.mailDomain
}
