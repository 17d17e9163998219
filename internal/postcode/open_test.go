package postcode

import (
	"encoding/binary"
	"errors"
	"testing"
)

func sampleFile(tb testing.TB) []byte {
	tb.Helper()
	data, _, err := buildText(sample, Options{Attribution: "© somebody"})
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestOpen_refuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func([]byte) []byte
		want   error
	}{
		{"nothing", func([]byte) []byte { return nil }, ErrForeign},
		{"another file", func([]byte) []byte { return []byte("pcds,pcon24cd\nLS6 3AA,E14001319\n") }, ErrForeign},
		{"another magic", func(f []byte) []byte { f[0] ^= 1; return f }, ErrForeign},
		{"half a magic", func(f []byte) []byte { return f[:4] }, ErrForeign},
		{"a magic alone", func(f []byte) []byte { return f[:len(magic)] }, ErrTruncated},
		{"half a header", func(f []byte) []byte { return f[:headerSize/2] }, ErrTruncated},
		{"a header alone", func(f []byte) []byte { return f[:headerSize] }, ErrTruncated},
		{"half a file", func(f []byte) []byte { return f[:len(f)/2] }, ErrTruncated},
		{"all but a byte", func(f []byte) []byte { return f[:len(f)-1] }, ErrTruncated},
		{"a byte too many", func(f []byte) []byte { return append(f, 0) }, ErrDamaged},
		{"the next version", func(f []byte) []byte { return setVersion(f, formatVersion+1) }, ErrNewer},
		{"a far version", func(f []byte) []byte { return setVersion(f, 1<<32-1) }, ErrNewer},
		{"version 0, checksum right", func(f []byte) []byte { return resum(setVersion(f, 0)) }, ErrDamaged},
		{"another checksum", func(f []byte) []byte { f[checksumAt] ^= 1; return f }, ErrDamaged},
		{"no body, checksum right", func(f []byte) []byte { return resum(f[:headerSize]) }, ErrDamaged},
		{"half a body, checksum right", func(f []byte) []byte { return resum(f[:len(f)/2]) }, ErrDamaged},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, err := Open(test.change(sampleFile(t)))
			if !errors.Is(err, test.want) || x != nil {
				t.Errorf("Open: %v, want %v", err, test.want)
			}
		})
	}
}

func TestOpen_everyCutAndFlippedBit(t *testing.T) {
	file := sampleFile(t)
	for n := range file {
		if _, err := Open(file[:n]); err == nil {
			t.Errorf("it opened with %d of %d bytes", n, len(file))
		}
		for bit := range 8 {
			file[n] ^= 1 << bit
			if _, err := Open(file); err == nil {
				t.Errorf("it opened with bit %d of byte %d flipped", bit, n)
			}
			file[n] ^= 1 << bit
		}
	}
	if _, err := Open(file); err != nil {
		t.Errorf("the file itself: %v", err)
	}
}

func TestOpen_embeddedDamaged(t *testing.T) {
	file := readEmbedded(t)
	const samples = 97
	for i := range samples {
		at := i * (len(file) - 1) / (samples - 1)
		file[at] ^= 0x10
		if _, err := Open(file); err == nil {
			t.Errorf("it opened with byte %d changed", at)
		}
		file[at] ^= 0x10
		if _, err := Open(file[:at]); err == nil {
			t.Errorf("it opened with %d bytes", at)
		}
	}
}

// A body can be wrong under a right checksum, if a program that made it was.
func TestOpen_wrongBodies(t *testing.T) {
	body, err := unseal(sampleFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decode(body); err != nil {
		t.Fatalf("the body itself: %v", err)
	}
	for n := range body {
		if _, err := decode(body[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d of %d bytes: %v", n, len(body), err)
		}
	}
	if _, err := decode(append(body, 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("with a byte too many: %v", err)
	}
	header := []byte{0, 0, 0}
	code := append(header, append([]byte{1}, "E14001319"...)...)
	district := func(out uint32, exist, split uint16) []byte {
		b := binary.LittleEndian.AppendUint32([]byte{1}, out)
		b = binary.LittleEndian.AppendUint16(b, exist)
		return binary.LittleEndian.AppendUint16(b, split)
	}
	bitmap := func(first byte) []byte { return append([]byte{first}, make([]byte, bitmapSize-1)...) }
	out := packOutward(1, 2, 10, 0)
	for _, test := range []struct {
		name string
		ok   bool
		body []byte
	}{
		{"good", true, join(code, district(out, 1, 0), bitmap(1), []byte{1, 0})},
		{"good, split", true, join(code, district(out, 1, 1), bitmap(3), bitmap(2), []byte{1, 0, 0, 0})},
		{"nothing in it", true, join(header, []byte{0, 0})},
		{"a text longer than allowed", false, binary.AppendUvarint(nil, maxText+1)},
		{"a text that is no UTF-8", false, join([]byte{1, 0xFF, 0, 0}, []byte{0, 0})},
		{"a size that has no end", false, join(header, []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})},
		{"more codes than there is room for", false, binary.AppendUvarint(header, 1<<40)},
		{"a code of another shape", false, join(header, []byte{1}, []byte("X14001319"), []byte{0})},
		{"codes out of order", false, join(header, []byte{2}, []byte("E14001319E14001318"), []byte{0})},
		{"a number of 100", false, join(code, district(packOutward(1, 2, 100, 0), 1, 0), bitmap(1), []byte{1, 0})},
		{"an outward code too high", false, join(code, district(firstSpecial, 1, 0), bitmap(1), []byte{1, 0})},
		{"a district without sectors", false, join(code, district(out, 0, 0))},
		{"an eleventh sector", false, join(code, district(out, 1<<10, 0), bitmap(1), []byte{1, 0})},
		{"a split sector that does not exist", false, join(code, district(out, 1, 2), bitmap(1), bitmap(1), []byte{1, 0})},
		{"an empty sector", false, join(code, district(out, 1, 0), bitmap(0), []byte{1, 0})},
		{"a border without a unit", false, join(code, district(out, 1, 1), bitmap(1), bitmap(2), []byte{1, 0, 1, 0})},
		{"a run of no constituency", false, join(code, district(out, 1, 0), bitmap(1), []byte{2, 0})},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, err := decode(test.body)
			if test.ok != (err == nil) || err != nil && (x != nil || !errors.Is(err, ErrDamaged)) {
				t.Errorf("decode: %v", err)
			}
		})
	}
}

func join(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func setVersion(file []byte, version uint32) []byte {
	binary.LittleEndian.PutUint32(file[versionAt:], version)
	return file
}

// resum makes the length and the checksum right again.
func resum(file []byte) []byte {
	binary.LittleEndian.PutUint32(file[lengthAt:], uint32(len(file)))
	sum := checksum(file)
	copy(file[checksumAt:], sum[:])
	return file
}
