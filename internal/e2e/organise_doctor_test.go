package e2e

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/doctor"
	"postbag/internal/testkit"
)

func tourDeskDoctor(b *tab, _ *testkit.Clock, shot func(name string)) {
	p := b.program
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		fmt.Fprintf(w, `<a class="postbag" href="%s/c/%s?partner=near">Write</a>`, p.base, slug)
	}))
	defer host.Close()
	addNear(p, host.URL)
	b.signIn(account.Owner)
	b.visit(atDesk + "/partners/near/check")
	shot("desk-doctor")
	b.fill("#address", host.URL+"/act")
	b.follow("main form button")
	b.sees("does not work")
	shot("desk-doctor-broken")
}

// addNear makes a site a partner's.
func addNear(p *program, origin string) {
	p.t.Helper()
	near := campaign.Partner{Slug: "near", Name: "Near", Website: "https://near.example", Origins: []string{origin}}
	if err := p.app.Service().AddPartner(p.t.Context(), account.Actor{Name: "test"}, near); err != nil {
		p.t.Fatal(err)
	}
}

// standIn turns links into frames, as the script does that partners paste.
const standIn = `const base = new URL(document.currentScript.src).origin;
const show = () => {
  for (const a of document.querySelectorAll("a.postbag")) {
    const u = new URL(a.href), f = document.createElement("iframe");
    f.src = base + "/embed/" + u.searchParams.get("partner") + u.pathname;
    a.replaceWith(f);
  }
};
document.readyState === "loading" ? addEventListener("DOMContentLoaded", show) : show();`

// withScript is the program with /embed.js, even before it has one. seen tells
// which addresses were asked for; a frame that browsers refuse to show asks for no
// stylesheet.
func (p *program) withScript(seen func(path string)) string {
	target, err := url.Parse(p.base)
	if err != nil {
		p.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(a *http.Response) error {
		seen(a.Request.URL.Path)
		a.Header.Set("Cache-Control", "no-store")
		if a.Request.URL.Path == "/embed.js" && a.StatusCode == http.StatusNotFound {
			a.StatusCode, a.Body, a.ContentLength = http.StatusOK, io.NopCloser(strings.NewReader(standIn)), int64(len(standIn))
			a.Header = http.Header{"Content-Type": {"text/javascript"}, "Cross-Origin-Resource-Policy": {"cross-origin"}, "Access-Control-Allow-Origin": {"*"}}
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	p.t.Cleanup(server.Close)
	return server.URL
}

// What the doctor says of a page is what a browser makes of it: a page that it
// calls broken shows no form, or one that cannot be sent, and any other shows it.
func TestDoctor_AgreesWithTheBrowser(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.mayWarn = true
	var mu sync.Mutex
	asked := map[string]bool{}
	base := p.withScript(func(path string) {
		mu.Lock()
		defer mu.Unlock()
		asked[path] = true
	})
	origin, host := "", http.NewServeMux()
	server := httptest.NewServer(host)
	t.Cleanup(server.Close)
	origin = server.URL
	addNear(p, origin)
	script := fmt.Sprintf(`<a class="postbag" href="%s/c/%s?partner=near">Write</a><script async src="%[1]s/embed.js"></script>`, base, slug)
	frame := fmt.Sprintf(`<iframe src="%s/embed/near/c/%s" title="Write" width="600" height="640"></iframe>`, base, slug)
	pages := []struct{ name, html, policy string }{
		{"script", script, ""},
		{"frame", frame, ""},
		{"no-script", strings.Split(script, "<script")[0], ""},
		{"consent", strings.Replace(script, "async", `type="text/plain"`, 1), ""},
		{"script-src", script, "script-src 'self'"},
		{"script-src-ours", script, "script-src 'self' " + base + "; frame-src " + base},
		{"nonce", strings.Replace(script, "async", `async nonce="abc"`, 1), "script-src 'strict-dynamic' 'nonce-abc'"},
		{"no-nonce", script, "script-src 'strict-dynamic' 'nonce-abc' " + base},
		{"frame-src", frame, "default-src *; child-src 'self'"},
		{"two-policies", frame, "frame-src *, frame-src 'self'"},
		{"wildcard", frame, "frame-src http://*:*/embed/"},
		{"wrong-path", frame, "frame-src " + base + "/embed"},
		{"page-sandbox", frame, "sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox"},
		{"frame-sandbox", strings.Replace(frame, "title", `sandbox="allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox" title`, 1), ""},
		{"stranger", strings.Replace(frame, "/near/", "/far/", 1), ""},
		{"template", "<template>" + frame + "</template>", ""},
	}
	embeds, err := app.NewEmbeds()
	if err != nil {
		t.Fatal(err)
	}
	site, err := doctor.NewSite(base, p.app.Service().Partners(), p.app.Service().Campaigns())
	if err != nil {
		t.Fatal(err)
	}
	ctx, closeTab := chromedp.NewContext(theBrowser(t), chromedp.WithNewBrowserContext())
	defer closeTab()
	for _, page := range pages {
		host.HandleFunc("/"+page.name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if page.policy != "" {
				w.Header().Set("Content-Security-Policy", page.policy)
			}
			io.WriteString(w, "<!doctype html><title>Host</title>"+page.html)
		})
		found, err := embeds.Check(t.Context(), origin+"/"+page.name, site, doctor.Want{})
		if err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		clear(asked)
		mu.Unlock()
		if err := chromedp.Do(ctx, chromedp.Navigate(origin+"/"+page.name)); err != nil { // and what is in it has loaded
			t.Fatal(err)
		}
		mu.Lock()
		shows := asked["/embed/near/c/"+slug] && slices.ContainsFunc(slices.Collect(maps.Keys(asked)), func(path string) bool { return strings.HasSuffix(path, ".css") })
		mu.Unlock()
		if works := found.Verdict != doctor.Broken; works != shows {
			t.Errorf("%s: the doctor says %s, the browser shows the form: %v; %+v", page.name, found.Verdict, shows, found.Findings)
		}
	}
}
