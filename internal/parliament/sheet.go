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

// sheet is a CSV file with named columns.
type sheet struct {
	columns []string // lower case
	rows    []sheetRow
}

type sheetRow struct {
	line   int // of the file, counted from 1, where the row begins
	fields map[string]string
}

// readSheet reads a CSV with a header line: columns in any order, names in any
// case, quotes and a byte order mark allowed, empty lines skipped. Fields are
// cleaned. A problem of the whole file is returned as err; a problem of one
// line goes to report, and the line is left out.
func readSheet(in io.Reader, report *FileError) (*sheet, error) {
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
	r.FieldsPerRecord = -1 // counted here, so that one short line does not end the reading
	header, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("read CSV: the file is empty")
	case err != nil:
		return nil, fmt.Errorf("read CSV: the first line: %w", err)
	case len(header) == 1 && strings.ContainsAny(header[0], ";\t"):
		return nil, errors.New("read CSV: the columns are not separated by commas")
	}
	s := &sheet{}
	for _, name := range header {
		name = strings.ToLower(clean(name))
		if name != "" && slices.Contains(s.columns, name) {
			return nil, fmt.Errorf("read CSV: two columns are called %q", name)
		}
		s.columns = append(s.columns, name)
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			// After a stray quote the lines cannot be told apart any more.
			report.add(broken.StartLine, "the quotes are not balanced; nothing after this line was read")
			return s, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read CSV: %w", err)
		}
		line, _ := r.FieldPos(0)
		s.add(line, record, report)
	}
}

// add keeps one line, unless it is empty or has the wrong number of fields.
func (s *sheet) add(line int, record []string, report *FileError) {
	fields := make(map[string]string, len(record))
	empty := true
	for i, value := range record {
		value = clean(value)
		empty = empty && value == ""
		if i < len(s.columns) {
			fields[s.columns[i]] = value
		}
	}
	switch {
	case empty: // ",,,,,": what a spreadsheet leaves at the end
	case len(record) != len(s.columns):
		report.add(line, "has %d fields, the first line has %d", len(record), len(s.columns))
	default:
		s.rows = append(s.rows, sheetRow{line, fields})
	}
}

// need reports the columns that are missing.
func (s *sheet) need(names ...string) error {
	var missing []string
	for _, name := range names {
		if !slices.Contains(s.columns, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("read CSV: the first line names no column %s", strings.Join(missing, ", "))
	}
	return nil
}
