package e2e

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// discoveryLink is what programs that write pages look for at a pasted address.
var discoveryLink = regexp.MustCompile(`<link rel="alternate" type="application/json\+oembed" href="([^"]*)">`)

// pasted is what a program that writes pages gets for the address of a
// campaign's page, as wide as its column: the HTML of what it finds there.
func (p *program) pasted(address string, width int) string {
	p.t.Helper()
	link := discoveryLink.FindStringSubmatch(p.fetch(address))
	if link == nil {
		p.t.Fatalf("%s cannot be discovered", address)
	}
	endpoint, err := url.Parse(html.UnescapeString(link[1]))
	if err != nil {
		p.t.Fatal(err)
	}
	asked := endpoint.Query()
	for name, value := range map[string]string{"maxwidth": fmt.Sprint(width), "maxheight": "1000", "dnt": "1", "format": "json"} {
		asked.Set(name, value) // as WordPress asks
	}
	endpoint.RawQuery = asked.Encode()
	var found struct{ Type, HTML string }
	if err := json.Unmarshal([]byte(p.fetch(endpoint.String())), &found); err != nil || found.Type != "rich" {
		p.t.Fatalf("what is found is %q: %v", found.Type, err)
	}
	return found.HTML
}

// fetch returns what stands at an address, as programs fetch it.
func (p *program) fetch(address string) string {
	p.t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s, %v", address, answer.Status, err)
	}
	return string(body)
}

var (
	anyTag    = regexp.MustCompile(`<(/?)([a-z]+)([^>]*)>`)
	attribute = regexp.MustCompile(`([a-z]+)="([^"]*)"`)
	script    = regexp.MustCompile(`(?s)<script.*?</script>`)
	kept      = regexp.MustCompile(`(?s)(<blockquote>.*?</blockquote>)?.*(<iframe.*?></iframe>)`)
)

// distrusted is what WordPress makes of HTML from a site that it does not know:
// links, quotations and frames with few attributes stay, the frame goes into a
// sandbox with a secret, and is hidden where there is a quotation to show (see
// wp_filter_oembed_result in wp-includes/embed.php).
func distrusted(t *testing.T, content string) string {
	t.Helper()
	allowed := map[string]string{"a": " href ", "blockquote": " ", "iframe": " src width height frameborder marginwidth marginheight scrolling title class "}
	content = anyTag.ReplaceAllStringFunc(content, func(tag string) string {
		parts := anyTag.FindStringSubmatch(tag)
		attributes, ok := allowed[parts[2]]
		if !ok {
			return ""
		}
		out := "<" + parts[1] + parts[2]
		for _, a := range attribute.FindAllStringSubmatch(parts[3], -1) {
			if strings.Contains(attributes, " "+a[1]+" ") {
				out += " " + a[0]
			}
		}
		return out + ">"
	})
	found := kept.FindStringSubmatch(content)
	if found == nil {
		t.Fatalf("WordPress would keep nothing of %s", content)
	}
	const secret = "k3ptByNob0dy"
	frame := regexp.MustCompile(` src="([^"]*)"`).ReplaceAllString(found[2], ` src="$1#?secret=`+secret+`" data-secret="`+secret+`"`)
	quote := found[1]
	if quote != "" {
		frame = strings.Replace(frame, "<iframe", `<iframe style="position: absolute; visibility: hidden;"`, 1)
		quote = strings.Replace(quote, "<blockquote", `<blockquote class="wp-embedded-content" data-secret="`+secret+`"`, 1)
	}
	return quote + strings.Replace(frame, "<iframe", `<iframe sandbox="allow-scripts" security="restricted"`, 1)
}

// credited fails the test unless there is one letter more than before, and its
// credit begins like this.
func (p *program) credited(before int, want string) {
	p.t.Helper()
	if all := p.credits(); len(all) != before+1 || !strings.HasPrefix(all[before], want) {
		p.t.Errorf("the letter is credited as %q, not %q", all[before:], want)
	}
}

// TestCMS_WholeLetters: an editor pastes the campaign's address, with the
// partner's name, into pages as programs write them. Letters go all the way, and
// are credited to the partner.
func TestCMS_WholeLetters(t *testing.T) {
	t.Parallel()
	p := start(t)
	nested := `document.querySelector("iframe").contentDocument.querySelector("iframe")`
	for i, cms := range []struct {
		name, at string
		device   device
		put      func(h *host, content string)
		frame    string
	}{
		// Ghost puts the HTML into a post as it is.
		{name: "Ghost", at: "127.0.0.21", device: phone, frame: inside, put: func(h *host, content string) {
			h.article(`<figure class="kg-card kg-embed-card">` + content + `</figure>`)
		}},
		// WordPress trusts a provider that an administrator has registered, and
		// what stands in a block "Custom HTML".
		{name: "WordPress that trusts us", at: "localhost", device: desktop, frame: inside, put: func(h *host, content string) {
			h.article(`<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">` + content + `</div></figure>`)
		}},
		// Without the script: filters of many kinds keep frames and take it away.
		{name: "a filter that takes scripts away", at: "127.0.0.22", device: desktop, frame: inside, put: func(h *host, content string) {
			h.article(script.ReplaceAllString(content, ""))
		}},
		// Drupal puts the HTML into a frame of its own site, without a word about
		// its height afterwards.
		{name: "Drupal", at: "127.0.0.23", device: desktop, frame: nested, put: func(h *host, content string) {
			h.put("/media/oembed", content)
			h.article(`<iframe src="/media/oembed?url=x" width="640" height="520" class="media-oembed-content" title="Write to your MP"></iframe>`)
		}},
	} {
		t.Run(cms.name, func(t *testing.T) {
			p := p.in(t)
			partner := fmt.Sprintf("cms-%d", i)
			h := p.siteFor(partner, cms.at)
			cms.put(h, p.pasted(p.base+atCampaign+"?partner="+partner+"&utm_source=site", 600))
			before := len(p.credits())

			b := p.openAt(cms.device, h)
			b.visitHost(h, "/act")
			if eval[bool](b, `(e => e && e.checkVisibility())(document.querySelector("blockquote")) === true`) {
				t.Error("the link stands beside the form")
			}
			form := b.guest(cms.frame, "#postcode")
			s := another(10 + i)
			form.fill("#postcode", s.typed)
			form.follow(embeddedFind)
			form.details(s)
			form.follow(embeddedPreview)
			form.follow(embeddedSend)
			form.sees(p.say("check.heading"))

			link := privateLink(t, p.smtp.Next(t))
			alone := p.open(desktop)
			alone.openPrivate(link)
			alone.follow(toConfirm)
			p.smtp.Next(t)
			alone.reloadUntil(".postmark.sent")
			p.credited(before, partner+" source=site ")
		})
	}
}

// wpEmbed is what WordPress's own script does about frames in its sandbox: on word
// from one with its secret it shows it in place of the quotation, sets its height,
// and follows a link to where it is from (wp-includes/js/wp-embed.js).
const wpEmbed = `addEventListener("message", e => {
	const data = e.data;
	if (!data?.secret || !data.message || /[^a-zA-Z0-9]/.test(data.secret)) return;
	const frame = document.querySelector('iframe[data-secret="' + data.secret + '"]');
	if (frame?.contentWindow !== e.source) return;
	document.querySelector('blockquote[data-secret="' + data.secret + '"]').style.display = "none";
	frame.removeAttribute("style");
	if (data.message === "height") frame.height = Math.min(Math.max(parseInt(data.value, 10), 200), 1000);
	if (data.message === "link" && new URL(data.value).host === new URL(frame.src).host && document.activeElement === frame) top.location.href = data.value;
});`

// TestCMS_WordPressThatDistrustsUs: its sandbox lets no form be sent. What is to
// be seen is a link, in the page itself, or a form that says how to go on.
func TestCMS_WordPressThatDistrustsUs(t *testing.T) {
	t.Parallel()
	p := start(t)
	off := desktop
	off.noScript = true
	for i, way := range []struct {
		name, at string
		device   device
		script   bool // WordPress's own
	}{
		{name: "with its script", at: "localhost", device: desktop, script: true},
		{name: "without its script", at: "127.0.0.31", device: desktop},
		{name: "without any script", at: "127.0.0.32", device: off, script: true},
	} {
		t.Run(way.name, func(t *testing.T) {
			p := p.in(t)
			partner := fmt.Sprintf("distrusting-%d", i)
			h := p.siteFor(partner, way.at)
			content := distrusted(t, p.pasted(p.base+atCampaign+"?partner="+partner+"&utm_source=site", 600))
			if strings.Contains(content, "<script") {
				t.Error("the site has our script")
			}
			if way.script {
				content += "<script src=/wp-embed.js></script>"
				h.put("/wp-embed.js", wpEmbed)
			}
			h.put("/act", `<style>a:focus-visible { outline: 3px solid } iframe { max-width: 100% }</style><h1>Act</h1>`+content)
			b := p.openAt(way.device, h)
			b.mayGrumble = []string{"Blocked form submission"}
			b.visitHost(h, "/act")
			form := b.guest(inside, "#postcode")
			if way.script && !way.device.noScript {
				b.comes(`getComputedStyle(document.querySelector("iframe")).visibility === "visible"`)
				form.fill("#postcode", zofia.typed)
				form.press(embeddedFind)
				form.comes(`document.querySelector("form #blocked")?.checkVisibility()`)
				form.sees(p.say("embed.blocked"))
				b.arrive(200, func() { form.press("#blocked a") })
			} else {
				if eval[string](b, `getComputedStyle(document.querySelector("iframe")).visibility`) != "hidden" {
					t.Error("a form that nobody can send is to be seen")
				}
				b.tabTo("blockquote a")
				b.arrive(200, func() { b.key(kb.Enter) })
			}
			b.at(atCampaign + "?partner=" + partner + "&utm_source=site")
			before := len(p.credits())
			s := another(20 + i)
			b.fill("#postcode", s.typed)
			b.follow(findMP)
			b.details(s)
			b.follow(toPreview)
			b.follow(toSend)
			p.smtp.Next(t)
			p.credited(before, partner+" source=site ")
		})
	}
}

// TestCMS_NoPartner: the address alone shows a link, which any site may show,
// within a sandbox too.
func TestCMS_NoPartner(t *testing.T) {
	t.Parallel()
	p := start(t)
	h := serve(t, "localhost")
	content := p.pasted(p.base+atCampaign+"?utm_source=site", 600)
	h.article(content)
	b := p.openAt(phone, h)
	b.visitHost(h, "/act")
	card := b.guest(inside, ".do .btn")
	if got := card.attribute(".do .btn", "href"); got != atCampaign+"?utm_source=site" {
		t.Errorf("it leads to %s", got)
	}
	if card.count("form, input") > 0 {
		t.Error("it has a form")
	}
	if tall, room := eval[float64](card, `document.documentElement.getBoundingClientRect().height`), eval[float64](card, `innerHeight`); tall > room {
		t.Errorf("it is %v tall and is given %v", tall, room)
	}
	if scripts := card.count("script"); scripts > 0 {
		t.Errorf("it has %d scripts", scripts)
	}
}
