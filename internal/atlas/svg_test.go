package atlas

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// sample is a map as a page would draw it, in the middle of a campaign.
func sample() Options {
	_, names := roster()
	n := 0
	return Options{Title: "Letters by constituency", Cell: func(code string) Cell {
		n++
		mark := n%6 == 0
		title := fmt.Sprintf("%s: under 5 letters; the MP %.6s has not pledged yet", names[code], strings.Repeat(code[6:], 2))
		return Cell{Class: n * n % 7 % len(Steps), Mark: mark, Title: title,
			Href: "/c/mps-not-border-guards/mps/" + strings.ReplaceAll(strings.ToLower(names[code]), " ", "-")}
	}}
}

func render(tb testing.TB, draw func(io.Writer, Options) error, o Options) string {
	tb.Helper()
	var b bytes.Buffer
	if err := draw(&b, o); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// element is a tag of the picture with its text.
type element struct {
	name  string
	attrs map[string]string
	text  string
	in    string // the name of the element around it
}

// parse fails the test unless the picture is well-formed.
func parse(t *testing.T, svg string) []element {
	t.Helper()
	var list []element
	var open []int
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := element{name: x.Name.Local, attrs: map[string]string{}}
			for _, a := range x.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			if len(open) > 0 {
				e.in = list[open[len(open)-1]].name
			}
			open = append(open, len(list))
			list = append(list, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			list[open[len(open)-1]].text += string(x)
		}
	}
}

func count(list []element, match func(element) bool) (n int) {
	for _, e := range list {
		if match(e) {
			n++
		}
	}
	return n
}

func TestFull_NamesAndLinksEveryHexagon(t *testing.T) {
	svg := render(t, committed(t).Full, sample())
	list := parse(t, svg)
	_, names := roster()
	titles, links := map[string]bool{}, map[string]bool{}
	for _, e := range list {
		if e.name == "title" && e.in == "a" {
			name, _, _ := strings.Cut(e.text, ":")
			titles[name] = true
		}
		if e.name == "a" {
			links[e.attrs["href"]] = true
			if !strings.HasPrefix(e.attrs["class"], "h") {
				t.Errorf("a hexagon without a class: %v", e.attrs)
			}
		}
	}
	for _, name := range names {
		if !titles[name] {
			t.Errorf("%s is not named", name)
		}
	}
	if len(links) != 650 {
		t.Errorf("%d links, want 650", len(links))
	}
	uses := func(shape string) int {
		return count(list, func(e element) bool { return e.name == "use" && e.in == "a" && e.attrs["href"] == shape })
	}
	if n, m := uses("#h"), uses("#p"); m != 650/6 || n != 650-m {
		t.Errorf("%d hexagons without a mark and %d with one, want %d of these", n, m, 650/6)
	}
	root := list[0]
	if root.attrs["role"] != "group" || root.attrs["labelledby"] == "" && root.attrs["aria-labelledby"] != "map-title" {
		t.Errorf("the map is not named for screen readers: %v", root.attrs)
	}
}

func TestOverview_IsOnePicture(t *testing.T) {
	o := sample()
	o.ID = "o"
	list := parse(t, render(t, committed(t).Overview, o))
	if n := count(list, func(e element) bool { return e.name == "a" }); n > 0 {
		t.Errorf("%d links in a picture", n)
	}
	if n := count(list, func(e element) bool { return e.name == "title" }); n != 1 {
		t.Errorf("%d titles, want one for all", n)
	}
	hexagons, marks := 0, 0
	for _, e := range list {
		switch class := e.attrs["class"]; class {
		case "hm":
			marks = strings.Count(e.attrs["d"], "M")
		case "h0", "h1", "h2", "h3", "h4", "h5", "hp":
			hexagons += strings.Count(e.attrs["d"], "M")
		}
	}
	if hexagons != 650 || marks != 650/6 {
		t.Errorf("%d hexagons and %d marks, want 650 and %d", hexagons, marks, 650/6)
	}
	if list[0].attrs["role"] != "img" || list[0].attrs["aria-labelledby"] != "o-title" || list[1].attrs["id"] != "o-title" || list[1].text != o.Title {
		t.Errorf("the picture is not named: %v, %v", list[0], list[1])
	}
}

// What a browser must not find: the policy of our pages forbids inline style
// and script, and a name is only a name.
func TestSVG_HoldsNoStyleAndEscapesNames(t *testing.T) {
	hostile := "</title><script>alert('x')</script>\" onload=\"x & \x00\x1b\uFFFE"
	o := Options{Title: hostile, ID: `a"b`, Cell: func(string) Cell {
		return Cell{Class: 99, Mark: true, Title: hostile, Href: `/"><script>`}
	}}
	for name, draw := range map[string]func(io.Writer, Options) error{
		"overview": committed(t).Overview, "full": committed(t).Full,
	} {
		svg := render(t, draw, o)
		for _, e := range parse(t, svg) {
			if e.name == "script" || e.name == "style" {
				t.Fatalf("%s: an element %s got in", name, e.name)
			}
			for a := range e.attrs {
				if a == "style" || strings.HasPrefix(a, "on") || a == "fill" || a == "stroke" {
					t.Fatalf("%s: an attribute %s on %s", name, a, e.name)
				}
			}
			if e.name == "title" && !strings.Contains(e.text, "alert('x')</script>\" onload=\"x & ") {
				t.Fatalf("%s: the name became %q", name, e.text)
			}
			if e.name == "a" && e.attrs["class"] != "hp" {
				t.Fatalf("a class beyond the last became %q", e.attrs["class"])
			}
		}
	}
}

func TestSVG_Size(t *testing.T) {
	l := committed(t)
	for name, c := range map[string]struct {
		draw func(io.Writer, Options) error
		most int
	}{"overview": {l.Overview, 4 << 10}, "full": {l.Full, 22 << 10}} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		svg := render(t, c.draw, sample())
		if _, err := io.WriteString(z, svg); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes, %d compressed", name, len(svg), packed.Len())
		if packed.Len() > c.most {
			t.Errorf("%s: %d bytes compressed, want at most %d", name, packed.Len(), c.most)
		}
	}
}

func TestSwatch(t *testing.T) {
	var b bytes.Buffer
	if err := Swatch(&b, 3, true); err != nil {
		t.Fatal(err)
	}
	list := parse(t, b.String())
	if len(list) != 3 || list[1].attrs["class"] != "h3" || list[2].attrs["class"] != "hm" || list[0].attrs["aria-hidden"] != "true" {
		t.Errorf("a swatch of class 3 with a mark is %s", b.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestSVG_ReportsAReaderThatIsGone(t *testing.T) {
	if err := committed(t).Full(broken{}, sample()); err == nil {
		t.Error("no error")
	}
	if err := committed(t).Overview(broken{}, sample()); err == nil {
		t.Error("no error")
	}
}

func BenchmarkSVG(b *testing.B) {
	l := committed(b)
	o := sample()
	cells := map[string]Cell{}
	for _, code := range l.codes() {
		cells[code] = o.Cell(code)
	}
	o.Cell = func(code string) Cell { return cells[code] }
	b.Run("overview", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = l.Overview(io.Discard, o)
		}
	})
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = l.Full(io.Discard, o)
		}
	})
}
