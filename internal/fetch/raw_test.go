package fetch_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"postbag/internal/fetch"
)

func TestRaw(t *testing.T) {
	at := host(t, func(mux *http.ServeMux) {
		mux.HandleFunc("/raw", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("0123456789")) })
		mux.HandleFunc("/away", redirect("/raw"))
		mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	})
	r := reader(fetch.Options{})
	if got, err := r.Raw(t.Context(), at.JoinPath("raw"), 10); err != nil || string(got) != "0123456789" {
		t.Errorf("%q, %v", got, err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"too long":  func() ([]byte, error) { return r.Raw(t.Context(), at.JoinPath("raw"), 9) },
		"elsewhere": func() ([]byte, error) { return r.Raw(t.Context(), at.JoinPath("away"), 10) },
		"gone":      func() ([]byte, error) { return r.Raw(t.Context(), at.JoinPath("gone"), 10) },
		"not https": func() ([]byte, error) {
			return fetch.New(fetch.Options{Reach: fetch.Loopback}).Raw(t.Context(), at.JoinPath("raw"), 10)
		},
		"out of reach": func() ([]byte, error) {
			return reader(fetch.Options{Reach: func(netip.Addr) bool { return false }}).Raw(t.Context(), at.JoinPath("raw"), 10)
		},
	} {
		got, err := try()
		if err == nil || got != nil {
			t.Errorf("%s: %q", name, got)
		} else if strings.Contains(err.Error(), "/raw") {
			t.Errorf("%s: the error has the address: %v", name, err)
		}
	}
}
