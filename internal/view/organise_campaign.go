package view

import (
	"strings"
	"time"

	"postbag/internal/campaign"
)

// campaignPages are the pages on which campaigns are made.
var campaignPages = []Page{
	CampaignHub{CampaignDesk: emptyCampaign}, CampaignEdit{CampaignDesk: emptyCampaign}, CampaignSource{CampaignDesk: emptyCampaign},
	CampaignStale{CampaignDesk: emptyCampaign}, CampaignVersions{CampaignDesk: emptyCampaign}, CampaignVersion{CampaignDesk: emptyCampaign},
	CampaignState{CampaignDesk: emptyCampaign}, CampaignCoverage{CampaignDesk: emptyCampaign}, CampaignPreview{CampaignDesk: emptyCampaign},
	CampaignTurn{CampaignDesk: emptyCampaign}, CampaignNew{},
}

var emptyCampaign = CampaignDesk{Desk: Desk{Campaign: &DeskCampaign{State: "draft"}}}

// CampaignDesk is the frame of the pages on which a campaign is made.
type CampaignDesk struct {
	Desk
	Tabs    []DeskLink // these pages
	Version int        // of the file that the page shows
}

// DeskField is one field of a form of the workspace.
type DeskField struct {
	Kind    string // line, time, area, checks, check or select
	Name    string
	Label   string
	Hint    string   // may be empty
	Places  []string // placeholders that it may hold
	Value   string
	Rows    int // of an area
	Lang    string
	Error   string // in words; empty: none
	Options []DeskOption
}

// Describes lists the ids of what describes the field; empty for none.
func (f DeskField) Describes() string {
	var ids []string
	for _, part := range []struct {
		id    string
		there bool
	}{{"-hint", f.Hint != ""}, {"-places", len(f.Places) > 0}, {"-error", f.Error != ""}} {
		if part.there {
			ids = append(ids, f.Name+part.id)
		}
	}
	return strings.Join(ids, " ")
}

// DeskOption is one of several that can be chosen.
type DeskOption struct {
	Value, Words string
	Chosen       bool
}

// DeskGroup is fields that belong together: part of a page, or an entry of a
// list that can be moved about.
type DeskGroup struct {
	Legend, Hint string
	Fields       []DeskField
	Error        string
	List         string // whose entry it is; empty: of none
	Entry        int
	First, Last  bool
	Add          string // words of the button that adds an entry to List; the group is nothing else
}

// CampaignEdit is a form for a part of a campaign's file.
type CampaignEdit struct {
	CampaignDesk
	Heading, Lead string
	Action        string
	Groups        []DeskGroup
	Others        []DeskLink // the same part in other languages
	Form          DeskForm
	Note          DeskField
	Commented     bool // the file has comments, which saving this form loses
	Look          *DeskLook
	Cover         string // address of the page that says whom the rules catch; empty: none
}

func (p CampaignEdit) failed() bool { return len(p.Form.Errors) > 0 }

// DeskLook is a letter as somebody would find it, with the choice of whose.
type DeskLook struct {
	Fields     []DeskField
	To         Recipient
	Rule       string // which one decides, in words
	Lang       string
	Note       string
	Subject    string
	Salutation string
	Body       string
	SignOff    string
	ThankYou   string
	Excluded   []string // paragraphs of an exclusion, instead of a letter
	Link       string
	LinkText   string
	Page       string // address of the page that the supporter would see; empty: not saved yet
	Error      string // why there is no letter, in words
}

// CampaignHub lists the parts of a campaign's file.
type CampaignHub struct {
	CampaignDesk
	Author    string
	At        time.Time
	Parts     []HubPart
	Missing   []HubProblem // what a draft still lacks
	Letters   []HubLetter
	Languages []HubLanguage
	Form      DeskForm
	Key, Text DeskField // to add a letter or an exclusion
	Kind      DeskField
	Lang      DeskField // to add a language
}

func (p CampaignHub) failed() bool { return len(p.Form.Errors) > 0 }

// HubPart is one page of the editor.
type HubPart struct{ Name, Text, URL string }

// HubProblem is something that is missing, with where to write it.
type HubProblem struct{ Text, URL string }

// HubLetter is a letter or an exclusion.
type HubLetter struct {
	Key       string
	Kind      string // letter or exclusion
	Name      string
	Rules     string // which rules give it, in words
	Links     []DeskLink
	CanRemove bool
}

// HubLanguage is a language of the campaign.
type HubLanguage struct {
	Code, Name string
	URL        string
	CanRemove  bool
}

// CampaignSource is the campaign's file as it is written.
type CampaignSource struct {
	CampaignDesk
	Source   string
	Form     DeskForm
	Problems []SourceProblem
	Note     DeskField
}

func (p CampaignSource) failed() bool { return len(p.Problems) > 0 || len(p.Form.Errors) > 0 }

// SourceProblem is a problem with the line of the file that it is about.
type SourceProblem struct {
	Line       int
	Text       string
	Incomplete bool // a draft may have it
}

// CampaignStale shows what somebody saved meanwhile beside what was to be saved.
type CampaignStale struct {
	CampaignDesk
	Author string // who saved meanwhile
	At     time.Time
	Lines  []campaign.DiffLine
	Source string // what was to be saved, on top of theirs
	Note   DeskField
	Back   string // where to go to keep theirs
}

func (CampaignStale) failed() bool { return true }

// CampaignVersions is the history of a campaign's file.
type CampaignVersions struct {
	CampaignDesk
	Versions []campaign.Version
}

// CampaignVersion is one version beside another.
type CampaignVersion struct {
	CampaignDesk
	Shown   campaign.Version
	Against int // the version that it is compared with; 0: none
	Lines   []campaign.DiffLine
	Newest  bool
	Form    DeskForm
}

// CampaignState is where a campaign stands, and where it can go.
type CampaignState struct {
	CampaignDesk
	Turns        []DeskTurn
	Missing      []HubProblem // what has to be written before it can be launched
	Starts, Ends DeskField
	Goal         DeskField
	StartsAt     time.Time
	EndsAt       time.Time
	Times        string // tells what both were as the page shows them
	Form         DeskForm
	Holds        campaign.Holds
	Draft        bool
}

func (p CampaignState) failed() bool { return len(p.Form.Errors) > 0 }

// DeskTurn is a stage to which a campaign can be brought.
type DeskTurn struct {
	To      string
	Allowed bool
	Strong  bool
}

// CampaignTurn asks once more before a campaign becomes public, or ends.
type CampaignTurn struct {
	CampaignDesk
	To        string
	Shown     string   // tells by what the page shows of the campaign
	URL       string   // where the public finds it
	Languages []string // in which
	EndsAt    time.Time
	Closing   string // what the page says once it is over; empty: the usual
}

// CampaignCoverage says whom the rules catch.
type CampaignCoverage struct {
	CampaignDesk
	Rules    []CoverRule
	Variants []campaign.VariantCount
	MayEdit  bool
}

// CoverRule is one rule with those it catches; the last is whom no rule catches.
type CoverRule struct {
	Number int // from 1; 0: the rest
	Name   string
	When   []string // its conditions, in words
	Then   string   // what follows, in words
	Flaw   string
	Fits   int
	Seats  []CoverSeat
	Counts *campaign.VariantCount
}

// CoverSeat is one constituency.
type CoverSeat struct{ Code, Name, MP, Party, URL string }

// CampaignPreview shows a campaign as anybody would find it.
type CampaignPreview struct {
	CampaignDesk
	Look  DeskLook
	Pages []DeskLink // the public pages as a preview
}

// CampaignNew is the form that makes a campaign.
type CampaignNew struct {
	Desk
	Fields []DeskField
	Form   DeskForm
}

func (p CampaignNew) failed() bool { return len(p.Form.Errors) > 0 }

func (CampaignHub) template() string      { return "organise/campaign_edit" }
func (CampaignEdit) template() string     { return "organise/campaign_form" }
func (CampaignSource) template() string   { return "organise/campaign_file" }
func (CampaignStale) template() string    { return "organise/campaign_stale" }
func (CampaignVersions) template() string { return "organise/campaign_versions" }
func (CampaignVersion) template() string  { return "organise/campaign_version" }
func (CampaignState) template() string    { return "organise/campaign_state" }
func (CampaignTurn) template() string     { return "organise/campaign_turn" }
func (CampaignCoverage) template() string { return "organise/campaign_coverage" }
func (CampaignPreview) template() string  { return "organise/campaign_preview" }
func (CampaignNew) template() string      { return "organise/campaign_new" }
