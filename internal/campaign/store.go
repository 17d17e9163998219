package campaign

import (
	"context"
	"time"

	"postbag/internal/parliament"
)

// Store keeps campaigns, letters and the roster. Every method is one whole
// transaction; the time of what it writes is the transaction's own. Errors that
// a person may see are *fault.Error with the codes named here; every other is
// internal.
type Store interface {
	ReportStore
	CorrectionStore
	DigestStore
	TallyStore
	CampaignStore
	PartnerStore
	APIKeyStore
	CreditStore
	PartnerPageStore
	OptInStore
	AgeKeyStore
	ReturnStore
	FailingStore
	CheckStore

	// Roster returns the constituencies with their members, and a version that
	// changes whenever they do.
	Roster(ctx context.Context) (*parliament.Roster, int64, error)

	// RosterVersion returns the version alone, for a cheap look.
	RosterVersion(ctx context.Context) (int64, error)

	// Pledged reports whether the member has a pledge that stands in the campaign.
	Pledged(ctx context.Context, slug string, memberID int) (bool, error)

	// Pledges returns every pledge of the campaign by member and day, standing or
	// withdrawn, without those that a correction replaced or that were voided.
	// not_found if there is no such campaign.
	Pledges(ctx context.Context, slug string) ([]Pledge, error)

	// VoidedPledges returns the pledges of the campaign that were voided, by
	// member and day: for organisers. not_found if there is no such campaign.
	VoidedPledges(ctx context.Context, slug string) ([]VoidedPledge, error)

	// ChangePledges gives decide what Pledges and VoidedPledges return and writes
	// what it answers, in its order, all in one transaction; nothing is written
	// when it answers an error. Others wait while decide runs, so it must be quick,
	// and it may use nothing of the Store. not_found if there is no such campaign.
	ChangePledges(ctx context.Context, slug string, decide func([]Pledge, []VoidedPledge) ([]PledgeChange, error)) error

	// SubmitLetter writes the letter, its sealed record, its first event, its
	// counters and the confirmation mail together, and withdraws and erases the
	// letter that it replaces. When the same person has confirmed a letter to the
	// same MP in the campaign, or the very same letter waits to be confirmed,
	// nothing is written but the mail with that letter's private link, and that
	// only if none was queued within RepeatAfter. A letter that merely waits does
	// not stand in the way: it may be a stranger's doing. When MaxAwaiting of them
	// wait, the oldest is withdrawn and erased as well. When the address has had
	// MaxMails, nothing is written and nothing is mailed; only a letter that l
	// takes away from another address still goes. None of this is an error. What
	// l.Guard asks for is looked at before all that: rate_limited, with a BusyError, for
	// a letter that has to wait, of which then nothing is written; others that it finds
	// something against are held once they are confirmed.
	SubmitLetter(ctx context.Context, l NewLetter) error

	// LetterByToken returns the letter with its sealed record and its events.
	// not_found if there is none.
	LetterByToken(ctx context.Context, tokenHash []byte) (*Letter, error)

	// ConfirmLetter queues an awaiting letter, or holds it when a check found something
	// against it, finds something now (Guard.MostSeats) or could not be made, or when it
	// can no longer go to the MP it was written to, and withdraws and erases the others that
	// the same person has waiting for the same MP. A letter that was confirmed
	// before is left as it is. conflict if it has expired or was withdrawn, or if
	// another was confirmed in its place, be it one that was erased since
	// (RememberFor); not_found.
	ConfirmLetter(ctx context.Context, tokenHash []byte, messageID string) error

	// WithdrawLetter takes back a letter that has not gone. A letter withdrawn
	// before is left as it is. conflict if it is being sent or was; not_found.
	WithdrawLetter(ctx context.Context, tokenHash []byte) error

	// ReaddressLetter queues a letter that is held because the MP changed, to the MP
	// who sits now, as its supporter wants it, and withdraws and erases the others
	// that the same person has waiting for them. conflict if it waits for nothing of
	// the kind, if somebody else sits than r says, or if the same person has written
	// to them already; not_found.
	ReaddressLetter(ctx context.Context, tokenHash []byte, r Readdressed) error

	// EraseLetter deletes whatever identifies the supporter, and withdraws the
	// letter if it has not gone. Of one that was confirmed and may have arrived the
	// repeat hash is kept, without the letter, for RememberFor. conflict while it is
	// being sent; not_found.
	EraseLetter(ctx context.Context, tokenHash []byte) error

	// ExpireLetters ends letters whose time to confirm is over, RemindLetters
	// queues the one reminder, if the address has not had MaxMails since the day
	// before the letter, and EraseDue deletes sealed records whose time is over.
	// Each does at most limit letters and returns how many it did.
	ExpireLetters(ctx context.Context, limit int) (int, error)
	RemindLetters(ctx context.Context, limit int, messageID func() string) (int, error)
	EraseDue(ctx context.Context, limit int) (int, error)

	// TrimDue takes the text and the address of up to limit letters away that were
	// sent, where their time is over, and returns how many there were.
	TrimDue(ctx context.Context, limit int, trim Trimmer) (int, error)

	// ShortenKept lets up to limit letters go as early as their campaign says since
	// it was changed, and returns how many there were. None is kept longer by it.
	ShortenKept(ctx context.Context, limit int) (int, error)

	// CloseErasures numbers and chains the lines of the erasure ledger for days that
	// are over (Erasure.Chain), and returns how many there were.
	CloseErasures(ctx context.Context) (int, error)

	// Erasures returns the erasure ledger, the oldest line first, and Kept how many
	// sealed records are kept, by the day on which they go.
	Erasures(ctx context.Context) ([]Erasure, error)
	Kept(ctx context.Context) ([]Kept, error)

	// FollowUp queues the mails that follow a letter which has gone, as they fall
	// due: that it did, and twice whether the MP answered. Nobody is asked who has
	// told already, whose letter came back or who was erased, nor after the campaign
	// was closed. It does at most limit letters and returns how many it did.
	FollowUp(ctx context.Context, limit int, messageID func() string) (int, error)

	// EndFollowUps ends them for one letter, if any are to come, and drops what
	// waits to be asked; the person is then kept for RetainEnded more at most.
	// A letter that is not there is no error.
	EndFollowUps(ctx context.Context, letterID int64) error

	// SetReply notes what the supporter says their MP answered, in place of what
	// they said before, and counts it. An answer that ends the questions about it
	// does what EndFollowUps does. conflict unless the letter was sent;
	// not_found.
	SetReply(ctx context.Context, tokenHash []byte, answer Answer) error

	// AddSelfReport counts a letter that a supporter sent by themselves, unless one
	// with the same token is counted already. not_found if there is no such
	// campaign; rate_limited when MaxSelfReports count for the constituency today.
	AddSelfReport(ctx context.Context, r SelfReport) error

	// ForgetSelfReports deletes self-reports that are older than any token that is
	// still good, at most limit of them, and returns how many. They stay counted.
	ForgetSelfReports(ctx context.Context, limit int) (int, error)

	// ForgetPastLetters deletes the repeat hashes of erased letters whose time is
	// over, at most limit of them, and returns how many.
	ForgetPastLetters(ctx context.Context, limit int) (int, error)

	// AskAgain deals with letters that were held because nobody sat, where somebody
	// does by now: it asks the supporter whether theirs shall go to them. At most
	// limit letters; it returns how many.
	AskAgain(ctx context.Context, limit int) (int, error)

	// SpaceLetters gives letters an earlier turn where the line they stand in has
	// become shorter, or the pace quicker, and returns how many lines it changed.
	SpaceLetters(ctx context.Context) (int, error)

	// Turn says where a letter that is queued stands in the line of its MP.
	// not_found if it is not queued.
	Turn(ctx context.Context, letter int64) (Turn, error)

	// Relay says whether the mail server refuses everything.
	Relay(ctx context.Context) (Relay, error)
	deskStore

	// Counts returns the counts of every constituency that has any.
	Counts(ctx context.Context, slug string) ([]Count, error)
}

// RepeatAfter is how long nobody is mailed a second time for the same letter.
const RepeatAfter = 10 * time.Minute

// MaxAwaiting is how many letters of one person to one MP may wait to be
// confirmed: enough for second thoughts. The oldest makes room for the next.
const MaxAwaiting = 5

// MaxMails is how many mails go to one address within MailsWithin, over all MPs
// and campaigns: anyone can ask for them in anyone's name. Letters to MPs are
// none of them.
const (
	MaxMails    = 10
	MailsWithin = 24 * time.Hour
)

// Source is a campaign file as it is kept.
type Source struct {
	Slug      string
	TOML      string
	Stage     Stage
	Version   int
	CreatedAt time.Time
	StartsAt  time.Time // zero: not by itself
	EndsAt    time.Time // likewise
}

// NewLetter is a letter about to be written down.
type NewLetter struct {
	Campaign     string // slug
	Constituency string // ONS code
	MemberID     int
	Credit       Credit
	Lang         string
	Variant      Variant
	Version      int  // of the campaign, that it was written from
	Chosen       bool // the supporter chose the constituency
	TokenHash    []byte
	RepeatHash   []byte // the same for the same person, MP and campaign
	EmailHash    []byte // the same for the same inbox, whatever the letter
	ContentHash  []byte // the same for the same letter of the same person
	ReplaceHash  []byte // of the token by which a corrected letter takes its place
	Replaces     []byte // ReplaceHash of the letter that this one corrects; nil: none
	Own          int    // percent of its words that are the supporter's own
	Reference    string // what to call the letter by when somebody asks about it; says nothing
	Sealed       []byte
	Keep         Keep   // for how long, as the supporter was told; zero: DefaultKeep
	MessageID    string // of the confirmation mail
	OptIns       []NewOptIn
	Guard        Guard
}

// Letter is a letter as its private page needs it.
type Letter struct {
	ID           int64
	Campaign     string
	Constituency string
	MemberID     int
	MemberName   string // of the MP it was written to, who may have left since
	Lang         string
	Variant      Variant
	State        State
	CreatedAt    time.Time
	StateAt      time.Time // when it came to State
	ConfirmedAt  time.Time // zero: not confirmed
	SentAt       time.Time // zero: not sent
	ExpiresAt    time.Time
	EraseAt      time.Time  // zero: not before something else happens
	TrimAt       time.Time  // when text and address go; zero: they are gone, or not before something else happens
	Reference    string     // what to call it by when somebody asks about it; empty: it has none
	Sealed       []byte     // nil once erased
	Note         []byte     // what an organiser told the supporter, sealed; nil: nothing
	FollowAt     time.Time  // when the next mail about it is due; zero: no more come
	FollowStep   FollowStep // which that is
	Reply        Reply      // the zero Reply: the supporter has told of none
	Holds        []Check    // what checks found against it
	Events       []Event
}

// RememberedUntil is until when the letter stands in the way of another by the
// same person to the same MP, though the person was erased: it was confirmed and
// may have arrived. The zero time where it does not, such as of one withdrawn.
func (l *Letter) RememberedUntil() time.Time {
	if l.ConfirmedAt.IsZero() || MayWriteAgain(l.State) {
		return time.Time{}
	}
	return l.ConfirmedAt.Add(RememberFor)
}

// Event is one move of a letter.
type Event struct {
	At   time.Time
	From State // empty: it was written
	To   State
	Why  string // key of a reason, one of the Why constants
}

// The reasons that events give. Those of a letter that is held are shown to
// the supporter as they stand in the message catalogue.
const (
	WhyWritten     = "written"     // by the supporter
	WhyConfirmed   = "confirmed"   // by the supporter
	WhyWithdrawn   = "withdrawn"   // by the supporter
	WhyErased      = "erased"      // the supporter deleted their data
	WhyReplaced    = "replaced"    // the supporter wrote or confirmed another in its place
	WhyExpired     = "expired"     // nobody confirmed in time
	WhyClaimed     = "claimed"     // a worker took it to send it
	WhyAccepted    = "accepted"    // by the mail server
	WhyRefused     = "refused"     // by the mail server, for good
	WhyGaveUp      = "gave_up"     // tried for days, and never got through
	WhyDamaged     = "damaged"     // its sealed record cannot be read
	WhyRetry       = "retry"       // not sent; tried again later
	WhyLost        = "lost"        // the connection was lost after the data
	WhyLease       = "lease"       // the worker that was sending it never came back
	WhyVacant      = "vacant"      // nobody sits for the constituency
	WhyChanged     = "mp_changed"  // another MP sits than the one it was written to
	WhyNoEmail     = "no_email"    // the MP no longer publishes an email address
	WhyPledged     = "pledged"     // the MP has pledged since it was written
	WhyExcluded    = "excluded"    // the campaign's rules write to this MP no more
	WhyReleased    = "released"    // an organiser let a letter go that was held
	WhyReaddressed = "readdressed" // its supporter let it go to the MP who came after
	WhyRetried     = "retried"     // an organiser had it sent again
	WhyMarked      = "marked"      // an organiser found out that it had arrived
	WhyDeclined    = "declined"    // an organiser decided not to send it, and told the supporter why
	WhyFailing     = "failing"     // what went to the MP's address came back, again and again
	WhyReported    = "reported"    // a report of another server shows that it had been accepted
	WhyFull        = "full"        // the MP's mailbox is full
	WhyNoMailbox   = "no_mailbox"  // there is no such mailbox
	WhyBlocked     = "blocked"     // the MP's server refused it by its rules
	WhyTimedOut    = "timed_out"   // a server tried for days to deliver it
	WhyCameBack    = "returned"    // it came back, and nobody said why
	WhyRestored    = "restored"    // it waited in a backup that was brought back, and may have gone since
)
