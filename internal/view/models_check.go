package view

import "postbag/internal/campaign"

// CheckPage asks "is my MP safe to talk to?" and answers. Its title is empty on
// purpose, so that the browser's tab and history say the campaign's name only.
type CheckPage struct {
	Frame
	Typed   string        // what comes back into the field
	Error   string        // the sentence beside the field, in words; empty: none
	Which   string        // why there are several answers, in words; empty: there is one, or none
	Answers []CheckAnswer // one: the answer; several: those to choose from
	Advice  []CheckAdvice // where to turn
}

// CheckAnswer is what is known of one constituency's MP.
type CheckAnswer struct {
	Standing     campaign.Standing
	Constituency string
	Code         string // ONS code
	MP           string // empty when the seat is vacant
	Party        string
	On           string // day of the pledge, "2026-11-23"; empty: none
	TakenBack    string // day it was taken back, likewise
	Evidence     string // web address; empty: none
	About        string // what the campaign says of an MP who cannot be asked
}

// CheckAdvice is an organisation that people can turn to.
type CheckAdvice struct {
	Name, For string
	Lang      string // of For, where that is not the page's; empty otherwise
	URL       string // empty: none is known
	Phone     string // likewise
}

// One returns the answer when there is only one, else nil.
func (p CheckPage) One() *CheckAnswer {
	if len(p.Answers) != 1 || p.Which != "" {
		return nil
	}
	return &p.Answers[0]
}

// CheckCard is the page that advice centres print and cut up.
type CheckCard struct {
	Frame
	Address string // of the check, as one types it
	Code    QR     // the same to point a phone at
}

func (CheckPage) template() string { return "check" }
func (CheckCard) template() string { return "card" }

func (p CheckPage) failed() bool { return p.Error != "" }
