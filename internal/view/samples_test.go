package view

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postbag/assets"
	"postbag/internal/campaign"
	"postbag/templates"
)

// day is a Monday in winter; times in London are UTC.
var day = time.Date(2026, time.November, 23, 10, 24, 0, 0, time.UTC)

func newRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := New(templates.FS, assets.FS, Options{})
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

// samples is every page in every state that looks different, by name.
func samples(t testing.TB, lang string) map[string]Page {
	c := shipped(t)
	text := c.Text(lang)
	frame := func(title string) Frame { return Frame{Lang: lang, Title: title, Campaign: c, Text: text} }
	private := func(title string) Frame { f := frame(title); f.NoIndex = true; return f }
	bare := func(title string) Frame { return Frame{Lang: lang, Title: title} }
	captured := frame("")
	captured.Captured = true
	tested := private("Your letter")
	tested.TestMode = true

	to := Recipient{
		Constituency: "Leeds Central and Headingley", Code: "E14001323", Name: "Jane Example",
		FullTitle: "Rt Hon Jane Example MP", Party: "Labour",
	}
	pledged, noEmail := to, to
	pledged.Pledged, noEmail.NoEmail = true, true
	vacant := Recipient{Constituency: to.Constituency, Code: to.Code, Vacant: true}

	fields := map[string]Field{
		"subject": {Value: filled(text.Letter.Subject)}, "body": {Value: filled(text.Letter.Body)},
		"name": {Value: "Amina O’Connor"}, "email": {Value: "amina@example.org"}, "address1": {Value: "Flat 2, 17 Brudenell Road"},
		"address2": {}, "town": {Value: "Leeds"}, "phone": {}, "postcode": {Value: "LS6 3HN"},
	}
	fresh := map[string]Field{"subject": fields["subject"], "body": fields["body"]}
	wrong := map[string]Field{
		"subject": fields["subject"], "body": {Error: "Your letter is empty. Write a few words to your MP."},
		"name":  {Error: "Give your name. An MP can’t answer a letter without one."},
		"email": {Value: "amina.example.org", Error: "An email address has an @ in it, such as amina@example.org."},
		"town":  {Value: "Leeds"}, "phone": {Value: "12", Error: "That is not a whole telephone number. Check it, or leave it out."},
	}
	problems := []FieldError{
		{"body", wrong["body"].Error}, {"name", wrong["name"].Error},
		{"email", wrong["email"].Error}, {"phone", wrong["phone"].Error}, {"", "And the whole of it once more."},
	}
	letter := "Dear Jane Example,\n\nMy neighbour stopped going to your surgery last year. She was afraid of what might happen if she asked for help with her visa.\n\n" +
		strings.TrimSpace(filled(text.Letter.Body)) + "\n\nYours sincerely,\n\nAmina O’Connor\nFlat 2, 17 Brudenell Road\nLeeds\nLS6 3HN"
	subject := filled(text.Letter.Subject)
	hidden := []Hidden{{"subject", subject}, {"body", "two\nlines"}, {"postcode", "LS6 3HN"}}

	choices := []Choice{
		{"E14001323", "Leeds Central and Headingley", "Jane Example", "Labour"},
		{"E14001325", "Leeds North West", "John Sample", "Conservative"},
		{"E14001327", "Ynys Môn", "", ""},
	}
	letterForm := func(f Frame, to Recipient, fields map[string]Field) LetterForm {
		return LetterForm{
			Frame: f, To: to, Salutation: "Dear Jane Example,", SignOff: "Yours sincerely,",
			Postcode: "LS6 3HN", Fields: fields,
		}
	}
	pages := map[string]Page{
		"home":                Home{Frame: bare("Campaigns"), Campaigns: []HomeCampaign{{"mps-not-border-guards", text.Title, text.Lead, 1}, {"other", "Save the library", "It is the only warm room in town.", 0}, {"third", "Mend the bridge", "It has been shut for three years.", 4182}}},
		"home-empty":          Home{Frame: bare("Campaigns")},
		"campaign":            CampaignPage{Frame: frame(""), Letters: 4182, Percent: 83, Reached: 212, Least: 5, Pledged: 104, Seats: 650},
		"campaign-zero":       CampaignPage{Frame: captured},
		"campaign-error":      CampaignPage{Frame: frame(""), Letters: 1, Percent: 0, Postcode: "LS6", Error: "That is not a whole postcode. It should look like LS6 3HN."},
		"choose":              Choose{Frame: frame("Choose your constituency"), Postcode: "LS6 9ZZ", Reason: "We don’t know that exact postcode: it may be new, or mistyped. Others in LS6 belong to these.", Choices: choices, Keep: hidden},
		"choose-all":          Choose{Frame: frame("Choose your constituency"), Postcode: "BT1 1AA", Reason: "Our data has no postcodes in Northern Ireland, but you do have an MP. Please choose your constituency from the list.", Groups: allSeats(), Error: "We don’t know that constituency. Please choose yours from the list."},
		"letter":              letterForm(frame("Your letter"), to, fresh),
		"letter-filled":       letterForm(tested, to, fields),
		"preview":             &Preview{Frame: private("Check your letter"), To: to, From: "Amina O’Connor", ReplyTo: "amina@example.org", Subject: subject, Letter: letter, Fields: hidden, Changed: true},
		"preview-post":        Preview{Frame: private("Print your letter"), To: noEmail, Subject: subject, Letter: letter, ByPost: true, Fields: hidden},
		"preview-vacant":      Preview{Frame: private("Print your letter"), To: vacant, Subject: subject, Letter: letter, ByPost: true, Fields: hidden},
		"check":               CheckEmail{Frame: private("Check your email"), To: to, Email: "amina.oconnor.with.a.long.name@example.org", Days: 7, Fields: hidden},
		"message-404":         Message{Frame: bare("Not found"), Status: 404, Heading: "There is no page at this address", Paragraphs: []string{"It may have been mistyped, or a link may have been cut short on its way.", "Start again from the first page."}},
		"message-500":         Message{Frame: frame("Sorry"), Status: 500, Heading: "Something broke on our side", Paragraphs: []string{"It is our fault, not yours, and it has been noted."}, RequestID: "01JD3X7W", Fields: hidden, Action: At(lang, "/c/mps-not-border-guards/send")},
		"accessibility":       Accessibility{Frame: frame("Can everyone use this site?"), Organisers: c.Organisers, Prepared: day},
		"accessibility-plain": Accessibility{Frame: bare("Can everyone use this site?"), Prepared: day},
		"dev-none":            DevMailList{Frame: bare("Captured mail")},
		"dev":                 DevMailList{Frame: bare("Captured mail"), Mails: []DevMail{{ID: 2, At: day, Kind: "letter", To: "jane.example.mp@parliament.uk", Subject: subject}, {ID: 1, At: day.Add(-time.Hour), Kind: "confirm", To: "amina@example.org", Subject: "Please confirm your letter: MPs Not Border Guards"}}},
		"dev-mail":            DevMail{Frame: bare("Captured mail"), ID: 1, At: day, Kind: "confirm", From: "MPs Not Border Guards <post@example.org>", To: "amina@example.org", Subject: "Please confirm your letter: MPs Not Border Guards", MessageID: "abc@example.org", Text: "Hello,\n\nOpen this link:\n\nhttp://127.0.0.1:8080/l/4fXq0123456789abcdef\n\nBye <b>", Raw: "From: x\r\n\r\nHello"},
	}
	style, err := newRenderer(t).Style()
	if err != nil {
		t.Fatal(err)
	}
	style.Frame, style.Seats = bare("Penny Post"), []Recipient{pledged, to, vacant}
	style.Fields = map[string]Field{"name": {}, "phone": {}, "email": wrong["email"]}
	style.ErrorList = []FieldError{{"email", wrong["email"].Error}}
	style.Bars = []StyleBar{{"Leeds Central and Headingley", 212, 212}, {"Ynys Môn", 94, 212}, {"Truro and Falmouth", 6, 212}}
	pages["dev-style"] = style
	add := func(name string, p LetterForm, change func(*LetterForm)) { change(&p); pages[name] = p }
	add("letter-errors", letterForm(frame("Your letter"), to, wrong), func(p *LetterForm) { p.ErrorList = problems; p.Chosen = true })
	add("letter-pledged", letterForm(frame("Your letter"), pledged, fresh), func(p *LetterForm) { p.Note = text.Thanks.Note })
	add("letter-noemail", letterForm(frame("Your letter"), noEmail, fresh), func(p *LetterForm) { p.ByPost = true })
	add("letter-vacant", letterForm(frame("Your letter"), vacant, fresh), func(p *LetterForm) { p.ByPost = true })

	for _, s := range campaign.States() {
		p := PrivatePage{
			Frame: private("Your letter"), Token: "4fXq0123456789abcdef", State: s, To: to, Subject: subject, Letter: letter, CanErase: true,
			Steps: []Step{{"You wrote it", day.Add(-7 * time.Minute), false}, {"You confirmed it", day.Add(-2 * time.Minute), false}, {"It goes to your MP", time.Time{}, true}, {"We delete your name, address, email and letter", day.AddDate(0, 0, 7), true}},
		}
		switch s {
		case campaign.StateAwaiting:
			p.CanConfirm, p.CanWithdraw, p.Expires = true, true, day.AddDate(0, 0, 7)
		case campaign.StateQueued:
			p.CanWithdraw, p.Done = true, "Thank you. Your letter is confirmed."
		case campaign.StateSent:
			p.SentAt, p.EraseAt = day, day.AddDate(0, 0, 7)
			p.Steps[2] = Step{"Your MP’s mail server accepted it", day, false}
			p.Problem = "It is too late to take this letter back: it has gone, or is just going."
		case campaign.StateHeld:
			p.CanWithdraw, p.HeldFor, p.To = true, "Nobody holds the seat just now. It has become vacant since you wrote.", vacant
		}
		pages["private-"+string(s)] = p
	}
	pages["private-erased"] = PrivatePage{Frame: private("Your letter"), Token: "4fXq", State: campaign.StateSent, To: to, SentAt: day, Erased: true, Done: "Done. Your data is deleted."}
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
