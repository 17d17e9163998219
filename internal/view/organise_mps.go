package view

import (
	"slices"
	"time"

	"postbag/internal/parliament"
)

// DeskMPs is the list of constituencies and MPs.
type DeskMPs struct {
	Desk
	Query           string
	Region, Party   string // what the list is narrowed to; empty: nothing
	Show            string // vacant, no_email or corrected; empty: all
	Regions         []Group
	Parties         []string
	Rows            []DeskMP
	Total           int
	Vacant, NoEmail int
	Corrected       int
	Source, Date    string
	Failing         FailingList
	May             bool
}

// Group is a nation, or a region of one, to choose.
type Group struct{ Value, Name string }

func (DeskMPs) template() string { return "organise/mps" }

// DeskMP is a constituency in the list.
type DeskMP struct {
	Code, Place, Region, MP, Party, Email string
	Vacant, Corrected                     bool
}

// DeskSeat is one constituency.
type DeskSeat struct {
	Desk
	Seat        DeskMP
	PlaceCy     string
	MemberID    int
	May         bool
	Form        DeskForm
	Open        string // which form is in work: email or vacant
	Changed     []Compared
	Corrections []CorrectionRow
	Failing     FailingList
	Campaigns   []SeatCampaign
}

func (DeskSeat) template() string { return "organise/mp" }
func (p DeskSeat) failed() bool   { return len(p.Form.Errors) > 0 }

// Held reports whether a correction of the seat stands.
func (p DeskSeat) Held() bool {
	for _, c := range p.Corrections {
		if c.EndedAt == "" {
			return true
		}
	}
	return false
}

// CorrectionRow is a correction of an MP.
type CorrectionRow struct {
	ID            int64
	Field, MP     string
	Value, Listed string
	Source, By    string
	At, EndedAt   string // days; EndedAt empty: it stands
	EndedBy       string
}

// SeatCampaign is a campaign as it stands in a constituency.
type SeatCampaign struct {
	Slug, Title                      string
	Pledge                           *PledgeRow // the latest of who sits; nil: none
	Written, Confirmed, Sent, Failed int
	Bounced, Uncertain               int
	SaidPledged, SaidRefused         int
}

// RosterSync is how far taking Parliament's list anew has come.
type RosterSync struct {
	Desk
	Stage       string // as campaign.SyncStage
	ID          string
	Version     int64
	By          string
	StartedAt   time.Time
	Done, Total int
	Problem     string
	Error       string // why the last press did nothing
	Diff        parliament.Diff
	Held        []CorrectionRow // corrections that hold all the same
	NeedsForce  bool
}

func (RosterSync) template() string { return "organise/sync" }
func (p RosterSync) failed() bool   { return p.Error != "" }

// entryList is what the part "entries" shows.
type entryList struct {
	Heading string
	List    []parliament.Entry
}

func entries(heading string, list []parliament.Entry) entryList { return entryList{heading, list} }

// Percent is how much of it is done.
func (p RosterSync) Percent() int {
	if p.Total == 0 {
		return 0
	}
	return 100 * p.Done / p.Total
}

// manyGreeted is how many members may be listed with nothing but a new
// salutation: the first list after the snapshot that ships with the program,
// which has none, brings hundreds.
const manyGreeted = 10

// Greeted is how many members are not listed because nothing but their
// salutation is new.
func (p RosterSync) Greeted() int {
	n := 0
	for _, c := range p.Diff.Changed {
		if greeted(c) {
			n++
		}
	}
	if n > manyGreeted {
		return n
	}
	return 0
}

// Changes are the members to list.
func (p RosterSync) Changes() []parliament.Change {
	if p.Greeted() == 0 {
		return p.Diff.Changed
	}
	return slices.DeleteFunc(slices.Clone(p.Diff.Changed), greeted)
}

func greeted(c parliament.Change) bool {
	return len(c.Fields) == 1 && c.Fields[0].Field == "salutation"
}

// Same reports whether the list is what it was.
func (p RosterSync) Same() bool {
	return len(p.Diff.Joined)+len(p.Diff.Left)+len(p.Diff.Changed) == 0 && p.Diff.Complete()
}

// DigestPage shows the digest that would be mailed.
type DigestPage struct {
	Desk
	Wanted        bool // by whoever looks
	Subject, Text string
}

func (DigestPage) template() string { return "organise/digest" }
