package view

import (
	"time"

	"postbag/internal/campaign"
)

// letterPages are the pages of letters that wait for a decision.
var letterPages = func() []Page {
	of := Desk{Campaign: &DeskCampaign{State: "live"}}
	return []Page{
		DeskQueue{Desk: of}, DeskDecide{Desk: of, Decision: "send"}, DeskDecided{Desk: of, Decision: "send"},
		DeskLetter{Desk: of, Row: DeskLetterRow{State: "held"}}, DeskPeople{}, DeskErase{},
	}
}()

// DeskLetterRow is a letter in a list. Nothing here says who wrote it.
type DeskLetterRow struct {
	ID           int64
	URL          string
	Value        string // names the letter, and as what it was seen
	Reference    string // empty: it has none
	Campaign     string // its title, where letters of several are listed
	Constituency string
	MP           string // that it was written to
	MPNow        string // who sits now; empty: nobody
	SameMP       bool
	State        string
	Why          string // it is in that state, in words; empty: that goes without saying
	Since        time.Time
	Written      time.Time
	Own          int // percent; -1: not measured
	Attempts     int
	Answer       string // the server's codes; empty: none
	Similar      int    // others that wait with it
	SimilarURL   string
	Kept         bool
	Refused      string // why what was decided cannot be done, in words
}

// DeskChoice is one of the values by which a list is sifted.
type DeskChoice struct {
	Value, Words string
	N            int
	Chosen       bool
}

// DeskQueue lists the letters that wait for a decision.
type DeskQueue struct {
	Desk
	Letters   []DeskLetterRow
	Failing   FailingList
	Waiting   int // altogether
	Found     int // that the filter lets through
	States    []DeskChoice
	Reasons   []DeskChoice
	Seats     []DeskChoice
	Partners  []DeskChoice // none: no partner brought any
	Sifted    bool
	First     string // address of the first page; empty: this is it
	Next      string // of the next; empty: this is the last
	Decisions []campaign.Decision
	Form      DeskForm
	People    bool   // who looks may export who wrote the letters
	SealedTo  string // fingerprint of the key that such an export is sealed to; empty: none
	AgeAt     string // the page about that key
	Filter    []DeskHidden
	Freed     int // letters that were held and can go by now
}

// DeskHidden is a hidden field of a form.
type DeskHidden struct{ Name, Value string }

// DeskDecide asks once more before something is done about letters.
type DeskDecide struct {
	Desk
	Decision string
	Letters  []DeskLetterRow // that it can be done for
	Refused  []DeskLetterRow // that it cannot
	Form     DeskForm
	MaxNote  int
	Back     string       // address
	All      []DeskHidden // what was sifted by, and of a sweep what it is about

	Many  bool // it is about all that a filter finds, which are not listed
	Count int  // how many they are
}

// DeskDecided tells what was done about letters, and what was not.
type DeskDecided struct {
	Desk
	Decision string
	Done     []DeskLetterRow
	Refused  []DeskLetterRow
	Back     string // address

	Many   bool         // it was about all that a filter finds
	Count  int          // for how many it is done
	Before int          // for how many it was, in the steps before
	Left   int          // for how many it is not
	Broken bool         // something went wrong then
	On     []DeskHidden // to go on with the others; none: there are no more
}

// DeskLetter shows one letter.
type DeskLetter struct {
	Desk
	Row       DeskLetterRow
	Variant   string
	Lang      string
	Partner   string
	Checks    []string  // that found something against it, in words
	Erase     time.Time // when its person goes; zero: not before something else happens
	Events    []DeskEvent
	Postings  []DeskPosting
	Decisions []campaign.Decision // that can be carried out
	Blocked   string              // why it cannot be sent, in words; empty: it can, or that is no question
	MayRead   bool
	Opened    *DeskOpened // nil: nobody opened it
	Problem   string      // why what was asked for cannot be done, in words; empty: nothing
}

// DeskEvent is a move of a letter, in words.
type DeskEvent struct {
	At       time.Time
	To, Text string
}

// DeskPosting is a message about a letter.
type DeskPosting struct {
	Kind, Status string
	Attempts     int
	At           time.Time
	Answer       string // the server's: codes, or all of it where the letter was opened
	Log          []DeskAttempt
}

// DeskAttempt is one try to hand a message to the mail server.
type DeskAttempt struct {
	At             time.Time
	Verdict, Codes string
	Meaning        string // of messages desk.enhanced; empty: not a common one
}

// DeskOpened is a letter that somebody opened to read it.
type DeskOpened struct {
	Person campaign.Person
	Note   string
}

// DeskPeople finds what is held about a person.
type DeskPeople struct {
	Desk
	Form     DeskForm
	Searched bool
	Letters  []DeskLetterRow
	Kept     int // of them that still have their person
	OptIns   int // that stand
}

// DeskErase asks once more before a person is deleted, and tells what was done.
type DeskErase struct {
	Desk
	Sought  string
	Letters []DeskLetterRow
	OptIns  int // that stand, or were ended
	Done    bool
	Erased  int
}

func (DeskQueue) template() string   { return "organise/letters" }
func (DeskDecide) template() string  { return "organise/letters_decide" }
func (DeskDecided) template() string { return "organise/letters_decided" }
func (DeskLetter) template() string  { return "organise/letter" }
func (DeskPeople) template() string  { return "organise/find" }
func (DeskErase) template() string   { return "organise/people_erase" }

func (p DeskQueue) failed() bool  { return len(p.Form.Errors) > 0 }
func (p DeskDecide) failed() bool { return len(p.Form.Errors) > 0 }
func (p DeskPeople) failed() bool { return len(p.Form.Errors) > 0 }
func (p DeskLetter) failed() bool { return p.Problem != "" }
