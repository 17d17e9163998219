package web_test

import (
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/config"
)

func decodeQuoted(t *testing.T, raw string) string {
	t.Helper()
	head, body, _ := strings.Cut(raw, "\r\n\r\n")
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	return head + "\r\n\r\n" + string(text)
}

// routes are the routes as the server's source declares them, so that one that
// is added is tested without anyone thinking of it.
func routes(t *testing.T) (gets, posts []string) {
	t.Helper()
	var source []byte
	for _, name := range []string{"server.go", "api.go"} {
		more, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, more...)
	}
	for _, m := range regexp.MustCompile(`(?:get|e\.(POST))\("([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		path := strings.NewReplacer(":campaign", slug, ":token", strings.Repeat("x", 22), ":postcode", "LS63HN", ":id", "1", ":code", "E14001319", ":format", "csv").Replace(m[2])
		if m[1] == "POST" {
			posts = append(posts, path)
		} else {
			gets = append(gets, path)
		}
	}
	if len(gets) < 10 || len(posts) < 6 {
		t.Fatalf("found %d GET and %d POST routes", len(gets), len(posts))
	}
	return gets, posts
}

var (
	inline    = regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:`)
	ownScript = regexp.MustCompile(`<script [^>]*src="/assets/[^"]+"[^>]*></script>`)
	elsewhere = regexp.MustCompile(`(?:src|href|action)="(https?:)?//[^"]*"`)
	// mayLeave: links that a person follows, which tell the other site nothing.
	mayLeave = regexp.MustCompile(`<a [^>]*rel="noopener noreferrer"[^>]*>`)
)

func TestServer_EveryAnswerHasTheSecurityHeaders(t *testing.T) {
	s := start(t, nil)
	gets, posts := routes(t)
	var answers []answer
	for _, path := range append(gets, "/no/such/page", "/api/v1/nothing") {
		answers = append(answers, s.get(path))
	}
	for _, path := range posts {
		answers = append(answers, s.post(path, letter()))
	}
	for _, a := range answers {
		name := a.Request.Method + " " + a.Request.URL.Path
		csp := a.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", name, csp)
		}
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s: %s %q, want %q", name, header, got, want)
			}
		}
		if len(a.Cookies()) > 0 {
			t.Errorf("%s sets a cookie", name)
		}
		if strings.HasPrefix(a.Request.URL.Path, "/api/") && !strings.HasSuffix(a.Request.URL.Path, ".csv") && !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s answers %s", name, a.Header.Get("Content-Type"))
		}
		if m := inline.FindString(ownScript.ReplaceAllString(a.body, "")); m != "" {
			t.Errorf("%s has something inline: %q", name, m)
		}
		for _, m := range elsewhere.FindAllString(mayLeave.ReplaceAllString(strings.ReplaceAll(a.body, s.BaseURL(), ""), ""), -1) {
			t.Errorf("%s leads elsewhere: %s", name, m)
		}
	}
}

func TestServer_RefusesEveryPOSTFromAnotherSite(t *testing.T) {
	s := start(t, nil)
	_, posts := routes(t)
	for _, path := range posts {
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.example"}, {"Origin", "null"},
		} {
			a := s.do(http.MethodPost, path, letter(), headers...)
			if a.StatusCode != http.StatusForbidden {
				t.Errorf("POST %s with %v: %s", path, headers, a.Status)
			}
		}
		if a := s.do(http.MethodPost, path, letter(), "Sec-Fetch-Site", "same-origin"); a.StatusCode == http.StatusForbidden {
			t.Errorf("POST %s from our own page is refused", path)
		}
		// Browsers leave Sec-Fetch-Site out over plain http, and old ones always.
		if a := s.do(http.MethodPost, path, letter(), "Origin", "http://"+s.Addr()); a.StatusCode == http.StatusForbidden {
			t.Errorf("POST %s from our own page in a browser without Sec-Fetch-Site is refused", path)
		}
	}
}

// no-referrer would make browsers send "Origin: null" with our own forms.
func TestServer_BrowsersTellUsWhereAFormIsFrom(t *testing.T) {
	s := start(t, nil)
	a := s.get("/c/" + slug)
	if a.Header.Get("Referrer-Policy") != "same-origin" || !strings.Contains(a.body, `<meta name="referrer" content="same-origin">`) {
		t.Errorf("Referrer-Policy %q, or the page says otherwise", a.Header.Get("Referrer-Policy"))
	}
}

// What is refused as from another site is carried along, so that pressing the
// button on our own page sends it.
func TestServer_ARefusedLetterCanBeTriedAgain(t *testing.T) {
	s := start(t, nil)
	a := s.do(http.MethodPost, "/c/"+slug+"/preview", letter(), "Origin", "null")
	if a.StatusCode != http.StatusForbidden {
		t.Fatalf("%s", a.Status)
	}
	if again := s.post("/c/"+slug+"/preview", values(a.body)); again.StatusCode != http.StatusOK || !strings.Contains(again.body, "My neighbour is afraid.") {
		t.Errorf("trying again: %s", again.Status)
	}
	if a := s.do(http.MethodPost, "/c/"+slug+"/preview", letter("body", strings.Repeat("x", 300<<10)), "Origin", "null"); a.StatusCode != http.StatusForbidden || len(a.body) > 64<<10 {
		t.Errorf("far too long and refused: %s, %d bytes", a.Status, len(a.body))
	}
}

// A scanner, a crawler or a preview may GET or HEAD any address it finds.
func TestServer_NoGETChangesAnything(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	before := s.get(private).heading()
	for _, path := range []string{private, private + "/confirm", private + "/withdraw", private + "/erase", private + "?done=erased"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if a := s.do(method, path, nil); a.StatusCode != http.StatusOK && a.StatusCode != http.StatusSeeOther {
				t.Errorf("%s %s: %s", method, path, a.Status)
			}
		}
	}
	if after := s.get(private).heading(); after != before {
		t.Errorf("the page said %q and now says %q", before, after)
	}
	counts, err := s.Store().Counts(t.Context(), slug)
	if err != nil || len(counts) != 1 || counts[0].Written != 1 || counts[0].Confirmed != 0 || counts[0].Withdrawn != 0 {
		t.Errorf("counts %+v, %v", counts, err)
	}
	s.mails(1)
}

func TestServer_TheLogNamesNobody(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	s.post(private+"/confirm", url.Values{})
	s.mails(2)
	s.post("/c/"+slug+"/send", letter("email", "not an address"))
	s.post("/c/"+slug+"/send", letter())
	s.get("/api/v1/postcodes/LS63HN")
	s.get("/api/v1/postcodes/AminaOConnor")
	s.get("/l/" + strings.Repeat("y", 22))
	s.get("/Brudenell?email=amina@example.org")
	s.do("BRUDENELL", "/", nil)
	s.post(private+"/erase", url.Values{})
	log := s.log.String()
	if !strings.Contains(log, `"route":"/c/:campaign/send"`) {
		s.eventually("the log", func() bool { return strings.Contains(s.log.String(), `"route":"/l/:token/erase"`) })
		log = s.log.String()
	}
	for _, planted := range []string{
		"LS63", "LS6 3", "ls63hn", "Amina", "Connor", "example.org", "Brudenell", "BRUDENELL", "496 0123", "neighbour", "afraid", "Please sign",
		strings.TrimPrefix(private, "/l/"), strings.Repeat("y", 22), "127.0.0.1",
	} {
		if strings.Contains(log, planted) {
			t.Errorf("the log has %q", planted)
		}
	}
}

func TestServer_Limits(t *testing.T) {
	s := start(t, nil)
	tests := []struct {
		name, method, path string
		form               url.Values
		want               int
	}{
		{"a letter far too long", "POST", "/c/" + slug + "/send", letter("body", strings.Repeat("x", 300<<10)), http.StatusRequestEntityTooLarge},
		{"too many fields", "POST", "/c/" + slug + "/send", manyFields(), http.StatusUnprocessableEntity},
		{"no such page", "GET", "/no/such/page", nil, http.StatusNotFound},
		{"no such campaign", "GET", "/c/nothing", nil, http.StatusNotFound},
		{"no such campaign to write in", "POST", "/c/nothing/send", letter(), http.StatusNotFound},
		{"a method that is not ours", "DELETE", "/c/" + slug, nil, http.StatusMethodNotAllowed},
		{"a private link that opens nothing", "GET", "/l/" + strings.Repeat("x", 22), nil, http.StatusNotFound},
		{"a private link cut short", "GET", "/l/abc", nil, http.StatusNotFound},
		{"confirming nothing", "POST", "/l/" + strings.Repeat("x", 22) + "/confirm", url.Values{}, http.StatusNotFound},
		{"an asset that is not there", "GET", "/assets/nothing.css", nil, http.StatusNotFound},
		{"an asset outside", "GET", "/assets/..%2f..%2fgo.mod", nil, http.StatusNotFound},
		{"a mail that is not there", "GET", "/dev/mail/99", nil, http.StatusNotFound},
		{"a mail without a number", "GET", "/dev/mail/x", nil, http.StatusNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.do(tt.method, tt.path, tt.form)
			if a.StatusCode != tt.want {
				t.Errorf("%s, want %d", a.Status, tt.want)
			}
			if !strings.Contains(a.body, "<h1") {
				t.Error("the answer is no page")
			}
		})
	}
	if counts, err := s.Store().Counts(t.Context(), slug); err != nil || len(counts) != 0 {
		t.Errorf("something was written: %+v, %v", counts, err)
	}
}

func manyFields() url.Values {
	form := letter()
	for i := range 100 {
		form.Set(fmt.Sprintf("field%d", i), "x")
	}
	return form
}

// Production has no page of captured mail, and asks browsers for https.
func TestServer_Production(t *testing.T) {
	s := start(t, func(c *config.Config) {
		c.Env, c.Secret, c.BaseURL = config.Production, "0123456789abcdef0123456789abcdef", "https://letters.example.org"
		c.SMTPURL = "smtp://127.0.0.1:1?tls=none" // nobody listens, and nothing is sent here
	})
	for _, path := range []string{"/dev/mail", "/dev/mail/1", "/dev/mail/1/raw", "/dev/style", "/cy/dev/style"} {
		if a := s.get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s", path, a.Status)
		}
	}
	a := s.get("/c/" + slug)
	if a.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
	if strings.Contains(a.body, "/dev/mail") {
		t.Error("the page leads to captured mail")
	}
}

// Anyone can write ?done=… behind an address; the page believes the letter.
func TestPrivate_DoneIsSaidOnlyWhenItIs(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	for _, done := range []string{"confirmed", "withdrawn", "erased", "<b>"} {
		if a := s.get(private + "?done=" + url.QueryEscape(done)); strings.Contains(a.body, `role="status"`) {
			t.Errorf("an awaiting letter is said to be %s", done)
		}
	}
	a := s.post(private+"/withdraw", url.Values{})
	if after := s.get(a.Header.Get("Location")); !strings.Contains(after.body, `role="status"`) || !strings.Contains(after.body, "Write a new letter") {
		t.Error("withdrawing is not acknowledged, or no new letter is offered")
	}
	if a := s.post(private+"/confirm", url.Values{}); a.StatusCode != http.StatusConflict {
		t.Errorf("confirming a withdrawn letter: %s", a.Status)
	}
	s.mails(1)
}

// What holds personal data is kept nowhere; the page to go Back to, which holds
// none, may be.
func TestServer_WhatBrowsersMayKeep(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	for _, tt := range []struct {
		a    answer
		want string
	}{
		{s.get("/c/" + slug), "no-cache"},
		{s.post("/c/"+slug+"/letter", url.Values{"postcode": {"LS6 3HN"}}), "private, no-cache"},
		{s.post("/c/"+slug+"/letter", letter("edit", "1")), "no-store"},
		{s.post("/c/"+slug+"/preview", letter()), "no-store"},
		{s.post("/c/"+slug+"/preview", letter("name", "")), "no-store"},
		{s.post("/c/"+slug+"/send", letter()), "no-store"},
		{s.get(private), "no-store"},
		{s.post(private+"/withdraw", url.Values{}), "no-store"},
		{s.get("/api/v1/postcodes/LS63HN"), "no-store"},
		{s.get("/dev/mail/1"), "no-store"},
	} {
		if got := tt.a.Header.Get("Cache-Control"); got != tt.want {
			t.Errorf("%s %s: Cache-Control %q, want %q", tt.a.Request.Method, tt.a.Request.URL.Path, got, tt.want)
		}
	}
}

func TestServer_TestModeSaysSoOnEveryPage(t *testing.T) {
	s := start(t, func(c *config.Config) { c.TestRecipient = "me@example.org" })
	for _, a := range []answer{s.get("/c/" + slug), s.post("/c/"+slug+"/letter", url.Values{"postcode": {"LS6 3HN"}}), s.get("/nothing")} {
		if !strings.Contains(a.body, "[TEST]") {
			t.Errorf("%s does not say that letters go to the test recipient", a.Request.URL.Path)
		}
	}
	private := s.write(letter())
	s.post(private+"/confirm", url.Values{})
	mail := s.mails(2)[0]
	if !strings.Contains(mail, "Subject: [TEST] Please sign the pledge\r\n") || !strings.Contains(mail, "To: <me@example.org>\r\n") && !strings.Contains(mail, "me@example.org") {
		t.Errorf("the letter went out as\n%s", mail)
	}
	if strings.Contains(mail, "@parliament.uk") {
		t.Error("the letter names the MP's address")
	}
}
