package picture

import (
	"bytes"
	"image"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// constituencies are the English and the Welsh names of all seats.
func constituencies(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("../../db/constituencies.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(data)) {
		if cells := strings.Split(line, "\t"); strings.HasPrefix(line, "E1") || strings.HasPrefix(line, "W0") || strings.HasPrefix(line, "S1") || strings.HasPrefix(line, "N0") {
			names = append(names, cells[1])
			if cells[2] != "" {
				names = append(names, cells[2])
			}
		}
	}
	if len(names) < 650+30 {
		t.Fatalf("only %d names", len(names))
	}
	return names
}

func TestFaces_HaveEveryLetter(t *testing.T) {
	p := newPainter(t)
	texts := append(constituencies(t),
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		"ÂÊÎÔÛŴŶâêîôûŵŷ", "ÀÈÌÒÙẀỲàèìòùẁỳ", "ÁÉÍÓÚẂÝáéíóúẃý", "ÄËÏÖÜẄŸäëïöüẅÿ", "ÇçÑñßÆæØøÅåŁł",
		"‘single’ “double” – — … £ € % & @ # ( ) / : ; ! ? + · ’")
	for _, text := range texts {
		for name, f := range map[string]*face{"serif": p.serif, "sans": p.sans} {
			if got := f.clean(text); got != text {
				t.Errorf("%s: %q is set as %q", name, text, got)
			}
		}
	}
}

func TestClean(t *testing.T) {
	f := newPainter(t).serif
	rows := map[string]struct{ text, want string }{
		"spaces and lines":             {"  one\n\ttwo \u2028 three  ", "one two three"},
		"no-break space stays":         {"Mr\u00a0Jones", "Mr\u00a0Jones"},
		"not at the ends":              {"\u00a0Mr\u00a0", "Mr"},
		"control characters":           {"a\x00\x1b[31mb\x7f", "a[31mb"},
		"letters and marks compose":    {"w\u0302y\u0302", "ŵŷ"},
		"marks that pile up":           {"Z\u0310\u0311\u0312\u0313algo", "Zalgo"},
		"directions":                   {"\u202eabc\u2066d\u200f", "abcd"},
		"scripts without a glyph":      {"Hello 你好 مرحبا", "Hello"},
		"joiners and selectors":        {"a\u200d\ufe0f\U000e0041b", "ab"},
		"bytes that are no characters": {"a\xff\xfeb", "ab"},
		"nothing":                      {"", ""},
		"only spaces":                  {" \u00a0 ", ""},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			// The replacement character may have a glyph; it says nothing either.
			if got := strings.ReplaceAll(f.clean(row.text), "\ufffd", ""); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
	long := f.clean(strings.Repeat("é", 10_000))
	if n := utf8.RuneCountInString(long); n != longest+1 || !strings.HasSuffix(long, "é…") {
		t.Errorf("10,000 characters became %d, ending %q", n, long[len(long)-6:])
	}
}

func TestFit_BreaksLinesWell(t *testing.T) {
	f := newPainter(t).serif
	in := box{width: column, height: 330, largest: 90, least: 40, lines: 5, leading: 1.1}
	rows := map[string]struct {
		text string
		want []string
	}{
		"even lines":                     {"Asking your MP for help should never get you reported.", []string{"Asking your MP for", "help should never", "get you reported."}},
		"a number keeps its noun":        {"12 people in Leeds North West have written", []string{"12\u00a0people in", "Leeds North West", "have written"}},
		"a Welsh y keeps its noun":       {"Mae 7 o bobl y Rhondda wedi ysgrifennu", []string{"Mae 7\u00a0o\u00a0bobl", "y\u00a0Rhondda", "wedi ysgrifennu"}},
		"a hyphen may end a line":        {"Stratford-on-Avon-and-all-the-villages-around", []string{"Stratford-on-", "Avon-and-all-the-", "villages-around"}},
		"a no-break space may not":       {"One people in Leeds\u00a0North\u00a0West have written", []string{"One people in", "Leeds\u00a0North\u00a0West", "have written"}},
		"short words stand on one line":  {"Write now", []string{"Write now"}},
		"a single word":                  {"Write", []string{"Write"}},
		"nothing to set":                 {"", nil},
		"a number at the end of a line.": {"In 2026.", []string{"In 2026."}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, f.fit(row.text, in).lines); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFit_StaysInItsBox(t *testing.T) {
	p := newPainter(t)
	boxes := map[string]box{
		"headline":   {width: column, height: 300, largest: 90, least: 40, lines: 5, leading: 1.1},
		"title":      {width: 600, height: 60, largest: 37, least: 26, lines: 1, leading: 1},
		"stamp":      {width: 150, height: 70, largest: 76, least: 24, lines: 1, leading: 1},
		"two lines":  {width: 300, height: 80, largest: 37, least: 24, lines: 2, leading: 1.3},
		"hardly any": {width: 30, height: 30, largest: 30, least: 20, lines: 3, leading: 1},
	}
	names := constituencies(t)
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	for name, in := range boxes {
		for _, f := range []*face{p.serif, p.sans} {
			for _, text := range append(hostile(), names[:20]...) {
				b := f.fit(text, in)
				if b.width() > in.width+0.01 || b.height() > in.height+0.01 || len(b.lines) > in.lines {
					t.Errorf("%s: %.40q: %.1f by %.1f in %d lines", name, text, b.width(), b.height(), len(b.lines))
				}
				if len(b.lines) > 0 && (b.size < in.least || b.size > in.largest) {
					t.Errorf("%s: %.40q: size %.1f", name, text, b.size)
				}
			}
		}
	}
}

func TestFit_ShortensWithAnEllipsis(t *testing.T) {
	f := newPainter(t).serif
	in := box{width: 600, height: 60, largest: 37, least: 26, lines: 1, leading: 1}
	rows := map[string]string{
		"many words": strings.Repeat("many words, ", 20),
		"one word":   strings.Repeat("Llanfair", 30),
	}
	for name, text := range rows {
		t.Run(name, func(t *testing.T) {
			lines := f.fit(text, in).lines
			if len(lines) != 1 || !strings.HasSuffix(lines[0], "…") || strings.HasSuffix(lines[0], ",…") {
				t.Fatalf("set as %q", lines)
			}
			if !strings.HasPrefix(text, strings.TrimSuffix(lines[0], "…")) {
				t.Errorf("%q is not the beginning", lines[0])
			}
		})
	}
}

// hostile are texts that nobody should write on an envelope.
func hostile() []string {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]rune, 600)
	for i := range noise {
		noise[i] = rune(random.IntN(0x3000))
	}
	return []string{
		"", "\x00", "…", "“", strings.Repeat("W", 10_000), strings.Repeat("W ", 5_000), strings.Repeat("“", 300),
		strings.Repeat("Ŵ\u0302\u0303\u0304", 300), "\u202e" + strings.Repeat("abc ", 100), strings.Repeat("مرحبا ", 100), string(noise),
		"Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
		" ", "-", strings.Repeat("i", 10_000), strings.Repeat("-", 10_000), strings.Repeat("…", 300), strings.Repeat("1 ", 300),
		strings.Repeat("\u00a0", 300), strings.Repeat("a\u00a0", 300), strings.Repeat("\n", 10_000),
		strings.Repeat("👩‍👩‍👧", 100), strings.Repeat("\xf0\x9f", 400),
	}
}

// changed is the smallest rectangle around all pixels that differ.
func changed(a, b *image.RGBA) image.Rectangle {
	var area image.Rectangle
	for y := range a.Rect.Dy() {
		rowA, rowB := a.Pix[y*a.Stride:(y+1)*a.Stride], b.Pix[y*b.Stride:(y+1)*b.Stride]
		if bytes.Equal(rowA, rowB) {
			continue
		}
		from, to := 0, len(rowA)
		for rowA[from] == rowB[from] {
			from++
		}
		for rowA[to-1] == rowB[to-1] {
			to--
		}
		area = area.Union(image.Rect(from/4, y, (to+3)/4, y+1))
	}
	return area
}

// Each text is drawn and then left out: where that makes a difference is where
// its ink is.
func TestPNG_NothingLeavesItsPlace(t *testing.T) {
	p := newPainter(t)
	p.prepare()
	draw := func(c Card) *image.RGBA {
		on := canvas{img: image.NewRGBA(p.ground.Rect)}
		copy(on.img.Pix, p.ground.Pix)
		p.drawCard(&on, c, looksOf(nil))
		return on.img
	}
	bare := draw(Card{})
	longEnglish, longWelsh := "", ""
	for _, name := range constituencies(t) {
		longer := &longEnglish
		if strings.Contains(name, " a ") || strings.Contains(name, " ac ") {
			longer = &longWelsh
		}
		if utf8.RuneCountInString(name) > utf8.RuneCountInString(*longer) {
			*longer = name
		}
	}
	texts := append(hostile()[:12], // the others differ in their characters only
		"1,204,512 people in "+longEnglish+" have written to their MP about this",
		"Mae 1,204,512 o bobl yn etholaeth "+longWelsh+" wedi ysgrifennu at eu Haelod Seneddol",
		samples["much to say"].Headline)
	stamp := perforated(stampWidth, stampHeight).place(1, stampTurn, stampX, stampY).bounds()
	for _, text := range texts {
		crowded := Card{Site: text, Headline: text, Detail: text, Foot: text}
		whole := draw(crowded)
		without := func(change func(*Card)) image.Rectangle {
			c := crowded
			change(&c)
			return changed(whole, draw(c))
		}
		site := without(func(c *Card) { c.Site = "" })
		headline := without(func(c *Card) { c.Headline = "" })
		last := changed(draw(Card{Detail: text, Foot: text}), bare)
		for name, area := range map[string]image.Rectangle{"title": site, "headline": headline, "last line": last} {
			if !area.In(image.Rect(edge+6, edge+20, Width-edge-40, Height-edge-20)) {
				t.Errorf("%.30q: the %s reaches %v", text, name, area)
			}
			if area.Overlaps(stamp) {
				t.Errorf("%.30q: the %s at %v touches the stamp at %v", text, name, area, stamp)
			}
		}
		if site.Overlaps(headline) || headline.Overlaps(last) {
			t.Errorf("%.30q: title %v, headline %v and last line %v overlap", text, site, headline, last)
		}
		printed := changed(draw(Card{Stamp: text, StampWords: text}), bare)
		if !printed.In(stamp.Inset(stampInset)) {
			t.Errorf("%.30q: the print reaches %v, the stamp is %v", text, printed, stamp)
		}
	}
}
