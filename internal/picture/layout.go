package picture

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font/sfnt"
)

// box is the room that a text has, and how it may be set in it. Lengths are in
// pixels.
type box struct {
	width, height  float64
	largest, least float64 // sizes of the type
	lines          int     // at most
	leading        float64 // from baseline to baseline, as a multiple of the size
}

// block is a text set in a box.
type block struct {
	face    *face
	size    float64
	leading float64
	lines   []string
}

// width of the widest line.
func (b block) width() float64 {
	widest := 0.0
	for _, line := range b.lines {
		widest = max(widest, b.size*b.face.width(line))
	}
	return widest
}

// height from the top of the first line's capitals to the last baseline.
func (b block) height() float64 {
	if len(b.lines) == 0 {
		return 0
	}
	return b.size * (capitals + float64(len(b.lines)-1)*b.leading)
}

// capitals is the height of capital letters in both faces, as a multiple of
// the size.
const capitals = 0.67

// word is what stays together on a line.
type word struct {
	text  string
	width float64 // as a multiple of the size
	glued bool    // no space before it, as after a hyphen
}

// worthALine is how much larger the type must become for one line more.
const worthALine = 1.08

// fit sets the text as large as the box allows, in the number of lines that
// makes it largest, the lines as even as they can be. A text that does not fit
// at the least size loses its end.
func (f *face) fit(text string, in box) block {
	widest := in.width / in.least
	words := f.words(f.clean(text), widest-f.width("…"))
	space := f.width(" ")
	for len(words) > 0 {
		if total(words, space) > widest*float64(in.lines) {
			words = f.shorten(words)
			continue
		}
		best := block{face: f, leading: in.leading}
		for n := 1; n <= in.lines; n++ {
			lines := balance(words, space, n)
			width := 0.0 // measured anew: pairs across spaces are kerned too
			for _, line := range lines {
				width = max(width, f.width(line))
			}
			height := capitals + float64(n-1)*in.leading
			size := min(in.largest, in.width/width, in.height/height)
			if size > best.size*worthALine {
				best.size, best.lines = size, lines
			}
		}
		if best.size >= in.least {
			return best
		}
		words = f.shorten(words)
	}
	return block{face: f}
}

// total is the width of the words on one line.
func total(words []word, space float64) float64 {
	sum := 0.0
	for i, w := range words {
		sum += w.width
		if i > 0 && !w.glued {
			sum += space
		}
	}
	return sum
}

// shorten takes the last word away and puts an ellipsis after the one before.
func (f *face) shorten(words []word) []word {
	words = words[:len(words)-1]
	if len(words) == 0 {
		return nil
	}
	last := &words[len(words)-1]
	last.text = strings.TrimRightFunc(last.text, unicode.IsPunct) + "…"
	last.width = f.width(last.text)
	return words
}

// words cuts a clean text where a line may end: at spaces and after hyphens,
// dashes and slashes, but not between a number or a single letter and the word
// that follows it. A word wider than a line is cut where it must be.
func (f *face) words(text string, widest float64) []word {
	var words []word
	fields := strings.Split(text, " ")
	for i := 0; i < len(fields); i++ {
		field := fields[i]
		for i+1 < len(fields) && clings(fields[i]) && f.width(field+" "+fields[i+1]) < widest/2 {
			i++
			field += string(noBreak) + fields[i]
		}
		for glued := false; field != ""; glued = true {
			part := field[:f.reach(field, widest)]
			if end := strings.IndexAny(part, "-–—/"); end >= 0 {
				_, size := utf8.DecodeRuneInString(part[end:])
				part = part[:end+size]
			}
			words = append(words, word{part, f.width(part), glued})
			field = field[len(part):]
		}
	}
	return words
}

// clings says whether a word must not end a line: a number, or a single letter
// such as "a" or the Welsh "y".
func clings(field string) bool {
	last, size := utf8.DecodeLastRuneInString(field)
	if size == len(field) {
		return unicode.IsLetter(last) || unicode.IsDigit(last)
	}
	return unicode.IsDigit(last) && strings.Trim(field, "0123456789,.") == ""
}

// reach is how many bytes of s fit in a width, one character at least.
func (f *face) reach(s string, widest float64) int {
	var starts []float64 // of each glyph
	if f.set(s, func(_ *sfnt.Buffer, _ sfnt.GlyphIndex, x float64) { starts = append(starts, x/em) }) <= widest*em {
		return len(s)
	}
	// A glyph ends where the next one starts.
	n, _ := slices.BinarySearch(starts, widest)
	n = max(n-1, 1)
	for at := range s {
		if n == 0 {
			return at
		}
		n--
	}
	return len(s)
}

// balance sets the words in at most n lines so that the widest line is as
// narrow as can be, and among those settings chooses the one whose lines differ
// least.
func balance(words []word, space float64, n int) []string {
	n = min(n, len(words))
	count := len(words)
	// at[i] is the width of the words before i on one line.
	at := make([]float64, count+1)
	for i, w := range words {
		at[i+1] = at[i] + w.width
		if i > 0 && !w.glued {
			at[i+1] += space
		}
	}
	line := func(from, to int) float64 {
		width := at[to] - at[from]
		if from > 0 && !words[from].glued {
			width -= space
		}
		return width
	}
	// widest[k][i]: the first i words in k lines, their widest line at its best.
	widest := table(n, count)
	for k := 1; k <= n; k++ {
		for i := k; i <= count; i++ {
			for j := k - 1; j < i; j++ {
				widest[k][i] = min(widest[k][i], max(widest[k-1][j], line(j, i)))
			}
		}
	}
	limit := widest[n][count] + 1e-9
	// uneven[k][i]: the same under that limit, by the squares of what is left.
	uneven := table(n, count)
	from := make([][]int, n+1)
	for k := 1; k <= n; k++ {
		from[k] = make([]int, count+1)
		for i := k; i <= count; i++ {
			for j := k - 1; j < i; j++ {
				left := limit - line(j, i)
				if cost := uneven[k-1][j] + left*left; left >= 0 && cost < uneven[k][i] {
					uneven[k][i], from[k][i] = cost, j
				}
			}
		}
	}
	lines := make([]string, n)
	for k, i := n, count; k > 0; k-- {
		j := from[k][i]
		lines[k-1] = join(words[j:i])
		i = j
	}
	return lines
}

// table is n+1 by count+1, infinite but for the empty text in no lines.
func table(n, count int) [][]float64 {
	rows := make([][]float64, n+1)
	for k := range rows {
		rows[k] = make([]float64, count+1)
		for i := range rows[k] {
			rows[k][i] = math.Inf(1)
		}
	}
	rows[0][0] = 0
	return rows
}

// join is the words as one line.
func join(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 && !w.glued {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}
