package e2e

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// host is a site of somebody else's, whose pages show ours: another origin than
// the program's, and to browsers another site.
type host struct {
	base   string // its address, without a slash at the end
	mu     sync.Mutex
	pages  map[string]string // by path, as HTML or, where it ends in .js, a script
	policy string            // the Content-Security-Policy of all of them
	asked  []string          // what was asked for, with whatever headers hold an address
}

// serve starts a site at one of this machine's names for itself.
func serve(t *testing.T, name string) *host {
	t.Helper()
	address := name
	if name == "localhost" {
		address = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", address+":0")
	if err != nil {
		t.Fatal(err)
	}
	h := &host{base: fmt.Sprintf("http://%s:%d", name, listener.Addr().(*net.TCPAddr).Port), pages: map[string]string{}}
	server := &http.Server{Handler: h}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	return h
}

// startBeside runs the program, and a site of its partner "friends".
func startBeside(t *testing.T) (*program, *host) {
	t.Helper()
	p, h := start(t), serve(t, "localhost")
	p.partner("friends", h)
	return p, h
}

// put has the site show a page.
func (h *host) put(path, content string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pages[path] = content
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Referer"))
	content, ok := h.pages[r.URL.Path]
	switch {
	case r.URL.Path == "/favicon.ico":
		w.WriteHeader(http.StatusNoContent)
		return
	case !ok:
		http.NotFound(w, r)
		return
	case strings.HasSuffix(r.URL.Path, ".js"):
		w.Header().Set("Content-Type", "text/javascript")
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		content = "<!doctype html><html lang=en><title>A partner</title><meta name=viewport content='width=device-width'><body>" + content
	}
	if h.policy != "" {
		w.Header().Set("Content-Security-Policy", h.policy)
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the strictest that a site can have
	fmt.Fprint(w, content)
}

// partner makes the site a partner's, of this slug.
func (p *program) partner(slug string, h *host) {
	p.t.Helper()
	partner := campaign.Partner{Slug: slug, Name: "The " + slug, Website: "https://" + slug + ".example", Origins: []string{h.base}}
	if err := p.app.Service().AddPartner(p.t.Context(), account.Actor{Name: "test"}, partner); err != nil {
		p.t.Fatal(err)
	}
}

// listening has a page keep what it is told: every message that reaches it as
// heard, every event of ours as told.
const listening = `if (window === top) {
	window.heard = [];
	window.told = [];
	const plain = data => { try { return {...JSON.parse(JSON.stringify(data))}; } catch { return {odd: true}; } };
	addEventListener("message", e => heard.push({origin: e.origin, data: plain(e.data)}));
	for (const type of ["ready", "resized", "step", "confirmed-pending"]) {
		addEventListener("postbag:" + type, e => told.push({type, from: e.target.id || e.target.getAttribute("partner"), detail: e.detail}));
	}
}`

// openAt opens a window for pages of these sites, which third parties give no
// cookies.
func (p *program) openAt(d device, hosts ...*host) *tab {
	p.t.Helper()
	b := p.open(d)
	for _, h := range hosts {
		b.hosts = append(b.hosts, h.base)
	}
	call(b, network.SetCookieControls, network.SetCookieControlsParams{EnableThirdPartyCookieRestriction: true})
	b.beforeEveryPage(listening)
	return b
}

// visitHost opens a page of a site.
func (b *tab) visitHost(h *host, path string) {
	b.t.Helper()
	before := b.arrivals()
	if r := call(b, page.Navigate, page.NavigateParams{URL: h.base + path}); r.ErrorText != "" {
		b.t.Fatalf("open %s: %s", path, r.ErrorText)
	}
	if err := b.until(b.ctx, func() bool { return b.arrived() > before && b.painted && b.settled() }); err != nil {
		b.t.Fatalf("the site's page did not come: %v; %s", err, b.waiting())
	}
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > int(b.device.width) {
		b.t.Errorf("%s is %d wide in a window of %d", path, wide, b.device.width)
	}
}

// element is how a script in the site's page finds the frame of a form that
// stands in the place of a link or of an element.
const element = `document.querySelector("postbag-letter").shadowRoot.querySelector("iframe")`

// guest returns the page of ours that a frame shows, once it is there. css
// selects what shows that it is.
func (b *tab) guest(frame, css string) *tab {
	b.t.Helper()
	b.comes(frame)
	r := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: frame})
	node := call(b, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: r.Result.ObjectID}).Node
	q := *b
	q.frame = node.FrameID
	q.shows(css)
	q.stands()
	return &q
}

// stands waits, if this is a page within another, until that has heard how tall
// this one is and has made room: what is pressed would be somewhere else by then.
func (b *tab) stands() {
	b.t.Helper()
	if b.frame == "" || b.device.noScript {
		return
	}
	top := *b
	top.frame = ""
	await[bool](&top, `new Promise(done => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))`)
}

// shows waits until a frame shows a whole page that has an element.
func (b *tab) shows(css string) {
	b.t.Helper()
	for {
		b.mu.Lock()
		changed := b.changed
		b.mu.Unlock()
		if b.has(css) {
			return
		}
		select {
		case <-changed:
		case <-b.ctx.Done():
			b.t.Fatalf("the frame never came to show %s", css)
		}
	}
}

// has reports whether a frame shows a whole page that has an element; not so
// while another page is on its way.
func (b *tab) has(css string) bool {
	w, err := chromedp.Call(b.ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: b.frame, WorldName: "test"})
	if err != nil {
		return false
	}
	in := func(p *runtime.EvaluateParams) { p.ContextID = w.ExecutionContextID }
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && document.querySelector(`+quote(css)+`) !== null`, in))
	return err == nil && found
}

// world is where expressions about a page within another are evaluated: beside
// that page's own scripts. 0: among them, in the page that is around all others.
func (b *tab) world() runtime.ExecutionContextID {
	b.t.Helper()
	if b.frame == "" {
		return 0
	}
	return call(b, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: b.frame, WorldName: "test"}).ExecutionContextID
}

// arrivals returns how many pages came so far.
func (b *tab) arrivals() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.arrived()
}

// arrived is arrivals, with the lock held.
func (b *tab) arrived() int {
	if b.frame == "" {
		return b.loads
	}
	return b.framed[b.frame]
}

// heard is a message that reached the site's page.
type heard struct {
	Origin string
	Data   map[string]any
}

// told is an event that the site's page was told.
type told struct {
	Type, From string
	Detail     map[string]any
}

// messages returns the messages that have reached the site's page so far.
func (b *tab) messages() []heard { b.t.Helper(); return eval[[]heard](b, `heard`) }

// events returns what the site's page has been told so far.
func (b *tab) events() []told { b.t.Helper(); return eval[[]told](b, `told`) }

// credits returns whose doing each letter in the database is.
func (p *program) credits() []string {
	p.t.Helper()
	db := p.database()
	defer db.Close()
	rows, err := db.Query(`SELECT partner, source, via, state FROM letters ORDER BY id`)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var partner, source, via, state string
		if err := rows.Scan(&partner, &source, &via, &state); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, strings.Join([]string{partner, source, via, state}, " "))
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return all
}
