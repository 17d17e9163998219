package postcode

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

const (
	readAhead = 256 << 10
	// maxRow bounds the memory that a quote which nobody closed can take; a
	// row of ONSPD has about 400 bytes.
	maxRow = 1 << 20
)

// row is a line of a postcode table: the columns that matter here.
type row struct {
	line             int
	pcds, code, term string
}

// rows reads a table by the names in its header.
type rows struct {
	from  *rowGuard
	table *csv.Reader

	pcds, code, term int // columns; term is -1 where there is none
}

// constituencyColumn is pcon in old headers, and pcon24cd and so on in those
// that name the year of the geography.
var constituencyColumn = regexp.MustCompile(`^pcon(\d\dcd)?$`)

func readHeader(r io.Reader) (*rows, error) {
	buffered := bufio.NewReaderSize(r, readAhead)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = buffered.Discard(len(mark)) // cannot fail: they were peeked
	}
	from := &rowGuard{from: buffered, left: maxRow}
	table := csv.NewReader(from)
	table.ReuseRecord = true
	header, err := table.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the table is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	t := &rows{from: from, table: table, pcds: -1, code: -1, term: -1}
	codeName := ""
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case name == "pcds":
			t.pcds = i
		case name == "doterm":
			t.term = i
		case constituencyColumn.MatchString(name) && name > codeName:
			t.code, codeName = i, name // the latest, if there are several
		}
	}
	var missing []string
	if t.pcds < 0 {
		missing = append(missing, "pcds (the postcode)")
	}
	if t.code < 0 {
		missing = append(missing, "pcon24cd or pcon (the constituency)")
	}
	if missing != nil {
		return nil, fmt.Errorf("the header lacks the column %s: is this an ONSPD or NSPL table?",
			strings.Join(missing, " and the column "))
	}
	return t, nil
}

// next gives the next row, and io.EOF after the last.
func (t *rows) next() (row, error) {
	t.from.left = maxRow
	record, err := t.table.Read()
	if err == io.EOF {
		return row{}, err
	}
	if err != nil {
		return row{}, fmt.Errorf("read the table: %w", err)
	}
	line, _ := t.table.FieldPos(0)
	r := row{line: line, pcds: record[t.pcds], code: strings.TrimSpace(record[t.code])}
	if t.term >= 0 {
		r.term = strings.TrimSpace(record[t.term])
	}
	return r, nil
}

// rowGuard stops reading in a row that has no end.
type rowGuard struct {
	from io.Reader
	left int
}

func (g *rowGuard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, fmt.Errorf("a row is longer than %d bytes: a quote may be open", maxRow)
	}
	n, err := g.from.Read(p)
	g.left -= n
	return n, err
}
