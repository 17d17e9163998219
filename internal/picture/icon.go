package picture

import (
	"fmt"
	"image"
	"image/png"
	"io"
)

// MaxIcon is the largest side of an icon, in pixels.
const MaxIcon = 1024

// Icon draws the mark of the site as a square PNG of the size in pixels, 16 to
// [MaxIcon]. A maskable icon fills the square with paper and keeps the mark
// within the circle that systems cut out of it, four fifths of the side wide; it
// also serves as the touch icon of a home screen. The other is the mark alone,
// on nothing.
func Icon(w io.Writer, size int, maskable bool) error {
	if size < 16 || size > MaxIcon {
		return fmt.Errorf("draw an icon of %d pixels: not between 16 and %d", size, MaxIcon)
	}
	c := canvas{img: image.NewRGBA(image.Rect(0, 0, size, size))}
	side := float64(size)
	scale := 0.9 * side / markWidth
	if maskable {
		c.fill(rectangle(0, 0, side, side), paper)
		scale = 0.6 * side / markWidth
	}
	x, y := (side-markWidth*scale)/2, (side-markHeight*scale)/2
	drawMark(&c, x-markLeft*scale, y-markTop*scale, scale, looksOf(nil))
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(w, c.img); err != nil {
		return fmt.Errorf("encode the icon: %w", err)
	}
	return nil
}
