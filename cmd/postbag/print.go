package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"postbag/internal/postcode"
)

// jsonLine prints v as one line of JSON.
func (w *world) jsonLine(v any) error {
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// table prints rows in columns.
type table struct{ *tabwriter.Writer }

func (w *world) newTable() table {
	return table{tabwriter.NewWriter(w.out, 0, 4, 2, ' ', 0)}
}

func (t table) row(cells ...string) {
	for i, cell := range cells {
		if i > 0 {
			fmt.Fprint(t, "\t")
		}
		fmt.Fprint(t, cell)
	}
	fmt.Fprintln(t)
}

func (t table) nations(n postcode.Nations) {
	t.row("England", count(n.England))
	t.row("Scotland", count(n.Scotland))
	t.row("Wales", count(n.Wales))
	t.row("Northern Ireland", count(n.NorthernIreland))
}

func (t table) flush() error { return t.Flush() }

// count writes a number with commas: 1,734,274.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// progress is a bar on a terminal, and nothing elsewhere.
type progress struct {
	w     *world
	label string
	shown time.Time
	drawn bool
}

const barWidth = 30

func (w *world) newProgress(label string) *progress { return &progress{w: w, label: label} }

func (p *progress) bytes(done, total int64) { p.draw(done, total) }

func (p *progress) items(done, total int) { p.draw(int64(done), int64(total)) }

// draw redraws the bar at most ten times a second.
func (p *progress) draw(done, total int64) {
	if !p.w.progress || total <= 0 || done < total && time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown, p.drawn = time.Now(), true
	filled := int(min(done, total) * barWidth / total)
	fmt.Fprintf(p.w.err, "\r%s [%-*s] %3d%%", p.label, barWidth, bar[:filled], min(done, total)*100/total)
}

const bar = "##############################"

// done ends the bar's line.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprintln(p.w.err)
	}
}
