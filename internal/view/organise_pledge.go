package view

import "time"

// pledgePages are the pages of pledges and MPs.
var pledgePages = []Page{
	PledgeBook{Desk: ofCampaign}, PledgeRecord{Desk: ofCampaign, Row: PledgeRow{State: "stands"}}, PledgeImport{Desk: ofCampaign},
	DeskMPs{}, DeskSeat{}, RosterSync{}, DigestPage{},
}

// ofCampaign is the emptiest frame of a page about a campaign.
var ofCampaign = Desk{Campaign: &DeskCampaign{State: "live"}}

// PledgeBook is the record of a campaign's pledges.
type PledgeBook struct {
	Desk
	Form                        DeskForm // of a pledge to record
	May                         bool     // record and withdraw
	Show                        string   // what the list is narrowed to; empty: nothing
	Standing, Withdrawn, Voided int
	Rows                        []PledgeRow
	Reports                     []PledgeReport
	Refusals                    []Refusal
	Reinstate                   bool // offer to record it although it was withdrawn or voided
	Replace                     bool // offer to replace what is recorded otherwise
}

func (PledgeBook) template() string { return "organise/pledges" }
func (p PledgeBook) failed() bool   { return len(p.Form.Errors) > 0 }

// PledgeRow is one pledge in the list.
type PledgeRow struct {
	URL                         string // of its record
	MP, Place                   string // Place empty: no longer an MP
	PlaceURL                    string
	On                          string
	State                       string // stands, withdrawn or voided
	WithdrawnOn, Reason         string // Reason also of a voiding
	EndedBy                     string
	Evidence, WithdrawnEvidence string
	Note, RecordedBy            string
	RecordedAt                  string // a day
}

// PledgeReport is what supporters say of an MP.
type PledgeReport struct {
	MemberID    int
	MP, Place   string
	Supporters  int
	First, Last time.Time
	Until       string
	Recorded    bool // the pledge stands already
	Form        DeskForm
	ID          string // begins the ids of its fields
}

// Refusal is how many say that an MP refused.
type Refusal struct {
	MP, Place, URL string
	Supporters     int
}

// PledgeRecord is one recorded pledge, with what can be done about it.
type PledgeRecord struct {
	Desk
	Row       PledgeRow
	ID        int64
	MemberID  int
	Version   string
	May       bool
	Form      DeskForm
	Open      string     // which form is in work: correct, withdraw or void
	Reinstate bool       // was ticked
	VoidedOn  string     // the day; empty: it counts
	Changed   []Compared // somebody else changed it: what is recorded, and what was typed
}

func (PledgeRecord) template() string { return "organise/pledge" }
func (p PledgeRecord) failed() bool   { return len(p.Form.Errors) > 0 }

// Compared is one thing as it is recorded now, and as it was typed.
type Compared struct{ What, Now, Typed string }

// PledgeImport is the import of a file of pledges.
type PledgeImport struct {
	Desk
	Form               DeskForm
	CSV                string
	Correct, Reinstate bool
	Looked             bool // the file was read: Problems or Changes say what it comes to
	Problems           []ImportProblem
	OfferCorrect       bool
	OfferReinstate     bool
	Ignored            []string
	Changes            []ImportChange // without what is unchanged
	Unchanged          int
	Plan               string // what was looked at
	Stale              bool   // the record has changed since
}

func (PledgeImport) template() string { return "organise/pledge_import" }
func (p PledgeImport) failed() bool   { return len(p.Form.Errors) > 0 || len(p.Problems) > 0 }

// ImportProblem is what is wrong with a line; 0: with the file.
type ImportProblem struct {
	Line int
	Text string
}

// ImportChange is what a line comes to.
type ImportChange struct {
	Line        int
	Action      string // added, corrected or withdrawn
	MP, Place   string
	Now, Before string
}

// Of counts the changes of a kind.
func (p PledgeImport) Of(action string) int {
	n := 0
	for _, c := range p.Changes {
		if c.Action == action {
			n++
		}
	}
	return n
}
