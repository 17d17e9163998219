package picture

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func drawnIcon(t *testing.T, size int, maskable bool) (*image.RGBA, []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := Icon(&b, size, maskable); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return rgba(img), b.Bytes()
}

func TestIcon(t *testing.T) {
	for _, size := range []int{16, 32, 180, 192, 512} {
		for _, maskable := range []bool{false, true} {
			img, file := drawnIcon(t, size, maskable)
			if img.Bounds().Size() != image.Pt(size, size) {
				t.Errorf("%d: size %v", size, img.Bounds().Size())
			}
			if len(file) > 20_000 {
				t.Errorf("%d: %d bytes", size, len(file))
			}
			for y := range size {
				for x := range size {
					at := img.RGBAAt(x, y)
					fromMiddle := math.Hypot(float64(x)+0.5-float64(size)/2, float64(y)+0.5-float64(size)/2)
					switch {
					case maskable && fromMiddle > 0.4*float64(size)+1 && at != paper:
						t.Fatalf("%d: %v at %d, %d is outside the circle that may be cut out", size, at, x, y)
					case !maskable && (x == 0 || y == 0 || x == size-1 || y == size-1) && at.A == 0xff:
						t.Fatalf("%d: the mark is cut off at %d, %d", size, x, y)
					}
				}
			}
			if middle := img.RGBAAt(size/2, size*6/10); middle != sheetTint && size > 32 {
				t.Errorf("%d: %v in the envelope", size, middle)
			}
			if dir := os.Getenv("POSTBAG_PICTURES"); dir != "" {
				name := "icon-" + strconv.Itoa(size)
				if maskable {
					name += "-maskable"
				}
				if err := os.WriteFile(filepath.Join(dir, name+".png"), file, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestIcon_RefusesSizesNobodyNeeds(t *testing.T) {
	for _, size := range []int{-1, 0, 15, MaxIcon + 1, math.MaxInt} {
		if err := Icon(io.Discard, size, false); err == nil {
			t.Errorf("drew an icon of %d pixels", size)
		}
	}
}

func TestIcon_SaysThatItCouldNotWrite(t *testing.T) {
	if err := Icon(broken{}, 16, false); err == nil {
		t.Error("no error")
	}
}

func BenchmarkIcon(b *testing.B) {
	for b.Loop() {
		if err := Icon(io.Discard, 512, true); err != nil {
			b.Fatal(err)
		}
	}
}
