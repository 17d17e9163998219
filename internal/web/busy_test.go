package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/config"
)

// Whoever has to wait because many write keeps what they typed, and is told when to
// try again; without JavaScript a button does.
func TestSend_busy(t *testing.T) {
	for name, c := range map[string]struct {
		limits campaign.Limits
		path   string
		says   []string
		when   string // with the hour's one letter gone, the next goes in an hour
	}{
		"in English":  {campaign.Limits{Address: campaign.Rate{Hour: 1}}, "/c/" + slug + "/send", []string{"Many people are writing now", "from the network that you use"}, "in about 60 minutes"},
		"in an embed": {campaign.Limits{Campaign: campaign.Rate{Hour: 1}}, atFriends + "/send", []string{"Many people are writing now"}, "in about 60 minutes"},
		"in Welsh":    {campaign.Limits{Campaign: campaign.Rate{Hour: 1}}, "/cy/c/" + slug + "/send", []string{"Mae llawer o bobl yn ysgrifennu nawr"}, "ymhen tua 60 munud"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(cfg *config.Config) { cfg.Limits = c.limits })
			s.partner(friends)
			s.write(letter())
			form := letter("email", "sam@example.org", "postcode", "LS6 3HP", "subject", `"Quoted" <subject>`)
			a := s.post(c.path, form)
			wait, err := strconv.Atoi(a.Header.Get("Retry-After"))
			if a.StatusCode != http.StatusTooManyRequests || err != nil || wait < 20 || wait > 3700 {
				t.Fatalf("%s, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
			}
			for _, want := range append(c.says, c.when, `action="`+c.path+`"`, `data-wait="`+strconv.Itoa(wait)+`"`, "<button") {
				if !strings.Contains(a.body, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			back := hiddenFields(a.body)
			for field := range form {
				if back.Get(field) != form.Get(field) {
					t.Errorf("%s comes back as %q", field, back.Get(field))
				}
			}
			if len(s.mails(1)) != 1 {
				t.Error("a mail goes")
			}
		})
	}
}

// The field that nobody sees is out of the way of those who see nothing as well, and
// of programs that fill in what they know.
func TestLetter_trap(t *testing.T) {
	s := start(t, nil)
	page := s.post("/c/"+slug+"/letter", letter()).body
	at := strings.Index(page, `name="website"`)
	if at < 0 {
		t.Fatal("there is none")
	}
	block := page[strings.LastIndex(page[:at], "<div"):]
	block = block[:strings.Index(block, "</div>")]
	for _, want := range []string{`aria-hidden="true"`, `class="vh"`, `<label for="website">Leave this field empty</label>`, `tabindex="-1"`, `autocomplete="off"`, `value=""`} {
		if !strings.Contains(block, want) {
			t.Errorf("%s is missing in %s", want, block)
		}
	}
	if strings.Contains(block, "required") {
		t.Error("it is asked for")
	}
	link := s.write(letter("website", "http://spam.example"))
	s.post(link+"/confirm", nil)
	if got := s.get(link).body; !strings.Contains(got, "A hidden field of the form was filled in") {
		t.Error("its supporter is not told why it is held")
	}
	s.mails(1) // and nothing goes to the MP
}

// A form's token is carried from step to step, and a program that knows none gets
// nowhere without reading the preview.
func TestSend_formAge(t *testing.T) {
	s := start(t, func(cfg *config.Config) { cfg.Limits = campaign.StrictLimits() })
	a := s.post("/c/"+slug+"/letter", letter())
	shown := hiddenFields(a.body).Get("shown")
	if shown == "" {
		t.Fatal("the form does not say when it was shown")
	}
	a = s.post("/c/"+slug+"/preview", letter("shown", shown))
	if got := hiddenFields(a.body).Get("shown"); got != shown {
		t.Errorf("the preview has %q", got)
	}
	a = s.post("/c/"+slug+"/send", letter("shown", shown))
	if a.StatusCode != http.StatusOK || !strings.Contains(a.body, "That went very quickly") || hiddenFields(a.body).Get("body") == "" {
		t.Errorf("at once: %s", a.Status)
	}
	a = s.post("/c/"+slug+"/send", letter("shown", "forged"))
	if fresh := hiddenFields(a.body).Get("shown"); fresh == "" || fresh == "forged" || !strings.Contains(a.body, "open for a long time") {
		t.Errorf("forged: %s, then %q", a.Status, fresh)
	}
	s.mails(0)
}

// hiddenFields returns the hidden fields of a page, whatever form they stand in.
func hiddenFields(page string) url.Values {
	fields := url.Values{}
	for _, m := range anyHidden.FindAllStringSubmatch(page, -1) {
		fields.Set(m[1], html.UnescapeString(m[2]))
	}
	return fields
}

var anyHidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
