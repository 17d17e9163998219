package postcode

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
)

// A small file that unpacks to far too much is given up, whichever way it is packed.
func TestBuild_bomb(t *testing.T) {
	const most = 1 << 20
	table := "pcds,pcon24cd\n" + strings.Repeat("LS6 3AA,\n", 4*most/9)
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
