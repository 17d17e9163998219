package view

import "time"

// Ask asks a supporter whether their letter shall go to the MP who sits now.
type Ask struct {
	MP         string
	Member     int    // who sits; the form carries it
	Named      string // how they are addressed; the form carries it as well
	Refused    string // why it cannot go to them, in words; empty: it can
	Lang       string // the letter's, where it is not the page's
	Salutation string // locked
	Signed     string // locked: what follows the text
	Fields     map[string]Field
	ErrorList  []FieldError
}

// Turn tells where a letter stands in the line of its MP.
type Turn struct {
	Place string    // the ordinal, in words; empty: nobody knows
	At    time.Time // when it is likely to go; zero: now
	Today bool      // At is today
	Day   bool      // the day of At is all that is foretold
	Why   string    // why it takes so long, in words; empty: others are before it
}

func (p PrivatePage) failed() bool { return p.Ask != nil && len(p.Ask.ErrorList) > 0 }

// Asks reports whether the page offers to send the letter to the MP who sits now,
// or not at all.
func (p PrivatePage) Asks() bool { return p.Ask != nil && p.Ask.Refused == "" }
