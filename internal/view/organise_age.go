package view

import "time"

// agePages are the pages about the age keys of campaigns.
var agePages = []Page{DeskAge{}}

// DeskAge shows a campaign's age key, and lets organisers set and remove it.
type DeskAge struct {
	Desk
	At          string // the page's address
	Make        string // the command that makes one
	Key         string // empty: there is none
	Fingerprint string
	AddedBy     string
	AddedAt     time.Time
	Sealing     bool // contacts that were kept before are being sealed to it
	Form        DeskForm
}

func (DeskAge) template() string { return "organise/age" }
func (p DeskAge) failed() bool   { return len(p.Form.Errors) > 0 }
