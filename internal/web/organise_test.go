package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/config"
)

// deskRoute is a route of the workspace, as the source declares it.
type deskRoute struct {
	method, path string
	needs        account.Permission
}

// deskRoutes reads the routes from the source, so that one that is added is
// tested without anyone thinking of it.
func deskRoutes(t *testing.T) []deskRoute {
	t.Helper()
	needs := map[string]account.Permission{
		"Anyone": account.Anyone, "SignedIn": account.SignedIn, "SeeOwnPartner": account.SeeOwnPartner, "SeeCounts": account.SeeCounts,
		"EditCampaigns": account.EditCampaigns, "KeepPledges": account.KeepPledges, "KeepMPs": account.KeepMPs, "DecideLetters": account.DecideLetters,
		"ReadLetters": account.ReadLetters, "ExportPeople": account.ExportPeople, "ManageAccounts": account.ManageAccounts, "SeeAudit": account.SeeAudit,
	}
	files, err := filepath.Glob("organise*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []deskRoute
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\bd\.(get|post)\("([^"]+)", account\.(\w+),`).FindAllStringSubmatch(string(source), -1) {
			p, ok := needs[m[3]]
			if !ok {
				t.Fatalf("%s: unknown permission %s", name, m[3])
			}
			path := strings.NewReplacer(":campaign", slug, ":token", strings.Repeat("x", 22), ":id", "1", ":member", "1", ":version", "1", ":seat", "E14001319", ":key", "ask", ":lang", "en", ":partner", "friends").Replace(m[2])
			all = append(all, deskRoute{strings.ToUpper(m[1]), path, p})
		}
		if n := strings.Count(string(source), "d.get(\"") + strings.Count(string(source), "d.post(\""); n > 0 {
			found := len(regexp.MustCompile(`\bd\.(get|post)\("([^"]+)", account\.(\w+),`).FindAllString(string(source), -1))
			if n != found {
				t.Errorf("%s: %d routes, %d with a permission on their line", name, n, found)
			}
		}
	}
	if len(all) < 5 {
		t.Fatalf("found %d routes", len(all))
	}
	return all
}

// signIn adds an account with a role and signs it in, in the site's browser.
func (s *site) signIn(role account.Role) account.Account {
	s.t.Helper()
	a := account.Account{Email: string(role) + "@organisers.example", Name: "The " + string(role), Role: role}
	if role == account.Partner {
		a.Partner = "friends"
	}
	a, token, err := s.Accounts().Add(s.t.Context(), account.Actor{Name: "test"}, a)
	if err != nil {
		s.t.Fatal(err)
	}
	if got := s.post("/organise/password/"+token, url.Values{"password": {"five plain words are plenty"}}); got.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("set a password: %s\n%s", got.Status, got.body)
	}
	return a
}

// Every route lets in whoever may do what it needs, and nobody else.
func TestOrganise_WallsOfEveryRole(t *testing.T) {
	routes := deskRoutes(t)
	for _, role := range append(account.Roles(), "") {
		t.Run("as "+string(role), func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			if role != "" {
				s.signIn(role)
			}
			for _, r := range routes {
				if strings.Contains(r.path, "/sign-out") {
					continue // it would end the test
				}
				a := s.do(r.method, r.path, map[string]url.Values{"POST": {}}[r.method])
				refused := a.StatusCode == http.StatusForbidden || a.StatusCode == http.StatusUnauthorized ||
					a.StatusCode == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/organise/sign-in")
				if r.needs == account.Anyone {
					refused = a.StatusCode == http.StatusForbidden
				}
				if may := role.May(r.needs); may == refused {
					t.Errorf("%s %s: %s (%s); may: %v", r.method, r.path, a.Status, a.Header.Get("Location"), may)
				}
				if a.StatusCode >= http.StatusInternalServerError {
					t.Errorf("%s %s: %s", r.method, r.path, a.Status)
				}
				if cache := a.Header.Get("Cache-Control"); cache != "no-store" && a.StatusCode < 400 && !strings.Contains(cache, "no-cache") {
					t.Errorf("%s %s: Cache-Control %q", r.method, r.path, cache)
				}
			}
		})
	}
}

// Every change is refused when it comes from another site, whoever is signed in.
func TestOrganise_RefusesEveryPOSTFromAnotherSite(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	for _, r := range deskRoutes(t) {
		if r.method != http.MethodPost {
			continue
		}
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			if a := s.do(r.method, r.path, url.Values{}, headers...); a.StatusCode != http.StatusForbidden {
				t.Errorf("POST %s with %v: %s", r.path, headers, a.Status)
			}
		}
	}
	if a := s.get("/organise"); a.StatusCode != http.StatusOK {
		t.Errorf("afterwards nobody is signed in: %s", a.Status)
	}
}

func TestOrganise_SignIn(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	s.post("/organise/sign-out", url.Values{})
	if a := s.get("/organise"); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("after signing out: %s", a.Status)
	}
	for name, tt := range map[string]struct {
		email, password, next string
		status                int
		location              string
	}{
		"right":                  {" Viewer@Organisers.example ", "five plain words are plenty", "/organise?x=1", 303, "/organise?x=1"},
		"to another site":        {"viewer@organisers.example", "five plain words are plenty", "https://evil.example/organise", 303, "/organise"},
		"to a public page":       {"viewer@organisers.example", "five plain words are plenty", "//evil.example", 303, "/organise"},
		"with a backslash":       {"viewer@organisers.example", "five plain words are plenty", `/organise/\evil.example`, 303, "/organise"},
		"the wrong password":     {"viewer@organisers.example", "five plain words are many", "", 401, ""},
		"no such address":        {"nobody@organisers.example", "five plain words are plenty", "", 401, ""},
		"an account's empty one": {"viewer@organisers.example", "", "", 401, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.post("/organise/sign-in", url.Values{"email": {tt.email}, "password": {tt.password}, "next": {tt.next}})
			if a.StatusCode != tt.status || a.Header.Get("Location") != tt.location {
				t.Errorf("%s to %q", a.Status, a.Header.Get("Location"))
			}
			if tt.status == 401 && (!strings.Contains(a.body, "is not right") || strings.Contains(a.body, "five plain") || !strings.Contains(a.body, tt.email)) {
				t.Errorf("the page says\n%s", a.body)
			}
			s.post("/organise/sign-out", url.Values{})
		})
	}
	log := s.log.String()
	for _, planted := range []string{"organisers.example", "five plain"} {
		if strings.Contains(log, planted) {
			t.Errorf("the log has %q", planted)
		}
	}
}

// Over https the cookie can be set by nobody else, and read by no script.
func TestOrganise_Cookie(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*config.Config)
		want   string
		secure bool
	}{
		"development": {nil, "postbag", false},
		"production": {func(c *config.Config) {
			c.Env, c.Secret, c.BaseURL = config.Production, "0123456789abcdef0123456789abcdef", "https://letters.example.org"
			c.SMTPURL = "smtp://127.0.0.1:1?tls=none"
		}, "__Host-postbag", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, tt.change)
			_, token, err := s.Accounts().Add(t.Context(), account.Actor{Name: "test"}, account.Account{Email: "o@organisers.example", Name: "O", Role: account.Owner})
			if err != nil {
				t.Fatal(err)
			}
			a := s.post("/organise/password/"+token, url.Values{"password": {"five plain words are plenty"}})
			if len(a.Cookies()) != 1 {
				t.Fatalf("cookies: %v; the log:\n%s", a.Cookies(), s.log)
			}
			c := a.Cookies()[0]
			if c.Name != tt.want || c.Secure != tt.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() {
				t.Errorf("the cookie is %s", c)
			}
			if again := s.post("/organise/password/"+token, url.Values{"password": {"six other plain words are more"}}); again.StatusCode != http.StatusNotFound {
				t.Errorf("the link works twice: %s", again.Status)
			}
		})
	}
}

// Looking changes nothing: no page of the workspace that is only read leaves a
// line in the audit log.
func TestOrganise_NoGETIsWrittenDown(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	count := func() int {
		all, err := s.Store().AuditLog(t.Context(), account.AuditFilter{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := count()
	for _, r := range deskRoutes(t) {
		if r.method == http.MethodGet {
			s.get(r.path)
		}
	}
	if after := count(); after != before {
		t.Errorf("%d lines became %d", before, after)
	}
}
