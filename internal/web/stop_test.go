package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var stopLink = regexp.MustCompile(`(?:/cy)?/stop/[A-Za-z0-9_-]{32}`)

// sent writes a letter on a page in a language ("" or "/cy"), has it sent and
// returns its private page and the address in the notice that stops the questions.
func (s *site) sent(lang string) (private, stop string) {
	s.t.Helper()
	if a := s.post(lang+"/c/"+slug+"/send", letter()); a.StatusCode != http.StatusOK {
		s.t.Fatalf("send: %s\n%s", a.Status, a.body)
	}
	private = lang + regexp.MustCompile(`/l/[A-Za-z0-9_-]{22}`).FindString(s.mails(1)[0])
	s.post(private+"/confirm", url.Values{})
	s.eventually("a notice", func() bool {
		if err := s.Service().Tick(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		listed := s.get("/dev/mail").body
		return strings.Contains(listed, "Your letter has gone") || strings.Contains(listed, "Mae eich llythyr wedi mynd")
	})
	notice := s.mails(3)[0]
	if stop = stopLink.FindString(notice); stop == "" {
		s.t.Fatalf("the notice has no way out:\n%s", notice)
	}
	return private, stop
}

func TestStop(t *testing.T) {
	for _, lang := range []string{"", "/cy"} {
		t.Run("in "+lang, func(t *testing.T) {
			s := start(t, nil)
			private, stop := s.sent(lang)
			if !strings.HasPrefix(stop, lang+"/stop/") {
				t.Errorf("the way out is %s", stop)
			}
			unknown := lang + "/stop/" + strings.Repeat("A", 32)
			asks := private + "/stop"
			veiled := func(a answer) string { return stopLink.ReplaceAllString(a.body, "x") }
			before, nothing := s.get(stop), s.get(unknown)
			if before.StatusCode != http.StatusOK || strings.Count(before.body, "<button") != 1 {
				t.Errorf("%s, %d buttons", before.Status, strings.Count(before.body, "<button"))
			}
			if veiled(before) != veiled(nothing) {
				t.Error("an unknown address looks otherwise")
			}
			s.do(http.MethodHead, stop, nil)
			if !strings.Contains(s.get(private).body, asks) {
				t.Error("following the link stopped them: mail scanners do")
			}
			oneClick := url.Values{"List-Unsubscribe": {"One-Click"}}
			done := s.do(http.MethodPost, stop, oneClick, "Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site")
			other := s.post(unknown, oneClick)
			if done.StatusCode != http.StatusOK || other.StatusCode != http.StatusOK || done.Header.Get("Cache-Control") != "no-store" || len(done.Cookies()) > 0 {
				t.Errorf("stopped: %s, unknown: %s", done.Status, other.Status)
			}
			if veiled(done) != veiled(other) || done.heading() == before.heading() {
				t.Errorf("it says %q, for an unknown one %q", done.heading(), other.heading())
			}
			if strings.Contains(s.get(private).body, asks) {
				t.Error("they are to be asked all the same")
			}
			if token := stop[strings.LastIndex(stop, "/")+1:]; strings.Contains(s.log.String(), token) || s.get("/l/"+token).StatusCode != http.StatusNotFound {
				t.Error("the log holds the token, or it opens the private page")
			}
		})
	}
}

// The button on the private page does the same, and says so.
func TestStop_onThePrivatePage(t *testing.T) {
	const said = "We won’t ask again."
	s := start(t, nil)
	waiting := s.write(letter())
	if a := s.post(waiting+"/stop", url.Values{}); a.StatusCode != http.StatusConflict {
		t.Errorf("before it has gone: %s", a.Status)
	}
	if a := s.get(waiting + "?done=stopped"); strings.Contains(a.body, said) {
		t.Error("the page says that it was done")
	}
	s = start(t, nil)
	private, _ := s.sent("")
	if a := s.get(private + "/stop"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != private {
		t.Errorf("a GET leads to %s", a.Header.Get("Location"))
	}
	if a := s.get(private + "?done=stopped"); strings.Contains(a.body, said) || !strings.Contains(a.body, private+"/stop") {
		t.Error("the page says that it was done by a GET")
	}
	if a := s.post(private+"/stop", url.Values{}); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != private+"?done=stopped" {
		t.Errorf("%s to %s", a.Status, a.Header.Get("Location"))
	}
	if a := s.get(private + "?done=stopped"); !strings.Contains(a.body, said) || strings.Contains(a.body, private+"/stop") {
		t.Errorf("%s\n%s", a.Status, a.body)
	}
}
