package store

import (
	"encoding/binary"
	"errors"
)

// Sealed records are kept padded to sizes of which SQLite always leaves the same
// part, nearly a page of 4096 bytes, in the table's own page, and full overflow
// pages (https://www.sqlite.org/fileformat2.html, 1.6: X = 4061, U-4 = 4092).
// So a page holds one record, in the same place whichever it is. When SQLite
// moves records between pages, secure_delete does not clear where they were,
// but there the next record, or nothing but a page that is cleared whole, then
// stands: nothing of an erased one is left. The length of a letter does not show
// either.
const (
	firstPage = 4000
	nextPage  = 4092
)

// pad returns the record as it is kept: its length, itself, zeros.
func pad(sealed []byte) []byte {
	n := 4 + len(sealed)
	size := firstPage
	for size < n {
		size += nextPage
	}
	kept := make([]byte, size)
	binary.BigEndian.PutUint32(kept, uint32(len(sealed)))
	copy(kept[4:], sealed)
	return kept
}

// unpad returns the record that pad was given, nil for none.
func unpad(kept []byte) ([]byte, error) {
	if kept == nil {
		return nil, nil
	}
	if len(kept) < 4 || uint64(binary.BigEndian.Uint32(kept)) > uint64(len(kept)-4) {
		return nil, errors.New("a sealed record in the database is damaged")
	}
	return kept[4 : 4+binary.BigEndian.Uint32(kept)], nil
}
