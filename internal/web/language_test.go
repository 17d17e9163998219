package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
)

// TestServer_Localise: an address leads to its page in every language that there
// is a catalogue for, whatever that is called.
func TestServer_Localise(t *testing.T) {
	s := &Server{langs: []string{"cy", "en", "zh-Hant"}}
	for address, want := range map[string][2]string{
		"/c/x":                         {"en", "/c/x"},
		"/cy/c/x":                      {"cy", "/c/x"},
		"/zh-Hant/c/x/check":           {"zh-Hant", "/c/x/check"},
		"/zh-Hant/":                    {"zh-Hant", "/"},
		"/cy/healthz":                  {"cy", "/cy/healthz"},
		"/zh/c/x":                      {"en", "/zh/c/x"},
		"/en/c/x":                      {"en", "/en/c/x"},
		"/cy/c/x/mps/ynys-m%C3%B4n%2F": {"cy", "/c/x/mps/ynys-môn/"},
	} {
		r := s.localise(httptest.NewRequest(http.MethodGet, address, nil))
		if lang := s.lang(echo.New().NewContext(r, nil)); lang != want[0] || r.URL.Path != want[1] {
			t.Errorf("%s: %q in %s, want %q in %s", address, r.URL.Path, lang, want[1], want[0])
		}
	}
}
