package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

var olga = account.Actor{Account: 7, Name: "Olga"}

func (s *site) turn(from, to campaign.Stage) {
	s.t.Helper()
	if err := s.Service().Turn(s.t.Context(), olga, slug, from, to); err != nil {
		s.t.Fatal(err)
	}
}

// Launching and closing are asked once more; a press alone does neither. A pause
// is taken back with another press, and is not asked about.
func TestCampaign_LaunchAndCloseAreAsked(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	source := strings.Replace(shippedSource(t), `slug = "`+slug+`"`, `slug = "secret"`, 1)
	if _, err := s.Service().CreateCampaign(t.Context(), olga, source, ""); err != nil {
		t.Fatal(err)
	}
	stage := func() campaign.Stage {
		c, err := s.Service().AnyCampaign("secret")
		if err != nil {
			t.Fatal(err)
		}
		return c.Stage
	}
	for _, turn := range []struct {
		from, to campaign.Stage
		says     []string
	}{
		{campaign.StageDraft, campaign.StageLive, []string{"Launch this campaign?", "/c/secret", "cannot become a draft again", "English and Cymraeg"}},
		{campaign.StageLive, campaign.StageClosed, []string{"Close this campaign?", "nobody can write or confirm"}},
	} {
		form := url.Values{"from": {string(turn.from)}, "to": {string(turn.to)}}
		a := s.post("/organise/c/secret/state", form)
		for _, want := range append(turn.says, `name="sure" value="1"`) {
			if !strings.Contains(a.body, want) {
				t.Errorf("to %s: the page lacks %q", turn.to, want)
			}
		}
		if a.StatusCode != http.StatusOK || stage() != turn.from {
			t.Errorf("one press brings it to %s: %s", stage(), a.Status)
		}
		form = a.hiddenIn("sure")
		if a := s.post("/organise/c/secret/state", form); a.StatusCode != http.StatusSeeOther || stage() != turn.to {
			t.Errorf("the second press: %s, %s", a.Status, stage())
		}
	}
	s.turn(campaign.StageLive, campaign.StagePaused)
	if a := s.post("/organise/c/"+slug+"/state", url.Values{"from": {"paused"}, "to": {"live"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("live again: %s", a.Status)
	}
	empty := url.Values{"title": {"Empty"}, "slug": {"empty"}, "lang": {"en"}}
	s.post("/organise/campaigns/new", empty)
	if a := s.post("/organise/c/empty/state", url.Values{"from": {"draft"}, "to": {"live"}}); a.StatusCode != http.StatusUnprocessableEntity || strings.Contains(a.body, "Launch this campaign?") {
		t.Errorf("a draft with nothing in it: %s", a.Status)
	}
}

// What is confirmed is what was shown: when somebody changed the text or the time
// meanwhile, it is shown once more. A confirmation that was never asked for, or is
// sent again, does nothing.
func TestCampaign_WhatIsConfirmedWasShown(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	source := strings.Replace(shippedSource(t), `slug = "`+slug+`"`, `slug = "secret"`, 1)
	if _, err := s.Service().CreateCampaign(t.Context(), olga, source, ""); err != nil {
		t.Fatal(err)
	}
	const at = "/organise/c/secret/state"
	stage := func() campaign.Stage {
		c, err := s.Service().AnyCampaign("secret")
		if err != nil {
			t.Fatal(err)
		}
		return c.Stage
	}
	refused := func(what string, form url.Values) {
		t.Helper()
		was := stage()
		if a := s.post(at, form); a.StatusCode != http.StatusConflict || stage() != was {
			t.Errorf("%s: %s, and it is %s", what, a.Status, stage())
		}
	}
	launch := url.Values{"from": {"draft"}, "to": {"live"}}
	shown := s.post(at, launch).hiddenIn("sure")
	refused("never shown", url.Values{"from": {"draft"}, "to": {"live"}, "sure": {"1"}})
	if _, err := s.Service().SaveCampaign(t.Context(), olga, "secret", strings.Replace(source, "goal = ", "goal = 1", 1), 1, ""); err != nil {
		t.Fatal(err)
	}
	refused("another text", shown)
	shown = s.post(at, launch).hiddenIn("sure")
	if err := s.Service().Schedule(t.Context(), olga, "secret", time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	refused("another end", shown)
	shown = s.post(at, launch).hiddenIn("sure")
	if a := s.post(at, shown); a.StatusCode != http.StatusSeeOther || stage() != campaign.StageLive {
		t.Fatalf("%s, and it is %s", a.Status, stage())
	}
	refused("sent again", shown)
	refused("where it does not stand", url.Values{"from": {"paused"}, "to": {"closed"}})
}

// A time that the clocks skip when they go forward is none; it is not moved to
// another in silence. And nobody's times are overwritten by whoever did not see them.
func TestCampaign_Schedule(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	const at = "/organise/c/" + slug
	ends := func() time.Time {
		c, err := s.Service().AnyCampaign(slug)
		if err != nil {
			t.Fatal(err)
		}
		return c.EndsAt
	}
	for typed, want := range map[string]string{
		"2090-03-26T01:30": "does not exist", "2090-03-26T01:00": "does not exist", "2090-13-01T01:30": "Type a day and a time", "1990-01-01T09:00": "This time has passed",
	} {
		form := s.get(at + "/state").hiddenIn("ends")
		form.Set("ends", typed)
		if a := s.post(at+"/schedule", form); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) || !strings.Contains(a.body, `value="`+typed+`"`) || !ends().IsZero() {
			t.Errorf("%s: %s, without %q, or it ends %v", typed, a.Status, want, ends())
		}
	}
	for typed, want := range map[string]string{
		"2090-03-26T02:00": "2090-03-26T01:00:00Z", "2090-03-26T00:59": "2090-03-26T00:59:00Z", "2090-10-29T02:00": "2090-10-29T02:00:00Z", "2090-10-29T00:59": "2090-10-28T23:59:00Z",
	} {
		form := s.get(at + "/state").hiddenIn("ends")
		form.Set("ends", typed)
		if a := s.post(at+"/schedule", form); a.StatusCode != http.StatusSeeOther || ends().UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %s, it ends %v", typed, a.Status, ends())
		}
	}
	mine, other := s.get(at+"/state").hiddenIn("ends"), time.Date(2091, time.May, 1, 12, 0, 0, 0, time.UTC)
	if err := s.Service().Schedule(t.Context(), olga, slug, time.Time{}, other); err != nil {
		t.Fatal(err)
	}
	mine.Set("ends", "2091-06-01T09:00")
	a := s.post(at+"/schedule", mine)
	if a.StatusCode != http.StatusConflict || !ends().Equal(other) || !strings.Contains(a.body, `value="2091-06-01T09:00"`) || !strings.Contains(a.body, ", 13:00. Save once more") {
		t.Errorf("over another's: %s, it ends %v\n%s", a.Status, ends(), a.body)
	}
	again := a.hiddenIn("ends")
	again.Set("ends", "2091-06-01T09:00")
	if a := s.post(at+"/schedule", again); a.StatusCode != http.StatusSeeOther || ends().Equal(other) {
		t.Errorf("having seen them: %s", a.Status)
	}
}

// What is missing is named as the forms name it, on both pages that list it.
func TestCampaign_WhatIsMissingIsNamedByItsLabel(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	s.post("/organise/campaigns/new", url.Values{"title": {"Empty"}, "slug": {"empty"}, "lang": {"en"}})
	for _, path := range []string{"/edit", "/state"} {
		a := s.get("/organise/c/empty" + path)
		for _, want := range []string{">Headline (Texts: English)</a>", ">Description (Texts: English)</a>", ">The pledge (Texts: English)</a>", ">Subject (Letter “ask”: English)</a>", "#texts.en.letters.thanks.body"} {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
		if strings.Contains(a.body, "texts.en.headline: missing") {
			t.Errorf("%s names it by its key", path)
		}
	}
}

func TestCampaign_GoalThatIsNone(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	for _, goal := range []string{"many", "-3", "1.5"} {
		a := s.post("/organise/c/"+slug+"/goal", url.Values{"base": {"1"}, "goal": {goal}})
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Write a number of letters") || !strings.Contains(a.body, `value="`+goal+`"`) {
			t.Errorf("%s: %s, without a sentence or without what was typed", goal, a.Status)
		}
	}
}

// While a campaign is paused or closed nobody can write, and nobody loses what
// they typed.
func TestStopped_LosesNothing(t *testing.T) {
	for stage, said := range map[campaign.Stage]string{campaign.StagePaused: "Letters are on hold", campaign.StageClosed: "This campaign is over"} {
		t.Run(string(stage), func(t *testing.T) {
			s := start(t, nil)
			s.turn(campaign.StageLive, stage)
			for _, path := range []string{"", "/check", "/mps", "/map", "/mps/leeds-central-and-headingley"} {
				a := s.get("/c/" + slug + path)
				if a.StatusCode != http.StatusOK || strings.Contains(a.body, `/letter"`) {
					t.Errorf("%q: %s, or it has a form to write", path, a.Status)
				}
			}
			if a := s.get("/c/" + slug); !strings.Contains(a.body, said) {
				t.Errorf("the page does not say %q", said)
			}
			for _, step := range []string{"letter", "preview", "send"} {
				a := s.post("/c/"+slug+"/"+step, letter())
				if a.StatusCode != http.StatusConflict || !strings.Contains(a.body, said) {
					t.Errorf("%s: %s", step, a.Status)
				}
				if got := values(a.body); got.Get("name") != "Amina O’Connor" || !strings.Contains(got.Get("body"), "My neighbour is afraid.") || got.Get("postcode") == "" {
					t.Errorf("%s: what was typed is lost: %v", step, got)
				}
			}
			if counts, err := s.Store().Counts(t.Context(), slug); err != nil || len(counts) != 0 {
				t.Errorf("something was written: %+v, %v", counts, err)
			}
		})
	}
}

func TestDraft_IsFoundNowhere(t *testing.T) {
	s := start(t, nil)
	source := strings.NewReplacer(`slug = "`+slug+`"`, `slug = "secret"`, "MPs Not Border Guards", "Secret plan").Replace(shippedSource(t))
	if _, err := s.Service().CreateCampaign(t.Context(), olga, source, ""); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/c/secret", "/cy/c/secret", "/c/secret/check", "/c/secret/mps", "/c/secret/mps.json", "/c/secret/map", "/c/secret/picture.png", "/api/v1/campaigns/secret/counts"} {
		if a := s.get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	if a := s.get("/"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/c/"+slug {
		t.Errorf("the front page: %s to %s", a.Status, a.Header.Get("Location"))
	}
	for _, path := range []string{"/sitemap.xml", "/", "/manifest.webmanifest", "/nowhere"} {
		if a := s.get(path); strings.Contains(a.body, "ecret") {
			t.Errorf("%s tells of it", path)
		}
	}
	s.signIn(account.Organiser)
	if a := s.get("/organise/c/secret/preview/page"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "Secret plan") || !strings.Contains(a.body, "disabled") {
		t.Errorf("organisers’ preview: %s", a.Status)
	}
}

func TestEdit_ShowsWhatIsWrong(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	const at = "/organise/c/" + slug + "/edit"
	const field = "texts.en.letters.ask."
	form := func(pairs ...string) url.Values {
		f := url.Values{"base": {"1"}, "do": {"save"}, field + "subject": {"S"}, field + "salutation": {"Dear {mp_name},"}, field + "body": {"One.\r\nTwo {town}."}, field + "sign_off": {"{supporter_name}"}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	a := s.post(at+"/letters/ask/en", form())
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Line 2: unknown placeholder {town}") || !strings.Contains(a.body, "Two {town}.") {
		t.Errorf("an unknown placeholder: %s\n%s", a.Status, a.body)
	}
	if a := s.post(at+"/letters/ask/en", form(field+"body", "Fine.", "note", strings.Repeat("x", 300))); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "200 characters") {
		t.Errorf("a long note: %s", a.Status)
	}
	if a := s.post(at+"/letters/ask/en", form(field+"body", "Fine.", "do", "look")); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "Fine.") {
		t.Errorf("a look: %s", a.Status)
	}
	if a := s.post(at+"/letters/ask/en", form(field+"body", "Fine.")); a.StatusCode != http.StatusSeeOther {
		t.Errorf("saved: %s", a.Status)
	}
	if a := s.post(at+"/letters/ask/en", form(field+"body", "Better.")); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "Better.") || !strings.Contains(a.body, "Fine.") {
		t.Errorf("stale: %s", a.Status)
	}
	source := strings.Replace(shippedSource(t), "in {constituency}", "in {town}", 1)
	a = s.post(at+"/file", url.Values{"base": {"2"}, "source": {source}})
	if a.StatusCode != http.StatusUnprocessableEntity || !regexp.MustCompile(`Line \d+:</b>`).MatchString(a.body) {
		t.Errorf("the file: %s", a.Status)
	}
	for path, form := range map[string]url.Values{
		"/organise/campaigns/new": {"title": {"x"}, "slug": {slug}, "lang": {"en"}}, at + "/add": {"kind": {"letter"}, "key": {"ask"}},
		at + "/letters/nothing/en": nil, at + "/texts/xx": nil,
	} {
		want := http.StatusUnprocessableEntity
		if form == nil {
			want = http.StatusNotFound
		}
		if a := s.post(path, form); a.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, a.Status, want)
		}
	}
	if a := s.post("/organise/c/"+slug+"/delete", nil); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "has been public") {
		t.Errorf("deleting what is public: %s", a.Status)
	}
	if a := s.post("/organise/campaigns/new", url.Values{"title": {"Copy"}, "slug": {"copy"}, "clone": {slug}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a copy: %s", a.Status)
	}
	if a := s.post("/organise/c/copy/delete", nil); a.StatusCode != http.StatusSeeOther {
		t.Errorf("deleting a draft: %s", a.Status)
	}
}

// Names that fit nobody come back as they were typed, with a sentence at their
// field that says so.
func TestCampaign_RulesOfNobody(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	a := s.post("/organise/c/"+slug+"/edit/rules", url.Values{
		"base": {"1"}, "rules.0.name": {"Durham folk"}, "rules.0.then": {"letter ask"},
		"rules.0.constituency": {"Bishop Aukland"}, "rules.0.member": {"Nobody Atall"},
	})
	if a.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("%s", a.Status)
	}
	for _, want := range []string{"no constituency is called “Bishop Aukland”", "no MP is called “Nobody Atall”", "Bishop Aukland</textarea>", "Nobody Atall</textarea>", `aria-invalid="true"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if versions, err := s.Store().CampaignVersions(t.Context(), slug); err != nil || len(versions) != 1 {
		t.Errorf("%d versions, %v", len(versions), err)
	}
}

// A file that is far too long comes back whole, with a sentence.
func TestCampaign_FileTooLong(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	long := strings.Repeat("# é\n", campaign.MaxFile/4)
	a := s.post("/organise/c/"+slug+"/edit/file", url.Values{"base": {"1"}, "source": {long}})
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "The file is too long") || strings.Count(a.body, "# é") < campaign.MaxFile/4 {
		t.Errorf("%s, %d lines came back", a.Status, strings.Count(a.body, "# é"))
	}
}
