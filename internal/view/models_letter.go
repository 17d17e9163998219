package view

import (
	"net/url"
	"strings"
	"time"

	"postbag/internal/campaign"
)

// LetterForm is the page on which the supporter writes.
type LetterForm struct {
	Frame
	To         Recipient
	Note       string           // the campaign's remark on this letter, when it has one
	Questions  []Question       // whose answers become the letter's opening
	Salutation string           // locked
	SignOff    string           // locked; without the name and address that follow it
	Postcode   string           // normalised; locked into the letter's end
	Chosen     bool             // the constituency was chosen, not found by postcode
	Fields     map[string]Field // subject, body, name, email, phone, address1, address2, town, postcode
	ErrorList  []FieldError     // for the summary at the top, in the order of the page
	Credit     []Hidden         // whose doing the letter is; goes along
	Shown      string           // says when the form was shown first; goes along
	Trap       string           // what stands in the field that nobody sees
	Replaces   string           // names the letter that this one corrects; empty: none
	OptIns     []OptIn          // who may write to them afterwards, if they like
	OptInGone  bool             // they ticked what is not asked any more in the same words
	Way        campaign.Way     // how it shall go
	ByPost     bool             // vacant or without email: will be printed, no email is asked for

	LetterLang string   // that the letter is in
	Switch     []Switch // other languages that it may be in
	KeptLang   bool     // another was chosen, and the supporter's text left as it is
	StillNames []string // names of before that the text still has, when another constituency was chosen

	Template string // the campaign's text, where the body is another
	Draft    string // names the letter in the browser's own memory
	Fresh    bool   // as the campaign has it: nothing was typed yet
}

// Foreign returns the letter's language where it is not the page's, else "".
func (p LetterForm) Foreign() string {
	if p.LetterLang == p.Lang {
		return ""
	}
	return p.LetterLang
}

// Question is one of the campaign's, with the field for its answer.
type Question struct{ Field, Words, Answer string }

// Switch offers to write the letter in another language, in that language's
// words.
type Switch struct{ Lang, Words string }

// Preview shows exactly what will be sent, printed or taken along.
type Preview struct {
	Frame
	Waits       time.Time // as on the campaign's page
	To          Recipient
	From        string // the supporter's name
	ReplyTo     string // their email
	Paper       Paper
	Advice      campaign.Hints
	OptIns      []OptIn      // that they ticked
	Changed     string       // what is different from what they saw last, in words; empty: nothing
	Way         campaign.Way // how it goes
	ByPost      bool         // and there is no other way
	Mail        OwnMail      // by own email: what goes into the mail program
	TestAddress bool         // the address in Mail is not the MP's
	SentMyself  SentMyself   // to say so afterwards, when it does not go by us
	Fields      []Hidden
}

// SentMyself is what a form needs with which a supporter says that they sent
// the letter themselves. Nothing of it says who they are.
type SentMyself struct{ Token, Constituency, Way string }

// Paper is a letter as it is laid out on paper.
type Paper struct {
	campaign.Paper
	To      Recipient
	Subject string
	Day     string // of the letter, in words, in its language
	Lang    string // the letter's language, where it is not the page's
}

// OwnMail is a letter for the supporter's own mail program.
type OwnMail struct {
	Address, Subject, Text string
	Link                   string // mailto:
	Short                  bool   // the link is without the text, which would be too much for it
}

// maxMailto is how long a mailto link may be, in characters. Windows hands
// programs an address of 2,083 at most (INTERNET_MAX_URL_LENGTH), and what is
// longer is cut off or ignored without a word.
const maxMailto = 2000

// NewOwnMail makes the link (RFC 6068), with the text where that is not too
// long.
func NewOwnMail(address, subject, text string) OwnMail {
	m := OwnMail{Address: address, Subject: subject, Text: text}
	short := "mailto:" + strings.ReplaceAll(percent(address), "%40", "@") + "?subject=" + percent(subject)
	m.Link = short + "&body=" + percent(strings.ReplaceAll(text, "\n", "\r\n"))
	if m.Short = len(m.Link) > maxMailto; m.Short {
		m.Link = short
	}
	return m
}

// percent encodes everything that is not unreserved (RFC 3986, 2.3), with %20
// for a space: mail programs show a plus as a plus.
func percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// Thanks is the page after a supporter said that they sent their letter
// themselves.
type Thanks struct {
	Frame
}

// Share is what the part "share" needs: links with which people pass an address
// on. Never give it a private link.
type Share struct {
	Frame
	URL, Text string
}

// ReplyChoice is one of the things that an MP may have answered.
type ReplyChoice struct {
	Answer string
	Words  string
	Chosen bool
}

func (LetterForm) template() string { return "letter" }
func (Preview) template() string    { return "preview" }
func (Thanks) template() string     { return "sent_myself" }

func (p LetterForm) failed() bool { return len(p.ErrorList) > 0 }
