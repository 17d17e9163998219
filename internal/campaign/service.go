// Package campaign is the domain: campaigns, letters, supporters and the rules
// that hold for them. It knows no database, no web and no mail library; what it
// needs of them it declares as small interfaces.
package campaign

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/postcode"
	"postbag/internal/seal"
)

// Service answers everything a page, a command or a worker asks of the domain.
// It is safe for concurrent use.
type Service struct {
	store      Store
	keys       *seal.Keys
	postcodes  *postcode.Index
	now        func() time.Time
	mailDomain string
	log        *slog.Logger
	words      Words
	wake       func() // tells the outbox that there is something to send
	returns    *ReturnPath
	testing    bool
	pace       Pace
	limits     Limits // of checks, where organisers set none
	bounds     Limits // the most that they can set
	disposable *Domains
	likeness   *likeness
	checks     sync.Map // by slug: *knownChecks

	roster    atomic.Pointer[versioned]
	campaigns atomic.Pointer[gathered]
	partners  atomic.Pointer[knownPartners]

	countsMu sync.Mutex
	counts   map[string]cachedCounts

	pledgesMu sync.Mutex
	pledges   map[string]cachedPledges

	boards boards
	visits visits
	loads  loads
	sights partnerSights
}

type versioned struct {
	*parliament.Roster
	version int64
	inboxes map[string]bool // of those who sit
}

type cachedCounts struct {
	at     time.Time
	public PublicCounts
}

// Words gives sentences of the message catalogue that end up in a letter.
type Words interface {
	// T returns the sentence in the language; args are pairs of name and value.
	T(lang, key string, args ...any) string
}

// Options are what a Service is made of. A command that keeps pledges and does
// nothing with letters needs Store, Now and Log alone.
type Options struct {
	Store      Store
	Keys       *seal.Keys
	Postcodes  *postcode.Index
	Words      Words
	MailDomain string // right-hand side of Message-IDs
	Now        func() time.Time
	Log        *slog.Logger
	Wake       func()
	Returns    *ReturnPath // addresses to which bounces come back; nil: none
	Pace       Pace        // at which letters go to each MP
	Limits     Limits      // of checks, where organisers set none
	Bounds     Limits      // the most that they can set
	Disposable *Domains    // whose addresses are no supporters'
	Testing    bool        // letters go to a test recipient: what comes back says nothing about MPs' addresses
}

// countsFor is how long public counts and pledges are shown before they are
// read again.
const countsFor = 2 * time.Second

// NewService loads the campaigns and the roster and returns the service.
func NewService(ctx context.Context, o Options) (*Service, error) {
	s := &Service{
		store: o.Store, keys: o.Keys, postcodes: o.Postcodes, now: o.Now, words: o.Words,
		mailDomain: o.MailDomain, log: o.Log, wake: o.Wake, counts: map[string]cachedCounts{}, pledges: map[string]cachedPledges{},
		returns: o.Returns, testing: o.Testing, pace: o.Pace, limits: o.Limits, bounds: o.Bounds, disposable: o.Disposable,
	}
	if o.Keys != nil {
		s.likeness = newLikeness(o.Keys.Hash)
	}
	if err := s.loadCampaigns(ctx); err != nil {
		return nil, err
	}
	if err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Refresh reads the campaigns, the partners and the roster again if another process has changed
// them.
func (s *Service) Refresh(ctx context.Context) error {
	if err := s.refreshCampaigns(ctx); err != nil {
		return err
	}
	if err := s.refreshPartners(ctx); err != nil {
		return err
	}
	version, err := s.store.RosterVersion(ctx)
	if err != nil {
		return fmt.Errorf("refresh roster: %w", err)
	}
	if have := s.roster.Load(); have != nil && have.version == version {
		return nil
	}
	roster, version, err := s.store.Roster(ctx)
	if err != nil {
		return fmt.Errorf("refresh roster: %w", err)
	}
	s.roster.Store(&versioned{roster, version, inboxesOf(roster)})
	return nil
}

// Now is the time by the service's clock.
func (s *Service) Now() time.Time { return s.now() }

// Roster returns the constituencies with their members as they stand, and the
// version of that picture.
func (s *Service) Roster() (*parliament.Roster, int64) {
	r := s.roster.Load()
	return r.Roster, r.version
}

// PublicCounts returns what everyone may know of a campaign's letters. It may
// be two seconds old.
func (s *Service) PublicCounts(ctx context.Context, slug string) (PublicCounts, error) {
	s.countsMu.Lock()
	defer s.countsMu.Unlock()
	now := s.now()
	if have, ok := s.counts[slug]; ok && now.Sub(have.at) < countsFor && !now.Before(have.at) {
		return have.public, nil
	}
	counts, err := s.store.Counts(ctx, slug)
	if err != nil {
		return PublicCounts{}, fmt.Errorf("public counts: %w", err)
	}
	public := Suppress(counts, parliament.SeatCount)
	s.counts[slug] = cachedCounts{now, public}
	return public, nil
}

// Locate looks up a postcode as it was typed.
func (s *Service) Locate(typed string) postcode.Result { return s.postcodes.Find(typed) }

// recipient says whom a letter to the constituency is for as things stand;
// not_found if there is no such constituency.
func (s *Service) recipient(ctx context.Context, slug, code string) (Recipient, error) {
	c, err := s.Campaign(slug)
	if err != nil {
		return Recipient{}, err
	}
	roster, _ := s.Roster()
	seat, ok := roster.Seat(code)
	if !ok {
		return Recipient{}, fault.New(fault.NotFound, "error.no_constituency")
	}
	to := recipientOf(seat)
	pledge := StandingNotYet
	if !to.Vacant() {
		pledged, err := s.store.Pledged(ctx, slug, to.MemberID)
		if err != nil {
			return Recipient{}, fmt.Errorf("look up the pledge: %w", err)
		}
		to.Pledged = pledged
		if pledge, err = s.pledgeState(ctx, c, to); err != nil {
			return Recipient{}, err
		}
	}
	to.Ruling = c.Ruling(seat, pledge)
	return to, nil
}

// recipientOf is who sits for a constituency, before anyone looks at pledges.
func recipientOf(seat parliament.Seat) Recipient {
	m := seat.Member
	return Recipient{
		Constituency: seat.Constituency.Code, Seat: seat.Constituency, MemberID: m.ID, MP: m.Name,
		AddressAs: m.AddressAs(), FullTitle: m.FullTitle, Party: m.Party, Email: m.Email,
	}
}

// pledgeState is what the rules ask of a pledge. Whether one was taken back is
// looked up only where a rule wants to know.
func (s *Service) pledgeState(ctx context.Context, c *Campaign, to Recipient) (Standing, error) {
	if to.Pledged {
		return StandingPledged, nil
	}
	if !slices.ContainsFunc(c.Rules, func(r Rule) bool {
		return len(r.Pledge) > 0 && slices.Contains(r.Pledge, StandingNotYet) != slices.Contains(r.Pledge, StandingWithdrawn)
	}) {
		return StandingNotYet, nil
	}
	list, err := s.Pledges(ctx, c.Slug)
	if err != nil {
		return "", err
	}
	if p, ok := list.ByMember[to.MemberID]; ok && !p.Stands() {
		return StandingWithdrawn, nil
	}
	return StandingNotYet, nil
}

// Draft returns where a supporter's letter starts from: the constituency, the
// page's language and the letter's are the form's. not_found if there is no such
// campaign or constituency; conflict if no letters can be written now.
func (s *Service) Draft(ctx context.Context, slug string, f Form) (Draft, error) {
	c, err := s.writing(slug)
	if err != nil {
		return Draft{}, err
	}
	lang := c.LetterLang(f.Constituency, f.LetterLang, f.Lang)
	to, err := s.recipient(ctx, slug, f.Constituency)
	if err != nil {
		return Draft{}, err
	}
	return c.draft(lang, f.Lang, to, s.words.T(lang, "letter.vacant_name", "Constituency", to.Seat.NameIn(lang))), nil
}
