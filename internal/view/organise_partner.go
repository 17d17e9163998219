package view

import (
	"html/template"

	"postbag/internal/campaign"
)

// partnerPages are the pages of partners: organisers' and their own.
var partnerPages = []Page{PartnerList{}, PartnerForm{}, PartnerPage{}, PartnerNew{}, PartnerSnippet{}}

// PartnerList lists the partners.
type PartnerList struct {
	Desk
	Partners []PartnerRow
}

// PartnerRow is one partner in the list.
type PartnerRow struct {
	Slug, Name, Host string
	Origins          []string
	Retired          bool
	Letters          int    // of all campaigns
	Loads            int    // see campaign.HealthDays
	LastOn           string // a day; empty: never
	Refused          int    // pages that were refused
}

// PartnerLogo is a partner's logo.
type PartnerLogo struct {
	URL           string
	Width, Height int // pixels, as it is shown
}

// PartnerForm is the form that makes a partner, or changes one.
type PartnerForm struct {
	Desk
	Slug    string // empty: it is a new one
	Name    string // as it is kept
	Action  string
	Fields  []DeskField
	Form    DeskForm
	Version int          // of the partner, as it was seen
	Logo    *PartnerLogo // nil: it has none
	Kept    string       // a logo that was chosen and is not kept yet: its bytes in base64
	Remove  bool         // the one that it has was to be taken away
	Changed []Compared   // what somebody else saved meanwhile, beside what was typed
	Most    int          // kilobytes of a logo
}

func (p PartnerForm) failed() bool { return len(p.Form.Errors) > 0 }

// PartnerPage is how a partner does: for organisers, or for itself.
type PartnerPage struct {
	Desk
	Own       bool // the partner looks itself
	Slug      string
	Name      string
	Website   string
	Logo      *PartnerLogo // nil: it has none
	Retired   bool
	Campaigns []PartnerCampaign
	Health    PartnerHealth
	Least     int // see campaign.SuppressBelow

	// For organisers.
	At      string // address of the page
	Version int
	Links   []campaign.PartnerLink
	Form    DeskForm // that makes a link
}

func (p PartnerPage) failed() bool { return len(p.Form.Errors) > 0 }

// PartnerCampaign is what a partner brought to a campaign.
type PartnerCampaign struct {
	Slug, Title, State string
	Snippet            string             // where the lines to paste are; empty: no letter can be written
	Exact              *campaign.Credited // nil: not for who looks
	Letters            int                // as far as the partner may know; 0: nothing is told yet
	UpTo               string             // the last day of what is told
	Chart              template.HTML
	Steps              []PartnerStep // the latest first
	Seats              []PartnerSeat
}

// PartnerStep is a span of days.
type PartnerStep struct {
	From, To string // days; the same: one
	Letters  int
}

// PartnerSeat is one constituency.
type PartnerSeat struct {
	Place   string
	Letters int
}

// PartnerHealth is how a partner's embeds do.
type PartnerHealth struct {
	campaign.EmbedHealth
	Days int    // that they are counted for
	Edit string // where a page that was refused can be allowed; empty: not by who looks
}

// PartnerNew shows the address of a new link to a partner's page, this once.
type PartnerNew struct {
	Desk
	Name, For string
	URL       string
	Back      string
}

// PartnerSnippet is what a partner pastes into its pages, with how it looks.
type PartnerSnippet struct {
	Desk
	Name     string // of the partner
	Title    string // of the campaign
	Back     string
	Action   string
	Fields   []DeskField
	Form     DeskForm
	Snippets []Snippet
	Preview  string // address of the form as it looks
}

func (p PartnerSnippet) failed() bool { return len(p.Form.Errors) > 0 }

// Snippet is one way to put the form on a page.
type Snippet struct {
	Key  string // of messages desk.snippet.way
	Code string
	Rows int
}

func (PartnerList) template() string    { return "organise/partners" }
func (PartnerForm) template() string    { return "organise/partner_form" }
func (PartnerPage) template() string    { return "organise/partner" }
func (PartnerNew) template() string     { return "organise/partner_link" }
func (PartnerSnippet) template() string { return "organise/partner_snippet" }
