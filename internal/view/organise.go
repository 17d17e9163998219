package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"postbag/internal/campaign"
)

// Desk is what every page of the organisers' workspace has around it. Its words
// are in a catalogue of their own (messages/organise), in English only.
type Desk struct {
	Title    string // in words
	Path     string // its address
	Name     string // of who is signed in; empty: nobody is
	Role     string
	Nav      []DeskLink // what they may see
	Campaign *DeskCampaign
	Done     string // what was just done, in words; empty: nothing
	Captured bool
	TestMode bool
	Relay    campaign.Relay // the mail server, where it refuses everything
	Waits    time.Time      // until when letters wait, as Parliament is dissolved; zero: it is not
	Private  bool           // its address is a secret
}

// Referrer is what browsers tell of the page's address to where its links lead.
func (d Desk) Referrer() string {
	if d.Private {
		return "no-referrer"
	}
	return "same-origin"
}

// DeskLink is a link of the workspace's navigation.
type DeskLink struct {
	Name, URL string
	Current   bool
}

// DeskCampaign is the campaign that a page of the workspace is about, with the
// pages about it.
type DeskCampaign struct {
	Slug, Title string
	State       string // draft, live, paused or closed
	Nav         []DeskLink
}

func (d Desk) frame() Frame {
	return Frame{Lang: DefaultLang, Title: d.Title, Captured: d.Captured, TestMode: d.TestMode, NoIndex: true}
}
func (d Desk) failed() bool { return false }

// DeskForm is a form of the workspace: what was typed, and what is wrong with it.
type DeskForm struct {
	Values map[string]string // by field
	Errors map[string]string // by field, in words; the one without a name is of the whole form
	Order  []string          // of fields, as the form has them; those that it lacks come last, by name
}

// FormProblem is what is wrong with a field, or with a whole form.
type FormProblem struct{ Field, Sentence string }

// Problems are what is wrong with the form, as it has the fields, and before them
// what is of the whole form: whoever mends one after the other goes down the page.
func (f DeskForm) Problems() []FormProblem {
	var all []FormProblem
	for field, sentence := range f.Errors {
		all = append(all, FormProblem{field, sentence})
	}
	place := func(p FormProblem) int {
		if i := slices.Index(f.Order, p.Field); i >= 0 || p.Field == "" {
			return i
		}
		return len(f.Order)
	}
	slices.SortFunc(all, func(a, b FormProblem) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a.Field, b.Field))
	})
	return all
}

// FieldNames are the names of fields, in their order.
func FieldNames(fields []DeskField) []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return names
}

// deskPages lists a model of every page of the workspace, as empty as it may be:
// what must exist, and what each is tried out with at start.
func deskPages() []Page {
	var all []Page
	for _, area := range [][]Page{signInPages, accountPages, dashboardPages, campaignPages, letterPages, pledgePages, auditPages, retentionPages, partnerPages, keyPages, agePages, doctorPages, checkPages} {
		all = append(all, area...)
	}
	return all
}
