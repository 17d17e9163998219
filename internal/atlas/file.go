package atlas

import (
	"bytes"
	"fmt"
	"io"
)

// A picture in a file of its own has no stylesheet, so it brings its colours
// along: those of the design by day.
const (
	paper  = "#fffdf7"
	ink    = "#1c2331"
	second = "#4d5466"
)

const fileStyle = `<style>
svg{background:` + paper + `}
text{font:13px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:` + second + `;stroke:none}
.f-title{font:600 20px Georgia,"Times New Roman",serif;fill:` + ink + `}
.hexmap,.hexes{stroke:#7b7363;stroke-width:.9;stroke-linejoin:round}
.h0{fill:#ece4d3}.h1{fill:#f0bda9}.h2{fill:#e58f85}.h3{fill:#cf6263}.h4{fill:#a62630}.h5{fill:#6d0d17}.hp{fill:#1b6641}
.hr,.hn{fill:none;stroke:` + ink + `;stroke-width:1.7}.hn{stroke-width:2.8}
.hm{fill:` + ink + `;stroke:` + paper + `;stroke-width:3.4;paint-order:stroke}
.c-grid{fill:none;stroke:#dcd3c0}.c-bar{fill:#b3202a}.c-line{fill:none;stroke:#1f3f77;stroke-width:2}
.c-y{paint-order:stroke;stroke:` + paper + `;stroke-width:4px}
</style>`

// Key is one line of the legend of a picture in a file.
type Key struct {
	Class int  // of a hexagon
	Mark  bool // with a diamond
	Words string
}

// Room around a picture in a file, for its title and its legend.
const (
	fileHead = 44
	fileLine = 30
	filePad  = 16
)

// File writes the map as a picture that stands alone: with its title, its colours
// and its legend, and without links.
func (l *Layout) File(w io.Writer, o Options, key []Key) error {
	cell := o.Cell
	o.Cell = func(code string) Cell {
		c := cell(code)
		c.Href = ""
		return c
	}
	width, height := l.drawing.width+2*filePad, l.drawing.height+fileHead+fileLine*len(key)+2*filePad
	b := openFile(make([]byte, 0, fullBytes), width, height, o.Title)
	b = fmt.Appendf(b, `<g class="hexes" transform="translate(%d %d)">`, filePad, fileHead)
	b = append(l.lines(l.hexagons(b, o)), `</g>`...)
	for i, k := range key {
		x, y := filePad+halfWidth, l.drawing.height+fileHead+filePad+fileLine*i
		b = fmt.Appendf(b, `<g class="hexes" transform="translate(%d %d)">`, x, y)
		b = appendPath(b, classNames[inRange(k.Class)], []byte("M0 0"+hexagon))
		if k.Mark {
			b = appendPath(b, "hm", []byte("M0 0"+diamond))
		}
		b = fmt.Appendf(b, `</g><text x="%d" y="%d">`, x+2*halfWidth, y+16)
		b = append(appendEscaped(b, k.Words), `</text>`...)
	}
	return finish(w, b)
}

// File writes the chart as a picture that stands alone under a heading; bars and
// line say what those are.
func (c Chart) File(w io.Writer, heading, bars, line string) error {
	var chart bytes.Buffer
	if err := c.Write(&chart); err != nil {
		return err
	}
	b := openFile(nil, chartWidth+2*filePad, chartHeight+fileHead+fileLine+filePad, heading)
	b = fmt.Appendf(b, `<svg x="%d" y="%d" width="%d" height="%d" `, filePad, fileHead, chartWidth, chartHeight)
	b = append(b, chart.Bytes()[len(`<svg `):]...)
	y := fileHead + chartHeight + filePad
	b = fmt.Appendf(b, `<path class="c-bar" d="M%d %dh14v12h-14z"/><text x="%d" y="%d">`, filePad, y-11, filePad+22, y)
	b = append(appendEscaped(b, bars), `</text>`...)
	b = fmt.Appendf(b, `<path class="c-line" d="M%d %dh18"/><text x="%d" y="%d">`, chartWidth/2, y-5, chartWidth/2+26, y)
	b = append(appendEscaped(b, line), `</text>`...)
	return finish(w, b)
}

func openFile(b []byte, width, height int, title string) []byte {
	b = fmt.Appendf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="file-title">`, width, height, width, height)
	b = append(b, fileStyle...)
	b = fmt.Appendf(b, `<text class="f-title" id="file-title" x="%d" y="30">`, filePad)
	return append(appendEscaped(b, title), `</text>`...)
}
