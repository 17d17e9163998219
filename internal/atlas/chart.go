package atlas

import (
	"fmt"
	"io"
	"strconv"
)

// Units of a chart. Its words are larger on a narrow screen: every second label may
// be left out there.
const (
	chartWidth  = 600
	chartLeft   = 44 // of it for the numbers of the lines
	chartHeight = 220
	chartTop    = 26
	chartBase   = 190 // where noughts are
	mostTitled  = 120 // bars that are told one by one
)

// Bar is one point of a chart: how much there was of two things.
type Bar struct {
	Label string // under it; empty: none
	Title string // what it is and its numbers, in words
	Solid int    // drawn as a bar
	Line  int    // drawn as a line from bar to bar
}

// Chart is numbers over time.
type Chart struct {
	Title string // names it for those who do not see it, with what it shows
	ID    string // begins the ids of its elements
	Bars  []Bar

	// Number writes a number as the page does.
	Number func(int) string
}

// Write draws the chart as SVG. Everything that it shows must also stand in
// words nearby: it is one picture to a screen reader.
func (c Chart) Write(w io.Writer) error {
	b := fmt.Appendf(nil, `<svg class="chart" viewBox="0 0 %d %d" role="img" aria-labelledby="`, chartWidth, chartHeight)
	b = appendEscaped(b, c.ID)
	b = append(b, `-title"><title id="`...)
	b = appendEscaped(b, c.ID)
	b = append(b, `-title">`...)
	b = appendEscaped(b, c.Title)
	b = append(b, `</title>`...)
	most := 0
	for _, bar := range c.Bars {
		most = max(most, bar.Solid, bar.Line)
	}
	step := stepOf(most)
	top := max((most+step-1)/step*step, step)
	y := func(n int) float64 { return chartBase - float64(n)*(chartBase-chartTop)/float64(top) }
	if n := len(c.Bars); n > 0 {
		b = c.bars(b, float64(chartWidth-chartLeft)/float64(n), y)
	}
	for n := 0; n <= top; n += step {
		b = fmt.Appendf(b, `<path class="c-grid" d="M%d %sH%d"/>`, chartLeft, short(y(n)), chartWidth)
		if n > 0 {
			b = fmt.Appendf(b, `<text class="c-y" x="%d" y="%s" text-anchor="end">`, chartLeft-6, short(y(n)+4))
			b = append(appendEscaped(b, c.Number(n)), `</text>`...)
		}
	}
	return finish(w, c.labels(b))
}

func (c Chart) bars(b []byte, slot float64, y func(int) float64) []byte {
	gap := min(slot/5, 4)
	line, all := []byte(nil), []byte(nil)
	for i, bar := range c.Bars {
		x := chartLeft + float64(i)*slot
		if bar.Solid > 0 {
			path := fmt.Appendf(nil, "M%s %dV%sh%sV%dz", short(x+gap/2), chartBase, short(y(bar.Solid)), short(slot-gap), chartBase)
			if len(c.Bars) > mostTitled {
				all = append(all, path...)
			} else {
				b = append(append(append(b, `<path class="c-bar" d="`...), path...), `"><title>`...)
				b = append(appendEscaped(b, bar.Title), `</title></path>`...)
			}
		}
		if i == 0 {
			line = append(line, 'M')
		} else {
			line = append(line, 'V')
		}
		if i == 0 {
			line = fmt.Appendf(line, "%d ", chartLeft)
		}
		line = fmt.Appendf(line, "%sH%s", short(y(bar.Line)), short(x+slot))
	}
	return appendPath(appendPath(b, "c-bar", all), "c-line", line)
}

// labels writes at most seven of the bars' labels, and marks every second as one
// that may be left out.
func (c Chart) labels(b []byte) []byte {
	var at []int
	for i, bar := range c.Bars {
		if bar.Label != "" {
			at = append(at, i)
		}
	}
	every := (len(at) + 6) / 7
	for k := 0; k < len(at); k += max(every, 1) {
		i, anchor, class := at[k], "middle", "c-x"
		x := chartLeft + (float64(i)+.5)*(chartWidth-chartLeft)/float64(len(c.Bars))
		if k/max(every, 1)%2 == 1 {
			class = "c-x c-less"
		}
		switch {
		case len(c.Bars) > 1 && x < chartLeft+30:
			x, anchor = chartLeft, "start"
		case len(c.Bars) > 1 && x > chartWidth-30:
			x, anchor = chartWidth, "end"
		}
		b = fmt.Appendf(b, `<text class="%s" x="%s" y="%d" text-anchor="%s">`, class, short(x), chartBase+22, anchor)
		b = append(appendEscaped(b, c.Bars[i].Label), `</text>`...)
	}
	return b
}

// stepOf is the distance of the lines in a chart of numbers up to most: 1, 2 or 5
// with noughts behind it, so that there are at most four.
func stepOf(most int) int {
	for unit := 1; ; unit *= 10 {
		for _, n := range []int{1, 2, 5} {
			if n*unit*4 >= most {
				return n * unit
			}
		}
	}
}

// short writes a coordinate to a tenth of a unit.
func short(x float64) string {
	s := strconv.FormatFloat(x, 'f', 1, 64)
	if s[len(s)-2:] == ".0" {
		s = s[:len(s)-2]
	}
	return s
}
