package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// TestEmbed_InAProcessOfItsOwn: the other tests have browsers keep all that a
// window shows in one process, where it can be looked at together. People's
// browsers put a frame of another site into a process of its own, where
// messages and measures take another way: there too the frame is as tall as the
// form, at every width, within a sandbox or not, and stays so when the form
// grows.
func TestEmbed_InAProcessOfItsOwn(t *testing.T) {
	t.Parallel()
	path := findBrowser()
	if path == "" {
		theBrowser(t) // which skips, or fails
	}
	p, h := startBeside(t)
	h.put("/element", fmt.Sprintf(asElement, p.base, "friends"))
	h.put("/sandbox", fmt.Sprintf(asFrame, p.base, "friends", ` sandbox="allow-forms allow-scripts"`)+fmt.Sprintf(`<script async src="%s/embed.js"></script>`, p.base))

	options := append(browserOptions(path),
		chromedp.Flag("disable-site-isolation-trials", false),
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter"),
		chromedp.Flag("site-per-process", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, stopBrowser := chromedp.NewContext(allocator)
	t.Cleanup(stopBrowser)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start a browser: %v", err)
	}
	for _, way := range []struct{ at, frame string }{
		{"/element", element},
		{"/sandbox", `document.querySelector("iframe")`},
	} {
		for _, width := range []int64{320, 500, 900} {
			t.Run(fmt.Sprintf("%s at %d", way.at[1:], width), func(t *testing.T) {
				limited, cancel := context.WithTimeout(browser, patience)
				t.Cleanup(cancel)
				ctx, closeTab := chromedp.NewContext(limited, chromedp.WithNewBrowserContext())
				t.Cleanup(closeTab)
				b := &tab{t: t, ctx: ctx, program: p, watch: newWatch()}
				if err := chromedp.Do(ctx); err != nil {
					t.Fatal(err)
				}
				call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 700, DeviceScaleFactor: 1})
				b.beforeEveryPage(listening)
				if r := call(b, page.Navigate, page.NavigateParams{URL: h.base + way.at}); r.ErrorText != "" {
					t.Fatal(r.ErrorText)
				}
				b.comes(`window.told?.some(e => e.type === "resized")`)
				form := &tab{t: t, ctx: frameOf(t, ctx), program: p, watch: newWatch()}
				height := fits(t, b, form, way.frame)

				// Longer words, as a mistake puts them there.
				eval[bool](form, `(() => { const p = document.createElement("p"); p.style.height = "300px"; document.querySelector("main").append(p); return true })()`)
				b.comes(fmt.Sprintf(`told.filter(e => e.type === "resized").at(-1).detail.height > %d`, height+200))
				fits(t, b, form, way.frame)
				if n := eval[int](b, `told.filter(e => e.type === "ready").length`); n != 1 {
					t.Errorf("the form says %d times that it is ready", n)
				}
			})
		}
	}
}

// frameOf returns the one frame of the browser's window that is in another
// process, as a context of its own.
func frameOf(t *testing.T, ctx context.Context) context.Context {
	t.Helper()
	infos, err := chromedp.Targets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var found []target.ID
	for _, info := range infos {
		if info.Type == "iframe" {
			found = append(found, info.TargetID)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d frames are in a process of their own, not 1", len(found))
	}
	inside, cancel := chromedp.NewContext(ctx, chromedp.WithTargetID(found[0]), chromedp.WithDetachOnCancel())
	t.Cleanup(cancel)
	if err := chromedp.Do(inside); err != nil {
		t.Fatalf("look into the frame: %v", err)
	}
	return inside
}

// fits waits until nothing of the form is cut off and nothing empty stands below
// it, and returns the frame's height in the page around it.
func fits(t *testing.T, b, form *tab, frame string) int {
	t.Helper()
	var height, inner, content int
	for end := time.Now().Add(10 * time.Second); ; {
		height = eval[int](b, `(%s).clientHeight`, expr(frame))
		inner, content = eval[int](form, `innerHeight`), eval[int](form, `Math.ceil(document.documentElement.getBoundingClientRect().height)`)
		if height == inner && inner == content {
			return height
		}
		if time.Now().After(end) {
			t.Fatalf("the frame is %d px tall, its page has %d and would fill %d", height, inner, content)
		}
	}
}

// expr is a piece of script, which goes into another as it is.
type expr string
