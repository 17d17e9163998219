package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// apiAnswer is what any answer of the API may hold.
type apiAnswer struct {
	Status, Message, Postcode, Place string
	Candidates                       []struct{ Code, Country string }
}

func (a answer) api(t *testing.T) apiAnswer {
	t.Helper()
	var got apiAnswer
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return got
}

func TestAPI_PostcodesAsProgramsEscapeThem(t *testing.T) {
	s := start(t, nil)
	for _, typed := range []string{"LS63HN", "LS6%203HN", "LS6%2d3HN", "LS6%c2%a03HN", "LS6%2C%203HN", "%4cs6+3hn"} {
		a := s.get("/api/v1/postcodes/" + typed)
		if got := a.api(t); a.StatusCode != http.StatusOK || got.Postcode != "LS6 3HN" {
			t.Errorf("%s: %s %+v", typed, a.Status, got)
		}
	}
	// An escaped percent sign stands for itself: it is not taken apart twice.
	if a := s.get("/api/v1/postcodes/LS6%25203HN"); a.StatusCode != http.StatusBadRequest || a.api(t).Status != "malformed" {
		t.Errorf("%s %s", a.Status, a.body)
	}
}

func TestAPI_NorthernIrelandHasCandidates(t *testing.T) {
	s := start(t, nil)
	a := s.get("/api/v1/postcodes/BT11AA")
	got := a.api(t)
	if a.StatusCode != http.StatusUnprocessableEntity || got.Place != "northern_ireland" || len(got.Candidates) != 18 {
		t.Fatalf("%s %+v", a.Status, got)
	}
	for _, c := range got.Candidates {
		if !strings.HasPrefix(c.Code, "N") || c.Country != "Northern Ireland" {
			t.Errorf("candidate %+v", c)
		}
	}
	if got := s.get("/api/v1/postcodes/JE23AB").api(t); len(got.Candidates) > 0 {
		t.Errorf("Jersey has candidates: %+v", got)
	}
}

func TestAPI_ErrorsNameThemselves(t *testing.T) {
	s := start(t, nil)
	for _, tt := range []struct {
		method, path string
		code         int
		status       string
		message      string
	}{
		{http.MethodGet, "/api/v1/nothing", 404, "not_found", "There is no page at this address"},
		{http.MethodGet, "/api/v1/campaigns/nothing/counts", 404, "not_found", "There is no page at this address"},
		{http.MethodDelete, "/api/v1/postcodes/LS63HN", 405, "method_not_allowed", "That can’t be done this way"},
	} {
		a := s.do(tt.method, tt.path, nil)
		if got := a.api(t); a.StatusCode != tt.code || got.Status != tt.status || got.Message != tt.message {
			t.Errorf("%s %s: %s %+v", tt.method, tt.path, a.Status, got)
		}
	}
}
