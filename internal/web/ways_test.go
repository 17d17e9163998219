package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/parliament"
)

// nothingKept fails the test if a letter was written down or mailed.
func (s *site) nothingKept() {
	s.t.Helper()
	counts, err := s.Store().Counts(s.t.Context(), slug)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range counts {
		if c.Written != 0 {
			s.t.Errorf("a letter was written down: %+v", c)
		}
	}
	s.mails(0)
}

func (s *site) selfReported() int {
	s.t.Helper()
	counts, err := s.Store().Counts(s.t.Context(), slug)
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, c := range counts {
		n += c.SelfReported
	}
	return n
}

// report returns the form on a page with which the letter is reported as sent.
func report(t *testing.T, a answer) url.Values {
	t.Helper()
	_, rest, found := strings.Cut(a.body, `action="/c/`+slug+`/sent-myself"`)
	if !found {
		t.Fatalf("%q has no form to report the letter", a.heading())
	}
	form, _, _ := strings.Cut(rest, "</form>")
	return values(form)
}

func TestSentMyself(t *testing.T) {
	for _, way := range []string{"post", "email"} {
		t.Run(way, func(t *testing.T) {
			s := start(t, nil)
			preview := s.post("/c/"+slug+"/preview", letter("way", way, "email", ""))
			if preview.StatusCode != http.StatusOK || strings.Contains(preview.body, `action="/c/`+slug+`/send"`) {
				t.Fatalf("%s %q", preview.Status, preview.heading())
			}
			form := report(t, preview)
			for name, value := range form {
				for _, planted := range []string{"Amina", "LS6", "Brudenell", "neighbour", "example.org", "0113"} {
					if strings.Contains(value[0], planted) {
						t.Errorf("what is reported has %q in %s", planted, name)
					}
				}
			}
			for name, change := range map[string]func(url.Values){
				"not ticked":           func(f url.Values) { f.Del("sent") },
				"another constituency": func(f url.Values) { f.Set("constituency", "E14001317") },
				"no way":               func(f url.Values) { f.Set("way", "send") },
				"a token made up":      func(f url.Values) { f.Set("report", strings.Repeat("x", len(f.Get("report")))) },
				"no token":             func(f url.Values) { f.Del("report") },
			} {
				wrong := url.Values{"sent": {"1"}}
				for k, v := range form {
					wrong[k] = v
				}
				change(wrong)
				if a := s.post("/c/"+slug+"/sent-myself", wrong); a.StatusCode != http.StatusUnprocessableEntity {
					t.Errorf("%s: %s", name, a.Status)
				}
			}
			if n := s.selfReported(); n != 0 {
				t.Errorf("%d letters count that should not", n)
			}
			form.Set("sent", "1")
			for range 2 {
				if a := s.post("/c/"+slug+"/sent-myself", form); a.heading() != "Thank you" || !strings.Contains(a.body, `data-sent="`+slug+`"`) {
					t.Errorf("%s %q", a.Status, a.heading())
				}
			}
			if n := s.selfReported(); n != 1 {
				t.Errorf("%d letters are self-reported", n)
			}
			s.nothingKept()
		})
	}
}

// Whoever looks at their letter again, changed or not, has still sent one; and
// one constituency cannot report more than a day can bring.
func TestSentMyself_countsLettersNotPages(t *testing.T) {
	s := start(t, nil)
	reported := func(change ...string) answer {
		form := report(t, s.post("/c/"+slug+"/preview", letter(append(change, "way", "post")...)))
		form.Set("sent", "1")
		return s.post("/c/"+slug+"/sent-myself", form)
	}
	for _, body := range []string{"My neighbour is afraid.", "My neighbour is afraid.", "My neighbour is very much afraid."} {
		if a := reported("body", body); a.StatusCode != http.StatusOK {
			t.Errorf("%s %q", a.Status, a.heading())
		}
	}
	if n := s.selfReported(); n != 1 {
		t.Errorf("%d letters are self-reported, want 1", n)
	}
	for n := 1; n < campaign.MaxSelfReports; n++ {
		r := campaign.SelfReport{Campaign: slug, Constituency: letter().Get("constituency"), Way: campaign.WayPost, TokenHash: []byte{byte(n)}}
		if err := s.Store().AddSelfReport(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if a := reported("name", "Bela"); a.StatusCode != http.StatusTooManyRequests || !strings.Contains(a.body, "than we count in a day") {
		t.Errorf("one too many: %s\n%s", a.Status, a.body)
	}
	if n := s.selfReported(); n != campaign.MaxSelfReports {
		t.Errorf("%d letters are self-reported, want %d", n, campaign.MaxSelfReports)
	}
}

// How many letters people say they sent themselves is told from five on.
func TestSentMyself_told(t *testing.T) {
	for n, told := range map[int]bool{0: false, campaign.SuppressBelow - 1: false, campaign.SuppressBelow: true} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := start(t, nil)
			for i := range n {
				r := campaign.SelfReport{Campaign: slug, Constituency: letter().Get("constituency"), Way: campaign.WayPost, TokenHash: []byte{byte(i)}}
				if err := s.Store().AddSelfReport(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
			for path, words := range map[string]string{
				"/c/" + slug:    "more letters themselves",
				"/cy/c/" + slug: "wedi anfon",
			} {
				page := s.get(path).body
				if got := strings.Contains(page, words); got != told {
					t.Errorf("%s: told %v, want %v", path, got, told)
				}
				if told && !strings.Contains(page, fmt.Sprint(n, " ")+map[bool]string{true: "llythyr", false: "more letters"}[strings.HasPrefix(path, "/cy")]) {
					t.Errorf("%s does not say that there are %d", path, n)
				}
			}
			want := `"self_reported":null`
			if told {
				want = fmt.Sprintf(`"self_reported":%d`, n)
			}
			if api := s.get("/api/v1/campaigns/" + slug + "/counts").body; !strings.Contains(api, want) || !strings.Contains(api, `"letters":0,`) {
				t.Errorf("no %s in %.200s", want, api)
			}
		})
	}
}

// A letter that Postbag does not send is not taken to be sent, whatever is
// posted.
func TestSend_OnlyTheWayItIsFor(t *testing.T) {
	s := start(t, nil)
	for _, way := range []string{"post", "email"} {
		if a := s.post("/c/"+slug+"/send", letter("way", way)); !strings.Contains(a.body, "/sent-myself") {
			t.Errorf("%s: %s %q", way, a.Status, a.heading())
		}
	}
	s.nothingKept()
}

// Where no MP may be written to, the page has no MP's address.
func TestOwnEmail_Address(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*config.Config)
		want   string
	}{
		"captured":       {nil, "mp@example.invalid"},
		"test recipient": {func(c *config.Config) { c.TestRecipient = "me+1@example.org" }, "me+1@example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, test.change).post("/c/"+slug+"/preview", letter("way", "email", "body", "A & B? 100%\r\n\r\nC+D"))
			m := regexp.MustCompile(`href="(mailto:[^"]*)"`).FindStringSubmatch(a.body)
			if m == nil {
				t.Fatal("no link into the mail program")
			}
			link, err := url.Parse(html.UnescapeString(m[1]))
			if err != nil {
				t.Fatal(err)
			}
			to, err := url.PathUnescape(link.Opaque)
			if err != nil || to != test.want {
				t.Errorf("it goes to %q, want %q", to, test.want)
			}
			if body := link.Query().Get("body"); !strings.Contains(body, "A & B? 100%\r\n\r\nC+D\r\n\r\nYours sincerely,") {
				t.Errorf("the text is %q", body)
			}
			if strings.Contains(a.body, "parliament.uk") {
				t.Error("the MP's address is on the page")
			}
		})
	}
}

func TestLetter_AnswersStayWhileSomethingIsWrong(t *testing.T) {
	s := start(t, nil)
	wrong := s.post("/c/"+slug+"/preview", letter("answer1", "One.\r\nTwo.", "answer2", "Three.", "name", ""))
	got := values(wrong.body)
	if wrong.StatusCode != http.StatusUnprocessableEntity || got.Get("answer1") != "One.\r\nTwo." || got.Get("answer2") != "Three." || strings.Contains(got.Get("body"), "One.") {
		t.Fatalf("%s: %q, %q, %q", wrong.Status, got.Get("answer1"), got.Get("answer2"), got.Get("body"))
	}
	got.Set("choose", "all") // and while another constituency is chosen
	chosen := values(s.post("/c/"+slug+"/letter", got).body)
	chosen.Set("constituency", "E14001317")
	got = values(s.post("/c/"+slug+"/letter", chosen).body)
	if got.Get("answer1") != "One.\r\nTwo." {
		t.Errorf("the answer is lost: %q", got.Get("answer1"))
	}
	got.Set("name", "Amina")
	preview := s.post("/c/"+slug+"/preview", got)
	if text := letterOn(t, preview); !strings.Contains(text, ",\n\nOne.\nTwo.\n\nThree.\n\nMy neighbour is afraid.") {
		t.Errorf("%s", text)
	}
	if hidden := values(preview.body); hidden.Has("answer1") {
		t.Error("the answers go along, and would stand in the letter twice")
	}
}

func TestLetter_SaysWhatItStillNames(t *testing.T) {
	s := start(t, nil)
	form := letter("body", "I live in Leeds Central and Headingley, dear Alex Sobel.", "drafted", "E14001319", "constituency", "E14001317")
	a := s.post("/c/"+slug+"/letter", form)
	if !strings.Contains(a.body, "Your letter still says Leeds Central and Headingley and Alex Sobel") {
		t.Errorf("%s %q: nothing is said of the old names", a.Status, a.heading())
	}
	form.Set("body", "I live round the corner.")
	if a := s.post("/c/"+slug+"/letter", form); strings.Contains(a.body, "still says") {
		t.Error("names are seen where none are")
	}
}

func TestLetter_TheSpeakerIsNotSaidToBeLate(t *testing.T) {
	a := start(t, nil).post("/c/"+slug+"/letter", url.Values{"postcode": {"PR7 1DP"}})
	if !strings.Contains(a.body, "signs no pledges") || strings.Contains(a.body, "has not pledged yet") {
		t.Errorf("%q speaks of a pledge that is not asked for", a.heading())
	}
}

const bangor = "LL57 2DG"

func TestLetter_Language(t *testing.T) {
	s := start(t, nil)
	english := s.post("/c/"+slug+"/letter", url.Values{"postcode": {bangor}})
	form := values(english.body)
	if !strings.Contains(form.Get("body"), "I live in Bangor Aberconwy") || !strings.Contains(english.body, `name="write_in" value="cy"`) {
		t.Fatalf("%q", form.Get("body"))
	}
	form.Set("write_in", "cy")
	form.Set("name", "Amina")
	welsh := s.post("/c/"+slug+"/letter", form)
	form = values(welsh.body)
	if !strings.Contains(form.Get("body"), "yn etholaeth Bangor Aberconwy") || form.Get("letter_lang") != "cy" || form.Get("name") != "Amina" {
		t.Fatalf("%q, %s", form.Get("body"), form.Get("letter_lang"))
	}
	if !strings.Contains(welsh.body, `<textarea class="said" id="body" name="body"`) || !strings.Contains(welsh.body, `lang="cy"`) || !strings.Contains(welsh.body, "Make this letter yours") {
		t.Error("the page is no longer in English, or does not say that the letter is in Welsh")
	}
	for name, value := range letter() {
		if name != "body" && name != "constituency" && name != "postcode" {
			form[name] = value
		}
	}
	preview := s.post("/c/"+slug+"/preview", form)
	if text := letterOn(t, preview); !strings.HasPrefix(text, "Annwyl Claire Hughes,") || !strings.Contains(text, "Yn gywir,") {
		t.Errorf("the letter is\n%s", text)
	}
	// A text of one's own stays, and the page says so.
	form.Set("body", "My own words.")
	form.Set("write_in", "en")
	back := s.post("/c/"+slug+"/letter", form)
	if got := values(back.body); got.Get("body") != "My own words." || !strings.Contains(back.body, "You had changed the letter") {
		t.Errorf("%q", got.Get("body"))
	}
	// In Welsh to an MP outside Wales: the letter is English, with a note why.
	a := s.post("/cy/c/"+slug+"/letter", url.Values{"postcode": {"LS6 3HN"}})
	if !strings.Contains(values(a.body).Get("body"), "I live in Leeds") || !strings.Contains(a.body, "Mae’r llythyr hwn yn Saesneg") || strings.Contains(a.body, "write_in") {
		t.Errorf("%q: %q", a.heading(), values(a.body).Get("body"))
	}
	// In Welsh to one in Wales: Welsh from the start.
	a = s.post("/cy/c/"+slug+"/letter", url.Values{"postcode": {bangor}})
	if got := values(a.body); got.Get("letter_lang") != "cy" || !strings.Contains(got.Get("body"), "yn etholaeth") {
		t.Errorf("%q: %q", a.heading(), got.Get("body"))
	}
}

// Whatever else changes between the preview and the button is seen once more.
func TestSend_SomethingElseChanged(t *testing.T) {
	s := start(t, nil)
	form := values(s.post("/c/"+slug+"/preview", letter()).body)
	replaceSeat(t, s, "E14001319", func(seat *parliament.Seat) { seat.Member.Name, seat.Member.Salutation = "Alexandra Sobel", "" })
	again := s.post("/c/"+slug+"/send", form)
	if !strings.Contains(again.body, "Something in the fixed parts") {
		t.Errorf("%s %q", again.Status, again.heading())
	}
	s.nothingKept()
	if a := s.post("/c/"+slug+"/send", values(again.body)); a.heading() != "Now check your email" {
		t.Errorf("after another look: %s %q", a.Status, a.heading())
	}
}

func TestPrivate_Reply(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	if a := s.get(private); strings.Contains(a.body, "/reply") {
		t.Error("an answer is asked for before the letter has gone")
	}
	if a := s.post(private+"/reply", url.Values{"answer": {"real"}}); a.StatusCode != http.StatusConflict {
		t.Errorf("answered before it has gone: %s", a.Status)
	}
	s.post(private+"/confirm", url.Values{})
	s.eventually("the letter to be sent", func() bool { return strings.Contains(s.get(private).body, private+"/reply") })
	for _, answer := range []campaign.Answer{campaign.AnswerNone, campaign.AnswerReal} { // it can be changed
		a := s.post(private+"/reply", url.Values{"answer": {string(answer)}})
		if a.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %s", answer, a.Status)
		}
		after := s.get(a.Header.Get("Location"))
		if !strings.Contains(after.body, "Thank you for telling us") || !regexp.MustCompile(`value="`+string(answer)+`"[^>]*checked`).MatchString(after.body) {
			t.Errorf("%s is not shown", answer)
		}
	}
	if a := s.post(private+"/reply", url.Values{"answer": {"rude"}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an answer that is none: %s", a.Status)
	}
	if a := s.get(private + "/reply"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("GET: %s", a.Status)
	}
	// The links to share are to the campaign, and never to this page.
	page := s.get(private).body
	token := strings.TrimPrefix(private, "/l/")
	links := regexp.MustCompile(`href="((?:https://|mailto:)[^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 6 {
		t.Fatalf("%d links to share", len(links))
	}
	for _, link := range links {
		if strings.Contains(link[1], token) || !strings.Contains(link[1], slug) {
			t.Errorf("shared is %s", link[1])
		}
	}
}
