// Package account is the domain of the people who run campaigns: who they are,
// what each may do, how they get in, and the record of what they did. Supporters
// have no accounts.
package account

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// Role says what somebody may do.
type Role string

// The roles, the whole list.
const (
	Owner     Role = "owner"     // everything
	Organiser Role = "organiser" // campaigns, letters, pledges
	Viewer    Role = "viewer"    // counts only, no personal data
	Partner   Role = "partner"   // only what its own source brought
)

// Roles lists every role, the mightiest first.
func Roles() []Role { return []Role{Owner, Organiser, Viewer, Partner} }

// Permission is one thing that a page or an action needs. It stands on the line
// of its route.
type Permission string

// The permissions, the whole list.
const (
	Anyone         Permission = "anyone"          // no need to be signed in
	SignedIn       Permission = "signed in"       // one's own account
	SeeOwnPartner  Permission = "own partner"     // counts of the letters that one's own site brought
	SeeCounts      Permission = "see counts"      // exact counts, pledges, charts: no personal data
	EditCampaigns  Permission = "edit campaigns"  // texts, rules, states
	KeepPartners   Permission = "keep partners"   // who may show the form, and how it does there
	KeepPledges    Permission = "keep pledges"    // record and withdraw
	KeepMPs        Permission = "keep mps"        // correct Parliament's list, or take it anew
	DecideLetters  Permission = "decide letters"  // the queue: send, decline, retry
	ReadLetters    Permission = "read letters"    // open a supporter's letter, or look for a person; logged
	ExportPeople   Permission = "export people"   // letters with who wrote them; logged
	ManageAccounts Permission = "manage accounts" // who gets in
	SeeAudit       Permission = "see audit"       // who did what
)

// Permissions lists every permission.
func Permissions() []Permission {
	return []Permission{
		Anyone, SignedIn, SeeOwnPartner, SeeCounts, EditCampaigns, KeepPartners, KeepPledges, KeepMPs, DecideLetters, ReadLetters,
		ExportPeople, ManageAccounts, SeeAudit,
	}
}

// may lists what each role may do besides what anyone may who is signed in. An
// owner may do everything.
var may = map[Role][]Permission{
	Organiser: {SeeCounts, EditCampaigns, KeepPartners, KeepPledges, KeepMPs, DecideLetters, ReadLetters, ExportPeople},
	Viewer:    {SeeCounts},
	Partner:   {SeeOwnPartner},
}

// May reports whether the role allows it.
func (r Role) May(p Permission) bool {
	switch {
	case p == Anyone:
		return true
	case !r.Valid():
		return false
	case p == SignedIn:
		return true
	case r == Owner:
		return slices.Contains(Permissions(), p)
	}
	return slices.Contains(may[r], p)
}

// Valid reports whether there is such a role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// NeedsSecondFactor reports whether the role lets somebody read letters: a
// password alone must not do that.
func (r Role) NeedsSecondFactor() bool { return r.May(ReadLetters) }

// Account is somebody who can sign in, or is about to.
type Account struct {
	ID           int64
	Email        string // in lower case
	Name         string
	Role         Role
	Partner      string // whose counts a Partner may see
	Ready        bool   // a password is chosen
	SecondFactor bool   // a code from a telephone is asked for as well
	Digest       bool   // wants the weekly digest
	CreatedAt    time.Time
	SignedInAt   time.Time // last; zero: never
	DisabledAt   time.Time // zero: may sign in
	Epoch        Epoch
}

// Epoch changes with the password and with the second factor. A session that was
// begun in another is over: whoever signs in while the password is being changed
// gets nothing from the old one.
type Epoch string

// NewEpoch returns that of a password's hash.
func NewEpoch(hash string, secondFactor bool) Epoch {
	sum := sha256.Sum256([]byte(hash))
	return Epoch(base64.RawURLEncoding.EncodeToString(sum[:9])).With(secondFactor)
}

// With is the epoch of the same password with a second factor, or without one.
func (e Epoch) With(secondFactor bool) Epoch {
	e = Epoch(strings.TrimSuffix(string(e), "+"))
	if secondFactor {
		e += "+"
	}
	return e
}

// Disabled reports whether the account may not sign in any more.
func (a Account) Disabled() bool { return !a.DisabledAt.IsZero() }

// Actor is who does something, as the audit log names them.
type Actor struct {
	Account int64  // 0: a command on the server, or Postbag itself
	Name    string // of the account, or of the command
	Origin  string // network address; empty: the server itself
}

// As returns the account as an actor who acts from a network address.
func (a Account) As(origin string) Actor {
	return Actor{Account: a.ID, Name: a.Name, Origin: origin}
}

// Entry is one line of the audit log.
type Entry struct {
	ID       int64
	At       time.Time
	Actor    Actor
	Action   string // a verb behind what it is about, such as pledge.add
	Campaign string // slug; empty: of no campaign
	Object   string // what it was done to, such as "member 1234"; never a supporter's data
	Before   string // JSON, or empty
	After    string
}
