package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// friends is a partner with two sites.
var friends = campaign.Partner{
	Slug: "friends", Name: "Friends of Leeds", Website: "https://friends.example",
	Origins: []string{"https://friends.example", "https://www.friends.example"},
}

// partner makes an organisation a partner of the site.
func (s *site) partner(p campaign.Partner) {
	s.t.Helper()
	if err := s.Service().AddPartner(s.t.Context(), account.Actor{Name: "test"}, p); err != nil {
		s.t.Fatal(err)
	}
}

const atFriends = "/embed/friends/c/" + slug

func (a answer) ancestors() string {
	_, rest, _ := strings.Cut(a.Header.Get("Content-Security-Policy"), "frame-ancestors ")
	list, _, _ := strings.Cut(rest, ";")
	return list
}

func TestEmbed_OnlyThePartnersPagesMayShowIt(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	want := strings.Join(friends.Origins, " ")
	answers := []answer{
		s.get(atFriends), s.get("/cy" + atFriends), s.do(http.MethodGet, atFriends, nil, "Referer", "https://friends.example/act"),
		s.post(atFriends+"/letter", url.Values{"postcode": {"LS6 3HN"}}), s.post(atFriends+"/letter", url.Values{"postcode": {"LS6"}}),
		s.post(atFriends+"/letter", url.Values{"postcode": {"BT1 1AA"}}), s.post(atFriends+"/preview", letter()),
		s.post(atFriends+"/preview", letter("name", "")), s.post(atFriends+"/send", letter()), s.post(atFriends+"/sent-myself", nil),
	}
	for _, a := range answers {
		name := a.Request.Method + " " + a.Request.URL.Path
		if got := a.ancestors(); got != want {
			t.Errorf("%s: frame-ancestors %q, want %q", name, got, want)
		}
		if got := a.Header.Get("X-Frame-Options"); got != "" {
			t.Errorf("%s: X-Frame-Options %q keeps it out of every page", name, got)
		}
		if len(a.Cookies()) > 0 {
			t.Errorf("%s sets a cookie", name)
		}
		if strings.Contains(a.body, `action="/c/`) || strings.Contains(a.body, `action="/cy/c/`) {
			t.Errorf("%s leads out of the frame", name)
		}
	}
}

// Where the form may not be shown there is a link, which any page may show.
func TestEmbed_ALinkInPlaceOfABrokenFrame(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	for name, a := range map[string]answer{
		"no such partner": s.get("/embed/strangers/c/" + slug),
		"another's page":  s.do(http.MethodGet, atFriends, nil, "Referer", "https://strangers.example/"),
		"no partner":      s.get("/embed/c/" + slug),
	} {
		if a.StatusCode != http.StatusOK || a.ancestors() != "*" || strings.Contains(a.body, "<form") {
			t.Errorf("%s: %s, frame-ancestors %q", name, a.Status, a.ancestors())
		}
		if !strings.Contains(a.body, `href="/c/`+slug+`" target="_blank"`) {
			t.Errorf("%s: no link to the campaign", name)
		}
	}
	if a := s.post("/embed/strangers/c/"+slug+"/send", letter()); !strings.Contains(a.body, `href="/c/`+slug) {
		t.Errorf("posted for a stranger: %s", a.Status)
	}
	for _, path := range []string{"/embed/friends/c/nothing", "/embed/c/nothing"} {
		if a := s.get(path); a.StatusCode != http.StatusNotFound || a.ancestors() != "*" || a.Header.Get("X-Frame-Options") != "" || !strings.Contains(a.body, `target="_blank"`) {
			t.Errorf("%s: %s, frame-ancestors %q", path, a.Status, a.ancestors())
		}
	}
}

// A frame in a sandbox has no origin. Another site's form is refused all the same.
func TestEmbed_FormsFromASandbox(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	for _, step := range []string{"letter", "preview", "send"} {
		if a := s.do(http.MethodPost, atFriends+"/"+step, letter(), "Origin", "null", "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusOK {
			t.Errorf("%s from a sandbox: %s", step, a.Status)
		}
		if a := s.do(http.MethodPost, atFriends+"/"+step, letter(), "Origin", "https://friends.example", "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s from the partner's own page: %s", step, a.Status)
		}
	}
}

func TestEmbed_StandsByItselfAsTheCampaignsOwnPage(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	a := s.do(http.MethodGet, "/cy"+atFriends+"?utm_source=mail&theme=dark", nil, "Sec-Fetch-Dest", "document")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/cy/c/"+slug+"?partner=friends&utm_source=mail" {
		t.Errorf("%s %s", a.Status, a.Header.Get("Location"))
	}
}

// A letter that was being written when the partner retired is not lost.
func TestEmbed_WhoHasBegunMayFinish(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	p := friends
	p.Version, p.RetiredAt = 1, s.Service().Now()
	if err := s.Service().EditPartner(t.Context(), account.Actor{Name: "test"}, p); err != nil {
		t.Fatal(err)
	}
	if a := s.get(atFriends); a.ancestors() != "*" || strings.Contains(a.body, "<form") {
		t.Errorf("somebody else may begin: %q", a.ancestors())
	}
	if a := s.post(atFriends+"/send", letter()); a.StatusCode != http.StatusOK || a.ancestors() == "*" {
		t.Errorf("%s, frame-ancestors %q", a.Status, a.ancestors())
	}
	s.mails(1)
}

// Every letter says whose doing it is, as far as that holds.
func TestEmbed_CreditsThePartner(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	a := s.do(http.MethodGet, atFriends+"?utm_source=Mail", nil, "Referer", "https://www.friends.example/")
	if twin := `href="/cy` + atFriends + `?utm_source=mail"`; !strings.Contains(a.body, twin) {
		t.Errorf("the other language has no %s", twin)
	}
	// Out of the frame it stays so, also for who copies the address.
	const own = "/c/" + slug + "?partner=friends&amp;utm_source=mail"
	for _, step := range []string{"/letter", "/preview", "/send"} {
		if !strings.Contains(a.body, `href="`+own+`"`) || !strings.Contains(a.body, ">"+s.BaseURL()+own+"</a>") {
			t.Errorf("before %s: nothing leads to %s\n%s", step, own, a.body)
		}
		form := letter()
		for name, all := range values(a.body) {
			if slices.Contains([]string{"partner", "source", "via"}, name) {
				form[name] = all
			}
		}
		if a = s.post(atFriends+step, form); a.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", step, a.Status)
		}
	}
	for name, want := range map[string]string{"partner": "friends", "source": "source=mail", "via": "https://www.friends.example"} {
		if got := values(a.body).Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// Whoever reads on in another language on the campaign's own page still comes from
// the same place.
func TestCampaign_KeepsCreditInOtherLanguages(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	a := s.do(http.MethodGet, "/c/"+slug+"?partner=friends&utm_source=Mail&utm_term=me", nil, "Accept-Language", "cy")
	if n := strings.Count(a.body, `href="/cy/c/`+slug+`?partner=friends&amp;utm_source=mail"`); n != 2 {
		t.Errorf("%d links to the Welsh page keep it, want 2: the one at the top and the one that is offered", n)
	}
	if !strings.Contains(a.body, `<link rel="canonical" href="`+s.BaseURL()+"/c/"+slug+`">`) {
		t.Error("search engines are told another address")
	}
}

// A draft is known to organisers alone: an embed of it is answered as that of a
// campaign that there is not.
func TestEmbed_TellsOfNoDraft(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	source := strings.Replace(shippedSource(t), `slug = "`+slug+`"`, `slug = "secret"`, 1)
	if _, err := s.Service().CreateCampaign(t.Context(), olga, source, ""); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "/letter", "/preview", "/send", "/sent-myself"} {
		draft, none := s.get("/embed/friends/c/secret"+path+"?radius=4"), s.get("/embed/friends/c/nosuch"+path+"?radius=4")
		if draft.StatusCode != none.StatusCode || draft.ancestors() != none.ancestors() || strings.ReplaceAll(draft.body, "secret", "nosuch") != none.body {
			t.Errorf("%q: %s for a draft, %s for none\n%s", path, draft.Status, none.Status, draft.body)
		}
	}
	draft, none := s.post("/embed/friends/c/secret/letter", url.Values{"postcode": {"LS6 3HN"}}), s.post("/embed/friends/c/nosuch/letter", url.Values{"postcode": {"LS6 3HN"}})
	if draft.StatusCode != none.StatusCode || strings.ReplaceAll(draft.body, "secret", "nosuch") != none.body {
		t.Errorf("posted: %s for a draft, %s for none", draft.Status, none.Status)
	}
	if err := s.Service().Turn(t.Context(), olga, "secret", campaign.StageDraft, campaign.StageLive); err != nil {
		t.Fatal(err)
	}
	if a := s.get("/embed/friends/c/secret?radius=4"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "/c/secret/look.") {
		t.Errorf("once it is live: %s", a.Status)
	}
}
