package parliament

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxFile is the most bytes of CSV that are read; a real file has some 60 kB.
const maxFile = 4 << 20

// Sheet is a CSV file with named columns.
type Sheet struct {
	Columns []string // lower case
	Rows    []SheetRow
}

// SheetRow is one line below the first, by column.
type SheetRow struct {
	Line   int // of the file, counted from 1, where the row begins
	Fields map[string]string
}

// ReadSheet reads a CSV with a header line: columns in any order, names in any
// case, commas or semicolons between them, quotes and a byte order mark allowed,
// empty lines skipped. Fields are cleaned. A problem of the whole file is
// returned as err; a problem of one line goes to report, and the line is left
// out.
func ReadSheet(in io.Reader, report *FileError) (*Sheet, error) {
	raw, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read CSV: %w", err)
	case len(raw) > maxFile:
		return nil, fmt.Errorf("read CSV: the file has more than %d MB", maxFile>>20)
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}) || bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return nil, errors.New(`read CSV: the file is UTF-16; save it as "CSV UTF-8 (comma delimited)"`)
	}
	raw = bytes.TrimPrefix(raw, []byte("\uFEFF"))

	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma = separator(raw)
	r.FieldsPerRecord = -1 // counted here, so that one short line does not end the reading
	header, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("read CSV: the file is empty")
	case err != nil:
		return nil, fmt.Errorf("read CSV: the first line: %w", err)
	case len(header) == 1 && strings.Contains(header[0], "\t"):
		return nil, errors.New("read CSV: the columns are separated neither by commas nor by semicolons")
	}
	s := &Sheet{}
	for _, name := range header {
		name = strings.ToLower(clean(name))
		if name != "" && slices.Contains(s.Columns, name) {
			return nil, fmt.Errorf("read CSV: two columns are called %q", name)
		}
		s.Columns = append(s.Columns, name)
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			// After a stray quote the lines cannot be told apart any more.
			report.Add(broken.StartLine, "the quotes are not balanced; nothing after this line was read")
			return s, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read CSV: %w", err)
		}
		line, _ := r.FieldPos(0)
		s.add(line, record, report)
	}
}

// separator returns what stands between the columns of the first line: a
// spreadsheet writes semicolons where the comma is the decimal sign.
func separator(raw []byte) rune {
	header, _, _ := bytes.Cut(raw, []byte("\n"))
	if bytes.ContainsRune(header, ';') && !bytes.ContainsRune(header, ',') {
		return ';'
	}
	return ','
}

// add keeps one line, unless it is empty or has the wrong number of fields.
func (s *Sheet) add(line int, record []string, report *FileError) {
	fields := make(map[string]string, len(record))
	empty := true
	for i, value := range record {
		value = clean(value)
		empty = empty && value == ""
		if i < len(s.Columns) {
			fields[s.Columns[i]] = value
		}
	}
	switch {
	case empty: // ",,,,,": what a spreadsheet leaves at the end
	case len(record) != len(s.Columns):
		report.Add(line, "has %d fields, the first line has %d", len(record), len(s.Columns))
	default:
		s.Rows = append(s.Rows, SheetRow{line, fields})
	}
}

// Need reports the columns that are missing.
func (s *Sheet) Need(names ...string) error {
	var missing []string
	for _, name := range names {
		if !slices.Contains(s.Columns, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("read CSV: the first line names no column %s", strings.Join(missing, ", "))
	}
	return nil
}
