package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// partnersPage is a page of a partner's on loopback, and the partner.
func (s *site) partnersPage(handler http.HandlerFunc) string {
	s.t.Helper()
	server := httptest.NewServer(handler)
	s.t.Cleanup(server.Close)
	s.partner(campaign.Partner{Slug: "near", Name: "Near", Website: "https://near.example", Origins: []string{server.URL}})
	return server.URL
}

func TestDoctor_SaysWhatToChange(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	page := s.partnersPage(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "frame-src 'self'")
		w.Write([]byte(`<iframe src="` + s.BaseURL() + `/embed/near/c/` + slug + `" title="W" height="640"></iframe>`))
	})
	if a := s.get("/organise/partners/near/check"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, `name="address"`) {
		t.Fatalf("%s", a.Status)
	}
	a := s.post("/organise/partners/near/check", url.Values{"address": {page + "/act"}, "campaign": {slug}})
	for _, want := range []string{"does not work", "frame-src &#39;self&#39; " + s.BaseURL() + ";", `value="` + page + `/act"`, slug + `" selected`} {
		if a.StatusCode != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("%s, without %q", a.Status, want)
		}
	}
	a = s.post("/organise/partners/near/check", url.Values{"address": {"<nothing>"}})
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Type the address of a page") || !strings.Contains(a.body, "&lt;nothing&gt;") {
		t.Errorf("%s", a.Status)
	}
	if a := s.post("/organise/partners/near/check", url.Values{"address": {"https://192.0.2.1/"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "not public") {
		t.Errorf("in development another machine was asked: %s", a.Status)
	}
	if a := s.get("/organise/partners/strangers/check"); a.StatusCode != http.StatusNotFound {
		t.Errorf("no partner: %s", a.Status)
	}
}

// One page at a time is read for an account.
func TestDoctor_OneAtATime(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	asked, answer := make(chan struct{}), make(chan struct{})
	page := s.partnersPage(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-answer
		w.Header().Set("Content-Type", "text/html")
	})
	first := make(chan int)
	ask := url.Values{"address": {page}}
	go func() { first <- s.post("/organise/partners/near/check", ask).StatusCode }()
	<-asked
	if a := s.post("/organise/partners/near/check", ask); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second: %s", a.Status)
	}
	close(answer)
	if code := <-first; code != http.StatusOK {
		t.Errorf("the first: %d", code)
	}
}
