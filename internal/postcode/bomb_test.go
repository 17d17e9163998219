package postcode

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// A small file that unpacks to far too much is given up, whichever way it is packed.
func TestBuild_bomb(t *testing.T) {
	const most, letters = 128 << 10, "ABDEFGHJLNPQRSTUWXYZ"
	var rows strings.Builder
	rows.WriteString("pcds,pcon24cd\n")
	for n := 0; rows.Len() < 4*most; n++ {
		fmt.Fprintf(&rows, "LS%d %d%c%c,E14001319\n", 1+n/4000, n/400%10, letters[n/20%20], letters[n%20])
	}
	table := rows.String()
	packed := map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(to io.Writer) io.WriteCloser { return gzip.NewWriter(to) },
		"zip": func(to io.Writer) io.WriteCloser {
			archive := zip.NewWriter(to)
			entry, err := archive.Create("Data/postcodes.csv")
			if err != nil {
				t.Fatal(err)
			}
			return struct {
				io.Writer
				io.Closer
			}{entry, archive}
		},
	}
	for name, pack := range packed {
		var file bytes.Buffer
		w := pack(&file)
		io.WriteString(w, table)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for _, limit := range []int64{most, maxTable} {
			b := &builder{most: limit, sectors: map[uint32]*plan{}, codes: map[string]uint16{}}
			_, err := b.build(bytes.NewReader(file.Bytes()), int64(file.Len()))
			if got := errors.Is(err, errTooLong); got != (limit == most) {
				t.Errorf("%s of %d bytes for %d, at most %d: %v", name, file.Len(), len(table), limit, err)
			}
		}
	}
}
