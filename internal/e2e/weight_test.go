package e2e

import (
	"sort"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"postbag/internal/testkit"
)

// Most bytes over the wire of a page with everything that it loads, heads
// included, into a browser that has nothing of ours yet.
const (
	mostOfPage = 50 << 10
	mostOfList = 60 << 10 // the list of all 650 MPs
)

// publicPages are those that stand at an address of their own.
var publicPages = map[string]int64{
	atCampaign:         mostOfPage,
	atCheck:            mostOfPage,
	atCheck + "/card":  mostOfPage,
	atMPs:              mostOfList,
	atMPs + "/chorley": mostOfPage,
	atMap:              mostOfPage,
	"/accessibility":   mostOfPage,
	"/privacy":         mostOfPage,
	"/api":             mostOfPage,
	"/nowhere":         mostOfPage,
}

// layoutShifts tells what has moved, how far, when and from where to where, two
// frames from now.
const layoutShifts = `new Promise(done => {
	const all = [], box = r => [r.x, r.y, r.width, r.height].join(" ");
	const add = entries => entries.forEach(e => all.push(e.value + " after " + e.startTime + " ms:" + e.sources.map(s =>
		" " + (s.node ? (s.node.outerHTML ?? s.node.textContent).slice(0, 80) : "what is gone") + " from " + box(s.previousRect) + " to " + box(s.currentRect))));
	const watch = new PerformanceObserver(list => add(list.getEntries()));
	watch.observe({type: "layout-shift", buffered: true});
	requestAnimationFrame(() => requestAnimationFrame(() => { add(watch.takeRecords()); done(all); }));
})`

// checkStill fails the test if anything on the page has moved.
func (b *tab) checkStill() {
	b.t.Helper()
	for _, moved := range await[[]string](b, layoutShifts) {
		b.t.Errorf("%s, %s: something moves while the page loads, by %s", b.path(), b.device.name, moved)
	}
}

// TestPages_areLight: what every public page weighs, that nothing on it moves
// once it is there, and that it asks nobody else (which every window watches).
// How soon something is to be seen is told, and no reason to fail.
func TestPages_areLight(t *testing.T) {
	if testkit.Racing {
		t.Skip("weighs pages only; the gate runs it without the race detector")
	}
	t.Parallel()
	p := start(t)
	p.history()
	var paths []string
	for path := range publicPages {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		for _, lang := range []string{"", "cy"} {
			d := phone
			d.lang = lang
			b := p.open(d)
			call(b, network.ClearBrowserCache, cdp.Empty{})
			status := int64(200)
			if path == "/nowhere" {
				status = 404
			}
			b.visitFor(status, path)
			requests, weight := b.received()
			if weight > publicPages[path] || weight < 1000 {
				t.Errorf("%s weighs %d bytes, more than %d or next to nothing", b.localised(path), weight, publicPages[path])
			}
			b.checkStill()
			first := eval[float64](b, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
			var parts []string
			for _, r := range requests {
				parts = append(parts, strings.TrimPrefix(r.url, p.base))
			}
			t.Logf("%6d bytes, first paint after %3.0f ms: %s", weight, first, strings.Join(parts, " "))
		}
	}
}
