package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// samples are cards as they come, and as they seldom come.
var samples = map[string]Card{
	"campaign":     {Site: "MPs Not Border Guards", Headline: "Asking your MP for help should never get you reported.", Detail: "Ask your MP to sign the pledge.", Stamp: "4,182", StampWords: "letters sent", Foot: "letters.example.org"},
	"first":        {Site: "MPs Not Border Guards", Headline: "Asking your MP for help should never get you reported.", Detail: "Ask your MP to sign the pledge.", Stamp: "1st", StampWords: "be one of the first", Foot: "letters.example.org"},
	"constituency": {Site: "MPs Not Border Guards", Headline: "12 letters from Leeds North West", Detail: "Ask your MP to sign the pledge.", Stamp: "12", StampWords: "letters sent", Foot: "letters.example.org"},
	"long name":    {Site: "MPs Not Border Guards", Headline: "1,204 letters from Birmingham Hodge Hill and Solihull North", Detail: "Ask your MP to sign the pledge.", Stamp: "1,204", StampWords: "letters sent", Foot: "letters.example.org"},
	"welsh":        {Site: "ASau Nid Gwarchodwyr Ffiniau", Headline: "Mae 12 o bobl yn etholaeth Castell-nedd a Dwyrain Abertawe wedi ysgrifennu", Detail: "Gofynnwch i’ch AS lofnodi’r addewid.", Stamp: "12", StampWords: "o lythyrau wedi’u hanfon", Foot: "letters.example.org"},
	"quotation":    {Site: "Save Our Swifts and Other Birds of the Hedgerow, Field and Barn", Headline: "“Swifts need bricks.”", Stamp: "128,400", StampWords: "letters sent so far this year", Foot: "a-very-long-host-name.for-the-campaign.example.org.uk", Accent: color.RGBA{0x1b, 0x66, 0x41, 0xff}},
	"much to say":  {Site: "Sun", Headline: "Every roof in Britain could carry solar panels, and every family in every flat could share in what they make, if one short law were passed by this Parliament before the summer.", Detail: "Ask your MP to vote for it on the second reading of the Bill, which is on Friday the 13th of June, at Westminster.", Stamp: "9", StampWords: "letters sent", Foot: "sun.example", Accent: color.RGBA{0xff, 0xd0, 0x20, 0xff}},
	"nothing":      {},
}

// painted is the card's picture, decoded, and the file.
func painted(t *testing.T, p *Painter, c Card) (*image.Paletted, []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := p.PNG(&b, c); err != nil {
		t.Fatal(err)
	}
	file := bytes.Clone(b.Bytes())
	decoded, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return decoded.(*image.Paletted), file
}

func newPainter(t testing.TB) *Painter {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// POSTBAG_PICTURES names a folder to write the samples to, to look at them.
func TestSamples_AreRightInSizeAndLight(t *testing.T) {
	p := newPainter(t)
	for name, c := range samples {
		t.Run(name, func(t *testing.T) {
			img, file := painted(t, p, c)
			if got := img.Bounds().Size(); got != image.Pt(1200, 630) {
				t.Errorf("size: %v", got)
			}
			if len(file) > 80_000 {
				t.Errorf("%d bytes, more than 80,000", len(file))
			}
			if _, again := painted(t, p, c); !bytes.Equal(file, again) {
				t.Error("the same card made different bytes")
			}
			if dir := os.Getenv("POSTBAG_PICTURES"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".png"), file, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestPNG_IsTheSameFromAnotherPainter(t *testing.T) {
	_, one := painted(t, newPainter(t), samples["campaign"])
	other := newPainter(t)
	painted(t, other, samples["much to say"]) // leaves nothing behind
	if _, two := painted(t, other, samples["campaign"]); !bytes.Equal(one, two) {
		t.Error("two painters drew the same card differently")
	}
}

func TestPNG_ColoursAreTheCampaigns(t *testing.T) {
	p := newPainter(t)
	panel := image.Pt(stampX-60, stampY+70) // below the words
	rows := map[string]struct {
		accent color.Color
		want   color.RGBA
	}{
		"red unless set":              {nil, stampRed},
		"its accent":                  {color.NRGBA{0x1b, 0x66, 0x41, 0xff}, color.RGBA{0x1b, 0x66, 0x41, 0xff}},
		"opaque where it is not":      {color.NRGBA{0x1b, 0x66, 0x41, 0x80}, color.RGBA{0x1b, 0x66, 0x41, 0xff}},
		"red where it is transparent": {color.Transparent, stampRed},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			img, _ := painted(t, p, Card{Stamp: "1", Accent: row.accent})
			if got := img.At(panel.X, panel.Y); got != row.want {
				t.Errorf("the stamp is %v, want %v", got, row.want)
			}
		})
	}
}

func TestLooks_WordsStandOutOnEveryAccent(t *testing.T) {
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				l := looksOf(color.RGBA{uint8(r), uint8(g), uint8(b), 0xff})
				if c := contrast(l.accent, l.onAccent); c < 3.7 { // large type needs 3
					t.Fatalf("%v on %v: contrast %.2f", l.onAccent, l.accent, c)
				}
				if n := len(l.palette()); n > 256 {
					t.Fatalf("%d colours for the accent %v", n, l.accent)
				}
			}
		}
	}
}

func TestPNG_IsForManyAtOnce(t *testing.T) {
	p := newPainter(t)
	_, want := painted(t, newPainter(t), samples["welsh"])
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			c := samples["welsh"]
			if i%2 == 1 {
				c = samples["quotation"]
			}
			var b bytes.Buffer
			if err := p.PNG(&b, c); err != nil {
				t.Error(err)
			}
			if i%2 == 0 && !bytes.Equal(b.Bytes(), want) {
				t.Error("another picture than drawn alone")
			}
		})
	}
	wg.Wait()
}

// stuck is a reader of the picture who does not read until told to.
type stuck struct{ started, goOn chan struct{} }

func (s stuck) Write(b []byte) (int, error) {
	close(s.started)
	<-s.goOn
	return len(b), nil
}

func TestPNG_ASlowReaderHoldsNobodyUp(t *testing.T) {
	p := newPainter(t)
	slow := stuck{make(chan struct{}), make(chan struct{})}
	done := make(chan error)
	go func() { done <- p.PNG(slow, Card{}) }()
	<-slow.started
	if err := p.PNG(io.Discard, Card{}); err != nil {
		t.Error(err)
	}
	close(slow.goOn)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// broken is a connection that is gone.
type broken struct{}

var errGone = errors.New("gone")

func (broken) Write([]byte) (int, error) { return 0, errGone }

func TestPNG_SaysThatItCouldNotWrite(t *testing.T) {
	if err := newPainter(t).PNG(broken{}, Card{}); !errors.Is(err, errGone) {
		t.Errorf("error: %v", err)
	}
}

// rgba is the picture in a form that is quick to compare.
func rgba(img image.Image) *image.RGBA {
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

func BenchmarkPNG(b *testing.B) {
	long := strings.Repeat("W i ", 5000)
	cards := map[string]Card{
		"campaign": samples["campaign"], "much to say": samples["much to say"],
		"hostile": {Site: long, Headline: long, Detail: long, Stamp: long, StampWords: long, Foot: long},
	}
	p := newPainter(b)
	if err := p.PNG(io.Discard, Card{}); err != nil { // draws what is shared
		b.Fatal(err)
	}
	for name, c := range cards {
		b.Run(name, func(b *testing.B) {
			before := processorTime()
			for b.Loop() {
				if err := p.PNG(io.Discard, c); err != nil {
					b.Fatal(err)
				}
			}
			// On a busy machine this says more than the clock.
			b.ReportMetric((processorTime()-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
		})
	}
}

func BenchmarkFirstPNG(b *testing.B) {
	for b.Loop() {
		if err := newPainter(b).PNG(io.Discard, samples["campaign"]); err != nil {
			b.Fatal(err)
		}
	}
}
