package atlas

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func chartOf(numbers ...int) Chart {
	c := Chart{Title: `Letters & "more"`, ID: "chart", Number: strconv.Itoa}
	for i, n := range numbers {
		c.Bars = append(c.Bars, Bar{Label: fmt.Sprint("day ", i), Title: fmt.Sprint(n, " <letters>"), Solid: n, Line: n + 1})
	}
	return c
}

func TestChart_Write(t *testing.T) {
	for name, c := range map[string]struct {
		chart        Chart
		bars, labels int
		top          string
	}{
		"nothing":       {chartOf(), 0, 0, "1"},
		"noughts":       {chartOf(0, 0, 0), 0, 3, "1"},
		"a few":         {chartOf(1, 0, 3), 2, 3, "4"},
		"a month":       {chartOf(make([]int, 30)...), 0, 6, "1"},
		"large numbers": {chartOf(1_234_567, 4), 2, 2, "1500000"},
		"many":          {chartOf(bytesOf(200)...), 1, 7, "6"},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := c.chart.Write(&b); err != nil {
				t.Fatal(err)
			}
			list := parse(t, b.String())
			bars := count(list, func(e element) bool { return e.attrs["class"] == "c-bar" })
			labels := count(list, func(e element) bool { return strings.HasPrefix(e.attrs["class"], "c-x") })
			if bars != c.bars || labels != c.labels {
				t.Errorf("%d bars and %d labels, want %d and %d", bars, labels, c.bars, c.labels)
			}
			top := ""
			for _, e := range list {
				if e.attrs["class"] == "c-y" {
					top = e.text
				}
			}
			if top != c.top {
				t.Errorf("the highest line is at %s, want %s", top, c.top)
			}
			if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
				t.Error("a coordinate is no number")
			}
		})
	}
}

func bytesOf(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = 1 + i%5
	}
	return all
}

func TestScale(t *testing.T) {
	for most, want := range map[int]string{
		0: "[{0 0} {1 0}]", 1: "[{0 0} {1 0}]", 3: "[{0 0} {1 1} {2 2} {3 0}]",
		100: "[{0 0} {1 4} {5 14} {15 34} {35 69} {70 0}]", 12345: "[{0 0} {1 599} {600 1499} {1500 3999} {4000 8499} {8500 0}]",
	} {
		steps := Scale(most)
		if got := fmt.Sprint(steps); got != want {
			t.Errorf("up to %d: %s, want %s", most, got, want)
		}
		for n := 0; n <= most; n++ {
			s := steps[ClassOf(steps, n)]
			if n < s.From || s.To > 0 && n > s.To {
				t.Fatalf("%d is in the class of %v", n, s)
			}
		}
	}
}

// A file's colours are those of the stylesheet by day.
func TestFile_Colours(t *testing.T) {
	css, err := os.ReadFile("../../assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, colour := range regexp.MustCompile(`#[0-9a-f]{3,6}`).FindAllString(fileStyle, -1) {
		if !strings.Contains(string(css), ": "+colour+";") {
			t.Errorf("%s is no colour of the stylesheet", colour)
		}
	}
}

func TestFile(t *testing.T) {
	l := committed(t)
	var picture bytes.Buffer
	o := sample()
	if err := l.File(&picture, o, []Key{{Words: "none & nothing"}, {Class: 3, Mark: true, Words: "some"}}); err != nil {
		t.Fatal(err)
	}
	list := parse(t, picture.String())
	if n := count(list, func(e element) bool { return e.name == "a" || e.attrs["href"] != "" && e.name != "use" }); n > 0 {
		t.Errorf("%d links", n)
	}
	if n := count(list, func(e element) bool { return e.name == "title" }); n != 650 {
		t.Errorf("%d titles", n)
	}
	var chart bytes.Buffer
	if err := chartOf(1, 2, 3).File(&chart, "Letters", "Sent", "Confirmed"); err != nil {
		t.Fatal(err)
	}
	if n := count(parse(t, chart.String()), func(e element) bool { return e.name == "svg" }); n != 2 {
		t.Errorf("%d drawings in one another, want 2", n)
	}
}
