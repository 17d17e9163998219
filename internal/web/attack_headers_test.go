package web_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/config"
)

// The tests of attacks stand in attack_*_test.go: headers that browsers obey, who
// asks, what is put in, the door, the wire, and what the source itself must not
// have. Each fails without its defence.

// policyOf reads a Content-Security-Policy by directive.
func (a answer) policyOf() map[string]string {
	all := map[string]string{}
	for directive := range strings.SplitSeq(a.Header.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
		all[name] = value
	}
	return all
}

// everyRoute are the routes of supporters, programs and the workspace, but for the
// stream that never ends and the way out.
func everyRoute(t *testing.T) (gets, posts []string) {
	t.Helper()
	gets, posts = routes(t)
	for _, r := range deskRoutes(t) {
		switch {
		case strings.HasSuffix(r.path, "/live") || strings.Contains(r.path, "sign-out"):
		case r.method == http.MethodGet:
			gets = append(gets, r.path)
		default:
			posts = append(posts, r.path)
		}
	}
	return gets, posts
}

// What a page may do is the same on every answer, the workspace's and errors
// included, but for who may show it within a page of theirs.
func TestAttack_PolicyOfEveryAnswer(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	s.partner(friends)
	want := map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'", "manifest-src": "'self'",
		"form-action": "'self'", "base-uri": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "'none'",
	}
	ancestors := map[string]string{
		"/embed/c/" + slug: "*", "/embed/nobody/c/" + slug: "*", atFriends: strings.Join(friends.Origins, " "), atFriends + "/letter": strings.Join(friends.Origins, " "),
	}
	// The workspace shows a partner what its form looks like, which sends nothing.
	const around, preview = "/organise/partners/friends/embed/" + slug, "/organise/partners/friends/preview/" + slug
	ancestors[preview] = "'self'"
	changed := map[string]map[string]string{around: {"frame-src": "'self'"}, preview: {"form-action": "'none'"}}
	paths, _ := everyRoute(t)
	paths = append(paths, "/cy/", "/nothing", "/embed.js", "/oembed", "/api/v1/openapi.json", "/api/v1/nothing", "/hooks/mail/postmark", "/embed/c/"+slug, "/embed/nobody/c/"+slug, atFriends, atFriends+"/letter")
	for _, path := range paths {
		a := s.get(path)
		got := a.policyOf()
		frames := got["frame-ancestors"]
		delete(got, "frame-ancestors")
		want := maps.Clone(want)
		maps.Copy(want, changed[path])
		if len(got) != len(want) {
			t.Errorf("%s: %d directives, want %d: %v", path, len(got), len(want), got)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s %q, want %q", path, name, got[name], value)
			}
		}
		may, framed := ancestors[path]
		if !framed {
			may = "'none'"
		}
		if frames != may || (a.Header.Get("X-Frame-Options") == "DENY") == framed {
			t.Errorf("%s: frame-ancestors %q, want %q; X-Frame-Options %q", path, frames, may, a.Header.Get("X-Frame-Options"))
		}
		if kind := a.Header.Get("Content-Type"); a.body != "" && (kind == "" || strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "charset=utf-8")) {
			t.Errorf("%s: Content-Type %q", path, kind)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: X-Content-Type-Options %q, Referrer-Policy %q", path, a.Header.Get("X-Content-Type-Options"), a.Header.Get("Referrer-Policy"))
		}
		if a.Header.Get("Access-Control-Allow-Origin") == "*" && !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue // data for everybody, which opens no window
		}
		if got := a.Header.Get("Cross-Origin-Opener-Policy"); got != "same-origin" {
			t.Errorf("%s: Cross-Origin-Opener-Policy %q", path, got)
		}
		features := a.Header.Get("Permissions-Policy")
		for _, feature := range []string{"camera", "microphone", "geolocation", "payment", "usb", "display-capture"} {
			if !strings.Contains(features, feature+"=()") {
				t.Errorf("%s: Permissions-Policy leaves %s", path, feature)
			}
		}
		if strings.Contains(features, "*") || strings.Contains(features, "self") {
			t.Errorf("%s: Permissions-Policy allows something: %s", path, features)
		}
	}
}

// Other sites' pages may load what is made for them, and read nothing else: not
// even whether it is there.
func TestAttack_ResourcesOfOtherSites(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	s.partner(friends)
	asset := regexp.MustCompile(`/assets/[^"]+\.css`).FindString(s.get("/c/" + slug).body)
	for path, want := range map[string]string{
		"/embed.js": "cross-origin", asset: "cross-origin", "/oembed?url=" + s.BaseURL() + "/c/" + slug: "cross-origin", atFriends: "cross-origin", "/embed/c/" + slug: "cross-origin",
		"/": "same-origin", "/c/" + slug: "same-origin", "/l/" + strings.Repeat("x", 22): "same-origin", "/organise": "same-origin", "/organise/account": "same-origin",
		"/organise/c/" + slug + "/letters.csv": "same-origin", "/dev/mail": "same-origin", "/healthz": "same-origin", "/c/" + slug + "/check": "same-origin",
	} {
		if got := s.get(path).Header.Get("Cross-Origin-Resource-Policy"); got != want {
			t.Errorf("%s: Cross-Origin-Resource-Policy %q, want %q", path, got, want)
		}
		open := s.do(http.MethodGet, path, nil, "Origin", "https://evil.example").Header
		if want == "same-origin" && (open.Get("Access-Control-Allow-Origin") != "" || open.Get("Access-Control-Allow-Credentials") != "") {
			t.Errorf("%s may be read from elsewhere", path)
		}
		if open.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s may be read from elsewhere by whoever is signed in", path)
		}
	}
}

// Over https browsers are told to use nothing else, for a year at least and for
// every name below; without https they would be kept out.
func TestAttack_StrictTransport(t *testing.T) {
	if got := start(t, nil).get("/").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("development says %q", got)
	}
	s := start(t, inProduction)
	for _, path := range []string{"/", "/nothing", "/healthz", "/embed.js", "/organise/sign-in"} {
		if got := s.get(path).Header.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
			t.Errorf("%s: Strict-Transport-Security %q", path, got)
		}
	}
}

// inProduction makes a site one in production whose mail goes nowhere.
func inProduction(c *config.Config) {
	c.Env, c.Secret, c.BaseURL = config.Production, "0123456789abcdef0123456789abcdef", "https://letters.example.org"
	c.SMTPURL = "smtp://127.0.0.1:1?tls=none"
}

// sinks are what makes HTML or code of text. Browsers refuse it on our pages, and
// so it would do nothing there; in a page of a partner's, embed.js could.
var sinks = regexp.MustCompile(`\.(?:innerHTML|outerHTML|srcdoc)\b|insertAdjacentHTML|document\.write|parseFromString|createContextualFragment|setHTMLUnsafe|parseHTMLUnsafe|\beval\(|\bFunction\(|setTimeout\(\s*["'\x60]|importScripts|new (?:Shared)?Worker|javascript:|trustedTypes|setAttribute\(\s*["'\x60]on`)

func TestAttack_ScriptsMakeNoHTML(t *testing.T) {
	files, err := filepath.Glob("../../assets/*.js")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range sinks.FindAllString(string(source), -1) {
			t.Errorf("%s: %s", filepath.Base(name), found)
		}
	}
	if !sinks.MatchString("x.innerHTML = y") || !sinks.MatchString(`new DOMParser().parseFromString(t, "text/html")`) {
		t.Error("the test finds nothing")
	}
}
