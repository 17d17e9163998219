package account

import (
	"context"
	"time"
)

// Store keeps accounts and the audit log. Every method is one whole transaction,
// with its entry in the audit log where it has one. Errors that a person may see
// are *fault.Error with the codes named here.
type Store interface {
	// Account returns an account; not_found.
	Account(ctx context.Context, id int64) (Account, error)

	// AccountByEmail returns an account with its password's hash; not_found.
	AccountByEmail(ctx context.Context, email string) (Account, string, error)

	// AccountByLink returns whose link it is; not_found if there is none, its time
	// is over, or the account is disabled.
	AccountByLink(ctx context.Context, tokenHash []byte) (Account, LinkKind, error)

	// AuditLog returns lines of the audit log, the latest first, at most limit of
	// them. not_found if there is no such campaign.
	AuditLog(ctx context.Context, f AuditFilter, limit int) ([]Entry, error)

	// AuditActions returns every action that the audit log has, sorted.
	AuditActions(ctx context.Context) ([]string, error)

	// Record writes down what somebody did that changes nothing.
	Record(ctx context.Context, e Entry) error

	// Accounts returns every account by name.
	Accounts(ctx context.Context) ([]Account, error)

	// AddAccount adds one, with a link to set it up, and queues the mail with that
	// link unless it is nil. conflict if the address has one already.
	AddAccount(ctx context.Context, by Actor, a Account, l Link, m *Mail) (Account, error)

	// AddFirstAccount adds the first of all, with its password's hash. conflict if
	// there is any.
	AddFirstAccount(ctx context.Context, origin string, a Account, password string) (Account, error)

	// AddLink gives an account a link in place of those that it has, and queues the
	// mail with it unless it is nil. not_found.
	AddLink(ctx context.Context, by Actor, id int64, l Link, m *Mail) error

	// UseLink sets the password of the account that a link belongs to, ends all its
	// links and all its sessions. not_found as in AccountByLink.
	UseLink(ctx context.Context, origin string, tokenHash []byte, password string) (Account, error)

	// AskReset counts an attempt as Attempt does. Unless it has to wait, it gives
	// the account of the address a link and queues the mail with it, if there is
	// such an account, it is not disabled, and not MaxResets of them were queued
	// within ResetWithin.
	AskReset(ctx context.Context, origin string, limits []Limit, email string, l Link, m Mail) (time.Time, error)

	// SetPassword sets a password's hash, and ends every session of the account and
	// its links.
	SetPassword(ctx context.Context, by Actor, password string) error

	// Attempt counts an attempt against every limit before it is known whether it
	// fails, so that many at once are counted too. If one of them is over, nothing
	// is counted, and it returns until when to wait; else the zero time.
	Attempt(ctx context.Context, limits []Limit) (time.Time, error)

	// Forgive takes an attempt that did not fail from its limits.
	Forgive(ctx context.Context, limits []Limit) error

	// NoteSignIn notes that somebody signed in, or failed to. Of an Actor without an
	// account nothing is known but where from: there is no such address. Of those the
	// first MaxUnknown of a day have a line each in the audit log, and the others one
	// line together: anybody can try, and no line is ever taken out.
	NoteSignIn(ctx context.Context, by Actor, how SignInResult) error

	// SecondFactor returns the sealed secret of an account's second factor, nil if
	// it has none; not_found.
	SecondFactor(ctx context.Context, id int64) ([]byte, error)

	// SetSecondFactor gives an account a second factor with the step of the code
	// that proved it, and the hashes of its recovery codes, and ends its sessions.
	SetSecondFactor(ctx context.Context, by Actor, sealed []byte, step int64, codes [][]byte) error

	// RemoveSecondFactor takes it from an account with the codes, and ends its
	// sessions. not_found.
	RemoveSecondFactor(ctx context.Context, by Actor, id int64) error

	// UseCode notes the time step of a code, and reports false if one of that step
	// or of a later one was used before.
	UseCode(ctx context.Context, id, step int64) (bool, error)

	// UseRecoveryCode takes a recovery code and returns how many are left;
	// not_found if the account has no such code, or used it before.
	UseRecoveryCode(ctx context.Context, by Actor, hash []byte) (left int, err error)

	// SetRecoveryCodes gives an account codes in place of those that it has.
	SetRecoveryCodes(ctx context.Context, by Actor, codes [][]byte) error

	// RecoveryCodes returns how many unused recovery codes an account has.
	RecoveryCodes(ctx context.Context, id int64) (int, error)

	// SetProfile sets one's own name, and whether one wants the digest.
	SetProfile(ctx context.Context, by Actor, name string, digest bool) error

	// EditAccount sets the name, the role and the partner of an account, and ends
	// its sessions if it may do something else than before. conflict if it no
	// longer is as was says (nil: whatever it is), or if no owner would be left;
	// not_found.
	EditAccount(ctx context.Context, by Actor, a Account, was *Account) error

	// SetDisabled closes an account, which ends its sessions and links, or opens it
	// again. conflict if no owner would be left; not_found.
	SetDisabled(ctx context.Context, by Actor, id int64, disabled bool) error

	// SignOutEverywhere ends every session of an account.
	SignOutEverywhere(ctx context.Context, by Actor) error

	// ForgetAccountTrails deletes sessions and links whose time is over, counts of
	// failures that no longer matter, and mail that ended long ago. It writes down how
	// many failed to sign in on a day that is over, beyond those with a line.
	ForgetAccountTrails(ctx context.Context) error
}

// SignInResult is how an attempt to sign in went, as the audit log calls it.
type SignInResult string

// The results.
const (
	SignedInOK    SignInResult = "sign_in"
	WrongPassword SignInResult = "sign_in.fail"
	WrongCode     SignInResult = "sign_in.wrong_code"
)

// MaxUnknown is how many failures to sign in with an address that nobody has leave
// a line of their own, in a day of London.
const MaxUnknown = 20

// LinkKind says what a link is for.
type LinkKind string

// The kinds of link.
const (
	LinkSetUp LinkKind = "setup"
	LinkReset LinkKind = "reset"
)

// Link is a link about to be written down: it lets somebody set a password.
type Link struct {
	Kind      LinkKind
	TokenHash []byte
	ExpiresAt time.Time
}

// How long links are good.
const (
	SetUpWithin = 7 * 24 * time.Hour
	SentWithin  = 24 * time.Hour // a new password that an owner offers
	ResetWithin = time.Hour      // a new password that somebody asks for
)

// MaxResets is how many mails with a link to set another password somebody gets
// within ResetWithin, however often they are asked for.
const MaxResets = 3

// KeepMail is how long the queue remembers a mail that is sent.
const KeepMail = 30 * 24 * time.Hour
