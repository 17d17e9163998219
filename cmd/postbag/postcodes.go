package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"postbag/internal/app"
	"postbag/internal/config"
	"postbag/internal/postcode"
)

type postcodesCmd struct {
	Build  postcodesBuildCmd  `cmd:"" help:"Build an index from ONSPD, NSPL or a plain table."`
	Lookup postcodesLookupCmd `cmd:"" help:"Look postcodes up."`
	Info   postcodesInfoCmd   `cmd:"" help:"Say what an index holds and where it comes from."`
}

type postcodesBuildCmd struct {
	File        string `arg:"" help:"ONSPD or NSPL as published (zip), its table (csv, csv.gz), or any CSV with the columns pcds and pcon24cd."`
	Out         string `short:"o" required:"" help:"The index file to write; replaced all at once."`
	Source      string `help:"Name of the data, kept in the index (unless set: the file's name)."`
	Date        string `help:"Date of the data, such as 2026-08, kept in the index (unless set: the file's)."`
	Attribution string `help:"What the data's licence asks to be shown, kept in the index (unless set: that of the ONS)."`
	JSON        bool   `name:"json" help:"Print the summary as JSON."`
}

// buildSummary is what the command prints.
type buildSummary struct {
	Rows           int              `json:"rows"`
	Live           int              `json:"live"`
	Terminated     int              `json:"terminated"`
	Outside        int              `json:"outside"`
	NonGeographic  int              `json:"non_geographic"`
	Nations        postcode.Nations `json:"nations"`
	Sectors        int              `json:"sectors"`
	Districts      int              `json:"districts"`
	Constituencies int              `json:"constituencies"`
	Bytes          int              `json:"bytes"`
	Checksum       string           `json:"checksum"`
	Out            string           `json:"out"`
}

// Run builds an index and puts it in place.
func (b *postcodesBuildCmd) Run(w *world) error {
	roster, err := app.EmbeddedRoster()
	if err != nil {
		return err
	}
	f, err := os.Open(b.File)
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return usageError{fmt.Errorf("%s is a folder; name the zip or the CSV file", b.File)}
	}
	b.defaults(info)
	bar := w.newProgress("Reading " + info.Name())
	data, summary, err := postcode.Build(f, info.Size(), postcode.Options{
		Source: b.Source, Date: b.Date, Attribution: b.Attribution,
		Known:    func(code string) bool { _, ok := roster.Seat(code); return ok },
		Progress: bar.bytes,
	})
	bar.done()
	if err != nil {
		return err
	}
	if err := postcode.WriteFile(b.Out, data); err != nil {
		return err
	}
	return b.print(w, summary)
}

// defaults names what was not named.
func (b *postcodesBuildCmd) defaults(info os.FileInfo) {
	if b.Source == "" {
		b.Source = info.Name()
	}
	if b.Date == "" {
		b.Date = info.ModTime().UTC().Format("2006-01-02")
	}
	if b.Attribution == "" {
		year := b.Date[:min(4, len(b.Date))]
		b.Attribution = fmt.Sprintf("Contains OS data © Crown copyright and database right %s. "+
			"Contains Royal Mail data © Royal Mail copyright and database right %s. "+
			"Source: Office for National Statistics licensed under the Open Government Licence v3.0.", year, year)
	}
}

func (b *postcodesBuildCmd) print(w *world, s postcode.Summary) error {
	if b.JSON {
		return w.json(buildSummary{
			Rows: s.Rows, Live: s.Postcodes, Terminated: s.Terminated, Outside: s.Outside,
			NonGeographic: s.NonGeographic, Nations: s.Nations, Sectors: s.Sectors, Districts: s.Districts,
			Constituencies: s.Constituencies, Bytes: s.Bytes, Checksum: s.Checksum, Out: b.Out,
		})
	}
	t := w.newTable()
	t.row("rows", count(s.Rows))
	t.row("live", count(s.Postcodes))
	t.row("terminated, skipped", count(s.Terminated))
	t.row("outside the UK, skipped", count(s.Outside))
	t.row("non-geographic", count(s.NonGeographic))
	t.nations(s.Nations)
	t.row("sectors", count(s.Sectors))
	t.row("districts", count(s.Districts))
	t.row("constituencies", count(s.Constituencies))
	t.row("bytes", count(s.Bytes))
	t.row("written to", b.Out)
	return t.flush()
}

type indexFlag struct {
	Index string `help:"An index file in place of the embedded one." env:"POSTBAG_POSTCODES"`
}

func (f indexFlag) open() (*postcode.Index, error) {
	return app.OpenIndex(config.Config{Postcodes: f.Index})
}

type postcodesLookupCmd struct {
	Postcodes []string `arg:"" name:"postcode" help:"Postcodes, as anyone would type them; quote one that has a space."`
	indexFlag
	JSON bool `name:"json" help:"Print JSON, one object a line."`
}

// found is one answer of the lookup.
type found struct {
	Typed        string      `json:"typed"`
	Status       string      `json:"status"`
	Postcode     string      `json:"postcode,omitempty"`
	Constituency *namedCode  `json:"constituency,omitempty"`
	Within       string      `json:"within,omitempty"`
	Candidates   []namedCode `json:"candidates,omitempty"`
	Place        string      `json:"place,omitempty"`
}

type namedCode struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Run looks postcodes up. Its answer is no when any of them has no
// constituency.
func (l *postcodesLookupCmd) Run(w *world) error {
	index, err := l.open()
	if err != nil {
		return err
	}
	roster, err := app.EmbeddedRoster()
	if err != nil {
		return err
	}
	named := func(code string) namedCode {
		seat, _ := roster.Seat(code)
		return namedCode{code, seat.Constituency.Name}
	}
	answer := error(nil)
	for _, typed := range l.Postcodes {
		r := index.Find(typed)
		f := found{Typed: typed, Status: r.Answer.String(), Within: r.Within, Place: r.Place.String()}
		if r.Answer != postcode.Malformed {
			f.Postcode = r.Postcode.String()
		}
		if r.Answer == postcode.Found {
			n := named(r.Constituency)
			f.Constituency = &n
		} else {
			answer = errNo
		}
		for _, code := range r.Candidates {
			f.Candidates = append(f.Candidates, named(code))
		}
		if err := l.print(w, f); err != nil {
			return err
		}
	}
	return answer
}

func (l *postcodesLookupCmd) print(w *world, f found) error {
	if l.JSON {
		return w.jsonLine(f)
	}
	var err error
	switch {
	case f.Constituency != nil:
		_, err = fmt.Fprintf(w.out, "%s\t%s\t%s\n", f.Postcode, f.Constituency.Code, f.Constituency.Name)
	case f.Status == postcode.Malformed.String():
		_, err = fmt.Fprintf(w.out, "%s\tnot a postcode\n", strconv.Quote(f.Typed))
	case f.Place != "":
		_, err = fmt.Fprintf(w.out, "%s\tnot in this data: %s\n", f.Postcode, strings.ReplaceAll(f.Place, "_", " "))
	case f.Status == postcode.NonGeographic.String():
		_, err = fmt.Fprintf(w.out, "%s\tnon-geographic: a PO box or the like\n", f.Postcode)
	default:
		names := make([]string, len(f.Candidates))
		for i, c := range f.Candidates {
			names[i] = c.Code + " " + c.Name
		}
		if len(names) == 0 {
			_, err = fmt.Fprintf(w.out, "%s\tunknown\n", f.Postcode)
		} else {
			_, err = fmt.Fprintf(w.out, "%s\tunknown; others in %s: %s\n", f.Postcode, f.Within, strings.Join(names, ", "))
		}
	}
	return err
}

type postcodesInfoCmd struct {
	indexFlag
	JSON bool `name:"json" help:"Print JSON."`
}

// Run describes the index.
func (c *postcodesInfoCmd) Run(w *world) error {
	index, err := c.open()
	if err != nil {
		return err
	}
	i := index.Info()
	if c.JSON {
		return w.json(i)
	}
	t := w.newTable()
	t.row("source", i.Source)
	t.row("date", i.Date)
	t.row("attribution", i.Attribution)
	t.row("format version", strconv.Itoa(i.Version))
	t.row("checksum (SHA-256)", i.Checksum)
	t.row("bytes", count(i.Bytes))
	t.row("postcodes", count(i.Postcodes))
	t.row("non-geographic", count(i.NonGeographic))
	t.nations(i.Nations)
	t.row("sectors", count(i.Sectors))
	t.row("districts", count(i.Districts))
	t.row("constituencies", count(i.Constituencies))
	return t.flush()
}
