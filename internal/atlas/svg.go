package atlas

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// Cell is what the map shows of a constituency.
type Cell struct {
	Class int    // its shade, 0 to 5 (see Shade), or Pledged
	Mark  bool   // a diamond in the hexagon, so that a pledge is told by more than colour
	Title string // its name and numbers, in words: what hover and a screen reader tell
	Href  string // where a click goes; empty: nowhere
}

// Pledged is the class of a constituency on a map that tells pledges and no
// letters; the others there have class 0.
const Pledged = len(Steps)

// classNames are those of the stylesheet, by class.
var classNames = [Pledged + 1]string{"h0", "h1", "h2", "h3", "h4", "h5", "hp"}

// Options say how to draw a map.
type Options struct {
	Title string // names the map for those who do not see it
	ID    string // begins the ids of its elements; "map" unless set

	// Cell tells what to show of a constituency. Of an overview only Class and
	// Mark are asked.
	Cell func(code string) Cell
}

// Enough for any map with ordinary titles, so that the buffer does not grow.
const (
	overviewBytes = 48 << 10
	fullBytes     = 256 << 10
)

// Overview writes the map as a small picture: one path for each class, one for
// the marks, the outlines, and no links.
func (l *Layout) Overview(w io.Writer, o Options) error {
	var classes [len(classNames)][]byte
	marks := make([]byte, 0, overviewBytes/4)
	for i := range classes {
		classes[i] = make([]byte, 0, overviewBytes/4)
	}
	for i := range l.seats {
		c := o.Cell(l.seats[i].Code)
		at := l.drawing.moves[i]
		class := &classes[inRange(c.Class)]
		*class = append(append(*class, at...), hexagon...)
		if c.Mark {
			marks = append(append(marks, at...), diamond...)
		}
	}
	b := l.open(make([]byte, 0, overviewBytes), o, "img")
	for class, path := range classes {
		b = appendPath(b, classNames[class], path)
	}
	b = l.lines(b)
	b = appendPath(b, "hm", marks)
	return finish(w, b)
}

// shapes are what Full draws everywhere, said once: a hexagon, and one of a pledge.
const shapes = `<defs><path id="h" d="M0 0` + hexagon + `"/><g id="p"><use href="#h"/><path class="hm" d="M0 0` + diamond + `"/></g></defs>`

// Full writes the map with a link for each constituency, from the north to the
// south, which says its title on hover and to a screen reader. That is 650 stops
// of the keyboard: a page with it needs a way past.
func (l *Layout) Full(w io.Writer, o Options) error {
	return finish(w, l.lines(l.hexagons(l.open(make([]byte, 0, fullBytes), o, "group"), o)))
}

// hexagons writes one element for each constituency: a link, or a group where
// nothing is linked.
func (l *Layout) hexagons(b []byte, o Options) []byte {
	b = append(b, shapes...)
	for i := range l.seats {
		c := o.Cell(l.seats[i].Code)
		tag := "a"
		if c.Href == "" {
			tag = "g"
		}
		b = append(append(b, '<'), tag...)
		b = append(b, ` class="`...)
		b = append(b, classNames[inRange(c.Class)]...)
		if c.Href != "" {
			b = append(b, `" href="`...)
			b = appendEscaped(b, c.Href)
		}
		b = append(b, `"><title>`...)
		b = appendEscaped(b, c.Title)
		shape := "h"
		if c.Mark {
			shape = "p"
		}
		b = fmt.Appendf(b, `</title><use y="%d" x="%d" href="#%s"/></%s>`, l.drawing.y[i], l.drawing.x[i], shape, tag)
	}
	return b
}

// Swatch writes one hexagon for a legend, hidden from screen readers, which have
// the words beside it.
func Swatch(w io.Writer, class int, mark bool) error {
	b := fmt.Appendf(nil, `<svg class="hexmap swatch" viewBox="-%d -1 %d %d" aria-hidden="true">`,
		halfWidth+1, 2*halfWidth+2, side+2*shoulder+2)
	b = appendPath(b, classNames[inRange(class)], []byte("M0 0"+hexagon))
	if mark {
		b = appendPath(b, "hm", []byte("M0 0"+diamond))
	}
	return finish(w, b)
}

func inRange(class int) int { return min(max(class, 0), len(classNames)-1) }

func (l *Layout) open(b []byte, o Options, role string) []byte {
	id := o.ID
	if id == "" {
		id = "map"
	}
	b = append(append(b, `<svg class="hexmap" viewBox="`...), l.drawing.viewBox...)
	b = append(append(b, `" role="`...), role...)
	b = appendEscaped(append(b, `" aria-labelledby="`...), id)
	b = appendEscaped(append(b, `-title"><title id="`...), id)
	b = appendEscaped(append(b, `-title">`...), o.Title)
	return append(b, `</title>`...)
}

// lines draws the borders over the hexagons.
func (l *Layout) lines(b []byte) []byte {
	return appendPath(appendPath(b, "hr", l.drawing.regions), "hn", l.drawing.nations)
}

func appendPath(b []byte, class string, path []byte) []byte {
	if len(path) == 0 {
		return b
	}
	b = append(append(b, `<path class="`...), class...)
	b = append(append(b, `" d="`...), path...)
	return append(b, `"/>`...)
}

func finish(w io.Writer, b []byte) error {
	if _, err := w.Write(append(b, `</svg>`...)); err != nil {
		return fmt.Errorf("write map: %w", err)
	}
	return nil
}

// special are the characters that need more than copying; \xEF begins the two
// that XML cannot hold besides the control characters, U+FFFE and U+FFFF.
var special = func() (is [256]bool) {
	for c := range ' ' {
		is[c] = true
	}
	for _, c := range "&<>\"'" {
		is[c] = true
	}
	is[0xEF] = true
	return is
}()

// appendEscaped writes text for an attribute or an element. What XML cannot hold
// becomes a space.
func appendEscaped(b []byte, text string) []byte {
	plain := 0
	for plain < len(text) && !special[text[plain]] {
		plain++
	}
	if plain == len(text) && utf8.ValidString(text) { // nearly all names and titles
		return append(b, text...)
	}
	for _, r := range text {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&#34;"...)
		case r == '\'':
			b = append(b, "&#39;"...)
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			b = append(b, ' ')
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
