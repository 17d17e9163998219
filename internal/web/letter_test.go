package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/parliament"
)

func TestLetter_EveryPostcodeLeadsOn(t *testing.T) {
	s := start(t, nil)
	tests := []struct {
		name, typed string
		status      int
		want        []string
		not         []string
	}{
		{"found", "ls6 3hn", 200, []string{"Leeds Central and Headingley", `value="LS6 3HN"`, `name="body"`}, []string{"You chose this"}},
		{"found as typed on a phone", " LS63HN ", 200, []string{"Leeds Central and Headingley"}, nil},
		{"letter O for nought", "LS6 3HN", 200, []string{"Leeds Central and Headingley"}, nil},
		{"malformed", "LS6 <3", 422, []string{"LS6 &lt;3", "should look like LS6 3HN", `aria-invalid="true"`}, []string{`name="body"`}},
		{"empty", "", 422, []string{"Type your postcode"}, []string{`name="body"`}},
		{"unknown unit", "LS6 3ZZ", 200, []string{"E14001319", "LS6 3"}, []string{`name="body"`}},
		{"non-geographic", "GIR 0AA", 200, []string{"PO box", "E14001319"}, []string{`name="body"`}},
		{"Northern Ireland", "BT1 1AA", 200, []string{"N05000001", "N05000018"}, []string{"E14001319"}},
		{"Jersey", "JE2 3AB", 200, []string{"Jersey", "E14001319"}, nil},
		{"forces", "BFPO 57", 200, []string{"forces", "E14001319"}, nil},
		{"Ascension", "ASCN 1ZZ", 200, []string{"Ascension"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.post("/c/"+slug+"/letter", url.Values{"postcode": {tt.typed}})
			if a.StatusCode != tt.status {
				t.Fatalf("%s, want %d", a.Status, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(a.body, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(a.body, not) {
					t.Errorf("the page has %q", not)
				}
			}
		})
	}
}

// values returns the fields of a page as a browser would post them.
func values(body string) url.Values {
	form := url.Values{}
	attr := func(tag, name string) string {
		m := regexp.MustCompile(`\s` + name + `="([^"]*)"`).FindStringSubmatch(tag)
		if m == nil {
			return ""
		}
		return html.UnescapeString(m[1])
	}
	for _, tag := range regexp.MustCompile(`<input[^>]*>`).FindAllString(body, -1) {
		if name := attr(tag, "name"); name != "" && !form.Has(name) {
			form.Set(name, attr(tag, "value"))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>`).FindAllStringSubmatch(body, -1) {
		form.Set(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n"))
	}
	return form
}

func TestLetter_ErrorsKeepEverythingTyped(t *testing.T) {
	s := start(t, nil)
	typed := letter("name", "<b>Amina</b>", "email", "amina at example", "address1", "", "town", "", "subject", "",
		"phone", "ring me", "body", "  Two words.\r\n\r\n  Indented & \"quoted\".")
	for _, step := range []string{"preview", "send"} {
		a := s.post("/c/"+slug+"/"+step, typed)
		if a.StatusCode != http.StatusUnprocessableEntity {
			t.Fatalf("%s: %s", step, a.Status)
		}
		got := values(a.body)
		for name := range typed {
			if got.Get(name) != typed.Get(name) {
				t.Errorf("%s: %s came back as %q, was %q", step, name, got.Get(name), typed.Get(name))
			}
		}
		for _, field := range []string{"email", "address1", "town", "subject", "phone"} {
			if !strings.Contains(a.body, `id="`+field+`-error"`) || !strings.Contains(a.body, `href="#`+field+`"`) {
				t.Errorf("%s: %s has no sentence beside it and in the summary", step, field)
			}
		}
		for _, field := range []string{"body", "name"} {
			if strings.Contains(a.body, `id="`+field+`-error"`) {
				t.Errorf("%s: %s is called wrong", step, field)
			}
		}
	}
	if counts, _ := s.Store().Counts(t.Context(), slug); len(counts) != 0 {
		t.Error("a letter with errors was written down")
	}
	s.mails(0)
}

var (
	verbatim = regexp.MustCompile(`(?s)<div class="verbatim"[^>]*>(.*?)</div>`)
	spans    = regexp.MustCompile(`</?span[^>]*>`)
)

// letterOn returns the letter that a page shows, to the character.
func letterOn(t *testing.T, a answer) string {
	t.Helper()
	m := verbatim.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no letter on the page %q: %s", a.heading(), a.Status)
	}
	return html.UnescapeString(spans.ReplaceAllString(m[1], ""))
}

func TestLetter_ThePreviewIsWhatIsSent(t *testing.T) {
	s := start(t, nil)
	preview := s.post("/c/"+slug+"/preview", letter())
	letterText := letterOn(t, preview)
	want := "Dear Alex Sobel,\n\nMy neighbour is afraid.\n\nPlease sign.\n\nYours sincerely,\n\nAmina O’Connor\n0113 496 0123\nFlat 2, 17 Brudenell Road\nLeeds\nLS6 3HN"
	if letterText != want {
		t.Errorf("preview:\n%s\nwant:\n%s", letterText, want)
	}
	private := s.write(values(preview.body))
	if got := letterOn(t, s.get(private)); got != want {
		t.Errorf("private page:\n%s", got)
	}
	s.post(private+"/confirm", url.Values{})
	_, body, _ := strings.Cut(s.mails(2)[0], "\r\n\r\n")
	if got := strings.TrimSuffix(strings.ReplaceAll(body, "\r\n", "\n"), "\n"); got != want {
		t.Errorf("sent:\n%s", got)
	}
}

func TestLetter_ConfirmationMailHoldsNothingTyped(t *testing.T) {
	s := start(t, nil)
	s.write(letter())
	mail := s.mails(1)[0]
	for _, typed := range []string{"Amina", "Brudenell", "neighbour", "LS6", "0113", "Please sign the pledge"} {
		if strings.Contains(mail, typed) {
			t.Errorf("the confirmation mail holds %q", typed)
		}
	}
	for _, want := range []string{"Auto-Submitted: auto-generated\r\n", "To: <amina@example.org>\r\n"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the confirmation mail lacks %q:\n%s", want, mail)
		}
	}
}

func TestLetter_BackFromThePreviewKeepsEverything(t *testing.T) {
	s := start(t, nil)
	form := values(s.post("/c/"+slug+"/preview", letter()).body)
	form.Set("edit", "1")
	got := values(s.post("/c/"+slug+"/letter", form).body)
	for name, want := range letter() {
		if got.Get(name) != want[0] {
			t.Errorf("%s came back as %q, was %q", name, got.Get(name), want[0])
		}
	}
}

func TestLetter_AnotherConstituencyKeepsWhatWasTyped(t *testing.T) {
	s := start(t, nil)
	first := values(s.post("/c/"+slug+"/letter", url.Values{"postcode": {"LS6 3HN"}}).body)
	first.Set("name", "Amina")
	first.Set("choose", "all")
	all := s.post("/c/"+slug+"/letter", first)
	if n := strings.Count(all.body, `name="constituency"`); n != 650 {
		t.Fatalf("%d constituencies to choose from, want 650", n)
	}
	form := values(all.body)
	form.Set("constituency", "E14001317")
	got := s.post("/c/"+slug+"/letter", form)
	if !strings.Contains(got.body, "You chose this constituency yourself") {
		t.Error("the page does not say that the constituency was chosen")
	}
	if v := values(got.body); v.Get("name") != "Amina" || v.Get("constituency") != "E14001317" || v.Get("postcode") != "LS6 3HN" {
		t.Errorf("the form came back as %v", v)
	}
}

// replaceSeat puts a roster into force in which one seat is different.
func replaceSeat(t *testing.T, s *site, code string, change func(*parliament.Seat)) {
	t.Helper()
	roster, _, err := s.Store().Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seats := roster.Seats()
	for i := range seats {
		if seats[i].Constituency.Code == code {
			change(&seats[i])
		}
	}
	changed, err := parliament.NewRoster(seats, roster.ConstituencySource(), roster.MemberSource())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store().ApplyRoster(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	if err := s.Service().Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestLetter_ByPost(t *testing.T) {
	for name, change := range map[string]func(*parliament.Seat){
		"vacant":   func(seat *parliament.Seat) { seat.Member = parliament.Member{} },
		"no email": func(seat *parliament.Seat) { seat.Member.Email = "" },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, nil)
			replaceSeat(t, s, "E14001319", change)
			form := s.post("/c/"+slug+"/letter", url.Values{"postcode": {"LS6 3HN"}})
			if strings.Contains(form.body, `name="email"`) {
				t.Error("an email address is asked for")
			}
			typed := letter()
			typed.Del("email")
			preview := s.post("/c/"+slug+"/preview", typed)
			if preview.StatusCode != http.StatusOK || !strings.Contains(preview.body, "SW1A 0AA") || strings.Contains(preview.body, "/send") {
				t.Errorf("%s: not a page to print", preview.Status)
			}
			sent := s.post("/c/"+slug+"/send", letter())
			if !strings.Contains(sent.body, "SW1A 0AA") {
				t.Errorf("sending it all the same: %s %q", sent.Status, sent.heading())
			}
			s.mails(0)
			if counts, _ := s.Store().Counts(t.Context(), slug); len(counts) != 0 {
				t.Error("something was written down")
			}
		})
	}
}

func TestLetter_AnotherMPMeansAnotherLook(t *testing.T) {
	s := start(t, nil)
	form := values(s.post("/c/"+slug+"/preview", letter()).body)
	replaceSeat(t, s, "E14001319", func(seat *parliament.Seat) {
		seat.Member.ID, seat.Member.Name, seat.Member.FullTitle = 99999, "Jane Doe", "Jane Doe MP"
	})
	again := s.post("/c/"+slug+"/send", form)
	if !strings.Contains(again.body, "Dear Jane Doe,") || !strings.Contains(again.body, "Your MP has changed") {
		t.Fatalf("%s %q", again.Status, again.heading())
	}
	s.mails(0)
	if a := s.post("/c/"+slug+"/send", values(again.body)); a.heading() != "Now check your email" {
		t.Errorf("the second try: %s %q", a.Status, a.heading())
	}
}

func TestLetter_OnceIsEnough(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	first := s.post("/c/"+slug+"/send", letter())
	s.mails(1) // the same letter, mailed just now; nobody is mailed twice in ten minutes
	s.post(private+"/confirm", url.Values{})
	s.mails(2)
	second := s.post("/c/"+slug+"/send", letter("email", "AMINA@example.org", "body", "Another text."))
	if first.StatusCode != http.StatusOK || first.heading() != "Now check your email" || second.heading() != first.heading() {
		t.Errorf("the pages tell a repeat apart: %q, %q", first.heading(), second.heading())
	}
	counts, err := s.Store().Counts(t.Context(), slug)
	if err != nil || len(counts) != 1 || counts[0].Written != 1 || counts[0].Sent != 1 {
		t.Errorf("counts %+v, %v", counts, err)
	}
	if !strings.Contains(s.get(private).body, "My neighbour is afraid.") {
		t.Error("the first letter was replaced")
	}
}

// Anyone can write in anyone's name. Whoever reads the mail decides which letter
// goes, and only that one does.
func TestLetter_AStrangersLetterTakesNobodysPlace(t *testing.T) {
	s := start(t, nil)
	strangers := s.write(letter("body", "Words of a stranger."))
	if a := s.post("/c/"+slug+"/send", letter()); a.StatusCode != http.StatusOK {
		t.Fatal(a.Status)
	}
	own := privateLink.FindStringSubmatch(s.mails(2)[0])[1]
	if own == strangers || !strings.Contains(s.get(own).body, "My neighbour is afraid.") {
		t.Fatal("the link leads to another letter than the one that was previewed")
	}
	s.post(own+"/confirm", url.Values{})
	// The stranger's letter is gone, and the mail about it.
	if mail := s.mails(2)[0]; !strings.Contains(mail, "My neighbour is afraid.") {
		t.Errorf("sent:\n%s", mail)
	}
	if a := s.post(strangers+"/confirm", url.Values{}); a.StatusCode != http.StatusConflict || strings.Contains(a.body, "Words of a stranger") {
		t.Errorf("the other letter can still be sent: %s", a.Status)
	}
	s.mails(2)
}

// Whoever has the mailbox that was mistyped must not keep the letter.
func TestLetter_ACorrectedAddressTakesTheLetterAway(t *testing.T) {
	s := start(t, nil)
	check := s.post("/c/"+slug+"/send", letter("email", "anima@example.org"))
	wrong := privateLink.FindStringSubmatch(s.mails(1)[0])[1]
	back := values(s.post("/c/"+slug+"/letter", values(check.body)).body)
	back.Set("email", "amina@example.org")
	preview := values(s.post("/c/"+slug+"/preview", back).body)
	if a := s.post("/c/"+slug+"/send", preview); a.StatusCode != http.StatusOK {
		t.Fatal(a.Status)
	}
	right := privateLink.FindStringSubmatch(s.mails(1)[0])[1] // the first mail went with its letter
	if right == wrong {
		t.Fatal("the second mail leads to the first letter")
	}
	if a := s.get(wrong); strings.Contains(a.body, "Brudenell") || strings.Contains(a.body, "Yes, send my letter") {
		t.Error("the first link still shows the letter")
	}
	if a := s.post(wrong+"/confirm", url.Values{}); a.StatusCode != http.StatusConflict {
		t.Errorf("confirming the first: %s", a.Status)
	}
	if a := s.post(right+"/confirm", url.Values{}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("confirming the second: %s", a.Status)
	}
	s.mails(2)
}

// Ten mails to one address are enough, whatever they are about: letters to one MP
// or to many, corrected or new. The page that answers is always the same.
func TestLetter_NobodyIsFlooded(t *testing.T) {
	s := start(t, nil)
	form := letter()
	pages := map[string]int{}
	send := func() answer {
		a := s.post("/c/"+slug+"/send", form)
		if a.StatusCode != http.StatusOK || a.heading() != "Now check your email" {
			t.Fatalf("%s %q", a.Status, a.heading())
		}
		main := a.body[strings.Index(a.body, "<main"):strings.Index(a.body, "<form")]
		pages[main]++
		return a
	}
	for i := range 8 {
		form.Set("body", strings.Repeat("again ", i+1))
		replaces := values(send().body).Get("replaces")
		if replaces == "" {
			t.Fatal("a letter cannot be corrected")
		}
		if i < 4 {
			form.Set("replaces", replaces)
		} else {
			form.Del("replaces")
		}
	}
	form.Set("email", "AMINA+mps@example.org")
	form.Set("constituency", "E14001317")
	for range 8 {
		form.Set("body", form.Get("body")+"again ")
		send()
	}
	written := 0
	counts, err := s.Store().Counts(t.Context(), slug)
	for _, c := range counts {
		written += c.Written
	}
	if err != nil || written != 10 {
		t.Errorf("counts %+v, %v", counts, err)
	}
	if len(pages) != 2 { // one for each MP and address
		t.Errorf("%d different pages: %v", len(pages), pages)
	}
}
