package campaign

import "time"

// Campaign is one campaign that asks supporters to write to their MP. It is
// read from a campaign file (see ParseFile) and never changed afterwards, so it
// is safe to share.
type Campaign struct {
	Slug        string         // its name in addresses: lower-case letters, digits and hyphens
	Goal        int            // letters hoped for; 0 means no goal is shown
	Organisers  []string       // who runs it
	Signatories []Organisation // who signed its open letter
	Supporting  []Organisation // who supports it besides
	Rules       []Rule         // who gets which letter, the first that fits
	Texts       map[string]*Text
	DefaultLang string   // the language of Texts to fall back on
	Accent      *Accent  // its own colour; nil: the design's red
	Picture     *Picture // shown on its page; nil: none
	Keep        Keep     // how long it keeps what it gets of a person
	Exit        string   // where the check's "leave this page" leads: DefaultExit, unless the file says otherwise

	// Where it stands is kept beside the file.
	Stage    Stage     // empty: it was only read, and is kept nowhere
	Version  int       // of its file
	StartsAt time.Time // when a draft goes live by itself; zero: never
	EndsAt   time.Time // when it closes by itself; zero: never
}

// Text is everything that a campaign says in one language.
type Text struct {
	Lang        string                `toml:"-"`
	Title       string                `toml:"title"`       // the campaign's name
	Headline    string                `toml:"headline"`    // the first thing read
	Lead        string                `toml:"lead"`        // one or two sentences under it
	Description string                `toml:"description"` // for search engines and shared links
	Ask         string                `toml:"ask"`         // the pledge that MPs are asked to sign
	PictureAlt  string                `toml:"picture_alt"` // what the campaign's picture shows; empty when it has none
	Case        []Section             `toml:"case"`        // why
	Questions   []string              `toml:"questions"`   // whose answers become a letter's opening; at most MaxQuestions
	Closing     string                `toml:"closing"`     // read once the campaign is closed; may be empty
	OptIn       string                `toml:"opt_in"`      // what those agree to who want to hear from who runs the campaign; empty: nobody is asked
	Letters     map[string]LetterText `toml:"letters"`     // by Rule.Letter; VariantAsk is for whom no rule fits
	Exclusions  map[string]Exclusion  `toml:"exclusions"`  // by Rule.Exclude
}

// Section is a heading with its paragraphs.
type Section struct {
	Heading    string   `toml:"heading"`
	Paragraphs []string `toml:"paragraphs"`
}

// LetterText is a letter before it is anybody's. Subject and Body are where the
// supporter starts from; Salutation and SignOff are locked. All may use
// placeholders (see Placeholders).
type LetterText struct {
	Note       string `toml:"note"`  // shown to the supporter above the letter: why this text
	Tag        string `toml:"tag"`   // a few words in place of whether the MP has pledged; may be empty
	Check      string `toml:"check"` // what the check says of an MP who is exempt; may be empty
	Subject    string `toml:"subject"`
	Salutation string `toml:"salutation"`
	Body       string `toml:"body"`
	SignOff    string `toml:"sign_off"`
	ThankYou   string `toml:"thank_you"` // shown to the supporter once they have confirmed; may be empty
}

// Exclusion is what a supporter reads whose MP is not written to.
type Exclusion struct {
	Text     string `toml:"text"`      // why, and what to do instead
	Link     string `toml:"link"`      // where to, https; may be empty
	LinkText string `toml:"link_text"` // the words of the link
	Tag      string `toml:"tag"`       // as in LetterText
	Check    string `toml:"check"`     // likewise
}

// ClosingParagraphs returns the closing text, split where a line is left empty.
func (t *Text) ClosingParagraphs() []string { return Paragraphs(t.Closing) }

// Text returns what the campaign says in lang, or in its default language.
func (c *Campaign) Text(lang string) *Text {
	if t, ok := c.Texts[lang]; ok {
		return t
	}
	return c.Texts[c.DefaultLang]
}
