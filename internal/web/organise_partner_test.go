package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// form posts a partner's form, with a logo as browsers send one: empty where none
// is chosen.
func (s *site) form(path string, fields url.Values, logo []byte) answer {
	s.t.Helper()
	return s.upload(path, "logo", logo, fields)
}

func pngOf(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// typed is a partner as somebody types it; pairs replace fields.
func typedPartner(pairs ...string) url.Values {
	form := url.Values{
		"name": {"Friends of Leeds"}, "slug": {"friends"}, "website": {"https://friends.example"},
		"origins": {"https://friends.example\r\nwww.friends.example\r\n"}, "contact": {"ola@friends.example"}, "opt_in.en": {"Tell me more."},
	}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

func TestPartners_AreMadeAndChanged(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	if a := s.form("/organise/partners/new", typedPartner(), pngOf(t, 40)); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/organise/partners/friends" {
		t.Fatalf("%s %s\n%s", a.Status, a.Header.Get("Location"), a.body)
	}
	p, err := s.Service().Partner("friends")
	if err != nil || p.Name != "Friends of Leeds" || strings.Join(p.Origins, " ") != "https://friends.example https://www.friends.example" || p.Logo == nil || p.OptIn["en"] != "Tell me more." || len(p.OptIn) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	if a := s.get("/organise/partners"); !strings.Contains(a.body, "/organise/partners/friends") {
		t.Error("the list does not have it")
	}
	page := s.get("/organise/partners/friends")
	if page.StatusCode != http.StatusOK || !strings.Contains(page.body, "/embed/logo/friends/") {
		t.Errorf("%s\n%s", page.Status, page.body)
	}
	if a := s.form("/organise/partners/friends/edit", typedPartner("version", "1", "name", "Friends of York", "remove_logo", "1"), nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	if p, _ = s.Service().Partner("friends"); p.Name != "Friends of York" || p.Logo != nil || p.Version != 2 {
		t.Errorf("changed: %+v", p)
	}
	// Somebody looked at the first version all the while.
	a := s.form("/organise/partners/friends/edit", typedPartner("version", "1", "name", "Friends of Hull"), nil)
	if a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "Friends of York") || !strings.Contains(a.body, `value="Friends of Hull"`) || !strings.Contains(a.body, `name="version" value="2"`) {
		t.Errorf("a stale change: %s\n%s", a.Status, a.body)
	}
	if p, _ = s.Service().Partner("friends"); p.Name != "Friends of York" {
		t.Error("it went through")
	}
	for _, step := range []struct {
		path, version string
		code          int
		retired       bool
	}{{"retire", "1", 409, false}, {"retire", "2", 303, true}, {"return", "3", 303, false}} {
		a := s.post("/organise/partners/friends/"+step.path, url.Values{"version": {step.version}})
		if p, _ = s.Service().AnyPartner("friends"); a.StatusCode != step.code || p.Retired() != step.retired {
			t.Errorf("%s: %s, retired %v", step.path, a.Status, p.Retired())
		}
	}
}

func TestPartners_KeepWhatWasTyped(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	s.signIn(account.Organiser)
	for name, tt := range map[string]struct {
		form  url.Values
		logo  []byte
		code  int
		field string
	}{
		"no name":              {typedPartner("name", "", "slug", "york"), nil, 422, "name"},
		"a slug that is taken": {typedPartner(), nil, 409, "slug"},
		"no slug":              {typedPartner("slug", ""), nil, 422, "slug"},
		"an address of ours":   {typedPartner("slug", "new"), nil, 422, "slug"},
		"no https":             {typedPartner("slug", "york", "website", "http://friends.example"), nil, 422, "website"},
		"a star":               {typedPartner("slug", "york", "origins", "https://*.friends.example"), nil, 422, "origins"},
		"no address":           {typedPartner("slug", "york", "contact", "ola"), nil, 422, "contact"},
		"a long sentence":      {typedPartner("slug", "york", "opt_in.cy", strings.Repeat("x", 301)), nil, 422, "opt_in.cy"},
		"no picture":           {typedPartner("slug", "york"), []byte("GIF89a"), 422, "logo"},
		"a heavy picture":      {typedPartner("slug", "york"), append(pngOf(t, 20), make([]byte, 3<<20)...), 422, "logo"},
		"a whole photograph":   {typedPartner("slug", "york"), append(pngOf(t, 20), make([]byte, 9<<20)...), 422, "logo"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.form("/organise/partners/new", tt.form, tt.logo)
			if a.StatusCode != tt.code || !strings.Contains(a.body, `id="`+tt.field+`-error"`) {
				t.Fatalf("%s\n%s", a.Status, a.body)
			}
			for field, values := range tt.form {
				if first, _, _ := strings.Cut(values[0], "\r\n"); first != "" && !strings.Contains(a.body, first) {
					t.Errorf("%s is gone", field)
				}
			}
		})
	}
	// What it is counts before how large it is.
	if a := s.form("/organise/partners/new", typedPartner("slug", "york"), bytes.Repeat([]byte("film"), 3<<20)); !strings.Contains(a.body, "not a picture in PNG or JPEG") {
		t.Errorf("a film: %s\n%s", a.Status, a.body)
	}
	// A logo that will do is not to be chosen again.
	a := s.form("/organise/partners/new", typedPartner("slug", "york", "name", ""), pngOf(t, 30))
	kept := regexp.MustCompile(`name="kept_logo" value="([^"]+)"`).FindStringSubmatch(a.body)
	if kept == nil {
		t.Fatalf("%s: the logo is gone\n%s", a.Status, a.body)
	}
	value := strings.NewReplacer("&#43;", "+", "&#61;", "=").Replace(kept[1])
	if a = s.form("/organise/partners/new", typedPartner("slug", "york", "kept_logo", value), nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	if p, err := s.Service().Partner("york"); err != nil || p.Logo == nil {
		t.Errorf("%+v, %v", p, err)
	}
	// Nor is one to be taken away twice.
	const box = `id="remove_logo" name="remove_logo" type="checkbox" value="1"`
	if a = s.get("/organise/partners/york/edit"); !strings.Contains(a.body, box) || strings.Contains(a.body, box+" checked") {
		t.Errorf("before anything is ticked: %s", a.Status)
	}
	for name, form := range map[string]url.Values{
		"refused": typedPartner("version", "1", "name", "", "remove_logo", "1"),
		"stale":   typedPartner("version", "0", "remove_logo", "1"),
	} {
		if a = s.form("/organise/partners/york/edit", form, nil); !strings.Contains(a.body, box+" checked") {
			t.Errorf("%s: %s, and the tick is gone", name, a.Status)
		}
	}
}

// What is wrong is told in the order in which the form has it.
func TestPartners_SummaryFollowsTheForm(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	a := s.form("/organise/partners/new", url.Values{"contact": {"ola"}, "opt_in.en": {strings.Repeat("x", 301)}}, []byte("GIF89a"))
	summary, _, _ := strings.Cut(a.body, "<form class")
	var got []string
	for _, link := range regexp.MustCompile(`<li><a href="#([^"]+)"`).FindAllStringSubmatch(summary, -1) {
		got = append(got, link[1])
	}
	if want := "name slug website origins contact opt_in.en logo"; strings.Join(got, " ") != want {
		t.Errorf("the summary has %v, want %s", got, want)
	}
}

func TestPartners_SnippetAndPreview(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	s.signIn(account.Organiser)
	a := s.get("/organise/partners/friends/embed/" + slug + "?theme=dark&accent=1f6f50&radius=4&compact=1&form_lang=cy&utm_source=Newsletter")
	if a.StatusCode != http.StatusOK || a.ancestors() != "'none'" || !strings.Contains(a.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Errorf("%s %s", a.Status, a.Header.Get("Content-Security-Policy"))
	}
	for _, part := range []string{
		"data-theme=&#34;dark&#34; data-accent=&#34;#1f6f50&#34; data-radius=&#34;4&#34; data-compact=&#34;1&#34; data-lang=&#34;cy&#34;",
		"utm_source=newsletter", "/preview/" + slug + "?accent=1f6f50&amp;compact=1&amp;radius=4&amp;theme=dark&amp;form_lang=cy",
	} {
		if !strings.Contains(a.body, part) {
			t.Errorf("no %s in\n%s", part, a.body)
		}
	}
	for query, want := range map[string]string{
		"accent=ffee00": "the nearest shade that will do is", "radius=99": "from 0 to 24", "utm_source=" + url.QueryEscape("Ola Nordmann, Leeds"): "A source has small letters",
	} {
		a := s.get("/organise/partners/friends/embed/" + slug + "?" + query)
		name, value, _ := strings.Cut(query, "=")
		value, _ = url.QueryUnescape(value)
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) || !strings.Contains(a.body, `id="`+name+`-error"`) || !strings.Contains(a.body, `value="`+value+`"`) {
			t.Errorf("%s: %s\n%s", query, a.Status, a.body)
		}
	}
	p := s.get("/organise/partners/friends/preview/" + slug + "?theme=dark&form_lang=cy")
	if p.StatusCode != http.StatusOK || p.ancestors() != "'self'" || !strings.Contains(p.Header.Get("Content-Security-Policy"), "form-action 'none'") || p.Header.Get("X-Frame-Options") != "" {
		t.Errorf("the preview: %s, %v", p.Status, p.Header)
	}
	if !strings.Contains(p.body, "disabled") || !strings.Contains(p.body, `lang="cy"`) || !strings.Contains(p.body, "theme=dark") {
		t.Errorf("the preview:\n%s", p.body)
	}
}

func TestPartners_SeeOnlyTheirOwn(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	other := friends
	other.Slug, other.Name = "rivals", "Rivals of Leeds"
	s.partner(other)
	s.signIn(account.Partner)
	home := s.get("/organise")
	if home.StatusCode != http.StatusOK || home.heading() != "Friends of Leeds" || strings.Contains(home.body, "Rivals") || strings.Contains(home.body, "/organise/partners") {
		t.Errorf("%s %q\n%s", home.Status, home.heading(), home.body)
	}
	snippet := s.get("/organise/own/embed/" + slug)
	if snippet.StatusCode != http.StatusOK || !strings.Contains(snippet.body, "partner=friends") || strings.Contains(snippet.body, "rivals") {
		t.Errorf("%s\n%s", snippet.Status, snippet.body)
	}
	if a := s.get("/organise/own/preview/" + slug); a.StatusCode != http.StatusOK || a.ancestors() != "'self'" {
		t.Errorf("preview: %s", a.Status)
	}
	for _, path := range []string{"", "/friends", "/rivals", "/rivals/embed/" + slug, "/rivals/preview/" + slug} {
		if a := s.get("/organise/partners" + path); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
}

func TestPartners_PrivateLink(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	s.signIn(account.Organiser)
	if a := s.post("/organise/partners/friends/links", url.Values{"name": {" "}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="name-error"`) {
		t.Errorf("for nobody: %s", a.Status)
	}
	made := s.post("/organise/partners/friends/links", url.Values{"name": {"Ola"}})
	link := regexp.MustCompile(`/partners/[A-Za-z0-9_-]{22,}`).FindString(made.body)
	if link == "" {
		t.Fatalf("%s\n%s", made.Status, made.body)
	}
	if strings.Contains(s.get("/organise/partners/friends").body, link) {
		t.Error("the link is shown again")
	}
	jar := s.http.Jar
	s.http.Jar = nil // somebody else
	for _, path := range []string{link, link + "/embed/" + slug, link + "/preview/" + slug} {
		a := s.get(path)
		if a.StatusCode != http.StatusOK || len(a.Cookies()) > 0 || a.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(a.Header.Get("X-Robots-Tag"), "noindex") || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s, %v", path, a.Status, a.Header)
		}
	}
	a := s.get(link)
	if a.heading() != "Friends of Leeds" || !strings.Contains(a.body, `<meta name="referrer" content="no-referrer">`) || strings.Contains(a.body, `="/organise`) {
		t.Errorf("%q\n%s", a.heading(), a.body)
	}
	none := s.get("/partners/" + strings.Repeat("x", 22))
	s.http.Jar = jar
	if a := s.post("/organise/partners/friends/links/1/revoke", nil); a.StatusCode != http.StatusSeeOther {
		t.Errorf("revoke: %s", a.Status)
	}
	s.http.Jar = nil
	gone := s.get(link)
	if gone.StatusCode != http.StatusNotFound || none.StatusCode != http.StatusNotFound || gone.body != none.body {
		t.Errorf("revoked: %s; made up: %s; the same: %v", gone.Status, none.Status, gone.body == none.body)
	}
	s.eventually("the log's line", func() bool { return strings.Contains(s.log.String(), "/partners/:token") })
	if strings.Contains(s.log.String(), strings.TrimPrefix(link, "/partners/")) {
		t.Error("the log has the link")
	}
}

func TestPartners_EmbedHealth(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	s.signIn(account.Organiser)
	for range 3 {
		s.do(http.MethodGet, atFriends, nil, "Referer", "https://friends.example/")
	}
	for range 2 {
		s.do(http.MethodGet, atFriends, nil, "Referer", "https://new-site.example/")
	}
	s.get(atFriends)
	for n := range 2 * campaign.MaxRefusals {
		s.do(http.MethodGet, atFriends, nil, "Referer", fmt.Sprintf("https://made-up-%d.example/", n))
	}
	s.do(http.MethodGet, atFriends, nil, "Referer", "javascript:x//y")
	s.do(http.MethodGet, atFriends, nil, "Referer", "https://friends.example/", "Sec-Fetch-Dest", "document")
	s.post(atFriends+"/letter", url.Values{"postcode": {"LS6 3HN"}})
	if err := s.Service().KeepLoads(t.Context()); err != nil {
		t.Fatal(err)
	}
	h, err := s.Service().EmbedHealth(t.Context(), "friends")
	if err != nil || h.Times() != 5 || len(h.Shown) != 2 || h.Shown[1].Origin != "https://friends.example" || h.Shown[1].Times != 3 || len(h.Refused) != campaign.MaxRefusals {
		t.Fatalf("%+v, %v", h, err)
	}
	page := s.get("/organise/partners/friends").body
	if !strings.Contains(page, "https://new-site.example tried to show the form 2 times") || !strings.Contains(page, "?allow=https") {
		t.Errorf("the page says\n%s", page)
	}
	if a := s.get("/organise/partners/friends/edit?allow=" + url.QueryEscape("https://new-site.example")); !strings.Contains(a.body, "https://www.friends.example\nhttps://new-site.example</textarea>") {
		t.Errorf("it is not to be added:\n%s", a.body)
	}
	p, err := s.Service().AnyPartner("friends")
	if err != nil {
		t.Fatal(err)
	}
	changed := *p
	changed.Origins = append(append([]string(nil), p.Origins...), "https://new-site.example")
	if err := s.Service().EditPartner(t.Context(), account.Actor{Name: "test"}, changed); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(s.get("/organise/partners/friends").body, "new-site.example tried") {
		t.Error("it is still refused")
	}
}

// What a partner brought stands on the campaign's page, exactly, and in its files.
func TestPartners_OnTheDashboard(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	s.signIn(account.Viewer)
	if strings.Contains(s.get("/organise/c/"+slug).body, "By partner") {
		t.Error("there is nothing to tell")
	}
	s.write(letter("partner", "friends", "source", "source=mail", "via", "https://friends.example"))
	s.post("/c/"+slug+"/send", letter("email", "ben@example.org", "name", "Ben"))
	page := s.get("/organise/c/" + slug).body
	for _, part := range []string{"By partner", "Friends of Leeds", "friends.example: source=mail", "No partner"} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q", part)
		}
	}
	if strings.Contains(page, "/organise/partners/friends") {
		t.Error("a viewer is led to where they may not go")
	}
	want := "partner,name,source,origin,written,confirmed,sent,bounced,letters\r\nfriends,Friends of Leeds,source=mail,https://friends.example,1,0,0,0,0\r\n,,,,1,0,0,0,0\r\n"
	if a := s.get("/organise/c/" + slug + "/partners.csv"); a.body != want {
		t.Errorf("%s\n%q", a.Status, a.body)
	}
	if a := s.get("/organise/c/" + slug + "/partners.json"); !strings.Contains(a.body, `{"partner":"friends","name":"Friends of Leeds","source":"source=mail","origin":"https://friends.example","written":1,`) {
		t.Errorf("%s\n%s", a.Status, a.body)
	}
}

func TestPartners_AreChosenForAccounts(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	s.signIn(account.Owner)
	if a := s.get("/organise/accounts"); !strings.Contains(a.body, `<option value="friends">Friends of Leeds</option>`) {
		t.Error("there is nothing to choose")
	}
	form := url.Values{"name": {"Ola"}, "email": {"ola@friends.example"}, "role": {"partner"}, "partner": {"nobody"}}
	if a := s.post("/organise/accounts", form); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="partner-error"`) {
		t.Errorf("of nobody: %s", a.Status)
	}
	form.Set("partner", "friends")
	if a := s.post("/organise/accounts", form); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s\n%s", a.Status, a.body)
	}
}

// What a partner is told of a campaign of two months: nothing of today, the same
// every time, and in each constituency enough of its own letters and the others'.
func TestPartners_AreToldNoSmallNumber(t *testing.T) {
	s, _ := startCounting(t, account.Partner, 20000)
	s.partner(friends)
	ctx := t.Context()
	sight, err := s.Service().PartnerSight(ctx, slug, "friends")
	if err != nil || len(sight.Steps) == 0 || len(sight.Seats) < 20 {
		t.Fatalf("%+v, %v", sight, err)
	}
	again, err := s.Service().PartnerSight(ctx, slug, "friends")
	if err != nil || again.Letters != sight.Letters || len(again.Seats) != len(sight.Seats) {
		t.Errorf("the second time %d in %d places, %v", again.Letters, len(again.Seats), err)
	}
	public, err := s.Service().PublicCounts(ctx, slug)
	if err != nil {
		t.Fatal(err)
	}
	for code, n := range sight.Seats {
		if n < campaign.SuppressBelow || public.Disclosed[code]-n < campaign.SuppressBelow {
			t.Errorf("%s: %d of %d are told", code, n, public.Disclosed[code])
		}
	}
	sum := 0
	for _, step := range sight.Steps {
		if sum += step.Letters; step.Letters < campaign.SuppressBelow || step.To >= campaign.Day(time.Now()) || step.From > step.To {
			t.Errorf("%+v", step)
		}
	}
	if sum != sight.Letters {
		t.Errorf("%d in steps, %d in all", sum, sight.Letters)
	}
	if a := s.get("/organise"); !strings.Contains(a.body, "letters sent to MPs up to") || !strings.Contains(a.body, "<svg") {
		t.Errorf("%s\n%.3000s", a.Status, a.body)
	}
}
