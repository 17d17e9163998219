package view

import "postbag/internal/campaign"

// checkPages are the pages about what holds letters before they may go.
var checkPages = []Page{DeskChecks{}}

// DeskChecks shows what a campaign's checks held, and lets organisers set them.
type DeskChecks struct {
	Desk
	Counts  []campaign.CheckCount
	Letters string      // where the letters wait that they hold
	May     bool        // they can be set
	Limits  []DeskLimit // in the order of the page
	Was     string      // stands for the settings that are changed
	Form    DeskForm
}

// DeskLimit is a number of the checks, as it can be set.
type DeskLimit struct {
	Name string
	Most int // 0: any number
}

func (DeskChecks) template() string { return "organise/checks" }
func (p DeskChecks) failed() bool   { return len(p.Form.Errors) > 0 }
