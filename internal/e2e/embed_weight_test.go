package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
)

// mostOfEmbed is the most bytes over the wire of everything that an embed loads
// into somebody's page, the script for that page and heads included, with a
// partner's logo, into a browser that has nothing of ours yet.
const mostOfEmbed = 35 << 10

// shiftsAfter tells, in the site's page, what has moved since the form first got
// its height: how far, and when.
const shiftsAfter = `new Promise(done => {
	const all = [], add = entries => entries.forEach(e => e.startTime > resizedAt && all.push(e.value + " after " + e.startTime + " ms"));
	const watch = new PerformanceObserver(list => add(list.getEntries()));
	watch.observe({type: "layout-shift", buffered: true});
	requestAnimationFrame(() => requestAnimationFrame(() => { add(watch.takeRecords()); done(all); }));
})`

// TestEmbed_IsLight: what an embed weighs, and that nothing in the site's page
// moves after the form got its height for the first time. How soon the form is to
// be seen is told, and no reason to fail.
func TestEmbed_IsLight(t *testing.T) {
	t.Parallel()
	p := start(t)
	h := p.siteFor("friends", "localhost")
	link := fmt.Sprintf(`<a class="postbag" href="%s/c/%s?partner=friends">Write to your MP</a><script async src="%[1]s/embed.js"></script>`, p.base, slug)
	for name, way := range map[string]struct{ content, frame string }{
		"link and script": {link, element},
		"frame":           {p.frame(desktop, "/embed/friends/c/"+slug), inside},
		"with options":    {p.frame(desktop, "/embed/friends/c/"+slug+"?theme=dark&radius=9"), inside},
		"pasted address":  {p.pasted(p.base+atCampaign+"?partner=friends", 640), inside},
		"no partner":      {p.pasted(p.base+atCampaign, 640), inside},
	} {
		h.article(way.content)
		b := p.openAt(desktop, h)
		b.beforeEveryPage(`window.resizedAt = Infinity; addEventListener("postbag:resized", () => requestAnimationFrame(() => resizedAt = performance.now()), {once: true})`) // the frame after has been painted by then
		call(b, network.ClearBrowserCache, cdp.Empty{})
		b.visitHost(h, "/act")
		form := b.guest(way.frame, "h1")
		if name != "no partner" {
			form.settles()
			b.comes(`resizedAt < Infinity`)
		}
		requests, _ := b.received()
		var weight int64
		var parts []string
		for _, r := range requests {
			if strings.HasPrefix(r.url, p.base+"/") {
				weight += r.bytes
				parts = append(parts, fmt.Sprintf("%s %d", strings.TrimPrefix(r.url, p.base), r.bytes))
			}
		}
		if weight > mostOfEmbed || weight < 5000 {
			t.Errorf("%s: an embed weighs %d bytes, more than %d or next to nothing", name, weight, mostOfEmbed)
		}
		moved := await[[]string](b, layoutShifts)
		if name != "no partner" { // that has its size from the start
			moved = await[[]string](b, shiftsAfter)
		}
		for _, what := range moved {
			t.Errorf("%s: something moves in the site's page by %s", name, what)
		}
		for _, moved := range await[[]string](form, layoutShifts) {
			t.Errorf("%s: something moves in the form by %s", name, moved)
		}
		paint := eval[float64](form, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1`)
		came := eval[float64](form, `performance.getEntriesByType("navigation")[0].responseEnd`)
		t.Logf("%s: %d bytes; first paint %.0f ms after the document came: %s", name, weight, paint-came, strings.Join(parts, ", "))
	}
}
