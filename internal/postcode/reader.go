package postcode

import (
	"encoding/binary"
	"unicode/utf8"
)

// reader takes a body apart. After the first fault it keeps that error and
// gives only empty values.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = damaged(format, args...)
	}
	r.rest = nil
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.fail("a table of %d bytes is cut short", n)
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// list takes at most most entries of size bytes, whose number stands before
// them.
func (r *reader) list(size, most int) []byte {
	n, used := binary.Uvarint(r.rest)
	if used <= 0 || n > uint64(most) {
		r.fail("the size of a table is wrong")
		return nil
	}
	r.rest = r.rest[used:]
	return r.take(int(n) * size)
}

func (r *reader) text() string {
	text := r.list(1, maxText)
	if !utf8.Valid(text) {
		r.fail("a text in it is not UTF-8")
		return ""
	}
	return string(text)
}

// decodeUnits takes a bitmap from the front of list.
func decodeUnits(list []byte) (units unitSet, rest []byte) {
	for w := range units[:len(units)-1] {
		units[w] = binary.LittleEndian.Uint64(list[8*w:])
	}
	units[len(units)-1] = uint64(binary.LittleEndian.Uint16(list[bitmapSize-2:]))
	return units, list[bitmapSize:]
}

func encodeUnits(list []byte, units unitSet) []byte {
	for _, word := range units[:len(units)-1] {
		list = binary.LittleEndian.AppendUint64(list, word)
	}
	return binary.LittleEndian.AppendUint16(list, uint16(units[len(units)-1]))
}
