package picture

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-fonts/stix/stix2textsemibold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// em is the size that outlines and widths are taken at. Nothing is hinted, so
// that everything else is a multiple of it.
const em = 1024

// longest is how many characters of a text are looked at: more than can be read
// in a picture.
const longest = 240

// face is a typeface that may be used by many goroutines at once.
type face struct{ font *sfnt.Font }

// faces parses the serif, for what is said, and the sans, for what is done.
func faces() (serif, sans *face, err error) {
	s, err := sfnt.Parse(stix2textsemibold.TTF)
	if err != nil {
		return nil, nil, err
	}
	g, err := sfnt.Parse(gomedium.TTF)
	if err != nil {
		return nil, nil, err
	}
	return &face{s}, &face{g}, nil
}

// noBreak is the no-break space.
const noBreak = '\u00a0'

// clean keeps what can be set in the face: composed characters that it has a
// glyph for, in one line, single spaces between words, not too many. Marks that
// do not compose are dropped, for they would pile up out of the line.
func (f *face) clean(text string) string {
	var buf sfnt.Buffer
	kept := make([]rune, 0, longest)
	space := rune(0) // what comes before the next character that is kept
	// No composed character of ours needs more than 16 bytes.
	for _, r := range norm.NFC.String(head(text, 16*longest)) {
		if r == noBreak || unicode.IsSpace(r) {
			if r != noBreak {
				r = ' '
			}
			if space == 0 && len(kept) > 0 {
				space = r
			}
			continue
		}
		if unicode.In(r, unicode.C, unicode.M, unicode.Z) {
			continue
		}
		if glyph, err := f.font.GlyphIndex(&buf, r); err != nil || glyph == 0 {
			continue
		}
		if len(kept) >= longest {
			kept = append(kept, '…')
			break
		}
		if space != 0 {
			kept = append(kept, space)
			space = 0
		}
		kept = append(kept, r)
	}
	return string(kept)
}

// head is the first n bytes of the text, whole characters only.
func head(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}

// set calls each with every glyph of the text and its place from the start, in
// 1/1024 of the size, and returns the width of the whole.
func (f *face) set(text string, each func(buf *sfnt.Buffer, glyph sfnt.GlyphIndex, x float64)) float64 {
	var buf sfnt.Buffer
	var x fixed.Int26_6
	var before sfnt.GlyphIndex
	for i, r := range text {
		if r == noBreak {
			r = ' '
		}
		glyph, err := f.font.GlyphIndex(&buf, r)
		if err != nil || glyph == 0 {
			continue
		}
		if i > 0 {
			// A pair without kerning is an error here, and of no account.
			if kern, err := f.font.Kern(&buf, before, glyph, fixed.I(em), font.HintingNone); err == nil {
				x += kern
			}
		}
		if each != nil {
			each(&buf, glyph, float64(x)/64)
		}
		if advance, err := f.font.GlyphAdvance(&buf, glyph, fixed.I(em), font.HintingNone); err == nil {
			x += advance
		}
		before = glyph
	}
	return float64(x) / 64
}

// width of the text, as a multiple of its size.
func (f *face) width(text string) float64 { return f.set(text, nil) / em }

// outline is the text as a path, of size 1, from (0, 0) on its baseline.
func (f *face) outline(text string) path {
	var p path
	f.set(text, func(buf *sfnt.Buffer, glyph sfnt.GlyphIndex, x float64) {
		segments, err := f.font.LoadGlyph(buf, glyph, fixed.I(em), nil)
		if err != nil {
			return // a glyph that cannot be read leaves a space
		}
		for _, segment := range segments {
			s := step{n: int(segment.Op - sfnt.SegmentOpMoveTo)}
			for i, at := range segment.Args {
				s.to[i] = point{(x + float64(at.X)/64) / em, float64(at.Y) / 64 / em}
			}
			p = append(p, s)
		}
	})
	return p
}

// margin is how far from the start of the text its first letter begins, as a
// multiple of the size. Of an opening quotation mark it is the whole width.
func (f *face) margin(text string) float64 {
	if text == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(text)
	if r == '“' || r == '‘' || r == '«' {
		return f.width(string(r))
	}
	var buf sfnt.Buffer
	glyph, err := f.font.GlyphIndex(&buf, r)
	if err != nil {
		return 0
	}
	bounds, _, err := f.font.GlyphBounds(&buf, glyph, fixed.I(em), font.HintingNone)
	if err != nil {
		return 0
	}
	return float64(bounds.Min.X) / 64 / em
}
