package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// logo is a picture as a partner may have one: wide, and dark on nothing.
func logo(t *testing.T) *campaign.Picture {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 240, 60))
	for x := range 240 {
		for y := range 60 {
			if x < 60 || y > 40 {
				img.SetNRGBA(x, y, color.NRGBA{R: 0x1f, G: 0x6f, B: 0x50, A: 0xff})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	picture, err := campaign.NewLogo(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// excluding gives the campaign a rule by which nobody writes to the MP of Durham.
func excluding(t *testing.T) func(file string) string {
	return func(file string) string {
		t.Helper()
		for _, lang := range []string{"en", "cy"} {
			file += fmt.Sprintf("\n[texts.%s.exclusions.durham]\ntext = \"Your MP began this campaign, and has promised already.\"\nlink = \"https://durham.example/how\"\nlink_text = \"What you can do\"\n", lang)
		}
		return strings.Replace(file, "[[rules]]", "[[rules]]\nconstituency = [\"E14001173\"]\nexclude = \"durham\"\n\n[[rules]]", 1)
	}
}

// inside is how a site's page finds the frame that stands in it as it is.
const inside = `document.querySelector("iframe")`

// The first control of the form within a frame, and what leads on from there.
const (
	embeddedFind    = `form.envelope button`
	embeddedPreview = `form[action*="/preview"] .do button`
	embeddedSend    = `form[action*="/send"] button`
	embeddedChange  = `#change button`
)

// siteFor starts a site at one of this machine's names, a partner's of that slug.
func (p *program) siteFor(slug, name string) *host {
	p.t.Helper()
	h := serve(p.t, name)
	err := p.app.Service().AddPartner(p.t.Context(), account.Actor{Name: "test"}, campaign.Partner{
		Slug: slug, Name: "Friends of Leeds", Website: "https://friends.example", Origins: []string{h.base}, Logo: logo(p.t),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return h
}

// article is a page of a site with a frame in it, after the site's own words.
func (h *host) article(frame string) {
	h.put("/act", `<style>body { margin: 0 auto; max-width: 60rem; padding: 0 1rem; font: 1rem/1.5 sans-serif } iframe { display: block; width: 100%; border: 0 }
		@media (prefers-color-scheme: dark) { body { background: #000; color: #fff } a { color: #9cf } }</style>
		<main><h1>Act</h1><p>Write to your MP with us. <a href="#after">Go on</a></p>`+frame+`<p id="after"><a href="#">What we did last year</a></p></main>`)
}

// frame is a form, or what stands in its place, as a site with our script has it.
func (p *program) frame(d device, path string) string {
	if d.lang != "" {
		path = "/" + d.lang + path
	}
	return fmt.Sprintf(`<iframe class="postbag" src="%s%s" title="Write to your MP" height="500" referrerpolicy="strict-origin"></iframe><script async src="%[1]s/embed.js"></script>`, p.base, path)
}

// tourEmbed shows every step within a partner's page, and what stands in its
// place.
func tourEmbed(t *testing.T, d device, see func(b *tab, name string)) {
	d.touring = true
	p := start(t, at(testkit.NewClock(monday)), holding(t, slug, excluding(t)))
	h := p.siteFor("friends", "localhost")
	at := "/embed/friends/c/" + slug
	b := p.openAt(d, h)
	open := func(path, css string) *tab {
		b.t.Helper()
		h.article(p.frame(d, path))
		b.visitHost(h, "/act")
		return b.guest(inside, css)
	}
	ask := func(postcode string, status int64) *tab {
		b.t.Helper()
		form := open(at, "#postcode")
		form.fill("#postcode", postcode)
		form.followFor(status, embeddedFind)
		return form
	}
	see(open(at, "#postcode"), "embed-start")
	see(b, "embed-host")
	see(open(at+"?compact=1&radius=20&accent=1f6f50", "#postcode"), "embed-start-compact")
	see(open(at+"?theme=dark", "#postcode"), "embed-start-dark")
	see(open(at+"?theme=light", "#postcode"), "embed-start-light")
	see(ask("LS6 3H", 422), "embed-malformed")
	form := ask("LS1 1AA", 200)
	see(form, "embed-choose-few")
	form.follow(showAll)
	see(form, "embed-choose-all")
	see(ask("DH1 3EE", 200), "embed-excluded")
	form = ask(amina.typed, 200)
	see(form, "embed-letter")
	form.fill("#subject", "")
	form.fill("#name", "1234")
	form.followFor(422, embeddedPreview)
	see(form, "embed-letter-wrong")
	form = ask(amina.typed, 200)
	form.details(amina)
	form.follow(embeddedPreview)
	see(form, "embed-preview")
	form.follow(embeddedChange)
	form.press(byPost)
	form.follow(embeddedPreview)
	see(form, "embed-preview-post")
	form.follow(embeddedChange)
	form.press(byOwnEmail)
	form.follow(embeddedPreview)
	see(form, "embed-preview-own-email")
	form.press(sentBox)
	form.follow(`form[action*="/sent-myself"] button`)
	see(form, "embed-sent-myself")
	form = ask(amina.typed, 200)
	form.details(amina)
	form.follow(embeddedPreview)
	form.follow(embeddedSend)
	see(form, "embed-check-email")
	p.smtp.Next(t)

	see(open("/embed/c/"+slug, ".do .btn"), "embed-link")
	see(open("/embed/friends/c/nowhere", "h1"), "embed-error-404")
	turn := func(from, to campaign.Stage) {
		t.Helper()
		if err := p.app.Service().Turn(t.Context(), account.Actor{Name: "test"}, slug, from, to); err != nil {
			t.Fatal(err)
		}
	}
	form = ask(amina.typed, 200)
	form.details(amina)
	turn(campaign.StageLive, campaign.StagePaused)
	form.followFor(409, embeddedPreview)
	see(form, "embed-paused-kept")
	see(open(at, ".stopped"), "embed-paused")
	turn(campaign.StagePaused, campaign.StageClosed)
	see(open(at, ".stopped"), "embed-closed")
}
