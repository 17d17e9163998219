package e2e

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// browserNames are the commands that start a browser we can drive, the one
// that we know best first.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome"}

// shared is the one browser of this process. Each test opens a window with a
// profile of its own in it: cookies, cache and history are never shared.
var shared struct {
	start sync.Once
	ctx   context.Context
	stop  func()
	err   error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.stop != nil {
		shared.stop()
	}
	os.Exit(code)
}

// theBrowser returns the running browser. Where there is none the test is
// skipped, or fails if this is CI.
func theBrowser(t *testing.T) context.Context {
	t.Helper()
	path := findBrowser()
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no browser found (looked for %v), and CI needs one", browserNames)
		}
		t.Skipf("no browser found: install Chromium to run the browser tests (looked for %v)", browserNames)
	}
	shared.start.Do(func() {
		allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), browserOptions(path)...)
		ctx, stopBrowser := chromedp.NewContext(allocator)
		shared.ctx, shared.err = ctx, chromedp.Do(ctx) // which starts it
		shared.stop = func() {
			stopBrowser()
			stopAllocator()
		}
	})
	if shared.err != nil {
		t.Fatalf("start %s: %v", path, shared.err)
	}
	return shared.ctx
}

func findBrowser() string {
	for _, name := range browserNames {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// browserOptions keep the browser from talking to anyone but our pages, and
// make what it shows the same everywhere. chromedp adds a fresh profile, and
// --no-sandbox for root. What a person's browser does when a form would be
// sent twice, or from its back-and-forward cache, is left as it is.
func browserOptions(path string) []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.Flag("headless", "new"),
		chromedp.Flag("lang", "en-GB"),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("password-store", "basic"),
		// Frames of other origins are as foreign to each other in one process as
		// in several, and all that goes on in a window is told in one place.
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter,IsolateSandboxedIframes"),
	}
	for _, name := range []string{
		"allow-pre-commit-input", // what is pressed before the first frame is painted counts too
		"no-first-run", "no-default-browser-check", "hide-scrollbars", "mute-audio", "use-mock-keychain",
		"disable-background-networking", "disable-background-timer-throttling", "disable-backgrounding-occluded-windows",
		"disable-breakpad", "disable-component-update", "disable-default-apps", "disable-dev-shm-usage",
		"disable-extensions", "disable-gpu", "disable-quic", "disable-renderer-backgrounding", "disable-site-isolation-trials", "disable-sync",
		"metrics-recording-only",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	return options
}
