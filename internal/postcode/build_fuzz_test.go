package postcode

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
)

// FuzzBuild: an index that is made of a table, plain or packed, finds every row of
// it where the row says; what is refused is told with its line.
func FuzzBuild(f *testing.F) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, sample); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	for _, file := range [][]byte{
		[]byte(sample), packed.Bytes(), packed.Bytes()[:packed.Len()-3], []byte("PK\x03\x04"), []byte("\uFEFFPCDS,doterm,pcon,pcon24cd\r\nLS6 3AA,,E14000777,E14001319\r\n"),
		[]byte("pcds,pcon24cd\n\"LS6 3AA\nE14001319"), []byte("pcds,pcon24cd\nLS6 3AA,E14001319\nLS6 3AA,E14001320\nLS6 3AB,E14000777\n"), []byte("pcon\npcds"), nil,
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		data, summary, err := Build(bytes.NewReader(file), int64(len(file)), Options{Source: "ONSPD", Date: "2025-05"})
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if strings.TrimSpace(line) == "" {
					t.Errorf("an empty line in %q", err)
				}
			}
			if row, ok := errors.AsType[*RowError](err); ok && row.Line < 2 {
				t.Errorf("line %d: %v", row.Line, row)
			}
			return
		}
		index, err := Open(data)
		if err != nil {
			t.Fatal(err)
		}
		table, err := openTable(bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer table.Close()
		rows, err := readHeader(table)
		if err != nil {
			t.Fatal(err)
		}
		count, live := 0, 0
		for r, err := rows.next(); err != io.EOF; r, err = rows.next() {
			if err != nil {
				t.Fatal(err)
			}
			count++
			p, ok := parseLiteral(r.pcds)
			if r.term != "" || !ok || p.isGirobank() || p.Place() != NoPlace && p.Place() != NorthernIreland {
				continue
			}
			live++
			got := index.Lookup(p)
			if isCode(r.code) && (got.Answer != Found || got.Constituency != r.code) {
				t.Errorf("line %d: %s is in %s, and found: %+v", r.line, p, r.code, got)
			}
		}
		if count != summary.Rows || live != summary.Postcodes || live != index.Info().Postcodes {
			t.Errorf("%d rows, %d live; it says %+v", count, live, summary)
		}
	})
}
