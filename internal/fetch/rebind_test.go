package fetch_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/fetch"
	"postbag/internal/testkit"
)

// Whatever a name leads to at the moment of the connection counts, not what it led
// to before: whoever keeps the name can change it in between. Here it leads to this
// machine, and nothing is asked; with the same name a reader that may go there does.
func TestFetch_RebindingLeadsNowhere(t *testing.T) {
	names := testkit.StartDNS(t, "public.example. 0 IN A 127.0.0.1", "public.example. 0 IN AAAA ::1", "mapped.example. 0 IN AAAA ::ffff:127.0.0.1")
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, names.Addr())
	}}
	t.Cleanup(func() { net.DefaultResolver = before })
	asked := 0
	here := host(t, func(mux *http.ServeMux) {
		mux.HandleFunc("/in", func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Content-Type", "text/html")
		})
	})
	for _, name := range []string{"public.example", "mapped.example"} {
		address := &url.URL{Scheme: "http", Host: name + ":" + here.Port(), Path: "/in"}
		if _, err := reader(fetch.Options{Reach: fetch.Public}).Fetch(t.Context(), address, nil); err == nil || !strings.Contains(err.Error(), "private") || asked > 0 {
			t.Errorf("%s: %v, asked %d times", name, err, asked)
		}
		if _, err := reader(fetch.Options{Reach: fetch.Public}).Raw(t.Context(), address, 10); err == nil || asked > 0 {
			t.Errorf("%s, for a hook: %v, asked %d times", name, err, asked)
		}
		if _, err := reader(fetch.Options{}).Fetch(t.Context(), address, nil); err != nil || asked != 1 {
			t.Errorf("%s, where it may be: %v, asked %d times", name, err, asked)
		}
		asked = 0
	}
}
