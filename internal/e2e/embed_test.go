package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ways are how a site can show our form.
const (
	snippet = `<h1>Act</h1><p>Before.</p><a class="postbag" href="%s/c/` + slug + `?partner=%s&amp;utm_source=site">Write to your MP today</a>` +
		`<script async src="%[1]s/embed.js"></script><p>After.</p>`
	asElement = `<h1>Act</h1><postbag-letter campaign="` + slug + `" partner="%[2]s" theme="dark" compact></postbag-letter><script async src="%[1]s/embed.js"></script>`
	asFrame   = `<h1>Act</h1><iframe class="postbag" src="%s/embed/%s/c/` + slug + `" title="Write to your MP" width="100%%" height="600" referrerpolicy="strict-origin"%s></iframe>`
)

// The controls of the form within a frame, whose addresses may have options.
const (
	framedFind    = `form.envelope button`
	framedPreview = `form[action*="/preview"] .do button`
	framedSend    = `form[action*="/send"] button`
)

// another is zofia's neighbour, one for each number.
func another(n int) supporter {
	s := zofia
	s.name, s.email = fmt.Sprintf("Zofia %c. Łukasik-O’Brien", 'A'+n), fmt.Sprintf("zofia%d.lukasik@supporter.example", n)
	return s
}

// TestEmbed_AWholeLetter: from the postcode to the letter on its way, within
// pages of every kind, each letter credited to the partner whose page it is.
func TestEmbed_AWholeLetter(t *testing.T) {
	t.Parallel()
	p := start(t)
	script := fmt.Sprintf(`<script async src="%s/embed.js"></script>`, p.base)
	narrow := phone
	narrow.width = 320
	off := desktop
	off.noScript = true
	const light = `document.querySelector("iframe")`
	for i, way := range []struct {
		name, at string
		device   device
		content  string // of the site's page: the program's address, the partner
		policy   string // of the site
		frame    string // where the form comes up; empty: at the top
		via      bool   // the site is known by its address
		source   string
	}{
		{name: "script and link", at: "localhost", device: desktop, content: snippet, frame: element, via: true, source: "source=site"},
		{name: "element", at: "127.0.0.2", device: phone, content: asElement, frame: element, via: true},
		{name: "strict policy", at: "127.0.0.3", device: desktop, content: snippet, frame: element, via: true, source: "source=site",
			policy: "default-src 'none'; style-src 'self'; script-src " + p.base + "; frame-src " + p.base},
		{name: "sandbox", at: "127.0.0.4", device: desktop, content: fmt.Sprintf(asFrame, "%[1]s", "%[2]s", ` sandbox="allow-forms allow-scripts allow-popups"`) + script, frame: light, via: true},
		{name: "no script in a frame", at: "127.0.0.5", device: off, content: fmt.Sprintf(asFrame, "%[1]s", "%[2]s", ""), frame: light, via: true},
		{name: "no script and a link", at: "127.0.0.6", device: off, content: snippet, source: "source=site"},
		{name: "right to left, narrow", at: "127.0.0.7", device: narrow, content: `<div dir="rtl">` + asElement + `</div>`, frame: element, via: true},
	} {
		t.Run(way.name, func(t *testing.T) {
			p := p.in(t)
			h, partner := serve(t, way.at), fmt.Sprintf("partner-%d", i)
			p.partner(partner, h)
			h.policy = way.policy
			h.put("/act", fmt.Sprintf(way.content+"%.0[2]s", p.base, partner))
			before := p.credits()

			b := p.openAt(way.device, h)
			b.visitHost(h, "/act")
			form := b
			if way.frame != "" {
				form = b.guest(way.frame, "#postcode")
			} else {
				b.follow("a.postbag")
			}
			s := another(i)
			form.write(s)
			form.sees(p.say("check.heading"))
			if way.frame != "" && eval[string](b, `document.URL`) != h.base+"/act" {
				t.Error("the form has left its frame")
			}

			link := privateLink(t, p.smtp.Next(t))
			own := p.open(desktop)
			own.openPrivate(link)
			own.follow(toConfirm)
			if to := p.smtp.Next(t).To; !cmp.Equal(to, []string{"alex.sobel.mp@parliament.uk"}) {
				t.Errorf("the letter goes to %s", to)
			}
			own.reloadUntil(".postmark.sent")

			via := ""
			if way.via {
				via = h.base
			}
			want := append(before, strings.Join([]string{partner, way.source, via, "sent"}, " "))
			if diff := cmp.Diff(want, p.credits()); diff != "" {
				t.Errorf("whose doing the letters are (-want +got):\n%s", diff)
			}
			h.keptClean(t)
			if !way.device.noScript {
				b.toldNothing(s)
			}
		})
	}
}

// write goes from the postcode to "check your email", within a frame or not.
func (b *tab) write(s supporter) {
	b.t.Helper()
	b.fill("#postcode", s.typed)
	b.follow(framedFind)
	b.sees("Alex Sobel")
	b.details(s)
	b.follow(framedPreview)
	b.sees(s.name, s.email)
	b.follow(framedSend)
}

// keptClean fails the test if the site was asked for anything but its own page.
func (h *host) keptClean(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, asked := range h.asked {
		if asked != "GET /act " && asked != "GET /favicon.ico " {
			t.Errorf("the site was asked: %s", asked)
		}
	}
}

// toldNothing fails the test if the site's page was told anything of who writes,
// and to whom, or in other words than are written down.
func (b *tab) toldNothing(s supporter) {
	b.t.Helper()
	messages, events := b.messages(), b.events()
	all := fmt.Sprint(messages, events)
	for _, secret := range []string{s.name, s.email, s.address1, s.town, s.postcode, "ls6", leeds, "Headingley", "Sobel", "Łukasik", "surgery", "0113"} {
		if strings.Contains(strings.ToLower(all), strings.ToLower(secret)) {
			b.t.Errorf("the page around the form is told %q", secret)
		}
	}
	var steps []string
	for _, m := range messages {
		for name := range m.Data {
			if name != "postbag" && name != "type" && name != "height" && name != "step" {
				b.t.Errorf("a message has %q: %v", name, m.Data)
			}
		}
		if m.Origin != b.program.base && m.Origin != "null" {
			b.t.Errorf("a message from %s: %v", m.Origin, m.Data)
		}
	}
	for _, e := range events {
		if e.Detail["version"] != 1.0 || len(e.Detail) > 2 {
			b.t.Errorf("%s is told with %v", e.Type, e.Detail)
		}
		switch e.Type {
		case "step":
			steps = append(steps, fmt.Sprint(e.Detail["step"]))
		case "resized":
		default:
			steps = append(steps, e.Type)
		}
	}
	if want := "ready start letter preview sent confirmed-pending"; strings.Join(steps, " ") != want {
		b.t.Errorf("the page is told %q, want %s", steps, want)
	}
}
