package campaign

import (
	"fmt"
	"math"
	"strconv"
)

// rgb is a colour in sRGB, each part from 0 to 1.
type rgb struct{ r, g, b float64 }

// parseColour reads "#1f6f50".
func parseColour(hex string) (rgb, bool) {
	if len(hex) != 7 || hex[0] != '#' {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return rgb{}, false
	}
	return rgb{float64(n>>16&0xff) / 255, float64(n>>8&0xff) / 255, float64(n&0xff) / 255}, true
}

func (c rgb) hex() string {
	part := func(v float64) int { return int(math.Round(min(max(v, 0), 1) * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

// linear takes the gamma off one part of a colour, and gamma puts it on again
// (IEC 61966-2-1).
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func gamma(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// contrast is the ratio of the relative luminances of two colours, as WCAG 2.2
// defines it: from 1 (the same) to 21 (black and white).
func contrast(a, b rgb) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c rgb) float64 {
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// oklch is a colour as Oklab sees it: lightness from 0 to 1, chroma (how far
// from grey) and hue as an angle. In it a colour can be made lighter or darker
// and still look like itself. The numbers are those of CSS Color 4, section 9.
type oklch struct{ l, c, h float64 }

func (c rgb) oklch() oklch {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return oklch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(x, y), math.Atan2(y, x)}
}

// rgb returns the colour in sRGB, with as much of its chroma as fits there.
func (c oklch) rgb() rgb {
	if out, fits := c.exact(); fits {
		return out
	}
	low, high := 0.0, c.c
	for range 20 {
		c.c = (low + high) / 2
		if _, fits := c.exact(); fits {
			low = c.c
		} else {
			high = c.c
		}
	}
	c.c = low
	out, _ := c.exact()
	return out
}

func (c oklch) exact() (out rgb, fits bool) {
	a, b := c.c*math.Cos(c.h), c.c*math.Sin(c.h)
	cube := func(v float64) float64 { return v * v * v }
	l := cube(c.l + 0.3963377774*a + 0.2158037573*b)
	m := cube(c.l - 0.1055613458*a - 0.0638541728*b)
	s := cube(c.l - 0.0894841775*a - 1.2914855480*b)
	out = rgb{
		gamma(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
	within := func(v float64) bool { return v >= -0.0001 && v <= 1.0001 }
	return out, within(out.r) && within(out.g) && within(out.b)
}

// against returns the shade of this hue and chroma that has the contrast want
// with a ground: darker than a light ground, lighter than a dark one. Rounding
// to whole bytes never leaves it with less.
func (c oklch) against(ground rgb, want float64) rgb {
	darker := luminance(ground) > 0.18
	low, high := 0.0, 1.0 // the lightness of what has enough contrast, and of what has not
	if !darker {
		low, high = 1, 0
	}
	for range 24 {
		c.l = (low + high) / 2
		if shade, _ := parseColour(c.rgb().hex()); contrast(shade, ground) >= want {
			low = c.l
		} else {
			high = c.l
		}
	}
	c.l = low
	shade, _ := parseColour(c.rgb().hex())
	return shade
}

// Contrast is the ratio of the relative luminances of two colours such as
// "#1f6f50", as WCAG 2.2 defines it; 0 when one of them is no colour.
func Contrast(a, b string) float64 {
	x, ok1 := parseColour(a)
	y, ok2 := parseColour(b)
	if !ok1 || !ok2 {
		return 0
	}
	return contrast(x, y)
}
