package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/account"
)

var shownKey = regexp.MustCompile(`pbk_[A-Za-z0-9_-]{22}`)

func TestOrganise_Keys(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	s.signIn(account.Owner)
	if a := s.post("/organise/keys", url.Values{"name": {" "}, "partner": {"friends"}}); a.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "Say what the key is for") || !strings.Contains(a.body, `value="friends" selected`) || shownKey.MatchString(a.body) {
		t.Errorf("without a name: %s", a.Status)
	}
	if a := s.post("/organise/keys", url.Values{"name": {"CRM"}, "partner": {"strangers"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="partner-error"`) {
		t.Errorf("for nobody: %s", a.Status)
	}
	a := s.post("/organise/keys", url.Values{"name": {"CRM"}, "partner": {"friends"}})
	key := shownKey.FindString(a.body)
	if a.StatusCode != http.StatusOK || key == "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s, key %q, Cache-Control %q", a.Status, key, a.Header.Get("Cache-Control"))
	}
	list := s.get("/organise/keys").body
	if shownKey.MatchString(list) || !strings.Contains(list, "CRM") || !strings.Contains(list, "Friends of Leeds") || !strings.Contains(list, "never") {
		t.Error("the list shows the key, or not whose it is")
	}
	ask := func() answer {
		return s.do(http.MethodGet, "/api/v1/campaigns", nil, "Authorization", "Bearer "+key)
	}
	if a := ask(); a.StatusCode != http.StatusOK {
		t.Errorf("the key: %s", a.Status)
	}
	if strings.Contains(s.get("/organise/keys").body, "never") {
		t.Error("nobody sees that the key is used")
	}
	if a := s.post("/organise/keys/1/revoke", url.Values{}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("revoke: %s", a.Status)
	}
	if a := ask(); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("the revoked key: %s", a.Status)
	}
	for _, path := range []string{"/organise/keys/99/revoke", "/organise/keys/x/revoke"} {
		if a := s.post(path, url.Values{}); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	lines, err := s.Store().AuditLog(t.Context(), account.AuditFilter{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]int{}
	for _, line := range lines {
		done[line.Action]++
		if strings.Contains(line.Before+line.After+line.Object, key[4:]) {
			t.Errorf("the audit log has the key: %+v", line)
		}
	}
	if done["key.add"] != 1 || done["key.revoke"] != 1 {
		t.Errorf("%v", done)
	}
	if strings.Contains(s.log.String(), key[4:]) || strings.Contains(s.log.String(), "CRM") {
		t.Error("the log has the key, or its name")
	}
}
