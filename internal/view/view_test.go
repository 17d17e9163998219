package view

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"postbag/assets"
	"postbag/internal/campaign"
	"postbag/templates"
)

func render(t testing.TB, r *Renderer, p Page) string {
	t.Helper()
	var b strings.Builder
	if err := r.Render(&b, p); err != nil {
		t.Fatalf("render %T: %v", p, err)
	}
	return b.String()
}

// TestRender_EveryPage renders every page in every state and language and holds
// it to what all pages owe their readers.
func TestRender_EveryPage(t *testing.T) {
	r := newRenderer(t)
	seen := map[string]bool{}
	for _, lang := range r.Languages() {
		for name, page := range samples(t, lang) {
			seen[page.template()] = true
			t.Run(lang+"/"+name, func(t *testing.T) { checkPage(t, render(t, r, page)) })
		}
	}
	for _, p := range specimens() {
		if !seen[p.template()] {
			t.Errorf("no sample shows the page %q", p.template())
		}
	}
}

// checkPage parses a page and reports what is wrong with it for a person who
// listens to it, or for a browser that allows nothing inline.
func checkPage(t *testing.T, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page, "no value") || strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "%!") {
		t.Error("a value is missing or was refused by the escaper")
	}
	ids, labels, refs := map[string]int{}, map[string]bool{}, []string{}
	var controls []*html.Node
	var headings []int
	primary := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has the inline attribute %s", n.Data, a.Key)
			}
		}
		for _, key := range []string{"aria-describedby", "aria-labelledby"} {
			refs = append(refs, strings.Fields(attr(n, key))...)
		}
		switch n.Data {
		case "script":
			if src := attr(n, "src"); !strings.HasPrefix(src, "/assets/") || n.FirstChild != nil {
				t.Errorf("a script that is not one of our files: %q", src)
			}
		case "style":
			t.Error("there is a <style>")
		case "iframe":
			if src := attr(n, "src"); !strings.HasPrefix(src, "/organise/") && !strings.HasPrefix(src, "/partners/") || attr(n, "title") == "" {
				t.Errorf("a frame without a title, or of something else than a preview: %q", src)
			}
		case "img":
			if !strings.HasPrefix(attr(n, "src"), "/") || attr(n, "alt") == "" || attr(n, "width") == "" || attr(n, "height") == "" {
				t.Error("a picture from elsewhere, or without words or size")
			}
		case "h1", "h2", "h3", "h4":
			headings = append(headings, int(n.Data[1]-'0'))
		case "label":
			labels[attr(n, "for")] = true
		case "input", "textarea":
			if attr(n, "type") != "hidden" {
				controls = append(controls, n)
			}
		case "form":
			if m := attr(n, "method"); m != "post" && m != "get" || !strings.HasPrefix(attr(n, "action"), "/") {
				t.Errorf("a form without method or action")
			}
		case "button":
			if attr(n, "class") == "btn" || attr(n, "class") == "btn big" {
				primary++
			}
			if strings.TrimSpace(textOf(n)) == "" {
				t.Error("a button without words")
			}
		case "a":
			if href := attr(n, "href"); strings.HasPrefix(href, "#") {
				refs = append(refs, href[1:])
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("the id %q stands %d times", id, n)
		}
	}
	for _, ref := range refs {
		if ids[ref] == 0 {
			t.Errorf("something points to #%s, which is not there", ref)
		}
	}
	for _, c := range controls {
		if !labels[attr(c, "id")] {
			t.Errorf("the field %q has no label", attr(c, "name"))
		}
		if attr(c, "autocomplete") == "" && c.Data == "input" {
			t.Errorf("the field %q has no autocomplete", attr(c, "name"))
		}
		if attr(c, "aria-invalid") == "true" && !strings.Contains(attr(c, "aria-describedby"), "error") {
			t.Errorf("the field %q is wrong and does not say why", attr(c, "name"))
		}
	}
	if primary > 1 {
		t.Errorf("%d strong buttons: one a page", primary)
	}
	level, ones := 0, 0
	for _, h := range headings {
		if h == 1 {
			ones++
		}
		if h > level+1 && level > 0 {
			t.Errorf("a heading jumps from level %d to %d", level, h)
		}
		level = h
	}
	if ones != 1 {
		t.Errorf("%d headings of level 1", ones)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// TestRender_Escapes puts hostile words wherever a person can type, or a
// campaign or a roster can speak.
func TestRender_Escapes(t *testing.T) {
	const bad = `"><script>alert('x')</script>{{.}}`
	r := newRenderer(t)
	to := Recipient{Constituency: bad, Code: bad, Name: bad, FullTitle: bad, Party: bad}
	letter := campaign.LetterText{Note: bad, Subject: bad, Salutation: bad, Body: bad, SignOff: bad}
	frame := Frame{
		Lang: DefaultLang, Title: bad,
		Campaign: &campaign.Campaign{Slug: bad, Goal: 10, Organisers: []string{bad, bad}, Signatories: []campaign.Organisation{{Name: bad}}, Supporting: []campaign.Organisation{{Name: bad}}},
		Text:     &campaign.Text{Title: bad, Headline: bad, Lead: bad, Description: bad, Ask: bad, Case: []campaign.Section{{Heading: bad, Paragraphs: []string{bad}}}, Letters: map[string]campaign.LetterText{"ask": letter}},
	}
	field := Field{Value: bad, Error: bad}
	fields := map[string]Field{}
	for _, name := range campaign.FormFields() {
		fields[name] = field
	}
	hidden := []Hidden{{bad, bad}}
	choice := []Choice{{bad, bad, bad, bad}}
	paper := Paper{Paper: campaign.Paper{From: []string{bad}, Text: bad, Signed: bad, Tail: bad}, To: to, Subject: bad, Day: bad, Lang: bad}
	mail := DevMail{Frame: frame, ID: 1, At: day, Kind: bad, From: bad, To: bad, ReplyTo: bad, Subject: bad, MessageID: bad, Text: bad + " http://x.example/" + bad, Raw: bad}
	for _, p := range []Page{
		Home{Frame: frame, Campaigns: []HomeCampaign{{Slug: bad, Title: bad, Lead: bad, Lang: bad, Letters: 1}}},
		CampaignPage{Frame: frame, Letters: 5, Percent: 50, Postcode: bad, Error: bad},
		Choose{Frame: frame, Postcode: bad, Reason: bad, Choices: choice, Groups: []ChoiceGroup{{bad, bad, choice}}, Keep: hidden, Error: bad},
		Busy{Frame: frame, Action: bad, Fields: hidden, Seconds: 1},
		LetterForm{Frame: frame, To: to, Shown: bad, Trap: bad, Note: bad, Questions: []Question{{"answer1", bad, bad}}, Salutation: bad, SignOff: bad, Postcode: bad, Fields: fields, ErrorList: []FieldError{{"body", bad}}, Way: "send", LetterLang: bad, Switch: []Switch{{bad, bad}}, StillNames: []string{bad}, Template: bad, Draft: bad, Replaces: bad},
		Preview{Frame: frame, To: to, From: bad, ReplyTo: bad, Paper: paper, Changed: bad, Way: "post", SentMyself: SentMyself{bad, bad, bad}, Fields: hidden},
		Preview{Frame: frame, To: to, Paper: paper, Way: "email", Mail: NewOwnMail(bad, bad, bad), SentMyself: SentMyself{bad, bad, bad}, Fields: hidden},
		Thanks{Frame: frame},
		CheckEmail{Frame: frame, To: to, Email: bad, Days: 7, Fields: hidden},
		PrivatePage{Frame: frame, Token: bad, State: campaign.StateAwaiting, To: to, Paper: paper, Replies: []ReplyChoice{{bad, bad, true}}, Share: true, Steps: []Step{{bad, day, true}}, HeldFor: bad, CanConfirm: true, CanWithdraw: true, CanErase: true, Done: bad, Problem: bad},
		Message{Frame: frame, Status: 500, Heading: bad, Paragraphs: []string{bad}, RequestID: bad, Fields: hidden, Action: "/x"},
		DevMailList{Frame: frame, Mails: []DevMail{mail}},
		mail,
	} {
		out := render(t, r, p)
		if strings.Contains(out, "<script>") {
			t.Errorf("%s: a script got through", p.template())
		}
		if !strings.Contains(out, "&lt;script") {
			t.Errorf("%s: the hostile words are not in it at all", p.template())
		}
	}
}

// TestRender_KeepsText holds that what was typed comes back to the character.
func TestRender_KeepsText(t *testing.T) {
	const typed = "\n\nTwo  spaces,\ta tab.\n  <b> & \"quotes\" ’\n"
	r := newRenderer(t)
	c := shipped(t)
	f := Frame{Lang: "en", Campaign: c, Text: c.Text("en")}
	form := render(t, r, LetterForm{Frame: f, Fields: map[string]Field{"body": {Value: typed}}})
	preview := render(t, r, Preview{Frame: f, Way: "send", Paper: Paper{Paper: campaign.Paper{Text: typed}}, Fields: []Hidden{{"body", typed}}})
	for name, page := range map[string]string{"form": form, "preview": preview} {
		doc, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for n := range doc.Descendants() {
			switch {
			case n.Data == "textarea", n.Data == "div" && attr(n, "class") == "verbatim":
				found = true
				if got := textOf(n); got != typed {
					t.Errorf("%s: %q came back as %q", name, typed, got)
				}
			case n.Data == "input" && attr(n, "type") == "hidden" && attr(n, "name") == "body":
				if got := attr(n, "value"); got != typed {
					t.Errorf("%s: hidden: %q came back as %q", name, typed, got)
				}
			}
		}
		if !found {
			t.Errorf("%s: the text is not there", name)
		}
	}
}

func TestRender_WritesNothingOnError(t *testing.T) {
	r := newRenderer(t)
	var b bytes.Buffer
	// Campaign is nil, and the page cannot do without.
	if err := r.Render(&b, LetterForm{}); err == nil {
		t.Error("a letter page of no campaign was rendered")
	}
	if b.Len() > 0 {
		t.Errorf("%d bytes were written before the error", b.Len())
	}
}

func TestRender_UnknownLanguageFallsBack(t *testing.T) {
	r := newRenderer(t)
	if out := render(t, r, Home{Frame: Frame{Lang: "xx"}}); !strings.Contains(out, r.T("en", "home.empty")) {
		t.Error("the page is not in the default language")
	}
}

var (
	action   = regexp.MustCompile(`(?s){{.*?}}`)
	wordless = regexp.MustCompile(`^[\s\pP\pS0-9]*$`)
	spoken   = []string{"aria-label", "placeholder", "title", "alt", "content", "value"}
	notWords = []string{"width=device-width", "light dark", "#f8f3e7", "#12161e", "same-origin", "telephone=no", "noindex, nofollow", "all", "1", "website", "image/png", "summary_large_image", "send", "post", "email",
		"language", "check", "save", "look", " add", " up ", " down ", " remove "}
)

// TestTemplates_LeadToPagesInTheirLanguage: an address that is written out leads
// from a Welsh page to an English one.
func TestTemplates_LeadToPagesInTheirLanguage(t *testing.T) {
	raw := regexp.MustCompile(`(?:href|action|formaction)="/(?:c|l)/`)
	err := fs.WalkDir(templates.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".html") {
			return err
		}
		source, err := fs.ReadFile(templates.FS, path)
		if m := raw.FindString(string(source)); m != "" {
			t.Errorf("%s: %s… does not go through {{at …}}", path, m)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRender_StaysInItsLanguage: on a page in another language, every link and
// form leads to a page in that language, but for the links to its twins.
func TestRender_StaysInItsLanguage(t *testing.T) {
	r := newRenderer(t)
	for _, lang := range r.Languages() {
		for name, p := range samples(t, lang) {
			doc, err := html.Parse(strings.NewReader(render(t, r, p)))
			if err != nil {
				t.Fatal(err)
			}
			for n := range doc.Descendants() {
				if n.Data == "link" || attr(n, "hreflang") != "" || attr(n, "class") == "twin" {
					continue
				}
				for _, key := range []string{"href", "action", "formaction"} {
					address := attr(n, key)
					for _, ours := range []string{"/c/", "/l/", "/accessibility", "/api"} {
						if address != "" && lang != DefaultLang && strings.HasPrefix(address, ours) {
							t.Errorf("%s/%s: <%s> leads to %s, out of the language", lang, name, n.Data, address)
						}
					}
				}
			}
		}
	}
}

// TestTemplates_HoldNoSentences: whatever a person reads comes from the
// catalogue or the campaign.
func TestTemplates_HoldNoSentences(t *testing.T) {
	err := fs.WalkDir(templates.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".html") {
			return err
		}
		source, err := fs.ReadFile(templates.FS, path)
		if err != nil {
			return err
		}
		z := html.NewTokenizer(strings.NewReader(action.ReplaceAllString(string(source), "")))
		for {
			switch z.Next() {
			case html.ErrorToken:
				if errors.Is(z.Err(), io.EOF) {
					return nil
				}
				return z.Err()
			case html.TextToken:
				if text := string(z.Text()); !wordless.MatchString(text) {
					t.Errorf("%s says %q itself", path, strings.TrimSpace(text))
				}
			case html.StartTagToken, html.SelfClosingTagToken:
				token := z.Token()
				for _, a := range token.Attr {
					if a.Key == "value" && (token.Data != "input" || slices.Contains(token.Attr, html.Attribute{Key: "type", Val: "hidden"})) {
						continue // nobody reads it
					}
					if slices.Contains(spoken, a.Key) && !wordless.MatchString(a.Val) &&
						!slices.ContainsFunc(notWords, func(s string) bool { return strings.HasPrefix(a.Val, s) }) {
						t.Errorf("%s: the attribute %s says %q itself", path, a.Key, a.Val)
					}
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	mails, err := fs.Glob(templates.FS, "mail/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range mails {
		source, err := fs.ReadFile(templates.FS, path)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.TrimPrefix(action.ReplaceAllString(string(source), ""), "Subject:"); !wordless.MatchString(text) {
			t.Errorf("%s says %q itself", path, strings.TrimSpace(text))
		}
	}
}

// TestNew_Refuses holds that mistakes in the files stop the start.
func TestNew_Refuses(t *testing.T) {
	for name, test := range map[string]struct {
		file, from, to string // in file, from becomes to; without from, to is the whole file
		want           string
	}{
		"a page that is missing":         {"pages/letter.html", "", "", "letter"},
		"a message that is missing":      {"pages/home.html", `"home.heading"`, `"home.missing"`, `no message "home.missing"`},
		"a function that is missing":     {"pages/home.html", `{{t `, `{{tt `, "not defined"},
		"a field that no model has":      {"pages/home.html", ".Campaigns", ".Nonsense", "Nonsense"},
		"an asset that is missing":       {"layout.html", `asset "style.css"`, `asset "none.css"`, "none.css"},
		"a template that nothing uses":   {"pages/stray.html", "", "{{define \"main\"}}{{end}}", "stray"},
		"a catalogue that is not TOML":   {"messages/en.toml", "[layout]", "[layout", "en.toml"},
		"a language that is none":        {"messages/not-a-language-at-all.toml", "", "x = 'y'", "language"},
		"a mail without a subject":       {"mail/confirm.txt", "Subject: ", "Sub: ", "Subject"},
		"a placeholder that is not open": {"messages/en.toml", "{names}", "{names", "not closed"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			err := fs.WalkDir(templates.FS, ".", func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				data, err := fs.ReadFile(templates.FS, path)
				files[path] = &fstest.MapFile{Data: data}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case test.from != "":
				files[test.file].Data = []byte(strings.Replace(string(files[test.file].Data), test.from, test.to, 1))
			case test.to != "":
				files[test.file] = &fstest.MapFile{Data: []byte(test.to)}
			default:
				delete(files, test.file)
			}
			if _, err := New(files, assets.FS, Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that speaks of %q", err, test.want)
			}
		})
	}
}

func TestRenderer_Reload(t *testing.T) {
	files := fstest.MapFS{}
	if err := fs.WalkDir(templates.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r, err := New(files, assets.FS, Options{Reload: true, Site: "Here"})
	if err != nil {
		t.Fatal(err)
	}
	home := files["pages/home.html"]
	home.Data = []byte(strings.Replace(string(home.Data), "<h1>", `<h1 class="new">`, 1))
	if !strings.Contains(render(t, r, Home{}), `<h1 class="new">`) {
		t.Error("the page is as it was at the start")
	}
	home.Data = []byte("{{")
	if err := r.Render(io.Discard, Home{}); err == nil {
		t.Error("a template that does not parse was rendered")
	}
}

func TestRender_Concurrently(t *testing.T) {
	r := newRenderer(t)
	pages := samples(t, DefaultLang)
	done := make(chan error)
	for range 8 {
		go func() {
			var err error
			for _, p := range pages {
				err = errors.Join(err, r.Render(io.Discard, p))
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	r := newRenderer(b)
	pages := samples(b, DefaultLang)
	for _, name := range []string{"campaign", "letter-filled", "preview", "check", "private-sent", "choose-all"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Render(io.Discard, pages[name]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
