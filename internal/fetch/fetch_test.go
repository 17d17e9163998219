package fetch_test

import (
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/doctor"
	"postbag/internal/fault"
	"postbag/internal/fetch"
)

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "::1": false, "0.0.0.0": false, "::": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "192.0.0.8": false, "192.0.2.1": false, "198.18.0.1": false, "203.0.113.9": false, "224.0.0.1": false,
		"240.0.0.1": false, "255.255.255.255": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "fe80::1": false, "fc00::1": false, "ff02::1": false,
		"2001:db8::1": false, "2002:7f00:1::": false, "2001::1": false, "64:ff9b::7f00:1": false, "fd00:ec2::254": false, "3fff::1": false,
		// Addresses within addresses: NAT64, local NAT64, 6to4, Teredo, mapped, compatible, translated.
		"64:ff9b::a9fe:a9fe": false, "64:ff9b:1::a00:1": false, "2002:a9fe:a9fe::1": false, "2001:0:4136:e378:8000:63bf:3fff:fdd2": false,
		"::ffff:169.254.169.254": false, "::ffff:100.64.0.1": false, "::169.254.169.254": false, "::ffff:0:a9fe:a9fe": false, "fe80::1%eth0": false, "fec0::1": false, "ff02::1%2": false,
		"100.127.255.255": false, "100.128.0.0": true, "172.32.0.1": true, "169.253.255.255": true, "192.88.99.1": false, "198.19.255.255": false, "239.255.255.255": false, "2001:200::1": true,
	} {
		if got := fetch.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if !fetch.Loopback(netip.MustParseAddr("127.0.0.2")) || fetch.Loopback(netip.MustParseAddr("10.0.0.1")) {
		t.Error("loopback")
	}
}

// host is a site on loopback that answers in many ways.
func host(t *testing.T, change func(*http.ServeMux)) *url.URL {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" || !strings.HasPrefix(r.UserAgent(), "Postbag-embed-check") {
			t.Errorf("asked with %v", r.Header)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte("<p>Hello"))
	})
	if change != nil {
		change(mux)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func reader(o fetch.Options) *fetch.Reader {
	o.Insecure = true
	if o.Reach == nil {
		o.Reach = fetch.Loopback
	}
	return fetch.New(o)
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "kept", Value: "1"})
		http.Redirect(w, r, to, http.StatusFound)
	}
}

func TestFetch(t *testing.T) {
	elsewhere := host(t, nil)
	here := host(t, func(mux *http.ServeMux) {
		html := func(write func(http.ResponseWriter)) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				write(w)
			}
		}
		packed := func(size int) http.HandlerFunc {
			return html(func(w http.ResponseWriter) {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				z.Write([]byte(strings.Repeat("a", size)))
				z.Close()
			})
		}
		mux.HandleFunc("/moved", redirect("/page"))
		mux.HandleFunc("/round", redirect("/round"))
		mux.HandleFunc("/away", redirect(elsewhere.String()+"/page"))
		mux.HandleFunc("/inside", redirect("http://10.0.0.1/"))
		mux.HandleFunc("/metadata", redirect("http://169.254.169.254/latest/"))
		mux.HandleFunc("/file", redirect("file:///etc/passwd"))
		mux.HandleFunc("/picture", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "image/png") })
		mux.HandleFunc("/packed", packed(10))
		mux.HandleFunc("/bomb", packed(fetch.MaxPage+1))
		mux.HandleFunc("/huge", html(func(w http.ResponseWriter) { w.Write(make([]byte, fetch.MaxPage+1)) }))
	})
	own := []string{doctor.Origin(here)}
	for _, tt := range []struct {
		path    string
		origins []string
		want    string // the end of the sentence's key; empty: it is read
		body    string
	}{
		{"/page", nil, "", "<p>Hello"},
		{"/page", own, "", "<p>Hello"},
		{"/page", []string{"https://friends.example"}, "elsewhere", ""},
		{"/moved", own, "", "<p>Hello"},
		{"/away", nil, "", "<p>Hello"},
		{"/away", own, "elsewhere", ""},
		{"/round", own, "redirects", ""},
		{"/inside", nil, "private", ""},
		{"/metadata", nil, "private", ""},
		{"/file", nil, "not_https", ""},
		{"/picture", own, "not_html", ""},
		{"/nothing", own, "status", ""},
		{"/packed", own, "", strings.Repeat("a", 10)},
		{"/bomb", own, "big", ""},
		{"/huge", own, "big", ""},
	} {
		t.Run(tt.path[1:], func(t *testing.T) {
			t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // is not asked
			page, err := reader(fetch.Options{}).Fetch(t.Context(), here.JoinPath(tt.path), tt.origins)
			if tt.want != "" {
				if f, ok := err.(*fault.Error); !ok || f.Safe != "desk.doctor.error."+tt.want || page.HTML != "" {
					t.Errorf("%v, want %s", err, tt.want)
				}
				return
			}
			if err != nil || page.HTML != tt.body {
				t.Errorf("%q, %v", page.HTML, err)
			}
		})
	}
}

// In production neither http nor this machine is gone to, whatever the name
// resolves to.
func TestFetch_InProduction(t *testing.T) {
	asked := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	byName := *u
	byName.Host = "localhost:" + u.Port()
	plain := *u
	plain.Scheme = "http"
	r := fetch.New(fetch.Options{Reach: fetch.Public})
	for _, tt := range []struct {
		address *url.URL
		want    string
	}{{u, "private"}, {&byName, "private"}, {&plain, "not_https"}} {
		if _, err := r.Fetch(t.Context(), tt.address, []string{doctor.Origin(tt.address)}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.address, err)
		}
	}
	if asked {
		t.Error("the site was asked")
	}
}

// A site that never ends its answer is given up, when the time is over.
func TestFetch_GivesUp(t *testing.T) {
	begun, over := make(chan struct{}), make(chan struct{})
	defer close(over)
	here := host(t, func(mux *http.ServeMux) {
		mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte("<p>"))
			http.NewResponseController(w).Flush()
			close(begun)
			<-r.Context().Done()
		})
	})
	r := reader(fetch.Options{Deadline: func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		go func() {
			select {
			case <-begun:
				cancel()
			case <-over:
			}
		}()
		return ctx, cancel
	}})
	if _, err := r.Fetch(t.Context(), here.JoinPath("/slow"), nil); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "slow") {
		t.Errorf("%v", err)
	}
}
