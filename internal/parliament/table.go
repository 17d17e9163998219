package parliament

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// The names of the project's own tables in package db. The format of both:
//
//	# postbag constituencies 1      what it is, and the format's version
//	# source: …                     where it comes from
//	# date: 2024-07                 of what date
//	# attribution: …                once or more: what the licences ask for
//	# rows: 650                     so that a cut file is noticed
//	code	name	…                   the columns, in this order
//	E14001063	Aldershot	…         one row each; no quoting, no field holds a tab
const (
	ConstituenciesFile = "constituencies.tsv"
	MembersFile        = "members.tsv"
)

// tableVersion is the version of the format that this program reads and writes.
const tableVersion = 1

const (
	constituencyColumns = "code\tname\tname_cy\tcountry\tregion\tlon\tlat"
	memberColumns       = "code\tmember_id\tname\tfull_title\tsalutation\tparty\temail"
)

// Load reads the two tables from fsys. It refuses a table that was cut short, of
// a later format, or that does not hold every seat once.
func Load(fsys fs.FS) (*Roster, error) {
	rows, constituencySource, err := readTable(fsys, ConstituenciesFile, "constituencies", constituencyColumns)
	if err != nil {
		return nil, err
	}
	constituencies := make([]Constituency, len(rows))
	for i, f := range rows {
		lon, lonErr := strconv.ParseFloat(f[5], 64)
		lat, latErr := strconv.ParseFloat(f[6], 64)
		if err := errors.Join(lonErr, latErr); err != nil {
			return nil, fmt.Errorf("%s: constituency %q: %w", ConstituenciesFile, f[0], err)
		}
		constituencies[i] = Constituency{f[0], f[1], f[2], f[3], f[4], lon, lat}
	}

	rows, memberSource, err := readTable(fsys, MembersFile, "members", memberColumns)
	if err != nil {
		return nil, err
	}
	members := make(map[string]Member, len(rows))
	for _, f := range rows {
		if _, twice := members[f[0]]; twice {
			return nil, fmt.Errorf("%s: constituency %q stands twice", MembersFile, f[0])
		}
		member := Member{Name: f[2], FullTitle: f[3], Salutation: f[4], Party: f[5], Email: f[6]}
		if f[1] != "" { // empty in a vacant seat's row
			if member.ID, err = strconv.Atoi(f[1]); err != nil {
				return nil, fmt.Errorf("%s: constituency %q: %w", MembersFile, f[0], err)
			}
		}
		members[f[0]] = member
	}

	seats := make([]Seat, len(constituencies))
	for i, c := range constituencies {
		member, ok := members[c.Code]
		if !ok {
			return nil, fmt.Errorf("%s: constituency %q has no row", MembersFile, c.Code)
		}
		delete(members, c.Code)
		seats[i] = Seat{Constituency: c, Member: member}
	}
	for code := range members {
		return nil, fmt.Errorf("%s: constituency %q is not in %s", MembersFile, code, ConstituenciesFile)
	}
	roster, err := NewRoster(seats, constituencySource, memberSource)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", ConstituenciesFile, MembersFile, err)
	}
	return roster, nil
}

// readTable returns a table's rows, each with as many fields as columns has.
func readTable(fsys fs.FS, file, kind, columns string) ([][]string, Source, error) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, Source{}, fmt.Errorf("read table: %w", err)
	}
	head, body, ok := strings.Cut(string(raw), "\n"+columns+"\n")
	if !ok {
		return nil, Source{}, fmt.Errorf("%s: no line with the columns of a table of %s", file, kind)
	}
	source, want, err := readTableHead(head, kind)
	if err != nil {
		return nil, Source{}, fmt.Errorf("%s: %w", file, err)
	}
	width := strings.Count(columns, "\t") + 1
	rows := make([][]string, 0, min(want, 2*SeatCount))
	for line := range strings.Lines(body) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != width {
			return nil, Source{}, fmt.Errorf("%s: row %d has %d fields in place of %d", file, len(rows)+1, len(fields), width)
		}
		rows = append(rows, fields)
	}
	if len(rows) != want {
		return nil, Source{}, fmt.Errorf("%s: %d rows, where its head says %d: the file is damaged", file, len(rows), want)
	}
	return rows, source, nil
}

// readTableHead reads the lines above the columns and returns the number of
// rows that they promise.
func readTableHead(head, kind string) (source Source, rows int, err error) {
	first, rest, _ := strings.Cut(head, "\n")
	version, ok := strings.CutPrefix(first, "# postbag "+kind+" ")
	if !ok {
		return Source{}, 0, fmt.Errorf("not a Postbag table of %s", kind)
	}
	if version != strconv.Itoa(tableVersion) {
		return Source{}, 0, fmt.Errorf("version %s of the table format; this program reads version %d", version, tableVersion)
	}
	rows = -1
	for line := range strings.Lines(rest) {
		key, value, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "# "), "\n"), ": ")
		switch key {
		case "source":
			source.Name = value
		case "date":
			source.Date = value
		case "attribution":
			source.Attribution = append(source.Attribution, value)
		case "rows":
			if rows, err = strconv.Atoi(value); err != nil {
				return Source{}, 0, fmt.Errorf("number of rows: %w", err)
			}
		}
	}
	if source.Name == "" || source.Date == "" || len(source.Attribution) == 0 || rows < 0 {
		return Source{}, 0, errors.New("its head lacks source, date, attribution or rows")
	}
	return source, rows, nil
}

// WriteConstituencies writes the constituencies as the table that Load reads.
func (r *Roster) WriteConstituencies(w io.Writer) error {
	return r.writeTable(w, "constituencies", constituencyColumns, r.constituencies, func(s Seat) []string {
		c := s.Constituency
		return []string{c.Code, c.Name, c.NameCy, c.Country, c.Region, degrees(c.Lon), degrees(c.Lat)}
	})
}

// WriteMembers writes the members as the table that Load reads; a vacant seat is
// a row with nothing but its code.
func (r *Roster) WriteMembers(w io.Writer) error {
	return r.writeTable(w, "members", memberColumns, r.members, func(s Seat) []string {
		m := s.Member
		id := ""
		if !s.Vacant() {
			id = strconv.Itoa(m.ID)
		}
		return []string{s.Constituency.Code, id, m.Name, m.FullTitle, m.Salutation, m.Party, m.Email}
	})
}

func (r *Roster) writeTable(w io.Writer, kind, columns string, source Source, row func(Seat) []string) error {
	for _, text := range append([]string{source.Name, source.Date}, source.Attribution...) {
		if strings.ContainsAny(text, "\r\n") {
			return fmt.Errorf("write table of %s: a line break in its source", kind)
		}
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# postbag %s %d\n# source: %s\n# date: %s\n", kind, tableVersion, source.Name, source.Date)
	for _, line := range source.Attribution {
		fmt.Fprintf(b, "# attribution: %s\n", line)
	}
	fmt.Fprintf(b, "# rows: %d\n%s\n", len(r.seats), columns)
	for _, s := range r.seats {
		// Fields cannot hold a tab or a line break: NewRoster refuses them.
		fmt.Fprintln(b, strings.Join(row(s), "\t"))
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write table of %s: %w", kind, err)
	}
	return nil
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
