package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// TestEmbed_TwoOnOnePage: two partners' forms on one page, the script twice, and
// a link that comes later. Each tells of itself, and its letter is its partner's.
func TestEmbed_TwoOnOnePage(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	p.partner("allies", h)
	script := fmt.Sprintf(`<script async src="%s/embed.js"></script>`, p.base)
	h.put("/act", `<h1>Act</h1>`+script+`<postbag-letter campaign="`+slug+`" partner="friends"></postbag-letter>`+
		`<postbag-letter campaign="`+slug+`" partner="allies" lang="cy" radius="0" accent="#8a1538" utm_campaign="Spring">Ysgrifennwch</postbag-letter>`+script+`<div id="later"></div>`)
	b := p.openAt(desktop, h)
	b.visitHost(h, "/act")
	const second = `document.querySelector("postbag-letter[partner=allies]").shadowRoot.querySelector("iframe")`
	b.guest(element, "#postcode")
	form := b.guest(second, "#postcode")
	if lang := eval[string](form, `document.documentElement.lang`); lang != "cy" {
		t.Errorf("the second form is in %q", lang)
	}
	const later = `<a class="postbag" data-compact data-theme="light" href="%s/cy/c/` + slug + `?partner=friends&amp;utm_medium=later&amp;name=No&amp;theme=dark">Yn ddiweddarach</a>`
	eval[bool](b, `(document.getElementById("later").innerHTML = %s) !== ""`, fmt.Sprintf(later, p.base))
	third := b.guest(`document.querySelector("#later postbag-letter").shadowRoot.querySelector("iframe")`, "#postcode")
	if got, want := third.path(), "/cy/embed/friends/c/"+slug+"?partner=friends&utm_medium=later&theme=light&compact=1#"; strings.TrimSuffix(got, "#") != strings.TrimSuffix(want, "#") {
		t.Errorf("the link that came later leads to %s, want %s", got, want)
	}
	if titles := [...]string{eval[string](b, element+`.title`), eval[string](b, second+`.title`)}; titles != [...]string{"Write to your MP", "Ysgrifennwch"} {
		t.Errorf("the frames are called %q", titles)
	}
	if globals := eval[string](b, `Object.keys(window).filter(k => /postbag|embed/i.test(k)).join()`); globals != "" {
		t.Errorf("the page's scripts are given %s", globals)
	}

	form.write(zofia)
	p.smtp.Next(t)
	if diff := cmp.Diff([]string{"allies campaign=spring " + h.base + " awaiting"}, p.credits()); diff != "" {
		t.Errorf("whose doing the letter is (-want +got):\n%s", diff)
	}
	steps := map[string]string{}
	for _, e := range b.events() {
		if e.Type == "step" {
			steps[e.From] += fmt.Sprint(e.Detail["step"]) + " "
		}
	}
	if diff := cmp.Diff(map[string]string{"friends": "start start ", "allies": "start letter preview sent "}, steps); diff != "" {
		t.Errorf("what the page is told (-want +got):\n%s", diff)
	}
}

// TestEmbed_KeepsThePageStill: once the form has its height, nothing moves. After
// a step its top is to be seen, and whoever has it read aloud reads on there.
func TestEmbed_KeepsThePageStill(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	h.put("/act", `<h1>Act</h1><p>`+strings.Repeat("Many words before. ", 60)+`</p>`+fmt.Sprintf(snippet, p.base, "friends")[len(`<h1>Act</h1>`):])
	for _, d := range []device{desktop, phone} {
		b := p.openAt(d, h)
		b.beforeEveryPage(`window.moved = []; new PerformanceObserver(list => moved.push(...list.getEntries().map(e => e.startTime))).observe({type: "layout-shift", buffered: true});
			addEventListener("postbag:resized", e => window.first ??= performance.now() + 20);`)
		b.visitHost(h, "/act")
		form := b.guest(element, "#postcode")
		b.comes(`window.first`)
		await[bool](b, frames)
		if n := eval[int](b, `moved.filter(at => at > first).length`); n != 0 {
			t.Errorf("%s: %d things move after the form has its height", d.name, n)
		}
		if eval[string](b, `document.activeElement.tagName`) != "BODY" || eval[string](form, `document.activeElement.tagName`) != "BODY" {
			t.Errorf("%s: the form takes the focus before anyone is there", d.name)
		}
		form.fits()
		form.fill("#postcode", "LS6")
		form.followFor(422, framedFind)
		form.hasFocus("errors")
		form.fits()
		form.fill("#postcode", zofia.typed)
		form.follow(framedFind)
		form.hasFocus("main")
		form.fits()
		form.details(zofia)
		form.press(framedPreview)
		form.shows(".verbatim")
		form.stands()
		form.hasFocus("main")
		form.fits()
		if top := eval[float64](b, element+`.getBoundingClientRect().top`); top < -1 {
			t.Errorf("%s: the preview begins %v above the window", d.name, -top)
		}
	}
}

// TestEmbed_TabCrossesIntoItAndOut: the form's controls come where the form
// stands in the page, and lead on to what is behind it.
func TestEmbed_TabCrossesIntoItAndOut(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	h.put("/act", `<a href="#x" id="before">Before</a>`+fmt.Sprintf(snippet, p.base, "friends")+`<a href="#x" id="after">After</a>`)
	b := p.openAt(desktop, h)
	b.visitHost(h, "/act")
	form := b.guest(element, "#postcode")
	eval[bool](b, `document.getElementById("before").focus() ?? true`)
	var order []string
	for range 8 {
		b.do(chromedp.KeyEvent(kb.Tab))
		if id := eval[string](b, `document.activeElement.id`); id != "" {
			order = append(order, id)
			break
		}
		order = append(order, eval[string](form, `(e => e.id || e.className || e.tagName)(document.activeElement)`))
	}
	if got, want := strings.Join(order, " "), "twin postcode btn A after"; got != want {
		t.Errorf("Tab goes to %s, want %s", got, want)
	}
}

// fits fails the test unless a frame is as tall as its page.
func (b *tab) fits() {
	b.t.Helper()
	if got, want := eval[float64](b, `innerHeight`), eval[float64](b, `Math.ceil(document.documentElement.getBoundingClientRect().height)`); got != want {
		b.t.Errorf("%s is %v tall in a frame of %v", b.path(), want, got)
	}
}

// hasFocus fails the test unless the element of this id has the focus.
func (b *tab) hasFocus(id string) {
	b.t.Helper()
	if got := eval[string](b, `document.activeElement.id`); got != id {
		b.t.Errorf("%s: the focus is at %q, not at %q", b.path(), got, id)
	}
}

// TestEmbed_Prefill: what a link says of the reader behind the mark is in the
// form, reaches no server before the reader sends it, and nothing else does.
func TestEmbed_Prefill(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	h.put("/act", fmt.Sprintf(snippet, p.base, "friends"))
	email := strings.Replace(zofia.email, "@", "+mp@", 1)
	given := "name=" + url.QueryEscape(zofia.name) + "&email=" + email + "&postcode=" + url.QueryEscape(zofia.postcode) + "&town=Evil&body=Evil"
	held := func(t *testing.T, form *tab) {
		t.Helper()
		if got := form.value("form.envelope [name=postcode]"); got != zofia.postcode {
			t.Errorf("the postcode is %q", got)
		}
		if got := eval[string](form, `location.hash`); got != "" {
			t.Errorf("the form's address still has %q", got)
		}
		form.follow(framedFind)
		if got := [...]string{form.value("#name"), form.value("#email"), form.value("#town")}; got != [...]string{zofia.name, email, ""} {
			t.Errorf("the letter is from %q", got)
		}
		form.sees(zofia.postcode)
	}
	t.Run("within a page", func(t *testing.T) {
		b := p.in(t).openAt(phone, h)
		b.visitHost(h, "/act#postbag:"+given)
		held(t, b.guest(element, "#postcode"))
		if got := eval[string](b, `document.URL`); got != h.base+"/act" {
			t.Errorf("the page's address is still %s", got)
		}
		h.keptClean(t)
	})
	t.Run("in a frame that was there before", func(t *testing.T) {
		h.put("/act", fmt.Sprintf(asFrame, p.base, "friends", ` sandbox="allow-scripts allow-forms"`)+`<div id="later"></div>`)
		b := p.in(t).openAt(phone, h)
		b.mayGrumble = []string{"NavigationEntryMarkedSkippable"} // as the mark comes after the page
		b.visitHost(h, "/act#postbag:"+given)
		form := b.guest(`document.querySelector("iframe")`, "#postcode")
		eval[bool](b, `document.getElementById("later").append(Object.assign(document.createElement("script"), {src: %s})) ?? true`, p.base+"/embed.js")
		form.comes(`document.getElementById("postcode").value !== ""`)
		held(t, form)
	})
	t.Run("on the campaign's own page", func(t *testing.T) {
		b := p.in(t).open(desktop)
		b.visit(atCampaign + "#" + given)
		held(t, b)
	})
	t.Run("what is too long", func(t *testing.T) {
		b := p.in(t).open(desktop)
		b.visit(atCampaign + "#postcode=" + strings.Repeat("L", 11) + "&name=" + strings.Repeat("x", 101))
		if got := b.value("#postcode"); got != "" || b.count("form [name=name]") != 0 {
			t.Errorf("it is taken: %q", got)
		}
	})
}

// TestEmbed_NoFormsAllowed: a sandbox in which nothing can be sent. The form says
// so, and leads to the campaign's own page; in WordPress by WordPress' own way.
func TestEmbed_NoFormsAllowed(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	h.put("/act", fmt.Sprintf(asFrame, p.base, "friends", ` sandbox="allow-scripts"`))
	h.put("/wordpress", strings.Replace(fmt.Sprintf(asFrame, p.base, "friends", ` sandbox="allow-scripts" security="restricted"`), slug+`"`, slug+`#?secret=aB3xyz"`, 1))
	own := p.base + atCampaign + "?partner=friends"
	for _, path := range []string{"/act", "/wordpress"} {
		t.Run(path[1:], func(t *testing.T) {
			b := p.in(t).openAt(desktop, h)
			b.mayGrumble = []string{"Blocked form submission", "Blocked opening", "allow-forms", "allow-popups"}
			b.visitHost(h, path)
			form := b.guest(`document.querySelector("iframe")`, "#postcode")
			if form.count("#blocked[hidden]") != 1 {
				t.Error("it says so before anything is tried")
			}
			form.fill("#postcode", zofia.typed)
			form.press(framedFind)
			form.comes(`document.querySelector("form #blocked")?.checkVisibility()`)
			form.sees(p.say("embed.blocked"))
			if got := eval[string](form, `document.querySelector("#blocked a").href`); got != own || form.attribute("#blocked a", "target") != "_blank" {
				t.Errorf("it leads to %s", got)
			}
			if path == "/act" {
				return
			}
			form.press("#blocked a")
			b.comes(`heard.some(m => m.data.message === "link")`)
			height := 0.0
			for _, m := range b.messages() {
				switch m.Data["message"] {
				case "height":
					height, _ = m.Data["value"].(float64)
				case "link":
					if m.Data["value"] != own || m.Data["secret"] != "aB3xyz" {
						t.Errorf("WordPress is told %v", m.Data)
					}
				}
				if s := named(fmt.Sprint(m.Data)); s != "" {
					t.Errorf("WordPress is told %q", s)
				}
			}
			if height < 200 || height > 1000 {
				t.Errorf("WordPress is told the height %v", height)
			}
		})
	}
}

// TestEmbed_WithoutAnyStorage: third parties' cookies are kept out, as the
// window says, and a form that may remember nothing at all works.
func TestEmbed_WithoutAnyStorage(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	tracker := serve(t, "127.0.0.2")
	tracker.put("/track", `<h1>Track</h1><script>document.cookie = "seen=1"; document.title = document.cookie || "none";</script>`)
	h.put("/act", fmt.Sprintf(asElement, p.base, "friends")+`<iframe id="track" src="`+tracker.base+`/track"></iframe>`)
	b := p.openAt(desktop, h, tracker)
	b.mayGrumble = []string{"Cookie"}
	b.beforeEveryPage(`for (const name of ["sessionStorage", "localStorage", "indexedDB", "caches"]) Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError"); }});`)
	b.visitHost(h, "/act")
	if title := eval[string](b.guest(`document.getElementById("track")`, "h1"), `document.title`); title != "none" {
		t.Errorf("third parties have cookies here: %s", title)
	}
	b.guest(element, "#postcode").write(zofia)
	if diff := cmp.Diff([]string{"friends  " + h.base + " awaiting"}, p.credits()); diff != "" {
		t.Error(diff)
	}
}
