package web_test

import (
	"net/http"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/config"
)

// The privacy notice says what is in force: other settings and another campaign make
// another notice.
func TestServer_PrivacyNotice(t *testing.T) {
	s := start(t, nil)
	for _, path := range []string{"/privacy", "/c/" + slug + "/privacy"} {
		a := s.get(path)
		for _, want := range []string{
			"This is a site to try things out", "until 7 days after the letter has gone", "until 30 days after the letter has gone", "after 14 and 21 days",
			"7 days, in which you can confirm it, and 7 more", "write to the organisers", "can open your letter while we keep it", "Migrants Organise", "set no cookies",
		} {
			if a.StatusCode != http.StatusOK || !strings.Contains(a.body, want) {
				t.Errorf("%s: %s, lacks %q", path, a.Status, want)
			}
		}
		for _, no := range []string{"through the mail server", "tick the box to hear more: your", "passes the mail on"} {
			if strings.Contains(a.body, no) {
				t.Errorf("%s says %q", path, no)
			}
		}
		if a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
	if a := s.get("/c/nothing/privacy"); a.StatusCode != http.StatusNotFound {
		t.Errorf("of no campaign: %s", a.Status)
	}
	source, err := s.Service().Source(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(source.TOML, "\n[[signatories]]", "\n[keep]\ntext_days = 1\nemail_days = 9\nunconfirmed_days = 3\n\n[[signatories]]", 1)
	if _, err := s.Service().SaveCampaign(t.Context(), account.Actor{Name: "Olga"}, slug, changed, source.Version, ""); err != nil {
		t.Fatal(err)
	}
	body := s.get("/privacy").body
	for _, want := range []string{"until 1 day after", "until 9 days after", "and 3 more"} {
		if !strings.Contains(body, want) {
			t.Errorf("once the campaign says less, the notice lacks %q", want)
		}
	}
	if strings.Contains(body, "if your MP has answered") {
		t.Error("it speaks of questions that nobody is asked")
	}
}

func TestServer_PrivacyNotice_settings(t *testing.T) {
	s := start(t, func(c *config.Config) {
		c.SMTPURL, c.Contact, c.HookPostmark = "smtp://127.0.0.1:2", "data@letters.example", "user:password-of-postmark"
	})
	body := s.get("/privacy").body
	for _, want := range []string{"through the mail server 127.0.0.1.", `<a href="mailto:data@letters.example">data@letters.example</a>`, "Postmark passes the mail on"} {
		if !strings.Contains(body, want) {
			t.Errorf("the notice lacks %q", want)
		}
	}
	for _, no := range []string{"try things out", "password-of-postmark"} {
		if strings.Contains(body, no) {
			t.Errorf("the notice has %q", no)
		}
	}
}

// The page about the cookie names the one that is set.
func TestServer_Cookies(t *testing.T) {
	s := start(t, nil)
	a := s.get("/organise/cookies")
	if a.StatusCode != http.StatusOK || !strings.Contains(a.body, "<code>postbag</code>") || !strings.Contains(a.body, "2 hours after") {
		t.Errorf("%s\n%s", a.Status, a.body)
	}
	s.signIn(account.Owner)
	u := s.get("/organise").Request.URL
	jar := s.http.Jar.Cookies(u)
	if len(jar) != 1 || jar[0].Name != "postbag" {
		t.Errorf("cookies %v", jar)
	}
}
