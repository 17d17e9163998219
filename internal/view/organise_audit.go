package view

import "time"

// auditPages are the pages of the audit log.
var auditPages = []Page{DeskAudit{}}

// DeskAudit shows who did what, the latest first.
type DeskAudit struct {
	Desk
	Lines     []DeskAuditLine
	People    []DeskChoice
	Families  []DeskChoice
	Campaigns []DeskChoice
	Day       string // as it was typed: 2026-11-23
	Form      DeskForm
	Sifted    bool
	First     string // address of the first page; empty: this is it
	Next      string // of the next; empty: this is the last
	Query     string // the filter as it stands in an address
}

// DeskAuditLine is one thing that somebody did.
type DeskAuditLine struct {
	At       time.Time
	Who      string
	Origin   string // empty: the server itself
	Did      string // in words, where there are any
	Action   string // as it is kept
	Campaign string
	Object   string
	Changes  []DeskChange
}

// DeskChange is one thing that is different after.
type DeskChange struct{ What, Before, After string }

func (DeskAudit) template() string { return "organise/audit" }
func (p DeskAudit) failed() bool   { return len(p.Form.Errors) > 0 }
