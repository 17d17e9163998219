package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/image/draw"
)

// tourDevices are what every page and state is looked at with.
var tourDevices = []device{
	{name: "phone-light", width: 360, height: 740, touch: true, scale: 2},
	{name: "phone-dark", width: 360, height: 740, touch: true, scale: 2, dark: true},
	{name: "desktop-light", width: 1200, height: 900},
	{name: "desktop-dark", width: 1200, height: 900, dark: true},
	{name: "phone-welsh", width: 360, height: 740, touch: true, scale: 2, lang: "cy"},
	{name: "desktop-welsh", width: 1200, height: 900, lang: "cy"},
}

// TestScreenshots takes a picture of every page in every state, for people to
// look at, and says which have changed since the last time in the same folder:
// the one before is kept as name.before.png.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("POSTBAG_SCREENSHOTS")
	if dir == "" {
		t.Skip("set POSTBAG_SCREENSHOTS to a folder to take pictures of every page and state")
	}
	for _, d := range tourDevices {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(dir, d.name)
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			tour(t, d, func(b *tab, name string) { b.keepPicture(filepath.Join(folder, name)) })
		})
	}
}

// keepPicture writes a picture of the page to file.png and reports what differs
// from the one that stands there.
func (b *tab) keepPicture(file string) {
	b.t.Helper()
	now := b.snap()
	before, err := os.ReadFile(file + ".png")
	switch {
	case os.IsNotExist(err):
		b.t.Logf("new: %s", filepath.Base(file))
	case err != nil:
		b.t.Fatal(err)
	case !bytes.Equal(before, now):
		if far := lookOf(b.t, before).distance(lookOf(b.t, now)); far > sameLook {
			b.t.Logf("changed: %s (by %.1f)", filepath.Base(file), far)
			if err := os.WriteFile(file+".before.png", before, 0o644); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(file+".png", now, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// looksFile holds how every page and state looked when somebody last looked at
// them: a few dozen grey values each.
const looksFile = "testdata/looks.json"

// look is a picture seen with the eyes half shut: its height in CSS pixels, and
// the grey values of a grid of fields.
type look struct {
	Height int    `json:"height"`
	Grey   []byte `json:"grey"`
}

const (
	lookAcross, lookDown = 12, 24

	// sameLook is how far apart two looks of an unchanged page may be: fonts
	// differ by a hair between versions of a browser.
	sameLook = 1.5
)

// lookOf takes the look of a picture.
func lookOf(t *testing.T, picture []byte) look {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	grid := image.NewGray(image.Rect(0, 0, lookAcross, lookDown))
	draw.ApproxBiLinear.Scale(grid, grid.Bounds(), img, img.Bounds(), draw.Src, nil)
	return look{Height: img.Bounds().Dy(), Grey: grid.Pix}
}

// distance is the root mean square of the differences of grey values, and the
// difference of the heights in per cent if that is more.
func (l look) distance(other look) float64 {
	if len(l.Grey) != len(other.Grey) || l.Height == 0 {
		return math.MaxUint8
	}
	sum := 0.0
	for i := range l.Grey {
		d := float64(l.Grey[i]) - float64(other.Grey[i])
		sum += d * d
	}
	height := 100 * math.Abs(float64(l.Height-other.Height)) / float64(l.Height)
	return max(math.Sqrt(sum/float64(len(l.Grey))), height)
}

// looks collects what a test has seen and compares it with the file.
type looks struct {
	mu  sync.Mutex
	now map[string]look
}

func (l *looks) see(name string, p look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now[name] = p
}

// check says which pages have changed since the file was written, and fails
// when a page is not in it or is no more: then nobody has looked. With
// POSTBAG_LOOKS=1 it writes the file anew.
func (l *looks) check(t *testing.T) {
	t.Helper()
	if os.Getenv("POSTBAG_LOOKS") != "" {
		content, err := json.MarshalIndent(l.now, "", " ")
		if err == nil {
			err = os.WriteFile(looksFile, append(content, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	content, err := os.ReadFile(looksFile)
	if err != nil {
		t.Fatal(err)
	}
	var before map[string]look
	if err := json.Unmarshal(content, &before); err != nil {
		t.Fatal(err)
	}
	changed := 0
	for name, now := range l.now {
		then, known := before[name]
		if !known {
			t.Errorf("nobody has looked at %s yet: look, then run with POSTBAG_LOOKS=1", name)
			continue
		}
		if far := then.distance(now); far > sameLook {
			changed++
			fmt.Printf("    look changed: %s (by %.1f)\n", name, far)
		}
	}
	for name := range before {
		if _, still := l.now[name]; !still {
			t.Errorf("%s has a look in the file and is no more: run with POSTBAG_LOOKS=1", name)
		}
	}
	fmt.Printf("    %d of %d pages and states look different from the last time\n", changed, len(l.now))
}
