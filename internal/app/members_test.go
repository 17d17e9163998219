package app

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Parliament's name leads to a public address or nowhere: whoever can change what it
// resolves to cannot have us ask a machine of our own network.
func TestMembersAPI_OnlyPublicByName(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Error(w, "no", http.StatusTeapot)
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := net.LookupAddr("127.0.0.1")
	if err != nil || len(names) == 0 {
		names = []string{"localhost."}
	}
	for _, tt := range []struct {
		base string
		asks bool
	}{
		{"http://127.0.0.1:" + port, true}, {"http://localhost:" + port, true}, // named as what they are
		{"http://LOCALHOST:" + port, false}, {"http://localhost.:" + port, false}, {"http://" + strings.TrimSuffix(names[0], ".") + ".:" + port, false},
	} {
		client, err := NewMembersAPI(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		before := asked
		response, err := client.HTTP.Get(tt.base + "/api/Members/Search")
		if err == nil {
			response.Body.Close()
		}
		if (asked > before) != tt.asks {
			t.Errorf("%s: asked %v, %v", tt.base, asked > before, err)
		}
	}
	// Nor where an answer leads: no redirect is followed.
	client, err := NewMembersAPI(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.HTTP.CheckRedirect(&http.Request{URL: &url.URL{Host: "169.254.169.254"}}, nil); err != http.ErrUseLastResponse {
		t.Errorf("a redirect is followed: %v", err)
	}
	// A proxy of the environment stands in the own network, and is spoken to.
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++ }))
	defer proxy.Close()
	client, err = NewMembersAPI("http://members-api.parliament.uk")
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	client.HTTP.Transport.(*http.Transport).Proxy = http.ProxyURL(at)
	before := asked
	response, err := client.HTTP.Get("http://members-api.parliament.uk/api")
	if err != nil || asked == before {
		t.Fatalf("the proxy is not asked: %v", err)
	}
	response.Body.Close()
}
