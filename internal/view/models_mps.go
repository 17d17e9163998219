package view

// MPs is the pledge list: every constituency with its MP, pledged or not; or
// what a search found of it.
type MPs struct {
	Frame
	Pledged int // MPs whose pledge stands
	Total   int // constituencies

	Find    string // as typed
	Error   string // the sentence beside the search field, in words; empty: none
	Answer  string // what the search came to, in words; empty: nothing was searched
	Partial bool   // the rows, if there are any, are what a search found
	Places  bool   // the groups are parts of the country, which a filter offers too

	Sorts   []MPSort
	Filters []MPFilter // empty where the rows are few
	Groups  []MPGroup
}

// MPSort is one order of the list.
type MPSort struct {
	Name, URL string
	Current   bool
}

// MPFilter is a choice of which rows are shown, made without asking the server:
// the stylesheet hides the others by the classes of MPRow.
type MPFilter struct {
	Name, Legend string
	Options      []MPOption // the first shows all
}

// MPOption is one choice of a filter. ID is what the stylesheet knows it by.
type MPOption struct {
	ID, Label string
	Count     int
}

// MPGroup is rows under one heading.
type MPGroup struct {
	ID, Name string
	Note     string // beside the name: how many have pledged, say
	Rows     []MPRow
}

// MPRow is one constituency. Everything is in words already: there are 650.
type MPRow struct {
	Class        string // for the filters: y, n or o by pledge; r1 to r12 by region
	URL          string
	Constituency string
	Also         string // its name in another language, which scripts find it by; empty: none
	MP, Party    string // MP says so when the seat is vacant; Party is empty then
	Tag, Pledge  string // how it looks, see .tag in the stylesheet; in words
	Since        string // a day; empty: none
	Evidence     string // web address; empty: none
	Letters      string
}

// SeatPage is the page of one constituency.
type SeatPage struct {
	Frame
	Name      string // of the constituency
	Other     string // the same in another language; empty: none
	OtherLang string
	Region    string

	MP, FullTitle, Party string // empty while the seat is vacant

	Standing       string // a campaign.Standing
	Tag            string // how that looks, see .tag in the stylesheet
	Since, Until   string // days; empty: none
	Evidence       string // of Since: web address; empty: none
	UntilEvidence  string // of Until
	Letters        string // how many have gone from here, in words
	LettersHidden  bool   // too few to be told
	Near           []NearSeat
	ListURL, Check string // the pledge list; where to ask if an MP is safe to talk to
}

// NearSeat is a constituency near another.
type NearSeat struct {
	Name, URL, MP string
	Away          string // how far, in words
	Tag, Pledge   string
}

func (MPs) template() string      { return "mps" }
func (SeatPage) template() string { return "seat" }

func (p MPs) failed() bool { return p.Error != "" }
