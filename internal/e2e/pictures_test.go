package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"sort"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// monday is when the letters in pictures are written, so that these change
// only when the pages do.
var monday = time.Date(2026, time.November, 23, 10, 42, 0, 0, time.UTC)

// amina writes the letters in pictures.
var amina = supporter{
	typed:    "ls6 3hn",
	postcode: "LS6 3HN",
	opening: "My daughter’s best friend is nine. Her mother cleans the school they both go to, and has waited four years for an answer from the Home Office. " +
		"I told her to ask you for help. She asked me if it was safe. I could not tell her.",
	name:     "Amina Rahman",
	email:    "amina.rahman@example.org",
	address1: "14 Brudenell Grove",
	town:     "Leeds",
}

// snap returns a picture of the whole page.
func (b *tab) snap() []byte {
	b.t.Helper()
	eval[bool](b, `(document.activeElement.blur(), scrollTo(0, 0), true)`)
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, 0, 0))
	m := call(b, page.GetLayoutMetrics, cdp.Empty{})
	yes := true
	return call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{
		CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes,
		Clip: &page.Viewport{Width: float64(b.device.width), Height: m.CSSContentSize.Height, Scale: 1},
	}).Data
}

// TestPictures takes the README's pictures anew.
func TestPictures(t *testing.T) {
	if os.Getenv("POSTBAG_PICTURES") == "" {
		t.Skip("set POSTBAG_PICTURES=1 to take the README's pictures anew")
	}
	clock := testkit.NewClock(monday)
	p := start(t, at(clock))
	b := p.open(device{name: "README", width: 900, height: 700, scale: 1})
	keep := func(name string, height int) {
		t.Helper()
		full := b.snap()
		foot := eval[float64](b, `(document.querySelector("footer") ?? document.body).getBoundingClientRect()[document.querySelector("footer") ? "top" : "bottom"]`)
		small, err := shrink(full, min(height, int(foot)))
		if err != nil {
			t.Fatal(err)
		}
		if len(small) > mostPicture {
			t.Errorf("%s has %d bytes, more than %d", name, len(small), mostPicture)
		}
		t.Logf("%s: %d bytes", name, len(small))
		if err := os.WriteFile(filepath.Join("pictures", name), small, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.visit(atCampaign)
	b.fill("#postcode", amina.typed)
	keep("1-campaign.png", 700)
	b.follow(findMP)
	b.writeOpening(amina)
	b.details(amina)
	keep("2-letter.png", 1000)
	b.follow(toPreview)
	keep("3-preview.png", 2000) // down to the button
	b.follow(toSend)
	keep("4-check-email.png", 700)
	b.openPrivate(privateLink(t, p.smtp.Next(t)))
	keep("5-private.png", 800)
	clock.Advance(3 * time.Minute)
	b.follow(toConfirm)
	b.reloadUntil(".postmark.sent")
	b.openPrivate(eval[string](b, `document.URL.split("?")[0]`))
	keep("6-sent.png", 800)

	h := serve(t, "localhost")
	p.partner(campaign.Partner{Slug: "friends", Name: "Friends of Leeds", Website: "https://friends.example", Origins: []string{h.base}})
	h.put("/act", `<style>body { font: 17px/1.5 sans-serif; max-width: 46rem; margin: 1.5rem auto }</style>
<h1>Friends of Leeds</h1><p>We ask our MPs to keep their surgeries safe. It takes three minutes.</p>`+fmt.Sprintf(`<a class="postbag" href="%[1]s/c/mps-not-border-guards?partner=friends">Write to your MP</a><script async src="%[1]s/embed.js"></script>`, p.base)+`<p>Thank you.</p><footer></footer>`)
	b = p.openAt(b.device, h)
	b.visitHost(h, "/act")
	b.guest(element, "#postcode")
	b.comes(element + `.clientHeight > 300`)
	keep("7-embed.png", 760)
	b = p.open(device{name: "README", width: 1200, height: 800, scale: 1})
	b.signIn(account.Organiser)
	b.visit(atDesk + "/partners/friends/embed/mps-not-border-guards?theme=dark&radius=12")
	b.comes(`document.querySelector("iframe").contentDocument?.readyState === "complete"`)
	keep("8-snippet.png", 800)
}

// mostPicture is the most bytes of a picture in the README.
const mostPicture = 150_000

// shrink cuts a picture off below the height and writes it with a palette of
// its own most frequent colours: our pages have few.
func shrink(full []byte, height int) ([]byte, error) {
	img, err := png.Decode(bytes.NewReader(full))
	if err != nil {
		return nil, err
	}
	area := img.Bounds()
	area.Max.Y = min(area.Max.Y, area.Min.Y+height)
	small := image.NewPaletted(area, frequent(img, area))
	draw.Draw(small, area, img, area.Min, draw.Src)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	err = encoder.Encode(&out, small)
	return out.Bytes(), err
}

// frequent returns the 256 colours that most of the picture is made of.
func frequent(img image.Image, area image.Rectangle) color.Palette {
	pixels := map[color.RGBA]int{}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			pixels[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	colours := make([]color.RGBA, 0, len(pixels))
	for c := range pixels {
		colours = append(colours, c)
	}
	sort.Slice(colours, func(i, j int) bool {
		a, b := colours[i], colours[j]
		if pixels[a] != pixels[b] {
			return pixels[a] > pixels[b]
		}
		return uint32(a.R)<<16|uint32(a.G)<<8|uint32(a.B) < uint32(b.R)<<16|uint32(b.G)<<8|uint32(b.B)
	})
	chosen := color.Palette{}
	for _, c := range colours[:min(len(colours), 192)] {
		chosen = append(chosen, c)
	}
	if len(colours) > 192 { // the rest is near one of these
		for i := 0; i < len(palette.Plan9); i += 4 {
			chosen = append(chosen, palette.Plan9[i])
		}
	}
	return chosen
}
