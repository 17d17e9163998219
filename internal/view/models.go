package view

import (
	"html/template"
	"time"

	"postbag/internal/campaign"
)

// Frame is what every page has around it.
type Frame struct {
	Lang     string             // of the page: "en"
	Path     string             // its address in the default language, without host and query; empty: a step with no address of its own
	Title    string             // of the page, already in words; the site's name is added by the layout
	Summary  string             // for search engines and shared links; empty: the campaign's description
	Picture  *Picture           // shown with shared links; nil: none
	Suggest  *Suggestion        // the page in a language that the browser asks for; nil: no better one
	Campaign *campaign.Campaign // whose page it is; nil on pages of no campaign
	Text     *campaign.Text     // the campaign's words in Lang; nil likewise
	Theme    string             // address of the stylesheet with the campaign's colour; empty: the design's own
	Captured bool               // development without a mail server: nothing is delivered
	TestMode bool               // every letter goes to the test recipient
	Preview  bool               // an organiser looks at it: nothing can be sent
	NoIndex  bool               // private pages: search engines keep out

	ShareTitle string // of shared links, when it is not Title
	Embed      *Embed // within a partner's page; nil: it stands by itself
	OEmbed     string // address of what others need to embed the page, without the format; empty: it cannot be embedded
	Asked      string // what goes along to the page in another language: whose doing the visit is, as an address has it; empty: nobody's
	Exit       string // where "leave this page" leads, on pages that have to be left in a hurry; empty: no such control
}

// Picture is what networks show with a shared link.
type Picture struct {
	Path string // in the default language, without host
	Alt  string // what it shows, in words
}

// Suggestion offers a page in another language, in that language's words.
type Suggestion struct{ Lang, URL, Words string }

// Home lists the live campaigns when there are several.
type Home struct {
	Frame
	Campaigns []HomeCampaign
}

// HomeCampaign is one campaign in the list.
type HomeCampaign struct {
	Slug, Title, Lead string
	Lang              string // of Title and Lead, where that is not the page's; empty otherwise
	Letters           int
	Paused, Closed    bool
}

// CampaignPage is the front of a campaign: the case, the count, the postcode form.
type CampaignPage struct {
	Frame
	Waits        time.Time     // until when letters wait, as Parliament is dissolved; zero: it is not
	Letters      int           // letters sent, as far as they may be told in public
	Percent      int           // of the goal, 0 to 100; 0 when there is no goal
	Reached      int           // constituencies with Least letters or more; with fewer, nobody is told
	Least        int           // see campaign.SuppressBelow
	SelfReported int           // letters that people say they sent themselves, as far as they may be told; no part of Letters
	Pledged      int           // MPs who sit now and whose pledge stands
	Seats        int           // constituencies in all
	Map          template.HTML // the hexagons as SVG; empty: none
	Postcode     string        // as typed, when it came back with an error
	Error        string        // the sentence beside the field, in words; empty: none
	Credit       []Hidden      // whose doing the letter is; goes along

	// What was posted while no letter can be written, so that nothing is lost.
	Kept       []Hidden
	KeptAction string // where it can be posted again
	KeptBody   string // the letter's text, to be read and copied
}

// Choose asks which constituency is meant, of a few or of all.
type Choose struct {
	Frame
	Postcode string // as typed; goes along as a hidden field
	Reason   string // why we ask, in words: one sentence or two
	Choices  []Choice
	Groups   []ChoiceGroup // when all 650 are offered: by nation and region
	Keep     []Hidden      // what was typed on the letter page, when the supporter came from there
	Error    string
}

// Choice is one constituency that can be chosen.
type Choice struct {
	Code, Name string
	MP, Party  string // empty when the seat is vacant
}

// ChoiceGroup is the constituencies of one nation or region.
type ChoiceGroup struct {
	Country string // "England"; the same on every group of that nation
	Region  string // "North West"; empty where the nation has no regions
	Choices []Choice
}

// Hidden is a form field that goes along unseen.
type Hidden struct{ Name, Value string }

// Recipient is whom a letter is for, as pages show it.
type Recipient struct {
	Constituency string // its name
	Code         string // its ONS code
	Name         string // "Jane Doe"; empty when the seat is vacant
	FullTitle    string // "Rt Hon Jane Doe MP"
	Party        string
	Vacant       bool
	NoEmail      bool // sits, but Parliament publishes no email address
	Pledged      bool
	Exception    string // why this MP is not asked to pledge, in a few words; empty: is asked

	ExceptionLang string // of Exception, where that is not the page's; empty otherwise
}

// Field is one field of a form as typed, with the sentence beside it.
type Field struct {
	Value string
	Error string // in words; empty: none
}

// FieldError is one line of the error summary; it links to its field.
type FieldError struct{ Field, Sentence string }

// Excluded is what a supporter reads whose MP is not written to.
type Excluded struct {
	Frame
	To             Recipient
	Paragraphs     []string // the campaign's words
	Link, LinkText string   // may be empty
	Fields         []Hidden // to choose another constituency
}

// CheckEmail is the page after sending the form.
type CheckEmail struct {
	Frame
	To     Recipient
	Email  string
	Days   int      // until the link expires
	Fields []Hidden // to go back and correct the address
}

// PrivatePage is the supporter's own page for one letter.
type PrivatePage struct {
	Frame
	Token                                            string // names the letter in its private link; the forms go there
	State                                            campaign.State
	To                                               Recipient
	Paper                                            Paper // the letter; empty once erased
	Erased                                           bool
	Expires                                          time.Time // when confirmation expires; zero unless awaiting
	SentAt                                           time.Time // zero unless sent
	EraseAt                                          time.Time // when we erase what identifies them; zero when unknown or done
	TrimAt                                           time.Time // when text and address go before that; zero likewise
	Trimmed                                          bool      // they are gone
	Remembered                                       time.Time // until when we know them again though they be erased; zero: we do not
	Steps                                            []Step    // what has happened and what will
	HeldFor                                          string    // why it is held or failed, in words; empty otherwise
	Decided                                          string    // what an organiser made of it, declined or arrived; empty: nothing
	Ask                                              *Ask      // whether it shall go to whoever sits now; nil: nothing is asked
	Turn                                             *Turn     // where it stands in line; nil: it stands in none
	Thank                                            bool      // the MP has pledged: what can be written is a letter of thanks
	Note                                             string    // what they say about that; empty: nothing
	Reference                                        string    // what to call it by when asking about it; empty: it has none
	CanConfirm, CanWithdraw, CanErase, CanWriteAgain bool
	Replies                                          []ReplyChoice // what the MP may have answered; none while that cannot be
	Replied                                          bool          // the supporter has said it already
	AskedNext                                        time.Time     // when they are next asked that by mail; zero: never
	OptIns                                           []OptIn       // that were given with the letter and stand, or wait
	Asked                                            bool          // of an erased letter: something may be kept that was given with it, which nobody knows any more
	Share                                            bool          // offer to pass the campaign on
	ThankYou                                         string        // the campaign's words, once it is confirmed; may be empty
	Done                                             string        // what the supporter has just done, in words; empty: nothing
	Problem                                          string        // why what they asked for cannot be done, in words; empty: nothing
}

// Stands names what the page says of the letter: its state, or what an organiser
// made of that.
func (p PrivatePage) Stands() string {
	if p.Decided != "" {
		return p.Decided
	}
	return string(p.State)
}

// Step is one line of a letter's story.
type Step struct {
	Text string // in words
	At   time.Time
	Todo bool // still to come
}

// Message is a page that says one thing: an error, a missing page, a refusal.
type Message struct {
	Frame
	Status     int
	Heading    string
	Paragraphs []string
	RequestID  string   // shown on a 500, to quote when reporting it; empty: none
	Fields     []Hidden // POSTs that can be tried again: what was typed, so that nothing is lost
	Action     string   // where the Fields go
}

// Busy is the page of a letter that has to wait because so many write.
type Busy struct {
	Frame
	Action  string   // where the Fields go
	Fields  []Hidden // what was typed
	Seconds int      // to wait
	Network bool     // many letters come from the same network; else to the campaign
}

// Minutes is how long the page says that it waits.
func (b Busy) Minutes() int { return max(1, (b.Seconds+30)/60) }

// Accessibility is the accessibility statement.
type Accessibility struct {
	Frame
	Organisers []string  // whom to tell; empty when the site has several campaigns
	Prepared   time.Time // the day on which somebody last held the statement against the site
}

// Privacy is the privacy notice: what the settings and the campaigns say, in words.
type Privacy struct {
	Frame
	Campaigns []PrivacyCampaign
	Contact   string   // whom to ask: an email address or a web address; empty: the organisers
	ByMail    bool     // Contact is an email address
	Apart     bool     // the secret is not kept with the database
	Relay     string   // the host that takes the letters; empty: they are captured
	Providers []string // who tells what became of mail
	Counts    bool     // letters are counted by who sends them

	Vacant, Open, Ended, Confirm, Remember time.Duration // see campaign.RetainVacant and so on
}

// PrivacyCampaign is what one campaign does with data.
type PrivacyCampaign struct {
	Title      string
	Lang       string // of the title, where it is not the page's
	Organisers []string
	Keep       campaign.Keep
	OptIn      bool // it asks who wants to hear more
	Sealed     bool // who does is sealed to a key of its organisers, which is not here
}

// DevMailList lists the captured mail, newest first.
type DevMailList struct {
	Frame
	Mails []DevMail
}

// DevMail is one captured message.
type DevMail struct {
	Frame
	ID                         int64
	At                         time.Time
	Kind                       string
	From, To, ReplyTo, Subject string
	MessageID                  string
	Text                       string // decoded
	Raw                        string // as it would have gone out
}
