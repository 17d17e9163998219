package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"

	"postbag/internal/testkit"
)

// axeFile is where npm puts axe-core: "npm ci --prefix .ci".
const axeFile = "../../.ci/node_modules/axe-core/axe.min.js"

// readAxe returns axe-core. Without it the test is skipped, or fails if this is
// CI.
func readAxe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.FromSlash(axeFile))
	if os.IsNotExist(err) {
		if os.Getenv("CI") == "true" {
			t.Fatal("axe-core is missing, and CI needs it")
		}
		t.Skip("axe-core is missing: npm ci --prefix .ci")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// TestAxe has axe-core look at every page in every state: in English on a phone,
// again in dark and enlarged to 400 %; in Welsh on a desktop, again with forced
// colours. For the colours alone it goes round once more, in English on a desktop
// in dark, and looks at what is printed. It also takes the look of each page, and
// says which have changed.
//
// It runs before all tests that run side by side: both processors are its own.
func TestAxe(t *testing.T) {
	if testkit.Racing {
		t.Skip("takes minutes with the race detector, and looks at pages only; the gate runs it without")
	}
	axe := readAxe(t)
	seen := &looks{now: map[string]look{}}
	var tours sync.WaitGroup // at once, however few processors: each waits for mail now and then
	for _, d := range []device{
		{name: "phone, English", width: 360, height: 740, touch: true},
		{name: "desktop, Welsh", width: 1280, height: 900, lang: "cy"},
		{name: "desktop, English, dark", width: 1280, height: 900, dark: true},
	} {
		tours.Go(func() {
			t.Run(d.name, func(t *testing.T) {
				tour(t, d, func(b *tab, name string) {
					seen.see(name+", "+d.name, lookOf(t, b.snap()))
					b.checkAxe(axe, name)
				})
			})
		})
	}
	tours.Wait()
	if !t.Failed() {
		seen.check(t)
	}
}

// checkAxe runs axe-core on the page as it stands, in all the ways in which it
// may be seen. axe is put in through the debugging protocol, which the page's
// policy does not bind. Of 650 constituencies in one list or map only the first
// few are left standing: axe-core takes many seconds for all.
func (b *tab) checkAxe(axe, name string) {
	b.t.Helper()
	if !eval[bool](b, `typeof axe === "object"`) {
		r := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: axe + ";true", ContextID: b.world()})
		if r.ExceptionDetails != nil {
			b.t.Fatalf("load axe-core: %s", r.ExceptionDetails.Text)
		}
	}
	eval[int](b, `(more => (more.forEach(e => e.remove()), more.length))(document.querySelectorAll(".m:nth-child(n+9), .seats tbody tr:nth-child(n+9), .hexmap a:nth-of-type(n+30)"))`)
	if strings.HasSuffix(name, "-print") || b.device.dark { // paper has neither headings nor controls
		b.axe(name, axeColours)
		return
	}
	all, sizes := axeAll, axeSizes
	if strings.HasPrefix(name, "map") || strings.HasPrefix(name, "desk-dashboard") {
		// The hexagons are small; the list beside them does the same (the
		// exception "Equivalent" of WCAG 2.2, 2.5.8).
		all, sizes = axeAllButSizes, axeColours
	}
	if strings.HasPrefix(name, "mail-") { // the program that shows it has the headings and landmarks of a page
		all = axeRules
	}
	b.axe(name, all)
	if !b.device.touch {
		b.media(map[string]string{"forced-colors": "active"})
		b.axe(name+", forced colours", axeColours)
		b.restoreMedia()
		return
	}
	b.media(map[string]string{"prefers-color-scheme": "dark"})
	b.axe(name+", dark", axeColours)
	b.restoreMedia()
	// A window of 1280 by 1024 enlarged to 400 % has these CSS pixels (WCAG 2.2,
	// 1.4.10).
	metrics := emulation.SetDeviceMetricsOverrideParams{Width: 320, Height: 256, DeviceScaleFactor: 1, Mobile: true}
	call(b, emulation.SetDeviceMetricsOverride, metrics)
	// Within another page there is less than the window.
	if wide, room := eval[float64](b, `document.documentElement.scrollWidth`), eval[float64](b, `Math.min(innerWidth, 320)`); wide > room {
		b.t.Errorf("%s, enlarged: %v wide in a window of %v", name, wide, room)
	}
	b.axe(name+", enlarged", sizes)
	b.restoreSize()
	b.settles()
}

// settles waits until a frame is as tall as what it shows again, where a script of
// the host's sees to that.
func (b *tab) settles() {
	b.t.Helper()
	if b.frame != "" && b.count("#blocked") > 0 {
		b.comes(`Math.abs(innerHeight - document.documentElement.getBoundingClientRect().height) < 2`)
	}
}

// axeOptions is an expression of JavaScript.
type axeOptions string

// What axe-core is asked. All: the rules of WCAG 2.2 up to AA and what its
// authors call best practice. Sizes and colours are asked again where they may
// differ.
const (
	axeAll         axeOptions = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}`
	axeAllButSizes axeOptions = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules: {"target-size": {enabled: false}}}`

	axeRules axeOptions = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}`

	axeColours axeOptions = `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`
	axeSizes   axeOptions = `{runOnly: {type: "rule", values: ["target-size", "scrollable-region-focusable", "meta-viewport", "color-contrast"]}}`
)

func (b *tab) axe(name string, options axeOptions) {
	b.t.Helper()
	found := await[[]string](b, `axe.run(document, {iframes: false, ...%s}).then(r => r.violations.flatMap(v => v.nodes.slice(0, 3).map(n =>
		v.id + " at " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " "))))`, options)
	for _, violation := range found {
		b.t.Errorf("%s: %s", name, violation)
	}
}

// media sets what the page's media queries are told, besides still motion.
func (b *tab) media(features map[string]string) {
	b.t.Helper()
	list := []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}
	for name, value := range features {
		list = append(list, &emulation.MediaFeature{Name: name, Value: value})
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: list})
}
