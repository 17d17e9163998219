package postcode

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// maxTable is the most bytes of a table, unpacked. ONSPD has 1.4 GB; a small file
// that unpacks to far more is no table of postcodes.
const maxTable = 8 << 30

// bounded gives an error in place of what is too much.
type bounded struct {
	io.ReadCloser
	left int64
}

var errTooLong = fmt.Errorf("the table has more than %d GB: it is no table of postcodes", maxTable>>30)

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// openTable finds the CSV in a file that is one, or a gzip or zip archive of
// one. The bytes that progress counts are the file's, or the unpacked table's
// in a zip, where it is one file among many.
func openTable(file io.ReaderAt, size int64, progress func(done, total int64)) (io.ReadCloser, error) {
	start := make([]byte, 4)
	n, err := file.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("read postcodes: %w", err)
	}
	start = start[:n]
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		return openZip(file, size, progress)
	}
	plain := &meter{from: io.NewSectionReader(file, 0, size), total: size, progress: progress}
	if bytes.HasPrefix(start, []byte{0x1F, 0x8B}) {
		unpacked, err := gzip.NewReader(plain)
		if err != nil {
			return nil, fmt.Errorf("unpack postcodes: %w", err)
		}
		return unpacked, nil
	}
	return io.NopCloser(plain), nil
}

// openZip takes the largest CSV of an archive. The official ones hold it in
// Data/, beside lookup tables in Documents/ and the same rows cut by area in
// Data/multi_csv/.
func openZip(file io.ReaderAt, size int64, progress func(done, total int64)) (io.ReadCloser, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("unpack postcodes: %w", err)
	}
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	var largest *zip.File
	for _, f := range archive.File {
		folder, name := path.Split(strings.ToLower(f.Name))
		if path.Ext(name) != ".csv" || path.Base(folder) == "multi_csv" {
			continue
		}
		if largest == nil || f.UncompressedSize64 > largest.UncompressedSize64 {
			largest = f
		}
	}
	if largest == nil {
		return nil, errors.New("the zip holds no postcode table: no CSV outside multi_csv")
	}
	table, err := largest.Open()
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", largest.Name, err)
	}
	return &meter{from: table, total: int64(largest.UncompressedSize64), progress: progress}, nil
}

// meter reports how much has been read.
type meter struct {
	from        io.Reader
	done, total int64
	progress    func(done, total int64)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.done += int64(n)
	if m.progress != nil {
		m.progress(m.done, m.total)
	}
	return n, err
}

// Close closes what is read from, if that can be closed.
func (m *meter) Close() error {
	if c, ok := m.from.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
