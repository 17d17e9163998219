package view

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/assets"
	"postbag/internal/campaign"
	"postbag/templates"
)

// day is a Monday in winter; times in London are UTC.
var day = time.Date(2026, time.November, 23, 10, 24, 0, 0, time.UTC)

// read is the renderer that all tests share: reading and trying every template
// takes longer than most of them.
var read = sync.OnceValues(func() (*Renderer, error) { return New(templates.FS, assets.FS, Options{}) })

func newRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shipped is the campaign that Postbag comes with.
func shipped(t testing.TB) *campaign.Campaign {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "db", "campaigns", "mps-not-border-guards.toml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := campaign.ParseFile(string(source))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func filled(text string) string {
	return strings.NewReplacer("{mp_name}", "Jane Example", "{constituency}", "Leeds Central and Headingley",
		"{supporter_name}", "Amina O’Connor", "{party}", "Labour").Replace(text)
}

// stage is a frame whose campaign has come to a stage.
func stage(f Frame, s campaign.Stage) Frame {
	c := *f.Campaign
	c.Stage = s
	f.Campaign = &c
	return f
}

// embedded is a frame within a partner's page.
func embedded(f Frame) Frame {
	f.Embed = &Embed{Partner: "friends", Name: "Friends of Leeds", Origins: []string{"https://friends.example"}, Logo: "/embed/logo/friends/0a1b.png", Width: 200, Height: 80, Query: "?theme=dark"}
	return f
}

// samples is every page in every state that looks different, by name.
func samples(t testing.TB, lang string) map[string]Page {
	c := shipped(t)
	text := c.Text(lang)
	frame := func(title string) Frame { return Frame{Lang: lang, Title: title, Campaign: c, Text: text} }
	bare := func(title string) Frame { return Frame{Lang: lang, Title: title} }
	captured := frame("")
	captured.Captured = true

	subject := filled(text.Letters["ask"].Subject)
	hidden := []Hidden{{"subject", subject}, {"body", "two\nlines"}, {"postcode", "LS6 3HN"}}

	choices := []Choice{
		{"E14001323", "Leeds Central and Headingley", "Jane Example", "Labour"},
		{"E14001325", "Leeds North West", "John Sample", "Conservative"},
		{"E14001327", "Ynys Môn", "", ""},
	}
	pages := map[string]Page{
		"home":                Home{Frame: bare("Campaigns"), Campaigns: []HomeCampaign{{Slug: "mps-not-border-guards", Title: text.Title, Lead: text.Lead, Letters: 1}, {Slug: "other", Title: "Save the library", Lead: "It is the only warm room in town.", Lang: DefaultLang, Paused: true}, {Slug: "third", Title: "Mend the bridge", Lead: "It has been shut for three years.", Lang: DefaultLang, Letters: 4182, Closed: true}}},
		"home-empty":          Home{Frame: bare("Campaigns")},
		"campaign":            CampaignPage{Frame: frame(""), Letters: 4182, Percent: 83, Reached: 212, Least: 5, SelfReported: 1204, Pledged: 104, Seats: 650},
		"campaign-paused":     CampaignPage{Frame: stage(frame(""), campaign.StagePaused), Letters: 12, Kept: hidden, KeptAction: "/x", KeptBody: "two\nlines"},
		"campaign-closed":     CampaignPage{Frame: stage(frame(""), campaign.StageClosed), Letters: 12},
		"embed":               CampaignPage{Frame: embedded(frame("")), Letters: 4182},
		"embed-error":         CampaignPage{Frame: embedded(frame("")), Postcode: "LS6", Error: "That is not a whole postcode. It should look like LS6 3HN."},
		"embed-paused":        CampaignPage{Frame: embedded(stage(frame(""), campaign.StagePaused)), Kept: hidden, KeptAction: "/x", KeptBody: "two\nlines"},
		"embed-link":          EmbedLink{Frame: embedded(frame("")), URL: At(lang, "/c/mps-not-border-guards")},
		"campaign-zero":       CampaignPage{Frame: captured},
		"campaign-error":      CampaignPage{Frame: frame(""), Letters: 1, Percent: 0, Postcode: "LS6", Error: "That is not a whole postcode. It should look like LS6 3HN."},
		"choose":              Choose{Frame: frame("Choose your constituency"), Postcode: "LS6 9ZZ", Reason: "We don’t know that exact postcode: it may be new, or mistyped. Others in LS6 belong to these.", Choices: choices, Keep: hidden},
		"choose-all":          Choose{Frame: frame("Choose your constituency"), Postcode: "BT1 1AA", Reason: "Our data has no postcodes in Northern Ireland, but you do have an MP. Please choose your constituency from the list.", Groups: allSeats(), Error: "We don’t know that constituency. Please choose yours from the list."},
		"message-404":         Message{Frame: bare("Not found"), Status: 404, Heading: "There is no page at this address", Paragraphs: []string{"It may have been mistyped, or a link may have been cut short on its way.", "Start again from the first page."}},
		"message-500":         Message{Frame: frame("Sorry"), Status: 500, Heading: "Something broke on our side", Paragraphs: []string{"It is our fault, not yours, and it has been noted."}, RequestID: "01JD3X7W", Fields: hidden, Action: At(lang, "/c/mps-not-border-guards/send")},
		"accessibility":       Accessibility{Frame: frame("Can everyone use this site?"), Organisers: c.Organisers, Prepared: day},
		"privacy":             Privacy{Frame: frame("What happens to your data"), Campaigns: []PrivacyCampaign{{Title: c.Text(lang).Title, Organisers: c.Organisers, Keep: campaign.DefaultKeep}}, Contact: "data@letters.example", ByMail: true, Apart: true, Relay: "mail.example.org", Counts: true, Providers: []string{"Postmark"}, Vacant: campaign.RetainVacant, Open: campaign.RetainOpen, Ended: campaign.RetainEnded, Confirm: campaign.ConfirmWithin, Remember: campaign.RememberFor},
		"privacy-several":     Privacy{Frame: bare("What happens to your data"), Campaigns: []PrivacyCampaign{{Title: c.Text(lang).Title, Lang: "cy", Organisers: c.Organisers, Keep: campaign.Keep{Text: 1, Email: 7, Unconfirmed: 1}, OptIn: true, Sealed: true}, {Title: "Another", Organisers: c.Organisers, Keep: campaign.DefaultKeep}}, Contact: "https://letters.example/data"},
		"privacy-nobody":      Privacy{Frame: bare("What happens to your data")},
		"accessibility-plain": Accessibility{Frame: bare("Can everyone use this site?"), Prepared: day},
		"dev-none":            DevMailList{Frame: bare("Captured mail")},
		"dev":                 DevMailList{Frame: bare("Captured mail"), Mails: []DevMail{{ID: 2, At: day, Kind: "letter", To: "jane.example.mp@parliament.uk", Subject: subject}, {ID: 1, At: day.Add(-time.Hour), Kind: "confirm", To: "amina@example.org", Subject: "Please confirm your letter: MPs Not Border Guards"}}},
		"dev-mail":            DevMail{Frame: bare("Captured mail"), ID: 1, At: day, Kind: "confirm", From: "MPs Not Border Guards <post@example.org>", To: "amina@example.org", Subject: "Please confirm your letter: MPs Not Border Guards", MessageID: "abc@example.org", Text: "Hello,\n\nOpen this link:\n\nhttp://127.0.0.1:8080/l/4fXq0123456789abcdef\n\nBye <b>", Raw: "From: x\r\n\r\nHello"},
	}
	jane := Recipient{Constituency: "Leeds Central and Headingley", Code: "E14001323", Name: "Jane Example", FullTitle: "Rt Hon Jane Example MP", Party: "Labour"}
	pledged, vacant := jane, Recipient{Constituency: jane.Constituency, Code: jane.Code, Vacant: true}
	pledged.Pledged = true
	email := Field{Value: "amina.example.org", Error: "An email address has an @ in it, such as amina@example.org."}
	style, err := newRenderer(t).Style()
	if err != nil {
		t.Fatal(err)
	}
	style.Frame, style.Seats = bare("Penny Post"), []Recipient{pledged, jane, vacant}
	style.Fields = map[string]Field{"name": {}, "phone": {}, "email": email}
	style.ErrorList = []FieldError{{"email", email.Error}}
	style.Bars = []StyleBar{{"Leeds Central and Headingley", 212, 212}, {"Ynys Môn", 94, 212}, {"Truro and Falmouth", 6, 212}}
	pages["dev-style"] = style
	maps.Copy(pages, apiSamples(lang, frame))
	maps.Copy(pages, checkSamples(frame))
	maps.Copy(pages, letterSamples(t, lang))
	maps.Copy(pages, mpsSamples(t, lang))
	return pages
}

func allSeats() []ChoiceGroup {
	groups := []ChoiceGroup{
		{"England", "East Midlands", nil}, {"England", "London", nil}, {"England", "Yorkshire and The Humber", nil},
		{"Northern Ireland", "", nil}, {"Scotland", "", nil}, {"Wales", "", nil},
	}
	for i := range groups {
		for j := range 108 {
			n := string(rune('A'+j%26)) + strings.Repeat("o", j%7)
			groups[i].Choices = append(groups[i].Choices, Choice{"E1400" + string(rune('0'+j%10)) + "999", "Constituency of " + n, "Member " + n, "Labour"})
		}
	}
	return groups
}

// TestSamples writes every sample page, with the stylesheet, into the directory
// that POSTBAG_PAGES names, to be looked at in a browser: in the default
// language by its name, in others with the language before it.
func TestSamples(t *testing.T) {
	dir := os.Getenv("POSTBAG_PAGES")
	if dir == "" {
		t.Skip("POSTBAG_PAGES names no directory to write pages into")
	}
	r := newRenderer(t)
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	css, err := assets.FS.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	write("style.css", string(css))
	address, err := r.Assets().URL("style.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range r.Languages() {
		for name, page := range samples(t, lang) {
			var b strings.Builder
			if err := r.Render(&b, page); err != nil {
				t.Fatalf("%s: %s: %v", lang, name, err)
			}
			if lang != DefaultLang {
				name = lang + "-" + name
			}
			write(name+".html", strings.ReplaceAll(b.String(), address, "style.css"))
		}
	}
}
