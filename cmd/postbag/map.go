package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"postbag/internal/app"
	"postbag/internal/atlas"
)

type mapCmd struct {
	Build mapBuildCmd `cmd:"" help:"Compute the hex map of the constituencies."`
	Info  mapInfoCmd  `cmd:"" help:"Say how good the hex map in the program is."`
}

type mapBuildCmd struct {
	Out       string `short:"o" help:"The folder to write hexes.tsv (and neighbours.tsv) to; none: only compute and compare."`
	Postcodes string `help:"A postcode table (csv or csv.gz with east1m, north1m and pcon24cd) to find the neighbours from, in place of those in the program."`
	JSON      bool   `name:"json" help:"Print the figures as JSON."`
}

// Run computes the map. Without --out its answer is no when the map in the
// program is another.
func (b *mapBuildCmd) Run(w *world) error {
	seats, err := app.MapSeats()
	if err != nil {
		return err
	}
	borders, source, err := app.MapBorders()
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	if b.Postcodes != "" {
		if borders, err = b.borders(w, seats); err != nil {
			return err
		}
		files[atlas.BordersFile] = atlas.BordersTable(borders, source)
	}
	bar := w.newProgress("Drawing")
	layout, err := atlas.Build(w.ctx, seats, borders, bar.items)
	bar.done()
	if err != nil {
		return err
	}
	source.Name = "Postbag's own layout, computed by postbag map build from constituencies.tsv and neighbours.tsv"
	files[atlas.HexesFile] = layout.Table(source)
	if err := printQuality(w, layout.Measure(borders), b.JSON); err != nil {
		return err
	}
	same := true
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if b.Out != "" {
			if err := os.WriteFile(filepath.Join(b.Out, name), files[name], 0o644); err != nil {
				return fmt.Errorf("write the map: %w", err)
			}
			continue
		}
		embedded, err := app.MapTable(name)
		if err != nil {
			return fmt.Errorf("compare the map: %w", err)
		}
		if !bytes.Equal(embedded, files[name]) {
			fmt.Fprintf(w.err, "%s in the program is not what the command makes.\n", name)
			same = false
		}
	}
	if !same {
		return errNo
	}
	return nil
}

// borders finds the neighbours in a postcode table.
func (b *mapBuildCmd) borders(w *world, seats []atlas.Seat) ([]atlas.Border, error) {
	f, err := os.Open(b.Postcodes)
	if err != nil {
		return nil, usageError{err}
	}
	defer f.Close()
	var table io.Reader = f
	if strings.HasSuffix(b.Postcodes, ".gz") {
		if table, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("unpack %s: %w", b.Postcodes, err)
		}
	}
	return atlas.Borders(w.ctx, table, seats)
}

type mapInfoCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run measures the map in the program.
func (i *mapInfoCmd) Run(w *world) error {
	layout, err := app.EmbeddedMap()
	if err != nil {
		return err
	}
	borders, _, err := app.MapBorders()
	if err != nil {
		return err
	}
	return printQuality(w, layout.Measure(borders), i.JSON)
}

func printQuality(w *world, q atlas.Quality, asJSON bool) error {
	if asJSON {
		return w.json(q)
	}
	share := func(part, whole int) string {
		return fmt.Sprintf("%.1f %% (%s of %s)", 100*float64(part)/float64(whole), count(part), count(whole))
	}
	t := w.newTable()
	t.row("constituencies", count(q.Seats))
	t.row("true neighbours that touch", share(q.Kept, q.Borders))
	t.row("length of their borders", fmt.Sprintf("%.1f %%", 100*q.KeptLength))
	t.row("true neighbours at most two steps apart", share(q.Near, q.Borders))
	t.row("touching pairs that are neighbours", share(q.Kept, q.Touching))
	t.row("mean displacement", fmt.Sprintf("%.2f hexagon widths", q.MeanOff))
	t.row("largest displacement", fmt.Sprintf("%.2f hexagon widths", q.MaxOff))
	t.row("mean error of direction", fmt.Sprintf("%.1f degrees", q.Turned))
	t.row("Northern Ireland to Great Britain", fmt.Sprintf("%d steps", q.Apart))
	for _, p := range q.Parts {
		t.row(p.Name, share(p.Kept, p.Borders)+" touch", "in pieces: "+strconv.Itoa(p.Pieces))
	}
	return t.flush()
}
