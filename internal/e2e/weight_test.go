package e2e

import (
	"sort"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
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
	"/nowhere":         mostOfPage,
}

// layoutShift adds up how far things have moved, two frames from now.
const layoutShift = `new Promise(done => {
	let sum = 0;
	const add = entries => entries.forEach(e => { sum += e.value });
	const watch = new PerformanceObserver(list => add(list.getEntries()));
	watch.observe({type: "layout-shift", buffered: true});
	requestAnimationFrame(() => requestAnimationFrame(() => { add(watch.takeRecords()); done(sum) }));
})`

// TestPages_areLight: what every public page weighs, that nothing on it moves
// once it is there, and that it asks nobody else (which every window watches).
// How soon something is to be seen is told, and no reason to fail.
func TestPages_areLight(t *testing.T) {
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
			if moved := await[float64](b, layoutShift); moved != 0 {
				t.Errorf("%s moves while it loads, by %v", b.localised(path), moved)
			}
			first := eval[float64](b, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
			var parts []string
			for _, r := range requests {
				parts = append(parts, strings.TrimPrefix(r.url, p.base))
			}
			t.Logf("%6d bytes, first paint after %3.0f ms: %s", weight, first, strings.Join(parts, " "))
		}
	}
}
