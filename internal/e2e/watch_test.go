package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"postbag/assets"
)

// sessionCookie is the one cookie there is: an organiser's.
const sessionCookie = "postbag"

// watch is everything that the browser tells about one window: what it asks
// for, what it gets, and what it finds wrong.
type watch struct {
	mayFail    string      // why a request may fail in this test; empty: none may
	mayGrumble []string    // what the browser may find wrong in this test: parts of what it says
	signedIn   bool        // an organiser uses this window, and so has a cookie
	elsewhere  string      // where a page may lead besides the program: its address, without a slash at the end
	hosts      []string    // sites whose pages show ours, likewise
	main       cdp.FrameID // what is not within another page
	mu         sync.Mutex
	changed    chan struct{}       // closed at the next event
	loads      int                 // pages loaded, or brought back from the browser's cache of whole pages
	painted    bool                // the page is to be seen
	framed     map[cdp.FrameID]int // pages loaded within another page, by frame
	requests   []*request
	byID       map[network.RequestID]*request
	troubles   []string
}

// request is one request of a page. A redirect is a request of its own.
type request struct {
	method, url string
	kind        network.ResourceType
	status      int64
	bytes       int64 // as received: head and body, compressed; 0 from the cache
	cached      bool
	done        bool
}

func newWatch() *watch {
	return &watch{changed: make(chan struct{}), byID: map[network.RequestID]*request{}, framed: map[cdp.FrameID]int{}}
}

// notice takes the browser's events in the order in which they come.
func (w *watch) notice(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *page.EventLoadEventFired:
		w.loads++
	case *page.EventLifecycleEvent:
		switch {
		case e.FrameID != w.main:
			if e.Name == "load" {
				w.framed[e.FrameID]++
			}
		case e.Name == "init":
			w.painted = false
		case e.Name == "firstContentfulPaint":
			w.painted = true
		}
	case *page.EventFrameNavigated:
		if e.Type == page.NavigationTypeBackForwardCacheRestore {
			w.loads++
			w.painted = true
		}
	case *network.EventRequestWillBeSent:
		if before := w.byID[e.RequestID]; before != nil && e.RedirectResponse != nil {
			before.status, before.done = e.RedirectResponse.Status, true
			before.bytes = int64(e.RedirectResponse.EncodedDataLength)
		}
		if e.Type == network.ResourceTypeDocument {
			// Another page begins. Of what the last one was still asking for
			// (its icon, say) the browser does not always tell the end.
			for _, r := range w.requests {
				r.done = true
			}
		}
		r := &request{method: e.Request.Method, url: e.Request.URL, kind: e.Type}
		w.byID[e.RequestID] = r
		w.requests = append(w.requests, r)
	case *network.EventRequestServedFromCache:
		if r := w.byID[e.RequestID]; r != nil {
			r.cached = true
		}
	case *network.EventResponseReceived:
		if r := w.byID[e.RequestID]; r != nil {
			r.status = e.Response.Status
			r.cached = r.cached || e.Response.FromDiskCache
		}
	case *network.EventResponseReceivedExtraInfo:
		for name, value := range e.Headers {
			if strings.EqualFold(name, "Set-Cookie") && !(w.signedIn && strings.HasPrefix(fmt.Sprint(value), sessionCookie+"=")) {
				w.trouble("a response sets a cookie")
			}
		}
	case *network.EventLoadingFinished:
		if r := w.byID[e.RequestID]; r != nil {
			r.done = true
			if !r.cached {
				r.bytes = int64(e.EncodedDataLength)
			}
		}
	case *network.EventLoadingFailed:
		if r := w.byID[e.RequestID]; r != nil {
			r.done = true
			if e.ErrorText == w.mayFail {
				break
			}
			w.trouble("%s could not be loaded: %s", r.url, e.ErrorText)
		}
	case *runtime.EventExceptionThrown:
		w.trouble("a script failed: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		w.trouble("a script wrote to the console: %s", e.Type)
	case *log.EventEntryAdded:
		// An answer with an error status is noted here too; the tests ask for
		// each page's status themselves.
		if e.Entry.Source != log.EntrySourceNetwork {
			w.trouble("the console says: %s: %s", e.Entry.Source, e.Entry.Text)
		}
	case *audits.EventIssueAdded:
		details, err := json.Marshal(e.Issue.Details)
		w.trouble("the browser finds an issue: %s %s %v", e.Issue.Code, details, err)
	default:
		return
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *watch) trouble(format string, args ...any) {
	w.troubles = append(w.troubles, fmt.Sprintf(format, args...))
}

// until waits until something holds. The lock is held when it is asked.
func (w *watch) until(ctx context.Context, holds func() bool) error {
	for {
		w.mu.Lock()
		ok, changed := holds(), w.changed
		w.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// settled reports whether every request of the latest page has been answered.
// The browser drops what the page before was still asking for, such as its icon,
// and may not say so. The lock is held.
func (w *watch) settled() bool {
	for _, r := range slices.Backward(w.requests) {
		if !r.done && r.kind != network.ResourceTypeEventSource { // such an answer has no end
			return false
		}
		if r.kind == network.ResourceTypeDocument {
			break
		}
	}
	return true
}

// waiting says what a page is waited for, when it does not come.
func (w *watch) waiting() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := fmt.Sprintf("%d pages loaded, painted %v, without an answer:", w.loads, w.painted)
	for _, r := range w.requests {
		if !r.done {
			s += " " + r.method + " " + r.url
		}
	}
	return s
}

// lastStatus returns the status of the latest page.
func (w *watch) lastStatus() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.requests) - 1; i >= 0; i-- {
		if w.requests[i].kind == network.ResourceTypeDocument {
			return w.requests[i].status
		}
	}
	return 0
}

// received returns the requests so far and how many bytes they brought.
func (w *watch) received() ([]request, int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []request
	var bytes int64
	for _, r := range w.requests {
		all = append(all, *r)
		bytes += r.bytes
	}
	return all, bytes
}

// shipsScripts reports whether the site has any script to ship.
func shipsScripts() bool {
	found := false
	err := fs.WalkDir(assets.FS, ".", func(path string, _ fs.DirEntry, err error) error {
		found = found || strings.HasSuffix(path, ".js")
		return err
	})
	return found || err != nil
}

// checkWatch holds what no page may ever do, at the end of a test.
func (b *tab) checkWatch() {
	requests, _ := b.received()
	for _, r := range requests {
		if strings.HasPrefix(r.url, "data:") {
			continue // the browser's own page of an error; ours may not have any
		}
		if !strings.HasPrefix(r.url, b.program.base+"/") && !slices.ContainsFunc(append(b.hosts, b.elsewhere), func(other string) bool { return other != "" && strings.HasPrefix(r.url, other+"/") }) {
			b.t.Errorf("a page asked somebody else: %.100s", r.url)
		}
		// What is wrong with what was typed is said with 422, on the page too.
		if r.kind != network.ResourceTypeDocument && r.status >= 400 && (r.kind != network.ResourceTypeFetch && r.kind != network.ResourceTypeXHR || r.status != 422) {
			b.t.Errorf("%s came with status %d", r.url, r.status)
		}
		if r.kind == network.ResourceTypeScript && !shipsScripts() {
			b.t.Errorf("a page loaded a script: %s", r.url)
		}
		if s := named(r.url); s != "" {
			b.t.Errorf("the address %s holds %q", r.url, s)
		}
	}
	b.mu.Lock()
	troubles := b.troubles
	b.mu.Unlock()
	for _, trouble := range troubles {
		if !slices.ContainsFunc(b.mayGrumble, func(part string) bool { return strings.Contains(trouble, part) }) {
			b.t.Error(trouble)
		}
	}
	names := b.cookies()
	if b.signedIn {
		names = slices.DeleteFunc(names, func(name string) bool { return name == sessionCookie })
	}
	if len(names) > 0 {
		b.t.Errorf("cookies were set: %v", names)
	}
}

// named returns what in an address says who somebody is or where they live,
// however it is written there.
func named(address string) string {
	plain, err := url.QueryUnescape(address)
	if err != nil {
		plain = address
	}
	squeeze := strings.NewReplacer(" ", "", "+", "", "-", "", "_", "", ".", "")
	plain = strings.ToLower(squeeze.Replace(plain))
	for _, s := range personal {
		if strings.Contains(plain, strings.ToLower(squeeze.Replace(s))) {
			return s
		}
	}
	return ""
}
