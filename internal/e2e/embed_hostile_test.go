package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// forger is a page that says to whoever is around it, and to everything else
// there, what only our form may say.
const forger = `<h1>Forger</h1><script>
	const lies = [{postbag: 1, type: "ready"}, {postbag: 1, type: "resized", height: 7777}, {postbag: 1, type: "step", step: "sent"}, {postbag: 1, type: "confirmed-pending"},
		{postbag: 1, type: "hello"}, {message: "ready", secret: "abc"}];
	for (const lie of lies) {
		top.postMessage(lie, "*");
		for (let i = 0; i < top.length; i++) top[i].postMessage(lie, "*");
	}
	document.title = "done";
</script>`

// malformed is what no form of ours says.
const malformed = `[null, 0, "", "postbag", [], [1], {}, {postbag: 2, type: "resized", height: 900}, {postbag: "1", type: "resized", height: 900}, {postbag: 1},
	...[NaN, "900", "<b>", null, undefined, {}, [900], true, 900n, Infinity].map(height => ({postbag: 1, type: "resized", height})),
	...["evil", "", null, ["letter"], {toString: "letter"}, "constructor", 7].map(step => ({postbag: 1, type: "step", step})),
	...["__proto__", "constructor", "hello", ["ready"], null, "step", "resized"].map(type => ({postbag: 1, type}))]`

// frames waits until the page around has painted a few times more.
const frames = `new Promise(done => { let n = 5; const next = () => n-- ? requestAnimationFrame(next) : done(true); setTimeout(next); })`

// TestEmbed_Hostile: whoever else is in the page, and whatever comes out of the
// frame, changes nothing.
func TestEmbed_Hostile(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	evil := serve(t, "127.0.0.2")
	evil.put("/forger", forger)
	h.put("/act", fmt.Sprintf(asElement, p.base, "friends")+`<div id="ads"></div>`)

	t.Run("another frame in the page", func(t *testing.T) {
		b := p.in(t).openAt(desktop, h, evil)
		b.visitHost(h, "/act")
		form := b.guest(element, "#postcode")
		before, height := b.events(), b.formHeight()
		eval[bool](b, `document.getElementById("ads").append(Object.assign(document.createElement("iframe"), {src: %s})) ?? true`, evil.base+"/forger")
		b.guest(`document.querySelector("#ads iframe")`, "h1")
		await[bool](b, frames)
		if n := b.heardFrom(evil.base); n < 4 {
			t.Fatalf("the forger said %d things", n)
		}
		if diff := cmp.Diff(before, b.events()); diff != "" {
			t.Errorf("the page was told more:\n%s", diff)
		}
		if got := b.formHeight(); got != height {
			t.Errorf("the form is %v tall, not %v", got, height)
		}
		form.fill("#postcode", zofia.typed) // and it still works
		form.follow(framedFind)
		form.sees("Alex Sobel MP")
	})

	t.Run("another sandbox in the page", func(t *testing.T) {
		const sandbox = ` sandbox="allow-scripts allow-forms"`
		h.put("/sandboxes", fmt.Sprintf(asFrame, p.base, "friends", sandbox)+fmt.Sprintf(`<script src="%s/embed.js"></script>`, p.base)+`<iframe id="ad"`+sandbox+` src="`+evil.base+`/forger"></iframe>`)
		b := p.in(t).openAt(desktop, h, evil)
		b.visitHost(h, "/sandboxes")
		b.guest(`document.querySelector("iframe")`, "#postcode")
		b.comes(`heard.some(m => m.data.height === 7777)`)
		await[bool](b, frames)
		for _, e := range b.events() {
			if e.Detail["height"] == 7777.0 || e.Detail["step"] == "sent" || e.Type == "confirmed-pending" {
				t.Errorf("the page was told %s with %v", e.Type, e.Detail)
			}
		}
	})

	t.Run("links that lead nowhere", func(t *testing.T) {
		h.put("/links", `<a class="postbag">None</a><a class="postbag" href="http://[">Broken</a>`+fmt.Sprintf(snippet, p.base, "friends"))
		b := p.in(t).openAt(desktop, h)
		b.visitHost(h, "/links")
		b.guest(element, "#postcode")
	})

	t.Run("malformed and far too much", func(t *testing.T) {
		b := p.in(t).openAt(desktop, h)
		b.visitHost(h, "/act")
		form := b.guest(element, "#postcode")
		before := b.events()
		eval[bool](form, malformed+`.forEach(m => parent.postMessage(m, "*")) ?? true`)
		await[bool](b, frames)
		if diff := cmp.Diff(before, b.events()); diff != "" {
			t.Errorf("the page was told more:\n%s", diff)
		}
		eval[bool](form, `(() => { for (let i = 0; i < 3000; i++) for (const type of ["ready", "resized", "confirmed-pending"]) parent.postMessage({postbag: 1, type, height: i & 1 ? 1e9 : -5}, "*"); })() ?? true`)
		await[bool](b, frames)
		b.comes(`heard.length > 9000`)
		more := b.events()[len(before):]
		if len(more) > 100 {
			t.Errorf("9000 messages became %d events", len(more))
		}
		for _, e := range more {
			if n := e.Detail["height"]; e.Type != "resized" || n != 100.0 && n != 20000.0 {
				t.Errorf("the page is told %s with %v", e.Type, e.Detail)
			}
		}
		// What the page says to the form, however often, is answered now and then.
		said := len(b.messages())
		eval[bool](b, `(() => { for (let i = 0; i < 3000; i++) for (const m of [{postbag: 1, type: "hello"}, ...`+malformed+`]) frames_().postMessage(m, "*");
			function frames_() { return `+element+`.contentWindow; } })() ?? true`)
		await[bool](form, frames)
		await[bool](b, frames)
		if n := len(b.messages()) - said; n == 0 || n > 1000 {
			t.Errorf("3000 greetings got %d answers", n)
		}
		form.sees(form.program.say("campaign.postcode"))
	})

	t.Run("a frame that has gone elsewhere", func(t *testing.T) {
		h.put("/plain", fmt.Sprintf(asFrame, p.base, "friends", "")+fmt.Sprintf(`<script async src="%s/embed.js"></script>`, p.base))
		b := p.in(t).openAt(desktop, h, evil)
		b.mayGrumble = []string{"does not match the recipient window's origin", "NavigationEntryMarkedSkippable"} // our greeting, which only we get
		b.visitHost(h, "/plain")
		b.guest(`document.querySelector("iframe")`, "#postcode")
		b.comes(`told.length >= 3`)
		before, height := b.events(), eval[float64](b, `document.querySelector("iframe").offsetHeight`)
		eval[bool](b, `(document.querySelector("iframe").src = %s) !== ""`, evil.base+"/forger")
		b.comes(`heard.some(m => m.origin === %s)`, evil.base)
		await[bool](b, frames)
		if diff := cmp.Diff(before, b.events()); diff != "" {
			t.Errorf("the page was told more:\n%s", diff)
		}
		if got := eval[float64](b, `document.querySelector("iframe").offsetHeight`); got != height {
			t.Errorf("the frame is %v tall, not %v", got, height)
		}
	})

	t.Run("a page that is no partner's", func(t *testing.T) {
		stranger := serve(t, "127.0.0.3")
		stranger.put("/act", fmt.Sprintf(snippet, p.base, "friends"))
		b := p.in(t).openAt(desktop, stranger, evil)
		b.beforeEveryPage(hurry)
		b.mayGrumble = []string{"does not match the recipient window's origin"}
		b.visitHost(stranger, "/act")
		b.comes(`document.querySelector("a.postbag").checkVisibility() && !` + element)
		if got := b.messages(); len(got) > 0 {
			t.Errorf("the form talks to a stranger: %v", got)
		}
		// Nor does it where the stranger hides who they are, and greets it, or shows
		// a copy that browsers do not keep out.
		form := content(t, p.base+"/embed/friends/c/"+slug)
		evil.put("/copy", strings.ReplaceAll(form, `="/assets/`, `="`+p.base+`/assets/`))
		b.mayFail = "net::ERR_BLOCKED_BY_RESPONSE"
		b.mayGrumble = append(b.mayGrumble, "frame-ancestors", "BlockedByResponse")
		for path, src := range map[string]string{"/hidden": p.base + "/embed/friends/c/" + slug, "/copied": evil.base + "/copy"} {
			stranger.put(path, `<h1>Act</h1><iframe src="`+src+`" title="x" referrerpolicy="no-referrer"></iframe>`)
			b.visitHost(stranger, path)
			if path == "/copied" {
				b.guest(`document.querySelector("iframe")`, "#blocked")
			}
			eval[bool](b, `(document.querySelector("iframe").contentWindow.postMessage({postbag: 1, type: "hello"}, "*"), true)`)
			await[bool](b, frames)
			if got := b.messages(); len(got) > 0 {
				t.Errorf("%s: the form talks to a stranger: %v", path, got)
			}
		}
	})
}

// content returns what an address answers with.
func content(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// hurry makes the clock of a page's scripts run a hundred times as fast.
const hurry = `{ const real = setTimeout; window.setTimeout = (f, ms, ...rest) => real(f, ms / 100, ...rest); }`

// TestEmbed_FallsBackToTheLink: where no form comes up there is a link to it,
// and the page is not left with a broken frame.
func TestEmbed_FallsBackToTheLink(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, site := range map[string]struct{ partner, content, policy, words string }{
		"blocked by the page's policy": {partner: "friends", content: snippet, policy: "default-src 'none'; style-src 'self'; script-src " + p.base + "; frame-src 'none'", words: "Write to your MP today"},
		"an element without a partner": {partner: "allies", content: `<h1>Act</h1><postbag-letter lang="cy" campaign="` + slug + `"></postbag-letter><script async src="%s/embed.js"></script>`, words: "Ysgrifennwch at eich AS"},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, "localhost")
			p.in(t).hosts(site.partner, h)
			h.policy = site.policy
			h.put("/act", fmt.Sprintf(site.content+"%.0[2]s", p.base, site.partner))
			b := p.in(t).openAt(phone, h)
			b.beforeEveryPage(hurry)
			b.mayFail = "net::ERR_BLOCKED_BY_CSP"
			b.mayGrumble = []string{"does not match the recipient window's origin", "frame-src", "ContentSecurityPolicy"}
			b.visitHost(h, "/act")
			b.comes(`document.querySelector("postbag-letter a")?.checkVisibility() && !` + element)
			if got := b.text("postbag-letter a"); got != site.words {
				t.Errorf("the link says %q", got)
			}
			b.follow("postbag-letter a")
			if got := eval[string](b, `location.pathname`); !strings.HasSuffix(got, "/c/"+slug) {
				t.Errorf("the link leads to %s", got)
			}
		})
	}
}

// formHeight returns how tall the frame of the element is.
func (b *tab) formHeight() float64 {
	b.t.Helper()
	return eval[float64](b, element+`.getBoundingClientRect().height`)
}

// heardFrom returns how many messages came from an origin.
func (b *tab) heardFrom(origin string) int {
	b.t.Helper()
	return eval[int](b, `heard.filter(m => m.origin === %s).length`, origin)
}
