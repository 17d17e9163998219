package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"postbag/internal/fault"
)

// Reasons why a letter that was held when the MP changed cannot go to whoever sits
// now, besides those of WhyVacant, WhyNoEmail and WhyExcluded: keys after successor.
const (
	SuccessorOther  = "another" // the campaign has another letter for them
	SuccessorClosed = "closed"  // nothing can be sent in the campaign now
)

// Successor is the question whether a letter shall go to the MP who sits now: it
// is the supporter's alone to answer.
type Successor struct {
	To         Recipient
	Refused    string // why it cannot; empty: it can
	Salutation string // locked
	Subject    string
	Body       string // from the salutation to what stands before the name
	Signed     string // locked: line ends, the name, and what the campaign puts under it
}

// Readdress is a letter for a successor, as its supporter sent it in.
type Readdress struct {
	Member        int    // for whom they saw it
	Named         string // the MP's name in what they saw
	Subject, Body string
}

// Rename puts the successor's name in place of the one that the letter had when it
// was typed, for somebody else may have come to sit since.
func (r *Readdress) Rename(q *Successor) {
	r.Subject, r.Body = rename(r.Subject, []string{r.Named}, q.To.AddressAs), rename(r.Body, []string{r.Named}, q.To.AddressAs)
}

// Readdressed is a letter for a successor, ready to be kept.
type Readdressed struct {
	Member      int
	Sealed      []byte
	RepeatHash  []byte
	ContentHash []byte
	MessageID   string
}

// Successor returns the question about a letter, in the page's language; nil where
// none is to be asked.
func (s *Service) Successor(ctx context.Context, p *Private, lang string) (*Successor, error) {
	l := p.Letter
	if l.State != StateHeld || p.Person == nil || len(l.Events) == 0 || l.Events[len(l.Events)-1].Why != WhyChanged {
		return nil, nil
	}
	q := &Successor{To: p.To}
	switch {
	case p.To.Vacant():
		q.Refused = WhyVacant
	case p.To.Email == "":
		q.Refused = WhyNoEmail
	case p.To.Ruling.Exclude != "":
		q.Refused = WhyExcluded
	}
	if q.Refused != "" {
		return q, nil
	}
	written := p.Person.Lang
	if written == "" {
		written = "en"
	}
	d, err := s.Draft(ctx, l.Campaign, Form{Lang: lang, LetterLang: written, Constituency: l.Constituency})
	switch {
	case fault.CodeOf(err) == fault.Conflict:
		q.Refused = SuccessorClosed
		return q, nil
	case err != nil:
		return nil, fmt.Errorf("ask about the successor: %w", err)
	case d.Variant != l.Variant || d.Lang != written:
		q.Refused = SuccessorOther
		return q, nil
	}
	q.To = d.To
	q.Salutation = fill(d.Salutation, map[string]string{PlaceSupporterName: p.Person.Name})
	before, body, found := strings.Cut(p.Person.Paper().Text, "\n\n")
	if !found {
		before, body = "", p.Person.Paper().Text
	}
	names := []string{l.MemberName, addressee(before, q.Salutation, d.To.AddressAs)}
	q.Subject, q.Body = rename(p.Person.Subject, names, d.To.AddressAs), rename(body, names, d.To.AddressAs)
	q.Signed = p.Person.Paper().Signed
	if now := d.signed(p.Person.Name); now != "" && q.Signed != "" {
		q.Signed = now // it may name the MP or the party
	}
	return q, nil
}

// addressee returns whom a salutation names where another of the same campaign
// names somebody; "" if they are not alike.
func addressee(salutation, like, name string) string {
	head, end, ok := strings.Cut(like, name)
	if name == "" || !ok || len(salutation) < len(head)+len(end) || !strings.HasPrefix(salutation, head) || !strings.HasSuffix(salutation, end) {
		return ""
	}
	return salutation[len(head) : len(salutation)-len(end)]
}

// rename puts a name in place of others, the longest of them first.
func rename(text string, old []string, name string) string {
	old = slices.Clone(old)
	slices.SortFunc(old, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, o := range old {
		if o != "" {
			pairs = append(pairs, o, name)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Readdress sends a letter on to the MP who sits now, as its supporter has read and
// changed it. invalid with what is wrong in the fields; conflict when it cannot go,
// or somebody else sits than the supporter was asked about.
func (s *Service) Readdress(ctx context.Context, token string, r Readdress) error {
	p, err := s.Open(ctx, token)
	if err != nil {
		return err
	}
	q, err := s.Successor(ctx, p, p.Letter.Lang)
	switch {
	case err != nil:
		return err
	case q == nil:
		return fault.New(fault.Conflict, "error.answered")
	case q.Refused != "":
		return fault.New(fault.Conflict, "successor."+q.Refused)
	case q.To.MemberID != r.Member:
		return fault.New(fault.Conflict, "error.changed_again")
	}
	if problems := r.check(); len(problems) > 0 {
		return fault.Fieldwise(problems)
	}
	person := *p.Person
	paper := person.Paper()
	person.Subject = r.Subject
	person.Letter = q.Salutation + "\n\n" + r.Body + q.Signed + paper.Tail
	hash := hashToken(s.keys, token)
	sealed, err := SealPerson(s.keys, &person, hash)
	if err != nil {
		return err
	}
	err = s.store.ReaddressLetter(ctx, hash, Readdressed{
		Member: r.Member, Sealed: sealed, MessageID: s.newMessageID(),
		RepeatHash:  s.repeatHash(p.Letter.Campaign, r.Member, person.Email),
		ContentHash: s.keys.Hash("content", p.Letter.Campaign, fmt.Sprint(r.Member), emailKey(person.Email), person.Subject, person.Letter),
	})
	if err != nil {
		return fmt.Errorf("readdress letter: %w", err)
	}
	s.wake()
	return nil
}

// check tidies what was typed and returns what is wrong with it, by field.
func (r *Readdress) check() map[string]string {
	problems := map[string]string{}
	if hasControl(r.Subject) {
		problems[FieldSubject] = "field.subject.control"
	}
	r.Subject, r.Body = tidyLine(r.Subject), strings.TrimRight(tidyText(r.Body), "\n")
	for _, f := range []struct {
		name, value string
		most        int
	}{{FieldSubject, r.Subject, MaxSubject}, {FieldBody, r.Body, MaxBody}} {
		switch {
		case problems[f.name] != "":
		case blank(f.value):
			problems[f.name] = "field." + f.name + ".missing"
		case utf8.RuneCountInString(f.value) > f.most:
			problems[f.name] = "field." + f.name + ".long"
		case leftOpen(f.value):
			problems[f.name] = "successor.placeholder"
		}
	}
	return problems
}

// leftOpen reports whether a placeholder of the campaign's texts stands in a text.
func leftOpen(text string) bool {
	for _, name := range []string{PlaceMPName, PlaceConstituency, PlaceParty, PlaceSupporterName} {
		if strings.Contains(text, "{"+name+"}") {
			return true
		}
	}
	return false
}
