package campaign

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// deskStore is what organisers' work on letters needs of the store. What is
// said of Store holds for it: every method is one whole transaction, with its
// line in the audit log where it has one.
type deskStore interface {
	// OpenLetters returns letters that wait for a decision, the oldest first, at
	// most limit of them. not_found if there is no such campaign.
	OpenLetters(ctx context.Context, slug string, f OpenFilter, limit int) ([]DeskLetter, error)

	// ListLetters returns the oldest letters in a state, at most limit of them, and how
	// many there are: those that wait for a decision where the filter names no state. Of
	// the filter Why and Partner count as well. not_found if there is no such campaign.
	ListLetters(ctx context.Context, slug string, f OpenFilter, limit int) ([]DeskLetter, int, error)

	// Line says how many letters of a campaign are queued, and when the last is to
	// go. not_found if there is no such campaign.
	Line(ctx context.Context, slug string) (Waiting, error)

	// OpenGroups counts the letters that wait for a decision by what makes them
	// alike. not_found if there is no such campaign.
	OpenGroups(ctx context.Context, slug string) ([]OpenGroup, error)

	// DeskLetters returns those of the letters that the campaign has, in the order
	// asked for.
	DeskLetters(ctx context.Context, slug string, ids []int64) ([]DeskLetter, error)

	// LetterHistory returns a letter's moves and what was mailed about it.
	LetterHistory(ctx context.Context, id int64) ([]Event, []Posting, error)

	// ReadLetter returns a letter's sealed record, the sealed answers of mail
	// servers by posting and the sealed note, and writes down who asked for them.
	// not_found; conflict when it is erased.
	ReadLetter(ctx context.Context, by account.Actor, slug string, id int64) (SealedLetter, error)

	// DecideLetters carries out what was decided, all in one transaction, and
	// returns for each what stood in its way: nil, not_found, or a conflict. The
	// others are done nevertheless.
	DecideLetters(ctx context.Context, by account.Actor, rulings []Resolution) ([]error, error)

	// FindLetters returns the letters of an inbox, or the one with a reference, in
	// every campaign, and writes down that somebody looked, never for whom.
	FindLetters(ctx context.Context, by account.Actor, s Sought) ([]DeskLetter, error)

	// SealedLetters returns the sealed records of letters that have one, for the
	// person whose they are, and writes down that they were taken out.
	SealedLetters(ctx context.Context, by account.Actor, ids []int64) ([]SealedLetter, error)

	// LettersFrom returns a campaign's letters with an id above after, and the id
	// to go on after: 0 when there are no more. It never returns many at once, and
	// may return none with more to come. not_found if there is no such campaign.
	LettersFrom(ctx context.Context, slug string, after int64, people bool, each func(ExportLetter) error) (int64, error)

	// MemberNames returns the name of everyone that a letter may name, by their
	// number, whether they sit or left.
	MemberNames(ctx context.Context) (map[int]string, error)

	// Record writes down what somebody did that changes nothing.
	Record(ctx context.Context, e account.Entry) error
}

// DeskLetter is a letter as organisers see it. Nothing here says who wrote it.
type DeskLetter struct {
	ID           int64
	Reference    string // empty: it has none
	Campaign     string // slug
	Constituency string // ONS code
	MemberID     int    // it was written to
	MemberName   string
	Now          Target // who sits now; the zero Target: nobody
	Partner      string
	Lang         string
	Variant      Variant
	State        State
	Why          string // it came to the state
	CreatedAt    time.Time
	StateAt      time.Time
	ConfirmedAt  time.Time // zero: not confirmed
	SentAt       time.Time // zero: not sent
	EraseAt      time.Time // zero: not before something else happens
	Own          int       // percent of its words that are the supporter's own; -1: not measured
	Kept         bool      // the sealed record is there
	Trimmed      bool      // its text is gone, so that it cannot be sent again
	Attempts     int       // to send it, the last time it was queued
	Code         int       // the server's last reply code, 0: none
	Answer       string    // the server's last answer, codes alone
	Holds        []Check   // what checks found against it when it was written and confirmed
	Similar      int       // others that wait with it: same MP, reason, state and text

	tokenHash []byte // the context of what is sealed
	sealed    []byte
}

// WithRecord returns the letter with its sealed record, for the store.
func (l DeskLetter) WithRecord(tokenHash, sealed []byte) DeskLetter {
	l.tokenHash, l.sealed, l.Kept = tokenHash, sealed, sealed != nil
	return l
}

// Obstacle says why the letter cannot go to whoever sits now, or "".
func (l DeskLetter) Obstacle() string { return Obstacle(l.MemberID, l.Now) }

// OpenFilter says which of the letters that wait are wanted. What is empty, or
// zero, sifts nothing.
type OpenFilter struct {
	State        State
	Why          string
	Constituency string
	Member       int
	Variant      Variant
	Partner      string // slug; NoPartner: none
	After        int64  // id of the last letter of the page before
}

// NoPartner stands in a filter for letters that no partner brought: no slug is like
// it.
const NoPartner = "-"

// Finds reports whether the filter lets the letters of a group through.
func (f OpenFilter) Finds(g OpenGroup) bool {
	return (f.State == "" || f.State == g.State) && (f.Why == "" || f.Why == g.Why) && (f.Constituency == "" || f.Constituency == g.Constituency) &&
		(f.Member == 0 || f.Member == g.Member) && (f.Variant == "" || f.Variant == g.Variant) &&
		(f.Partner == "" || f.Partner == cmp.Or(g.Partner, NoPartner))
}

// OpenGroup is how many letters that wait are alike.
type OpenGroup struct {
	State        State
	Why          string
	Constituency string
	Member       int
	Variant      Variant
	Partner      string // slug; empty: none
	Letters      int
	Failing      bool // letters come back from the address of whoever sits
}

// OpenStates are the states in which a letter waits for somebody's decision, the
// most pressing first.
func OpenStates() []State { return []State{StateHeld, StateUncertain, StateFailed, StateBounced} }

// Open reports whether letters in a state wait for somebody's decision, for as long
// as it is kept who wrote them.
func Open(s State) bool { return slices.Contains(OpenStates(), s) }

// Posting is one message about a letter, as the outbox has it.
type Posting struct {
	ID         int64
	Kind       MailKind
	Status     string // ready, sending, sent, failed, uncertain or dropped
	Attempts   int
	QueuedAt   time.Time
	FinishedAt time.Time // zero: it is not finished
	Code       int
	Answer     string // codes alone
	Log        []Attempt
}

// Attempt is one try to hand a message to the mail server.
type Attempt struct {
	At       time.Time // its end
	Verdict  Verdict
	Code     int    // the server's reply, 0: it gave none
	Enhanced string // its enhanced code (RFC 3463); empty: it gave none
}

// enhancedKeys says what common enhanced codes mean, without their class: keys after
// desk.enhanced.
var enhancedKeys = map[string]string{
	"1.1": "no_mailbox", "1.2": "no_domain", "1.8": "sender", "2.0": "mailbox", "2.1": "disabled", "2.2": "full", "2.3": "large",
	"3.2": "closed", "3.4": "large", "4.1": "no_answer", "4.2": "line", "4.4": "routing", "4.7": "timed_out", "5.1": "commands",
	"7.0": "security", "7.1": "policy", "7.8": "sign_in", "7.23": "spf", "7.25": "reverse", "7.26": "signing",
}

// Meaning names what the attempt's enhanced code means; "" where it is not a common
// one.
func (a Attempt) Meaning() string {
	_, detail, _ := strings.Cut(a.Enhanced, ".")
	return enhancedKeys[detail]
}

// SealedLetter is what is sealed of a letter, with the context that opens it.
type SealedLetter struct {
	Letter    int64
	TokenHash []byte
	Record    []byte           // nil: erased
	Note      []byte           // nil: none
	Answers   map[int64][]byte // by posting
}

// OpenPage is how many letters that wait are looked at at a time.
const OpenPage = 50

// Queue is a page of the letters that wait for a decision.
type Queue struct {
	Letters []DeskLetter
	Groups  []OpenGroup // of all that wait, whatever the filter
	More    bool        // there are more behind the last
}

// Queue returns the letters that wait for a decision, the oldest first, each
// with how many others are like it. not_found if there is no such campaign.
func (s *Service) Queue(ctx context.Context, slug string, f OpenFilter) (Queue, error) {
	var q Queue
	var err error
	if q.Groups, err = s.store.OpenGroups(ctx, slug); err != nil {
		return Queue{}, fmt.Errorf("queue: %w", err)
	}
	if q.Letters, err = s.store.OpenLetters(ctx, slug, f, OpenPage+1); err != nil {
		return Queue{}, fmt.Errorf("queue: %w", err)
	}
	if q.More = len(q.Letters) > OpenPage; q.More {
		q.Letters = q.Letters[:OpenPage]
	}
	for i := range q.Letters {
		q.Letters[i].Similar = similar(q.Letters[i], q.Groups)
	}
	failing, err := s.FailingAddresses(ctx)
	if err != nil {
		return Queue{}, fmt.Errorf("queue: %w", err)
	}
	for i, g := range q.Groups {
		q.Groups[i].Failing = slices.ContainsFunc(failing, func(f Failing) bool { return f.Constituency == g.Constituency })
	}
	return q, nil
}

// ListLetters returns the oldest letters in a state, or those that wait for a
// decision, and how many there are in all. not_found if there is no such campaign.
func (s *Service) ListLetters(ctx context.Context, slug string, f OpenFilter, limit int) ([]DeskLetter, int, error) {
	groups, err := s.store.OpenGroups(ctx, slug)
	if err != nil {
		return nil, 0, fmt.Errorf("list letters: %w", err)
	}
	letters, n, err := s.store.ListLetters(ctx, slug, f, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("list letters: %w", err)
	}
	for i := range letters {
		letters[i].Similar = similar(letters[i], groups)
	}
	return letters, n, nil
}

// similar returns how many others wait with a letter for the same reason.
func similar(l DeskLetter, groups []OpenGroup) int {
	n := 0
	for _, g := range groups {
		if g.State == l.State && g.Why == l.Why && g.Member == l.MemberID && g.Variant == l.Variant {
			n += g.Letters
		}
	}
	return max(0, n-1)
}

// OneLetter is a letter with all that is known of what became of it.
type OneLetter struct {
	DeskLetter
	Events   []Event
	Postings []Posting
}

// OneLetter returns a letter of a campaign, without its person; not_found.
func (s *Service) OneLetter(ctx context.Context, slug string, id int64) (*OneLetter, error) {
	found, err := s.store.DeskLetters(ctx, slug, []int64{id})
	if err != nil {
		return nil, fmt.Errorf("letter: %w", err)
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "desk.error.no_letter")
	}
	one := &OneLetter{DeskLetter: found[0]}
	groups, err := s.store.OpenGroups(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("letter: %w", err)
	}
	one.Similar = similar(one.DeskLetter, groups)
	if one.Events, one.Postings, err = s.store.LetterHistory(ctx, id); err != nil {
		return nil, fmt.Errorf("letter: %w", err)
	}
	return one, nil
}

// Opened is a letter that somebody opened to read it.
type Opened struct {
	Person  *Person
	Note    string           // that it was declined with; empty: none
	Answers map[int64]string // of mail servers, whole, by posting
}

// ReadLetter opens a letter and writes down who did. not_found; conflict when it
// is erased.
func (s *Service) ReadLetter(ctx context.Context, by account.Actor, slug string, id int64) (*Opened, error) {
	sealed, err := s.store.ReadLetter(ctx, by, slug, id)
	if err != nil {
		return nil, fmt.Errorf("read letter: %w", err)
	}
	opened := &Opened{Answers: map[int64]string{}}
	if opened.Person, err = OpenPerson(s.keys, sealed.Record, sealed.TokenHash); err != nil {
		return nil, fmt.Errorf("read letter: %w", err)
	}
	if opened.Note, err = OpenNote(s.keys, sealed.Note, sealed.TokenHash); err != nil {
		return nil, fmt.Errorf("read letter: %w", err)
	}
	for posting, answer := range sealed.Answers {
		plain, err := s.keys.Open(answer, sealed.TokenHash)
		if err != nil {
			return nil, fmt.Errorf("read the server's answer: %w", err)
		}
		opened.Answers[posting] = string(plain)
	}
	return opened, nil
}

// Stands is the letter's state, or declined: then it was not its supporter who took
// it back.
func (l DeskLetter) Stands() string {
	if l.State == StateWithdrawn && l.Why == WhyDeclined {
		return WhyDeclined
	}
	return string(l.State)
}
