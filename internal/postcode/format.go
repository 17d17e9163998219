package postcode

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// An index file is a header and a body; numbers are little-endian.
//
//	 8 bytes  magic
//	 4        version of the format
//	 4        length of the file
//	32        SHA-256 of all the rest: magic, version, length and body
//	…         body, a zstd frame
//
// The body holds these tables, one after the other. A text or a number of
// entries is a uvarint followed by what it counts.
//
//	texts      source, date, attribution
//	codes      the ONS codes, 9 bytes each, sorted
//	districts  per outward code, in the order of its packed form: that form (4
//	           bytes), then two masks (2 bytes each) with a bit for each
//	           digit: the sectors that exist, and those of them that are split
//	units      per sector, 50 bytes: a bit for each unit that exists
//	borders    per split sector, 50 bytes: a bit for each unit whose
//	           constituency differs from that of the unit before it
//	runs       per sector one entry and one more for each of its borders (2
//	           bytes): the constituency as an entry of codes from 1, 0 if none
//
// The bitmaps are stored as they are: the runs of letters in which postcodes are
// given out make zstd better at them than gaps, counts or columns were.
const (
	magic         = "POSTBAGP"
	formatVersion = 1

	versionAt  = len(magic)
	lengthAt   = versionAt + 4
	checksumAt = lengthAt + 4
	headerSize = checksumAt + sha256.Size

	codeSize    = len("E14001063")
	bitmapSize  = unitsPerSector / 8
	maxText     = 4 << 10
	maxEntries  = 1<<16 - 1 // of codes, districts and sectors
	maxBody     = 16 << 20  // the United Kingdom takes less than one MiB
	maxFileSize = 1<<32 - 1
)

// Why a file is refused; Open wraps these with what a person can do about it.
var (
	ErrForeign   = errors.New("not a Postbag postcode index")
	ErrNewer     = errors.New("postcode index made by a newer Postbag")
	ErrTruncated = errors.New("postcode index cut short")
	ErrDamaged   = errors.New("postcode index damaged")
)

// seal makes a file of a body.
func seal(body []byte) ([]byte, error) {
	compressor, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("compress index: %w", err)
	}
	file := append(make([]byte, 0, headerSize+len(body)), magic...)
	file = binary.LittleEndian.AppendUint32(file, formatVersion)
	file = compressor.EncodeAll(body, file[:headerSize])
	if err := compressor.Close(); err != nil {
		return nil, fmt.Errorf("compress index: %w", err)
	}
	if len(body) > maxBody || len(file) > maxFileSize {
		return nil, fmt.Errorf("the index would take %d bytes, more than this format holds", len(body))
	}
	binary.LittleEndian.PutUint32(file[lengthAt:], uint32(len(file)))
	sum := checksum(file)
	copy(file[checksumAt:], sum[:])
	return file, nil
}

// unseal checks a file's header and gives its body.
func unseal(file []byte) ([]byte, error) {
	if !bytes.HasPrefix(file, []byte(magic)) {
		return nil, fmt.Errorf("%w: make one with postbag postcodes build", ErrForeign)
	}
	if len(file) < headerSize {
		return nil, fmt.Errorf("%w: %d bytes are less than its header", ErrTruncated, len(file))
	}
	version := binary.LittleEndian.Uint32(file[versionAt:])
	if version > formatVersion {
		return nil, fmt.Errorf("%w: its format is version %d and this program reads %d: update Postbag, or build the index again",
			ErrNewer, version, formatVersion)
	}
	if length := int64(binary.LittleEndian.Uint32(file[lengthAt:])); int64(len(file)) < length {
		return nil, fmt.Errorf("%w: %d of %d bytes are there: copy it again", ErrTruncated, len(file), length)
	}
	if sum := checksum(file); !bytes.Equal(sum[:], file[checksumAt:headerSize]) {
		return nil, damaged("its checksum does not match: copy it or build it again")
	}
	if version != formatVersion {
		return nil, damaged("its format has version 0")
	}
	decompressor, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		return nil, fmt.Errorf("decompress index: %w", err)
	}
	defer decompressor.Close()
	body, err := decompressor.DecodeAll(file[headerSize:], nil)
	if err != nil {
		return nil, damaged("%v", err)
	}
	return body, nil
}

func checksum(file []byte) (sum [sha256.Size]byte) {
	hash := sha256.New()
	hash.Write(file[:checksumAt])
	hash.Write(file[headerSize:])
	hash.Sum(sum[:0])
	return sum
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}
