package campaign

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

// A supporter may say that an organisation can write to them. They are asked
// once, beside the letter, with a box that nobody has ticked for them. What they
// say counts when the letter is confirmed; then it has a life of its own, and
// ends by one click.

// Wording is what somebody was asked, word for word.
type Wording struct {
	Lang, Text string
}

// Hash names the wording in a form: it is another for other words.
func (w Wording) Hash() string {
	sum := sha256.Sum256([]byte(w.Lang + "\n" + w.Text))
	return hex.EncodeToString(sum[:16])
}

// OptIns is what a supporter ticked: hashes of wordings. Empty: they did not.
type OptIns struct {
	Partner string // for the partner whose doing the letter is
	Owner   string // for who runs the campaign
}

// Zero reports whether nothing is ticked.
func (o OptIns) Zero() bool { return o == OptIns{} }

// OptInAsk is one question of a letter's page.
type OptInAsk struct {
	Partner string // slug; empty: of who runs the campaign
	Name    string // of the partner
	Wording Wording
	Ticked  bool // the supporter did, under these very words
	Changed bool // they did, under words that are not asked any more
}

// AskOptIns returns the questions for a form in its language, the partner's
// first, and whether the form ticks something that is asked no more: nobody agrees
// to words that they have not seen. Where an organisation has no words in the
// language, it asks nothing. But whoever ticked a box under words that still are
// asked in another language sees the box as they ticked it.
func (s *Service) AskOptIns(c *Campaign, f Form) (asks []OptInAsk, gone bool) {
	var kept OptIns
	add := func(partner, name, ticked string, words map[string]string) {
		ask := OptInAsk{Partner: partner, Name: name, Wording: Wording{f.Lang, words[f.Lang]}}
		if was, ok := wordingOf(words, ticked); ok {
			ask.Wording, ask.Ticked = was, true
			if partner == "" {
				kept.Owner = ticked
			} else {
				kept.Partner = ticked
			}
		}
		ask.Changed = ticked != "" && !ask.Ticked
		if ask.Wording.Text != "" {
			asks = append(asks, ask)
		}
	}
	if p, err := s.Partner(f.Credit.Partner); err == nil {
		add(p.Slug, p.Name, f.OptIns.Partner, p.OptIn)
	}
	add("", "", f.OptIns.Owner, c.optIn())
	return asks, kept != f.OptIns
}

// MayKeepOptIns reports whether something may be kept of somebody who wrote in a
// campaign, and opted in: anybody asks, or what was said before still stands, of
// whoever it is. They may have other words by now, or none, or have retired.
func (s *Service) MayKeepOptIns(ctx context.Context, c *Campaign) (bool, error) {
	if len(c.optIn()) > 0 || slices.ContainsFunc(s.Partners(), func(p *Partner) bool { return len(p.OptIn) > 0 }) {
		return true, nil
	}
	counts, err := s.OptInCounts(ctx, c.Slug)
	return slices.ContainsFunc(counts, func(n OptInCount) bool { return n.Standing() > 0 }), err
}

// optIn is what who runs the campaign asks, by language.
func (c *Campaign) optIn() map[string]string {
	words := map[string]string{}
	for lang, t := range c.Texts {
		if t.OptIn != "" {
			words[lang] = t.OptIn
		}
	}
	return words
}

// wordingOf finds, among an organisation's words, those of a hash.
func wordingOf(words map[string]string, hash string) (Wording, bool) {
	for lang, text := range words {
		if w := (Wording{lang, text}); text != "" && w.Hash() == hash {
			return w, true
		}
	}
	return Wording{}, false
}

// Contact is everything about an opt-in that identifies someone, and what shows
// that they gave it. It exists only sealed.
type Contact struct {
	Name   string    `json:"name"`
	Email  string    `json:"email"`
	At     time.Time `json:"at"`              // when they sent the letter with the box ticked, to the minute
	Embed  bool      `json:"embed,omitempty"` // within a page of the partner's
	Credit Credit    `json:"credit,omitzero"` // of the letter
	Token  string    `json:"token"`           // ends it
}

// NewOptIn is an opt-in about to be written down with its letter.
type NewOptIn struct {
	ID        int64
	Partner   string // slug; empty: of who runs the campaign
	Wording   Wording
	TokenHash []byte
	EmailHash []byte // the same for the same person, organisation and campaign
	Sealed    []byte // a Contact, for the TokenHash or to the campaign's age key
}

// newOptIns seals what a letter's form ticks.
func (s *Service) newOptIns(ctx context.Context, slug string, f Form, ticked []OptInAsk, credit Credit) ([]NewOptIn, error) {
	var all []NewOptIn
	for _, ask := range ticked {
		contact := Contact{
			Name: f.Name, Email: f.Email, At: s.now().UTC().Truncate(time.Minute), Embed: f.Embed, Credit: credit, Token: seal.NewToken(),
		}
		o := NewOptIn{
			ID: newContactID(), Partner: ask.Partner, Wording: ask.Wording, TokenHash: hashOptIn(s.keys, contact.Token),
			EmailHash: s.hashOptInEmail(slug, ask.Partner, f.Email),
		}
		var err error
		if o.Sealed, err = s.sealContact(ctx, slug, ask.Partner, &contact, o.TokenHash); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// SealContact seals c for the opt-in whose token hash is given.
func SealContact(keys *seal.Keys, c *Contact, tokenHash []byte) ([]byte, error) {
	sealed, err := sealRecord(keys, c, tokenHash)
	if err != nil {
		return nil, fmt.Errorf("seal opt-in: %w", err)
	}
	return sealed, nil
}

// OpenContact opens what SealContact sealed.
func OpenContact(keys *seal.Keys, sealed, tokenHash []byte) (*Contact, error) {
	c, err := openRecord[Contact](keys, sealed, tokenHash)
	if err != nil {
		return nil, fmt.Errorf("open opt-in: %w", err)
	}
	return c, nil
}

func hashOptIn(keys *seal.Keys, token string) []byte { return keys.Hash("opt-in token", token) }

// newContactID returns a random number that SQLite takes for a row's.
func newContactID() int64 {
	var b [8]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return int64(binary.BigEndian.Uint64(b[:])>>1) | 1
}

// ContactID writes an opt-in's number as programs know it: the letter in front
// keeps spreadsheets from taking it for a number.
func ContactID(id int64) string { return fmt.Sprintf("c%016x", id) }

// OptIn is one that was given, or has ended since.
type OptIn struct {
	ID        int64
	Campaign  string // slug
	Partner   string // slug; empty: of who runs the campaign
	Wording   Wording
	Confirmed string // day in London; empty: the letter waits
	Ended     string // day in London; empty: it stands
	TokenHash []byte // nil once ended
	Sealed    []byte // likewise
	Contact   *Contact
	Age       []byte // an age file of the Contact, in place of it
}

// OptInCount is how many opt-ins an organisation has of a campaign.
type OptInCount struct {
	Partner   string // slug; empty: who runs the campaign
	Confirmed int    // ever
	Ended     int    // of them
}

// Standing is how many stand.
func (c OptInCount) Standing() int { return c.Confirmed - c.Ended }

// OptInStore keeps opt-ins. They are written by SubmitLetter and begin to count
// with ConfirmLetter: a second one of the same person to the same organisation in
// the campaign is the first one then, and one for a partner that has retired does
// not count. Those of a letter that is never confirmed go when it does; those of
// one that is erased by the supporter end.
type OptInStore interface {
	// LetterOptIns returns those that stand, or wait and would count, of a letter
	// whose person is kept, without their sealed records.
	LetterOptIns(ctx context.Context, letterID int64) ([]OptIn, error)

	// EndOptIn ends one and erases its person. not_found if none stands.
	EndOptIn(ctx context.Context, tokenHash []byte) error

	// EndLetterOptIn does so to one of a letter's. One that ended before is left as
	// it is; not_found if the letter, or such a one of it, is not there.
	EndLetterOptIn(ctx context.Context, letterTokenHash []byte, id int64) error

	// OptInsFrom gives each those of an organisation that were confirmed or ended on
	// a day or after it, by day and number, from behind a place on: some of them.
	// It returns where the next begin; the zero OptInPlace: there are no more.
	OptInsFrom(ctx context.Context, of OptInsOf, from OptInPlace, each func(OptIn) error) (OptInPlace, error)

	// CountOptInsFrom is how many there are.
	CountOptInsFrom(ctx context.Context, of OptInsOf) (int, error)

	// OptInsByEmail returns those that stand of these email hashes.
	OptInsByEmail(ctx context.Context, emailHashes [][]byte) ([]OptIn, error)

	// EndOptIns does what EndOptIn does to some, and writes down how many.
	EndOptIns(ctx context.Context, by account.Actor, ids []int64) error

	// OptInCounts returns the counts of a campaign, who runs it first; not_found.
	OptInCounts(ctx context.Context, slug string) ([]OptInCount, error)
}

// OptInsOf says which opt-ins are meant.
type OptInsOf struct {
	Partner  string // slug: whose; empty: of who runs the campaigns
	Campaign string // slug; empty: of all campaigns
	Since    string // a day in London: changed on it or later; empty: ever
}

// OptInPlace is a place in the order of opt-ins.
type OptInPlace struct {
	Day string
	ID  int64
}

// OptInCounts returns how many opt-ins each organisation has of a campaign, who
// runs it first; not_found.
func (s *Service) OptInCounts(ctx context.Context, slug string) ([]OptInCount, error) {
	return s.store.OptInCounts(ctx, slug)
}

// EndOptIn ends an opt-in by its token. Nothing tells whether there was one.
func (s *Service) EndOptIn(ctx context.Context, token string) error {
	if len(token) != seal.TokenLen {
		return nil
	}
	err := s.store.EndOptIn(ctx, hashOptIn(s.keys, token))
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return fmt.Errorf("end opt-in: %w", err)
	}
	return nil
}

// EndLetterOptIn ends an opt-in from the private page of its letter; not_found.
func (s *Service) EndLetterOptIn(ctx context.Context, token string, id int64) error {
	hash, err := s.tokenHash(token)
	if err != nil {
		return err
	}
	if err := s.store.EndLetterOptIn(ctx, hash, id); err != nil {
		return fmt.Errorf("end opt-in: %w", err)
	}
	return nil
}
