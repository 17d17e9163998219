package view

import (
	"html/template"
	"time"
)

// dashboardPages are the pages of counts.
var dashboardPages = []Page{DeskHome{}, Dashboard{}}

// DeskHome lists the campaigns.
type DeskHome struct {
	Desk
	Campaigns []DeskCampaignRow
}

// DeskCampaignRow is one campaign in the list.
type DeskCampaignRow struct {
	Slug, Title, State string
	Letters            int    // accepted, and not returned
	Awaiting           int    // for their supporters to confirm them
	Open               int    // wait for somebody's decision
	OpenURL            string // where to decide; empty: not for this account
}

// Dashboard is everything about a campaign's letters that is counted.
type Dashboard struct {
	Desk
	Version int64  // of what is counted
	Live    string // where its changes are told
	Tiles   []DashTile

	Ranges       []DeskLink // the chart's time
	Units        []DeskLink // its points: days, hours; empty: there is no choice
	Span         DeskForm   // of days to choose: from, to
	SpanKeep     []Hidden   // what else the address has
	Said         string     // what the chart shows, in words
	Chart        template.HTML
	Points       []DashPoint // the same in figures, the latest first
	Hourly       bool
	SeriesFiles  []DeskLink
	Funnel       []DashBar
	Own          []DashBar
	OwnOf        int // letters whose words were measured
	OptIns       []OptInCount
	Todos        []DashTodo
	MapWays      []MapWay
	Map          template.HTML
	Key          []MapKey
	MapFile      string
	Table        DashTable
	NoPostcodes  bool // of some of the table's constituencies the number is not known
	SelfReported int
	Partners     []DashPartner // most letters first, no partner last; empty: there is none
	PartnerFiles []DeskLink
}

// DashPartner is what a partner brought.
type DashPartner struct {
	Name, URL                   string // URL may be empty
	Written, Confirmed, Letters int
	Share                       int // percent of Written that is confirmed
	Sources                     []DashSource
}

// DashSource is what a page or a link of a partner's brought.
type DashSource struct {
	Words                       string
	Written, Confirmed, Letters int
}

// DashTile is a number of letters.
type DashTile struct {
	Key   string // of messages desk.tile
	N     int
	Today int    // as many of them were today; below 0: that is not told
	URL   string // where to see to them; empty: nowhere
	Wants bool   // there are some, and they want a decision
}

// DashPoint is one day or hour of the chart.
type DashPoint struct {
	At                                                   time.Time
	Written, Confirmed, Sent, Failed, Bounced, Uncertain int
}

// DashBar is one line of a chart of bars.
type DashBar struct {
	Key     string // of messages desk.funnel or desk.own
	N       int
	Percent int // of the longest
	Of      int // percent of the step before; below 0: that is not told
}

// DashTodo is one thing that might be done next.
type DashTodo struct {
	Key   string // of messages desk.todo
	N     int
	URL   string // where to see all
	Items []DashItem
}

// DashItem is one place or state that it is about.
type DashItem struct {
	Name, URL, Note string // URL may be empty
}

// DashTable is the table of constituencies: filters, columns, rows.
type DashTable struct {
	Path    string // of the page
	Selects []DashSelect
	Silent  bool // only those without letters
	Find    string
	Keep    []Hidden // what else the address has
	Columns []DashColumn
	Rows    []DashRow
	Total   int
	Narrow  bool   // something is left out
	Reset   string // where nothing is
	Files   []DeskLink
}

// DashSelect is a filter: one of several.
type DashSelect struct {
	Name    string // as in addresses, and of messages desk.filter
	Options []DashOption
}

// DashOption is one choice of a filter.
type DashOption struct {
	Value, Label string
	Chosen       bool
}

// DashColumn is a heading that sorts.
type DashColumn struct {
	Name, URL string
	Sort      string // ascending or descending, as it is sorted now; empty: by another
	Number    bool
}

// DashRow is one constituency, in words already: there are 650.
type DashRow struct {
	Code, URL, Place string
	Also             string // its name in Welsh; empty: none
	MP, Party        string // MP says so when the seat is vacant; Party is empty then
	Tag, Pledge      string
	Letters          int
	Share            string // empty: not known
	Replies          int
	Last             time.Time // zero: never
}

func (DeskHome) template() string  { return "organise/home" }
func (Dashboard) template() string { return "organise/dashboard" }

func (p Dashboard) failed() bool { return len(p.Span.Errors) > 0 }
