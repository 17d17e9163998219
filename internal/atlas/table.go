package atlas

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// The names of this package's tables in package db. Their format is that of the
// other tables there: lines that begin with "#" say what the table is, where it
// comes from and how many rows it has; then the columns and the rows, parted by
// tabs.
const (
	HexesFile   = "hexes.tsv"
	BordersFile = "neighbours.tsv"
)

const (
	tableVersion  = "1"
	hexColumns    = "code\tq\tr"
	borderColumns = "a\tb\tkm"
)

// Source says where the data behind a table comes from.
type Source struct {
	Name        string
	Date        string
	Attribution []string // sentences that its licences ask to be shown
}

type textTable struct {
	source Source
	rows   [][]string
}

func readTable(fsys fs.FS, file, kind, columns string) (textTable, error) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return textTable{}, fmt.Errorf("read table: %w", err)
	}
	head, body, ok := strings.Cut(string(raw), "\n"+columns+"\n")
	if !ok || !strings.HasPrefix(head, "# postbag "+kind+" "+tableVersion+"\n") {
		return textTable{}, fmt.Errorf("%s: not a table of %s of version %s", file, kind, tableVersion)
	}
	var t textTable
	want := ""
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#")), ": ")
		switch key {
		case "source":
			t.source.Name = value
		case "date":
			t.source.Date = value
		case "attribution":
			t.source.Attribution = append(t.source.Attribution, value)
		case "rows":
			want = value
		}
	}
	width := strings.Count(columns, "\t") + 1
	for line := range strings.Lines(body) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != width {
			return textTable{}, fmt.Errorf("%s: row %d has %d fields in place of %d", file, len(t.rows)+1, len(fields), width)
		}
		t.rows = append(t.rows, fields)
	}
	if strconv.Itoa(len(t.rows)) != want {
		return textTable{}, fmt.Errorf("%s: %d rows, where its head says %q: the file is damaged", file, len(t.rows), want)
	}
	return t, nil
}

func (t textTable) bytes(kind, columns string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# postbag %s %s\n# source: %s\n# date: %s\n", kind, tableVersion, t.source.Name, t.source.Date)
	for _, line := range t.source.Attribution {
		fmt.Fprintf(&b, "# attribution: %s\n", line)
	}
	fmt.Fprintf(&b, "# rows: %d\n%s\n", len(t.rows), columns)
	for _, row := range t.rows {
		fmt.Fprintln(&b, strings.Join(row, "\t"))
	}
	return b.Bytes()
}

// maxHex is more than any map needs, and as far as a drawing reaches: see drawing.
const maxHex = 500

func parseHex(q, r string) (h Hex, err error) {
	if h.Q, err = strconv.Atoi(q); err != nil {
		return Hex{}, err
	}
	if h.R, err = strconv.Atoi(r); err != nil {
		return Hex{}, err
	}
	if abs(h.Q) > maxHex || h.R < 0 || h.R > maxHex {
		return Hex{}, fmt.Errorf("the hexagon %s, %s is far from the others", q, r)
	}
	return h, nil
}

// Table is the layout as the file that Load reads, in the order of the codes.
func (l *Layout) Table(source Source) []byte {
	t := textTable{source: source}
	for _, code := range sortedKeys(l.index) {
		h := l.hexes[l.index[code]]
		t.rows = append(t.rows, []string{code, strconv.Itoa(h.Q), strconv.Itoa(h.R)})
	}
	return t.bytes("hexes", hexColumns)
}

// LoadBorders reads the committed borders, and where they come from.
func LoadBorders(fsys fs.FS) ([]Border, Source, error) {
	table, err := readTable(fsys, BordersFile, "neighbours", borderColumns)
	if err != nil {
		return nil, Source{}, err
	}
	list := make([]Border, len(table.rows))
	for i, row := range table.rows {
		km, err := strconv.Atoi(row[2])
		if err != nil {
			return nil, Source{}, fmt.Errorf("%s: row %d: %w", BordersFile, i+1, err)
		}
		list[i] = Border{row[0], row[1], km}
	}
	return list, table.source, nil
}

// BordersTable is the borders as the file that LoadBorders reads.
func BordersTable(list []Border, source Source) []byte {
	t := textTable{source: source}
	for _, b := range list {
		t.rows = append(t.rows, []string{b.A, b.B, strconv.Itoa(b.Length)})
	}
	return t.bytes("neighbours", borderColumns)
}
