package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/web"
)

// Whoever plants a cookie in somebody's browser does not share what they sign in to,
// whether we made the cookie or they did.
func TestAttack_PlantedSession(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	s.post("/organise/sign-out", url.Values{})
	thief := s.another() // who has an account too, and leaves their own session in another's browser
	thief.addAccount("thief@organisers.example")
	if !thief.inside() {
		t.Fatal("the thief has no session to plant")
	}
	at := &url.URL{Scheme: "http", Host: s.Addr()}
	for name, planted := range map[string]string{"a made-up one": strings.Repeat("A", 43), "an empty one": "", "one of ours": tokenOf(thief.http.Jar.Cookies(at))} {
		victim := s.another()
		victim.http.Jar.SetCookies(at, []*http.Cookie{{Name: "postbag", Value: planted, Path: "/"}})
		if a := victim.enter("viewer@organisers.example"); a.StatusCode != http.StatusSeeOther || !victim.inside() {
			t.Fatalf("%s: %s", name, a.Status)
		}
		if page := victim.get("/organise/account").body; !strings.Contains(page, "viewer@organisers.example") {
			t.Fatalf("%s: it is another's account", name)
		}
		if got := tokenOf(victim.http.Jar.Cookies(at)); got == planted || len(got) < 40 {
			t.Errorf("%s: the token stays %q", name, got)
		}
		other := s.another()
		other.http.Jar.SetCookies(at, []*http.Cookie{{Name: "postbag", Value: planted, Path: "/"}})
		for _, b := range []*site{other, thief} {
			if page := b.get("/organise/account").body; strings.Contains(page, "viewer@organisers.example") {
				t.Errorf("%s opens the account", name)
			}
		}
		// What a sign-out ends stays ended, though the browser keeps the cookie.
		kept := tokenOf(victim.http.Jar.Cookies(at))
		victim.post("/organise/sign-out", url.Values{})
		victim.http.Jar.SetCookies(at, []*http.Cookie{{Name: "postbag", Value: kept, Path: "/"}})
		if victim.inside() {
			t.Errorf("%s: the session is back after signing out", name)
		}
	}
	// A session in an address is none.
	s.enter("viewer@organisers.example")
	if a := s.another().get("/organise/account?postbag=" + tokenOf(s.http.Jar.Cookies(at))); a.StatusCode == http.StatusOK {
		t.Error("a token in the address signs in")
	}
}

// tokenOf is the token of our session among a site's cookies.
func tokenOf(cookies []*http.Cookie) string {
	for _, c := range cookies {
		if c.Name == "postbag" {
			return c.Value
		}
	}
	return ""
}

// Nobody learns whether an address has an account: not by what is said when they
// sign in, ask for another password or follow a link, and not by how long it takes.
func TestAttack_WhoHasAnAccount(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	closed := s.another().addAccount("closed@organisers.example")
	if err := s.Accounts().Disable(t.Context(), account.Actor{Name: "test"}, closed.ID); err != nil {
		t.Fatal(err)
	}
	stranger := s.another()
	if _, err := s.Accounts().Invite(t.Context(), account.Actor{Name: "test"}, account.Account{Email: "invited@organisers.example", Name: "I", Role: account.Viewer}); err != nil {
		t.Fatal(err)
	}
	emails := []string{"nobody@organisers.example", "viewer@organisers.example", "closed@organisers.example", "invited@organisers.example"}
	for _, path := range []string{"/organise/sign-in", "/organise/forgot"} {
		var said []string
		for _, email := range emails {
			a := stranger.post(path, url.Values{"email": {email}, "password": {"not the password at all"}})
			said = append(said, a.Status+strings.ReplaceAll(a.body, email, ""))
		}
		for i, each := range said {
			if each != said[0] {
				t.Errorf("%s tells %s from nobody", path, emails[i])
			}
		}
	}
	// How long the first step takes: a hash is computed either way.
	fake, took := 0, map[string][]time.Duration{}
	for range 9 {
		for _, email := range emails {
			fake++
			began := time.Now()
			a := stranger.do(http.MethodPost, "/organise/sign-in", url.Values{"email": {email}, "password": {"not the password at all"}}, "X-Forwarded-For", fmt.Sprint("198.18.7.", fake))
			took[email] = append(took[email], time.Since(began))
			if a.StatusCode != http.StatusUnauthorized {
				t.Fatal(a.Status)
			}
		}
	}
	for _, email := range emails[1:] {
		nobody, somebody := middle(took[emails[0]]), middle(took[email])
		if nobody*3 < somebody || somebody*3 < nobody {
			t.Errorf("nobody is answered after %v, %s after %v", nobody, email, somebody)
		}
	}
	// Links: a used one, one that never was and one that is too short say the same.
	_, token, err := s.Accounts().Add(t.Context(), account.Actor{Name: "test"}, account.Account{Email: "used@organisers.example", Name: "U", Role: account.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	if a := s.another().post("/organise/password/"+token, url.Values{"password": {password}}); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	var said []string
	for _, link := range []string{token, strings.Repeat("x", 22), "x"} {
		a := stranger.get("/organise/password/" + link)
		said = append(said, a.Status+a.body)
	}
	if said[0] != said[1] || said[1] != said[2] {
		t.Error("a link that was good once is told from one that never was")
	}
}

// Nor does a supporter's address tell whether it has written.
func TestAttack_WhoHasWritten(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	s.post(private+"/confirm", url.Values{})
	stranger := s.another()
	var pages []string
	for _, email := range []string{"amina@example.org", "noor@example.org"} {
		a := stranger.post("/c/"+slug+"/send", letter("email", email))
		pages = append(pages, a.Status+references.ReplaceAllString(strings.ReplaceAll(a.body, email, ""), ""))
	}
	if pages[0] != pages[1] {
		t.Errorf("whether an address has written can be told from\n%s\nand\n%s", pages[0], pages[1])
	}
}

// references are what the page after sending names a letter by, anew for each.
var references = regexp.MustCompile(`value="[A-Za-z0-9_-]{22,}"`)

func (s *site) addAccount(email string) account.Account {
	s.t.Helper()
	a, token, err := s.Accounts().Add(s.t.Context(), account.Actor{Name: "test"}, account.Account{Email: email, Name: "A", Role: account.Viewer})
	if err != nil {
		s.t.Fatal(err)
	}
	if got := s.post("/organise/password/"+token, url.Values{"password": {password}}); got.StatusCode != http.StatusSeeOther {
		s.t.Fatal(got.Status)
	}
	return a
}

func middle(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// What is refused can be found in the log: who tried what is not theirs, and every
// request that a check turned away, by its route and status.
func TestAttack_RefusalsAreLogged(t *testing.T) {
	s := start(t, nil)
	who := s.signIn(account.Viewer)
	s.get("/organise/audit")
	s.do(http.MethodPost, "/c/"+slug+"/send", letter(), "Origin", "https://evil.example")
	s.post("/c/"+slug+"/send", letter("body", strings.Repeat("x", 300<<10)))
	s.post("/c/"+slug+"/send", letter("email", "none"))
	s.hosted("/c/"+slug, "evil.example")
	for range web.LimitPerAddress + 200 {
		s.get("/api/v1/campaigns")
	}
	for what, line := range map[string]string{
		"no permission": fmt.Sprintf(`"msg":"not permitted","id":"[0-9a-z]+","route":"/organise/audit","account":%d`, who.ID), "another site": `"route":"/c/:campaign/send","status":403`,
		"too large": `"route":"/c/:campaign/send","status":413`, "not as expected": `"route":"/c/:campaign/send","status":422`, "another name": `"route":"/c/:campaign","status":421`, "too often": `"route":"/api/v1/campaigns","status":429`,
	} {
		pattern := regexp.MustCompile(line)
		s.eventually(what, func() bool { return pattern.MatchString(s.log.String()) })
	}
	if strings.Contains(s.log.String(), "viewer@") {
		t.Error("the log has an address")
	}
}

// A parameter that an address adds to a form does not take the place of what was
// typed into it, and one that comes twice counts once.
func TestAttack_ParameterPollution(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	form := url.Values{"name": {"Ali", "Eve"}, "email": {"ali@organisers.example", "eve@evil.example"}, "role": {"viewer", "owner"}}
	if a := s.post("/organise/accounts?role=owner&email=eve@evil.example&name=Eve", form); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	made, err := s.Accounts().AccountByEmail(t.Context(), "ali@organisers.example")
	if err != nil || made.Role != account.Viewer || made.Name != "Ali" {
		t.Errorf("%+v, %v", made, err)
	}
	without := letter()
	without.Del("name")
	if a := s.post("/c/"+slug+"/preview?email=eve@evil.example&name=Eve", without); a.StatusCode != http.StatusUnprocessableEntity || strings.Contains(a.body, "evil.example") {
		t.Errorf("a letter takes what an address says: %s", a.Status)
	}
}

// Passwords are hidden while they are typed, and left to password managers; each
// page of the workspace has the way out.
func TestAttack_PasswordFields(t *testing.T) {
	s := start(t, nil)
	for _, path := range []string{"/organise/sign-in", strings.TrimPrefix(s.FirstURL(), s.BaseURL())} {
		fields := regexp.MustCompile(`<input[^>]*name="password"[^>]*>`).FindAllString(s.get(path).body, -1)
		if len(fields) != 1 || !strings.Contains(fields[0], `type="password"`) || !strings.Contains(fields[0], `-password"`) || strings.Contains(fields[0], "onpaste") || strings.Contains(fields[0], "maxlength") {
			t.Errorf("%s: %q", path, fields)
		}
	}
	s.signIn(account.Owner)
	for _, path := range []string{"/organise", "/organise/account", "/organise/partners", "/organise/accounts", "/organise/nothing"} {
		if !strings.Contains(s.get(path).body, `action="/organise/sign-out"`) {
			t.Errorf("%s has no way out", path)
		}
	}
	long := strings.Repeat("å plain word ", 15)
	if a := s.post("/organise/account/password", url.Values{"old": {password}, "password": {long}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a password of %d characters: %s", len([]rune(long)), a.Status)
	}
	other := s.another()
	if a := other.post("/organise/sign-in", url.Values{"email": {"owner@organisers.example"}, "password": {long[:len(long)-1]}}); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("one character less: %s", a.Status)
	}
}
