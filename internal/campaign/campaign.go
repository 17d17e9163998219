package campaign

// Campaign is one campaign that asks supporters to write to their MP. It is
// read from a campaign file (see ParseFile) and never changed afterwards, so it
// is safe to share.
type Campaign struct {
	Slug        string         // its name in addresses: lower-case letters, digits and hyphens
	Goal        int            // letters hoped for; 0 means no goal is shown
	Organisers  []string       // who runs it
	Signatories []Organisation // who signed its open letter
	Supporting  []Organisation // who supports it besides
	Exceptions  []Exception    // MPs who cannot be asked as the others are
	Texts       map[string]*Text
	DefaultLang string   // the language of Texts to fall back on
	Accent      *Accent  // its own colour; nil: the design's red
	Picture     *Picture // shown on its page; nil: none
	Exit        string   // where the check's "leave this page" leads: DefaultExit, unless the file says otherwise
}

// Exception names a constituency whose MP gets a text of their own, such as the
// Speaker, who by convention signs no pledges. The text stands under the same
// key in every language.
type Exception struct {
	Constituency string `toml:"constituency"` // ONS code
	Key          string `toml:"key"`          // names the text in Text.Exceptions
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
	Letter      LetterText            `toml:"letter"`      // to an MP who has not pledged
	Thanks      LetterText            `toml:"thanks"`      // to one who has
	Exceptions  map[string]LetterText `toml:"exceptions"`  // by Exception.Key
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
	Tag        string `toml:"tag"`   // of an exception: a few words in place of whether the MP has pledged
	Check      string `toml:"check"` // of an exception: what the check says of this MP and the pledge; may be empty
	Subject    string `toml:"subject"`
	Salutation string `toml:"salutation"`
	Body       string `toml:"body"`
	SignOff    string `toml:"sign_off"`
}

// Text returns what the campaign says in lang, or in its default language.
func (c *Campaign) Text(lang string) *Text {
	if t, ok := c.Texts[lang]; ok {
		return t
	}
	return c.Texts[c.DefaultLang]
}
