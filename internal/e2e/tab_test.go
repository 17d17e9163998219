package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// patience is how long a window is open at most, a whole tour longer.
const (
	patience     = 120 * time.Second
	tourPatience = 9 * time.Minute
)

// device is what the browser pretends to be.
type device struct {
	name          string
	width, height int64
	touch         bool
	noScript      bool
	dark          bool
	scale         float64 // pixels to a CSS pixel; 0 means 1
	lang          string  // of the pages; empty: English
	touring       bool    // it goes through every page and state
}

var (
	phone   = device{name: "phone", width: 360, height: 740, touch: true}
	desktop = device{name: "desktop", width: 1280, height: 900}
)

// tab is a window of the browser with a profile of its own. Its methods do
// what a person does and see what a person sees; they fail the test when that
// cannot be done.
//
// They read pages by evaluating expressions through the debugging protocol,
// which works where the page itself may run no scripts: noScript holds
// that. Nothing in the page is changed that way. Pages are changed by mouse,
// finger and keyboard.
type tab struct {
	t       *testing.T
	ctx     context.Context
	program *program
	device  device
	frame   cdp.FrameID // which of the window's pages it is about; empty: the one that is not within another
	*watch
}

// open opens a window. When the test ends, nothing that the browser noticed on
// the way may have been wrong.
func (p *program) open(d device) *tab {
	t := p.t
	t.Helper()
	limit := patience
	if d.touring {
		limit = tourPatience
	}
	limited, cancel := context.WithTimeout(theBrowser(t), limit)
	ctx, closeTab := chromedp.NewContext(limited, chromedp.WithNewBrowserContext())
	t.Cleanup(func() {
		closeTab()
		cancel()
	})
	b := &tab{t: t, ctx: ctx, program: p, device: d, watch: newWatch()}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	b.main = call(b, page.GetFrameTree, cdp.Empty{}).FrameTree.Frame.ID
	if err := chromedp.Listen(ctx, b.notice); err != nil {
		t.Fatal(err)
	}
	call(b, audits.Enable, cdp.Empty{})
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: d.noScript})
	b.restoreSize()
	call(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: d.touch})
	b.restoreMedia()
	t.Cleanup(b.checkWatch)
	return b
}

// restoreSize gives the window the size of its device.
func (b *tab) restoreSize() {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: b.device.width, Height: b.device.height, DeviceScaleFactor: max(1, b.device.scale), Mobile: b.device.touch,
	})
}

// restoreMedia makes the page be seen on a screen, light or dark.
func (b *tab) restoreMedia() {
	b.t.Helper()
	scheme := "light"
	if b.device.dark {
		scheme = "dark"
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// onPaper shows the page as it is printed, as wide as a sheet of A4 between its
// margins, while something is done.
func (b *tab) onPaper(do func()) {
	b.t.Helper()
	screen := b.device
	b.device.width = 680 // 180 mm
	b.restoreSize()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	do()
	b.device = screen
	b.restoreSize()
	b.restoreMedia()
}

// call sends a command of the debugging protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// eval returns what an expression makes of the page.
func eval[T any](b *tab, expression string, args ...any) T {
	b.t.Helper()
	return evaluate[T](b, nil, expression, args...)
}

// await returns what the promise comes to that an expression makes.
func await[T any](b *tab, expression string, args ...any) T {
	b.t.Helper()
	return evaluate[T](b, []chromedp.EvaluateOption{chromedp.EvalAwaitPromise}, expression, args...)
}

func evaluate[T any](b *tab, options []chromedp.EvaluateOption, expression string, args ...any) T {
	b.t.Helper()
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = quote(s)
		}
	}
	if world := b.world(); world != 0 {
		options = append(options, func(p *runtime.EvaluateParams) { p.ContextID = world })
	}
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](fmt.Sprintf(expression, args...), options...))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return value
}

// quote writes s as a string of JavaScript.
func quote(s string) string {
	var w strings.Builder
	w.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r < ' ' || r == 0x7f:
			fmt.Fprintf(&w, `\u%04x`, r)
		default:
			w.WriteRune(r)
		}
	}
	w.WriteByte('"')
	return w.String()
}

// beforeEveryPage runs a script in every page before its own.
func (b *tab) beforeEveryPage(script string) {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// visit opens an address of the program.
func (b *tab) visit(path string) { b.t.Helper(); b.visitFor(200, path) }

func (b *tab) visitFor(status int64, path string) {
	b.t.Helper()
	b.arrive(status, func() {
		if r := call(b, page.Navigate, page.NavigateParams{URL: b.program.base + b.localised(path)}); r.ErrorText != "" {
			b.t.Fatalf("open %s: %s", path, r.ErrorText)
		}
	})
}

// localised puts an address into the language of the device.
func (b *tab) localised(path string) string {
	if b.device.lang == "" || strings.HasPrefix(path, "/"+b.device.lang+"/") || strings.HasPrefix(path, "/dev/") {
		return path
	}
	return "/" + b.device.lang + path
}

// reload loads the page again.
func (b *tab) reload() {
	b.t.Helper()
	b.arrive(200, func() { call(b, page.Reload, page.ReloadParams{}) })
}

// arrive does something that leads to another page, waits until that is
// loaded, and looks at it.
func (b *tab) arrive(status int64, do func()) {
	b.t.Helper()
	before := b.arrivals()
	do()
	if err := b.until(b.ctx, func() bool { return b.arrived() > before && b.painted && b.settled() }); err != nil {
		b.t.Fatalf("no new page came: %v; %s", err, b.waiting())
	}
	b.stands()
	if got := b.lastStatus(); got != status {
		b.t.Fatalf("the page came with status %d, not %d; it says %q", got, status, b.text("h1"))
	}
	b.checkPage()
}

// press clicks or taps an element.
func (b *tab) press(css string) {
	b.t.Helper()
	x, y := b.middle(b.find(css))
	if b.device.touch {
		b.do(chromedp.TapXY(x, y))
		return
	}
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
	b.do(chromedp.MouseClickXY(x, y))
}

// follow presses what leads to another page.
func (b *tab) follow(css string) { b.t.Helper(); b.followFor(200, css) }

func (b *tab) followFor(status int64, css string) {
	b.t.Helper()
	b.arrive(status, func() { b.press(css) })
}

func (b *tab) do(action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, action); err != nil {
		b.t.Fatal(err)
	}
}

// find returns the one element that css selects.
func (b *tab) find(css string) runtime.RemoteObjectID {
	b.t.Helper()
	if n := b.count(css); n != 1 {
		b.t.Fatalf("the page has %d of %s, not 1; it says:\n%s", n, css, b.text("body"))
	}
	r := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.querySelector(" + quote(css) + ")", ContextID: b.world()})
	return r.Result.ObjectID
}

// middle scrolls an element into view and returns where its middle is.
func (b *tab) middle(object runtime.RemoteObjectID) (x, y float64) {
	b.t.Helper()
	call(b, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{ObjectID: object})
	quads := call(b, dom.GetContentQuads, dom.GetContentQuadsParams{ObjectID: object}).Quads
	if len(quads) == 0 || len(quads[0]) != 8 {
		b.t.Fatal("the element is not to be seen")
	}
	for i := 0; i < 8; i += 2 {
		x, y = x+quads[0][i]/4, y+quads[0][i+1]/4
	}
	return x, y
}

// fill replaces what stands in a field by typing.
func (b *tab) fill(css, text string) {
	b.t.Helper()
	b.press(css)
	b.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	if text == "" {
		b.do(chromedp.KeyEvent("\b"))
	}
	b.insert(text)
	if got := b.value(css); got != text {
		b.t.Fatalf("%s holds %q after typing %q", css, got, text)
	}
}

// insert types where the cursor is.
func (b *tab) insert(text string) {
	b.t.Helper()
	if text != "" {
		call(b, input.InsertText, input.InsertTextParams{Text: text})
	}
}

// count returns how many elements css selects.
func (b *tab) count(css string) int {
	b.t.Helper()
	return eval[int](b, `document.querySelectorAll(%s).length`, css)
}

// text returns what an element shows, as it is laid out.
func (b *tab) text(css string) string {
	b.t.Helper()
	return eval[string](b, `(e => e ? e.innerText : "")(document.querySelector(%s))`, css)
}

// content returns the text in an element, to the character.
func (b *tab) content(css string) string {
	b.t.Helper()
	b.find(css)
	return eval[string](b, `document.querySelector(%s).textContent`, css)
}

// value returns what stands in a field.
func (b *tab) value(css string) string {
	b.t.Helper()
	b.find(css)
	return eval[string](b, `document.querySelector(%s).value`, css)
}

// attribute returns an attribute of an element, "" if it has none.
func (b *tab) attribute(css, name string) string {
	b.t.Helper()
	b.find(css)
	return eval[string](b, `document.querySelector(%s).getAttribute(%s) ?? ""`, css, name)
}

// path returns the page's address after the program's own and its language.
func (b *tab) path() string {
	b.t.Helper()
	path := strings.TrimPrefix(eval[string](b, `document.URL`), b.program.base)
	if b.device.lang != "" {
		path = strings.TrimPrefix(path, "/"+b.device.lang)
	}
	return path
}

// sees fails the test unless the page shows every one of the sentences.
func (b *tab) sees(sentences ...string) {
	b.t.Helper()
	text := flat(b.text("body"))
	for _, s := range sentences {
		if !strings.Contains(text, flat(s)) {
			b.t.Errorf("%s does not say %q; it says:\n%s", b.path(), s, b.text("body"))
		}
	}
}

// seesNot fails the test if the page has any of these anywhere in its source.
func (b *tab) seesNot(sentences ...string) {
	b.t.Helper()
	source := strings.ToLower(eval[string](b, `document.documentElement.outerHTML`))
	for _, s := range sentences {
		if strings.Contains(source, strings.ToLower(s)) {
			b.t.Errorf("%s still holds %q", b.path(), s)
		}
	}
}

// flat folds space, as a reader does, and letters that are shown as capitals.
func flat(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// cookies returns the names of all cookies in this window's profile.
func (b *tab) cookies() []string {
	b.t.Helper()
	var names []string
	for _, c := range call(b, storage.GetCookies, storage.GetCookiesParams{}).Cookies {
		names = append(names, c.Name)
	}
	return names
}
