package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"postbag/internal/campaign"
)

// TestForeign_WordsAreMarked: a campaign that has no words in the page's
// language shows those it has, on every page marked with their language, so that
// they are read aloud as what they are (WCAG 3.1.2).
func TestForeign_WordsAreMarked(t *testing.T) {
	english, _, _ := strings.Cut(shippedSource(t), "[texts.cy]")
	english = regexp.MustCompile(`(?m)^advice\.cy = .*\n`).ReplaceAllString(english, "")
	source := strings.Replace(english, `slug = "`+slug+`"`, `slug = "english"`, 1)
	c, err := campaign.ParseFile(source)
	if err != nil {
		t.Fatal(err)
	}
	s := startWith(t, "english", source)
	roster, _ := s.Service().Roster()
	seat, _ := roster.Seat(sobel)
	pledge := campaign.Pledge{MemberID: seat.Member.ID, On: "2026-01-02", Evidence: "https://example.org/pledge", RecordedBy: "olga@organisers.example"}
	if _, err := s.Service().AddPledge(t.Context(), "english", pledge, campaign.Correction{}); err != nil {
		t.Fatal(err)
	}
	const base, chorley = "/cy/c/english", "E14001170"
	text := c.Text("en")
	speaker := text.Letters["speaker"]
	about, _, _ := strings.Cut(strings.TrimPrefix(speaker.Check, "{mp_name} "), ".")
	phrases := slices.Concat([]string{text.Title, text.Headline, text.Lead, text.Ask, text.Case[0].Heading, speaker.Tag, speaker.Note, about}, text.Questions)
	for _, o := range c.Signatories {
		if o.GivesAdvice() {
			phrase, _ := o.AdviceIn("en")
			phrases = append(phrases, phrase)
		}
	}
	for path, tt := range map[string]struct {
		form url.Values
		want []string // phrases of the campaign, among others
	}{
		"/cy/":        {nil, []string{text.Title, text.Lead}},
		base:          {nil, []string{text.Headline, text.Ask}},
		base + "/mps": {nil, []string{text.Ask}},
		base + "/mps/leeds-central-and-headingley": {nil, []string{text.Ask}},
		base + "/map":           {nil, []string{text.Title}},
		base + "/check":         {url.Values{"constituency": {sobel}}, []string{text.Ask, "Legal advice on immigration and asylum"}},
		base + "/check?Chorley": {url.Values{"constituency": {chorley}}, []string{about}},
		base + "/letter":        {url.Values{"postcode": {"LS6 3HN"}, "constituency": {chorley}}, append(text.Questions, speaker.Tag, speaker.Note)},
		base + "/preview":       {letter("constituency", chorley), []string{text.Title, "Please sign the pledge"}},
	} {
		a := s.do(http.MethodGet, path, nil)
		if tt.form != nil {
			a = s.post(path, tt.form)
		}
		doc, err := html.Parse(strings.NewReader(a.body))
		if err != nil || a.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", path, a.Status, err)
		}
		for _, phrase := range append(tt.want, phrases...) {
			found := false
			for n := range doc.Descendants() {
				if n.Type != html.TextNode || !strings.Contains(n.Data, phrase) || n.Parent.Data == "title" {
					continue
				}
				found = true
				if lang := langOf(n); lang != "en" {
					t.Errorf("%s: %q is read as %q", path, phrase, lang)
				}
			}
			if !found && slices.Contains(tt.want, phrase) {
				t.Errorf("%s lacks %q", path, phrase)
			}
		}
	}
	// Where the words are the page's own, nothing is marked.
	for _, path := range []string{"/c/english/mps/leeds-central-and-headingley", "/cy/c/" + slug + "/mps"} {
		if a := s.get(path); strings.Contains(a.body, `<blockquote class="said" lang`) {
			t.Errorf("%s: its own words are marked as foreign", path)
		}
	}
}

// langOf is the language that a node is in.
func langOf(n *html.Node) string {
	for ; n != nil; n = n.Parent {
		for _, a := range n.Attr {
			if a.Key == "lang" {
				return a.Val
			}
		}
	}
	return ""
}
