package web_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/config"
	"postbag/internal/testkit"
)

// hosted asks under another name.
func (s *site) hosted(path, host string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.Addr()+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Host = host
	return s.answer(r)
}

// A name that is not the site's is refused, whatever is asked: a name that somebody
// else owns can be made to lead here, and its pages would be taken for ours.
func TestAttack_Host(t *testing.T) {
	s, real := start(t, nil), start(t, inProduction)
	paths := []string{"/", "/c/" + slug, "/dev/mail", "/organise/sign-in", "/api/v1/campaigns", "/nothing", "/embed.js", "/oembed"}
	for _, host := range []string{"evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "letters.example.org.evil.example", "evil.example.", "[::1].evil.example", "2130706433", "localhost@evil.example"} {
		for _, path := range paths {
			for _, site := range []*site{s, real} {
				if a := site.hosted(path, host); a.StatusCode != http.StatusMisdirectedRequest || strings.Contains(a.body, host) || a.Header.Get("Content-Security-Policy") == "" || len(a.Cookies()) > 0 {
					// net/http itself answers what is no name.
					if a.StatusCode != http.StatusBadRequest {
						t.Errorf("%s as %s: %s", path, host, a.Status)
					}
				}
			}
		}
	}
	for _, host := range []string{s.Addr(), "localhost", "localhost:1", "127.0.0.1", "127.0.0.1:9", "[::1]:8080", "192.0.2.7"} {
		if a := s.hosted("/c/"+slug, host); a.StatusCode != http.StatusOK {
			t.Errorf("as %s: %s", host, a.Status)
		}
	}
	for _, host := range []string{"letters.example.org", "LETTERS.example.org", "letters.example.org:443", "letters.example.org."} {
		if a := real.hosted("/c/"+slug, host); a.StatusCode != http.StatusOK {
			t.Errorf("in production as %s: %s", host, a.Status)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := real.hosted(path, "postbag-7c9f.internal"); a.StatusCode != http.StatusOK {
			t.Errorf("a probe of %s: %s", path, a.Status)
		}
	}
}

// No header makes an address of ours: a link in a mail or a page leads to the site
// as the settings name it, whatever the request says it is called.
func TestAttack_HostMakesNoLink(t *testing.T) {
	s := start(t, inProduction)
	_, token, err := s.Accounts().Add(t.Context(), account.Actor{Name: "test"}, account.Account{Email: "o@organisers.example", Name: "O", Role: account.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	headers := []string{
		"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher", "X-Forwarded-Scheme", "gopher", "Forwarded", "host=evil.example;proto=gopher;for=203.0.113.66",
		"X-Original-Url", "/dev/mail", "X-Rewrite-Url", "/dev/mail", "X-Forwarded-Prefix", "/evil.example", "X-Http-Method-Override", "POST", "X-Host", "evil.example", "X-Real-Ip", "203.0.113.66",
	}
	for _, path := range []string{"/", "/c/" + slug, "/sitemap.xml", "/robots.txt", "/manifest.webmanifest", "/organise/password/" + token, "/api", "/c/" + slug + "/mps.json", "/.well-known/security.txt", "/nothing"} {
		plain, told := s.get(path), s.do(http.MethodGet, path, nil, headers...)
		if plain.StatusCode != told.StatusCode || plain.body != told.body {
			t.Errorf("%s: %s and %s, or the pages differ", path, plain.Status, told.Status)
		}
		for name, values := range told.Header {
			if strings.Contains(strings.Join(values, " "), "evil.example") || strings.Contains(strings.Join(values, " "), "gopher") {
				t.Errorf("%s: %s %v", path, name, values)
			}
		}
	}
}

// The code asks for the host and for the forwarded headers where they are judged,
// and nowhere else; echo's own readers of them believe anybody.
func TestAttack_ForwardedHeadersAreReadOnce(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	reads := regexp.MustCompile(`RealIP\(|\.Scheme\(\)|IsTLS\(|X-Forwarded|X-Real-|"Forwarded"|(?:r|Request\(\))\.Host\b`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range reads.FindAllString(string(source), -1) {
			if name != "client.go" && (name != "middleware.go" || found != "r.Host") {
				t.Errorf("%s reads %s", name, found)
			}
		}
	}
}

// originOf is the network address that a failure to sign in is noted with.
func (s *site) originOf(headers http.Header) string {
	s.t.Helper()
	form := url.Values{"email": {"nobody@organisers.example"}, "password": {"not the password at all"}}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://"+s.Addr()+"/organise/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = headers.Clone()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a := s.answer(r); a.StatusCode != http.StatusUnauthorized && a.StatusCode != http.StatusTooManyRequests {
		s.t.Fatalf("%s\n%s", a.Status, a.body)
	}
	return s.lastOrigin()
}

// lastOrigin is the network address of the audit log's last line.
func (s *site) lastOrigin() string {
	s.t.Helper()
	all, err := s.Store().AuditLog(s.t.Context(), account.AuditFilter{}, 1)
	if err != nil || len(all) != 1 {
		s.t.Fatalf("%v, %v", all, err)
	}
	return all[0].Actor.Origin
}

// A proxy adds the address that it speaks for at the end. What stands before is
// what a client says of itself, in one line or in several.
func TestAttack_ForwardedFor(t *testing.T) {
	plain := start(t, nil)
	chained := start(t, func(c *config.Config) {
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("2001:db8::1/128")}
	})
	for name, tt := range map[string]struct {
		site  *site
		lines []string
		want  string
	}{
		"no proxy":                                {plain, nil, "127.0.0.1"},
		"one":                                     {plain, []string{"198.51.100.7"}, "198.51.100.7"},
		"a client that says something":            {plain, []string{"203.0.113.66, 198.51.100.7"}, "198.51.100.7"},
		"a client that says it in its own line":   {plain, []string{"203.0.113.66", "198.51.100.7"}, "198.51.100.7"},
		"a client that names a proxy":             {plain, []string{"203.0.113.66, 127.0.0.1", "198.51.100.7"}, "198.51.100.7"},
		"an address that the settings name not":   {plain, []string{"198.51.100.7, 10.0.0.5"}, "10.0.0.5"},
		"nothing of any use":                      {plain, []string{"198.51.100.7, unknown"}, "127.0.0.1"},
		"an empty end":                            {plain, []string{"198.51.100.7,"}, "127.0.0.1"},
		"two proxies":                             {chained, []string{"198.51.100.7, 10.0.0.5"}, "198.51.100.7"},
		"three, and a client that says something": {chained, []string{"203.0.113.66, 198.51.100.7", "2001:db8::1, 10.0.0.5"}, "198.51.100.7"},
		"a client that names one of them":         {chained, []string{"203.0.113.66, 10.0.0.9, 198.51.100.7, 10.0.0.5"}, "198.51.100.7"},
		"a proxy that does not know":              {chained, []string{"203.0.113.66, unknown, 10.0.0.5"}, "10.0.0.5"},
		"another written in IPv6":                 {chained, []string{"198.51.100.7, ::ffff:10.0.0.5"}, "198.51.100.7"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.site.originOf(http.Header{"X-Forwarded-For": tt.lines}); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Wherever somebody may name where to go next, it is a page of ours.
func TestAttack_Redirects(t *testing.T) {
	testkit.Unhurried(t)
	s := start(t, nil)
	s.partner(friends)
	private := s.write(letter())
	elsewhere := []string{
		"https://evil.example/", "//evil.example", `/\evil.example`, `\\evil.example`, "/organise/..//evil.example", "/organise//evil.example", "https:evil.example", "javascript:alert(1)",
		"/organise\t//evil.example", " https://evil.example", "/%2f/evil.example", "/organise/@evil.example", "https://letters.example.org@evil.example/organise", "/organise?x=\r\nLocation: https://evil.example",
	}
	ours := func(a answer) {
		t.Helper()
		location, path := a.Header.Get("Location"), a.Request.Method+" "+a.Request.URL.String()
		if location == "" {
			return
		}
		u, err := a.Request.URL.Parse(location)
		if err != nil || u.Host != s.Addr() || u.Scheme != "http" || len(location) > 1 && (location[1] == '/' || location[1] == '\\') || strings.ContainsAny(location, "\\\t\r\n") {
			t.Errorf("%s leads to %q", path, location)
		}
	}
	gets, posts := everyRoute(t)
	gets = append(gets, private, private+"/confirm", atFriends, atFriends+"/letter", "/embed/c/"+slug)
	for _, to := range elsewhere {
		asked := url.Values{}
		for _, name := range []string{"next", "url", "return", "redirect", "to", "q", "partner", "utm_source", "done", "lang", "source", "allow", "page"} {
			asked.Set(name, to)
		}
		for _, path := range gets {
			ours(s.do(http.MethodGet, path+"?"+asked.Encode(), nil, "Referer", strings.NewReplacer("\r", "", "\n", "").Replace(to), "Sec-Fetch-Dest", "document"))
		}
		for _, path := range posts {
			ours(s.post(path, asked))
		}
		// And what an address holds before the mark.
		for _, path := range []string{"//evil.example/c/" + slug + "/letter", "/cy//evil.example", "//evil.example/%2e%2e", "/c/" + slug + "/mps/" + url.PathEscape(to), "/check/" + url.PathEscape(to), "/c/" + url.PathEscape(to) + "/send"} {
			ours(s.do(http.MethodGet, path, nil))
		}
	}
	s.signIn(account.Viewer)
	s.post("/organise/sign-out", url.Values{})
	for _, to := range elsewhere {
		a := s.post("/organise/sign-in", url.Values{"email": {"viewer@organisers.example"}, "password": {password}, "next": {to}})
		ours(a)
		if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/organise") {
			t.Errorf("signing in with %q leads to %s %q", to, a.Status, a.Header.Get("Location"))
		}
		ours(s.get("/organise/sign-in?next=" + url.QueryEscape(to)))
		s.post("/organise/sign-out", url.Values{})
	}
}

// security.txt tells whom to write to, as the settings say, and never that its day
// has passed.
func TestSecurityTxt(t *testing.T) {
	for contact, want := range map[string]string{"": "mailto:letters@postbag.invalid", "security@example.org": "mailto:security@example.org", "https://example.org/tell": "https://example.org/tell"} {
		s := start(t, func(c *config.Config) { c.SecurityContact = contact })
		a := s.get("/.well-known/security.txt")
		expires, _, _ := strings.Cut(time.Now().UTC().AddDate(0, 0, 180).Format("2006-01-02T15:04:05Z"), "T")
		body := fmt.Sprintf("Contact: %s\nExpires: %sT00:00:00Z\nPreferred-Languages: cy, en\nCanonical: %s/.well-known/security.txt\n", want, expires, s.BaseURL())
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" || a.body != body {
			t.Errorf("%s, %s\n%s\nwant\n%s", a.Status, a.Header.Get("Content-Type"), a.body, body)
		}
	}
}
