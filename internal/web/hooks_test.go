package web_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
)

const hookLogin = "postmark:a-password-of-ours"

// hook posts what Postmark posts.
func (s *site) hook(login, body string, headers ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://"+s.Addr()+"/hooks/mail/postmark", strings.NewReader(body))
	r.RequestURI = ""
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(login)))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.answer(r)
}

// hooked is a site to which Postmark may tell something.
func hooked(t *testing.T) *site {
	t.Helper()
	return start(t, func(c *config.Config) { c.HookPostmark, c.BounceAddress = hookLogin, "bounces@letters.example.org" })
}

// bounce is what Postmark tells of a message.
func bounce(token string) string {
	return `{"RecordType":"Bounce","ID":1,"Type":"HardBounce","MessageID":"x","Metadata":{"postbag":"` + token + `"},"Details":"smtp;550 5.1.1 <planted@office.example> unknown"}`
}

// A letter that a relay says came back has bounced, once that is durable.
func TestHook_bounce(t *testing.T) {
	s := hooked(t)
	private := s.write(letter())
	s.post(private+"/confirm", url.Values{})
	s.mails(2)
	db := s.database()
	state := func() (id int64, state string) {
		t.Helper()
		if err := db.QueryRow(`SELECT o.id, l.state FROM outbox o JOIN letters l ON l.id = o.letter_id WHERE o.kind = 'letter'`).Scan(&id, &state); err != nil {
			t.Fatal(err)
		}
		return id, state
	}
	s.eventually("the letter to be sent", func() bool { _, now := state(); return now == "sent" })
	id, _ := state()
	keys, err := app.OpenKeys(t.Context(), config.Config{DataDir: s.dir}, s.Store())
	if err != nil {
		t.Fatal(err)
	}
	returns, err := campaign.NewReturnPath(keys, "bounces@letters.example.org")
	if err != nil {
		t.Fatal(err)
	}
	token := returns.Token(id)
	if a := s.hook(hookLogin+"x", bounce(token)); a.StatusCode != http.StatusUnauthorized || a.body != "" {
		t.Errorf("another password: %s", a.Status)
	}
	if _, now := state(); now != "sent" {
		t.Fatalf("the letter is %s", now)
	}
	for range 2 { // the second time changes nothing
		if a := s.hook(hookLogin, bounce(token)); a.StatusCode != http.StatusOK || a.body != "" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s, %q", a.Status, a.body)
		}
		if _, now := state(); now != "bounced" {
			t.Errorf("the letter is %s", now)
		}
	}
	s.mails(3) // the supporter is told once
	if a := s.hook(hookLogin, bounce("forged")); a.StatusCode != http.StatusOK {
		t.Errorf("of no message of ours: %s", a.Status)
	}
	for _, planted := range []string{token, "planted", hookLogin, "office.example"} {
		if strings.Contains(s.log.String(), planted) {
			t.Errorf("the log has %q", planted)
		}
	}
}

func TestHook_refusals(t *testing.T) {
	s := hooked(t)
	for name, tt := range map[string]struct {
		got  answer
		want int
	}{
		"no JSON":                {s.hook(hookLogin, "x"), http.StatusBadRequest},
		"a page of another site": {s.hook(hookLogin, bounce("x"), "Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		"too long":               {s.hook(hookLogin, strings.Repeat(" ", 24<<20+1)), http.StatusRequestEntityTooLarge},
		"GET":                    {s.get("/hooks/mail/postmark"), http.StatusMethodNotAllowed},
		"one that is not set up": {s.post("/hooks/mail/mailgun", url.Values{}), http.StatusNotFound},
		"no provider":            {s.post("/hooks/mail/nobody", url.Values{}), http.StatusNotFound},
	} {
		if tt.got.StatusCode != tt.want {
			t.Errorf("%s: %s, want %d", name, tt.got.Status, tt.want)
		}
	}
	none := start(t, nil)
	if a := none.hook(hookLogin, bounce("x")); a.StatusCode != http.StatusNotFound {
		t.Errorf("none set up: %s", a.Status)
	}
}
