package campaign

import (
	"strings"
	"time"

	"postbag/internal/parliament"
)

// Limits on what is typed, in characters (runes).
const (
	MaxName    = 100
	MaxEmail   = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
	MaxAddress = 100
	MaxSubject = 150
	MaxBody    = 10_000
)

// Variant says which of the campaign's letters a letter started from: a key of
// Text.Letters.
type Variant string

// VariantAsk is the letter that every campaign has: it goes to every MP whom no
// rule says otherwise of.
const VariantAsk Variant = "ask"

// VariantThanks is the key that a campaign gives the letter to an MP who has
// pledged, so that thanks can be told from what is asked.
const VariantThanks Variant = "thanks"

// Thanks reports whether the variant thanks an MP for their pledge.
func (v Variant) Thanks() bool { return v == VariantThanks }

// Recipient is whom a letter to a constituency is for, as things stand.
type Recipient struct {
	Constituency string                  // ONS code
	Seat         parliament.Constituency // the same constituency, with its names
	MemberID     int                     // 0: the seat is vacant
	MP           string                  // display name
	AddressAs    string                  // as one addresses them in a letter
	FullTitle    string
	Party        string
	Email        string
	Pledged      bool
	Ruling       Ruling // what the campaign's rules say of them
}

// Vacant reports whether nobody sits for the constituency.
func (r Recipient) Vacant() bool { return r.MemberID == 0 }

// ByPost reports whether a letter can only go by post: nobody sits, or
// Parliament publishes no email address.
func (r Recipient) ByPost() bool { return r.Email == "" }

// Draft is where a supporter starts from.
type Draft struct {
	To         Recipient
	Lang       string // that the letter is written in
	Variant    Variant
	Version    int    // of the campaign
	Keep       Keep   // how long the campaign keeps what the letter holds
	Note       string // in the page's language
	Subject    string
	Salutation string // complete; locked
	Body       string
	signOff    string
}

// Form is what a supporter typed, as it came.
type Form struct {
	Lang         string // of the page
	LetterLang   string // that the letter is to be written in; empty: as LetterLang has it
	Postcode     string
	Constituency string // ONS code
	Member       int    // who sat when they saw the preview; 0 before that
	Seen         string // stands for the letter that they saw in the preview; empty before that
	Way          Way    // how it shall go; empty: the usual way
	Subject      string
	Answers      [MaxQuestions]string // to the campaign's questions; they go before the body
	Body         string
	Name         string
	Email        string
	Phone        string
	Address1     string
	Address2     string
	Town         string
	Replaces     string // the token of the letter that this one corrects; empty: none
	Credit       Credit // as it came
	OptIns       OptIns // as it came
	Embed        bool   // it stands within a page of a partner's

	From  string // the network that it came from (Network)
	Shown string // says when the form was shown first (Service.Shown)
	Trap  string // what stands in the field that nobody sees
}

// SignOff returns the end of the letter as far as it is known while writing:
// what the campaign closes with, without the name and the address under it.
func (d Draft) SignOff() string {
	return strings.TrimSpace(fill(d.signOff, map[string]string{PlaceSupporterName: ""}))
}

// Letter returns the whole letter for a checked form: salutation, body,
// sign-off, then name, telephone, full address and postcode. What this returns
// is previewed, stored and sent, to the character.
func (d Draft) Letter(f Form) string {
	var b strings.Builder
	named := map[string]string{PlaceSupporterName: f.Name}
	b.WriteString(fill(d.Salutation, named))
	b.WriteString("\n\n")
	b.WriteString(f.Body)
	b.WriteString("\n\n")
	b.WriteString(fill(d.signOff, named))
	b.WriteString(tail(f.Phone, f.Address1, f.Address2, f.Town, f.Postcode))
	return b.String()
}

// signed is what follows the text of a letter, as Paper has it: line ends, the
// name, and what the campaign puts under it.
func (d Draft) signed(name string) string {
	end := "\n" + fill(d.signOff, map[string]string{PlaceSupporterName: name})
	return (&Person{Name: name, Letter: end}).Paper().Signed
}

// draft chooses the campaign's text for the recipient, in the letter's language
// with a note in the page's, and fills it in.
func (c *Campaign) draft(lang, page string, to Recipient, vacantName string) Draft {
	variant := to.Ruling.Letter
	letter, note := c.Text(lang).Letters[variant], c.Text(page).Letters[variant].Note
	values := map[string]string{PlaceMPName: to.AddressAs, PlaceConstituency: to.Seat.NameIn(lang), PlaceParty: to.Party}
	if to.Vacant() {
		values[PlaceMPName] = vacantName
	}
	return Draft{
		To: to, Lang: lang, Variant: Variant(variant), Version: c.Version, Keep: c.Keep.Or(), Note: fill(note, values),
		Subject: fill(letter.Subject, values), Salutation: fill(letter.Salutation, values),
		Body: fill(letter.Body, values), signOff: fill(letter.SignOff, values),
	}
}

// Times in a letter's life.
const (
	ConfirmWithin = 7 * 24 * time.Hour  // then it expires
	RemindAfter   = 24 * time.Hour      // once
	FollowUpAfter = 14 * 24 * time.Hour // once it has gone, its supporter is asked whether the MP answered
	LastAfter     = 21 * 24 * time.Hour // likewise, and never again
	RetainEnded   = 7 * 24 * time.Hour  // the sealed record of a letter that is withdrawn, or sent once nothing more is to be asked
	RetainOpen    = 30 * 24 * time.Hour // of one that waits for a decision
	RetainVacant  = 80 * 24 * time.Hour // of one that waits for a by-election, after which its supporter is asked; less than RememberFor
	RememberFor   = 90 * 24 * time.Hour // a confirmed one stands in the way of another, though its person be erased
)

// London is the time zone of Parliament, in which days are counted.
var London = func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic("time zone data is missing: " + err.Error())
	}
	return l
}()

// Day returns the day in London on which t falls: "2026-11-23".
func Day(t time.Time) string { return t.In(London).Format(time.DateOnly) }
