package view

import "time"

// accountPages are the pages about accounts: one's own, and everybody's.
var accountPages = []Page{OwnAccount{}, SecondFactor{}, RecoveryCodes{}, People{}, PersonPage{Person: Person{Role: "owner"}}}

// OwnAccount is somebody's own account.
type OwnAccount struct {
	Desk
	Form         DeskForm // of all its forms
	Email        string
	HasDigest    bool // the digest is for them
	Digest       bool
	SecondFactor bool
	CodesLeft    int
	MinPassword  int
	Sessions     []OwnSession // the one used last first
}

// OwnSession is a browser in which somebody is signed in.
type OwnSession struct {
	ID          string
	Since, Seen time.Time
	This        bool // the page is shown in it
}

func (OwnAccount) template() string { return "organise/account" }
func (p OwnAccount) failed() bool   { return len(p.Form.Errors) > 0 }

// SecondFactor is how somebody's second factor stands: what to scan to set it up,
// or what can be done with it.
type SecondFactor struct {
	Desk
	Form      DeskForm
	On        bool
	Needed    bool // their role needs one
	Forced    bool // and they can do nothing before
	CodesLeft int
	QR        QR
	Secret    string // in groups of four
	Sealed    string
}

func (SecondFactor) template() string { return "organise/second_factor" }
func (p SecondFactor) failed() bool   { return len(p.Form.Errors) > 0 }

// RecoveryCodes shows somebody their recovery codes, this once.
type RecoveryCodes struct {
	Desk
	Email string
	Codes []string
}

func (RecoveryCodes) template() string { return "organise/recovery_codes" }

// Person is somebody with an account, as owners see them.
type Person struct {
	ID           int64
	Name, Email  string
	Role         string
	Partner      string
	Ready        bool
	Disabled     bool
	SecondFactor bool
	SignedInAt   time.Time // zero: never
}

// People lists who has an account, and lets an owner invite somebody.
type People struct {
	Desk
	People []Person
	Form   DeskForm
	Roles  []string

	Partners []DeskOption // to choose from
}

func (People) template() string { return "organise/people" }
func (p People) failed() bool   { return len(p.Form.Errors) > 0 }

// PersonPage is one account, with what an owner can do with it.
type PersonPage struct {
	Desk
	Person
	Form  DeskForm
	Roles []string

	Partners []DeskOption // to choose from

	Self  bool // it is that of who looks
	Typed bool // the form holds what was typed, not what is
}

func (PersonPage) template() string { return "organise/person" }
func (p PersonPage) failed() bool   { return len(p.Form.Errors) > 0 }
