package seal

import (
	"encoding/binary"
	"fmt"
	"time"
)

// KeyID names a data key.
type KeyID uint32

// String writes the id as people read it.
func (id KeyID) String() string { return fmt.Sprintf("%08x", uint32(id)) }

// Bytes are the id as it stands in a database and in sealed records.
func (id KeyID) Bytes() []byte { return binary.BigEndian.AppendUint32(nil, uint32(id)) }

// ReadKeyID reads what Bytes wrote.
func ReadKeyID(b []byte) (KeyID, error) {
	if len(b) != 4 {
		return 0, fmt.Errorf("the id of a data key has %d bytes", len(b))
	}
	return KeyID(binary.BigEndian.Uint32(b)), nil
}

// Header is what every record begins with that the key sealed.
func (id KeyID) Header() []byte { return append([]byte{version}, id.Bytes()...) }

// Purpose is what a data key is for.
type Purpose string

// The purposes.
const (
	ForRecords Purpose = "seal"
	ForHashes  Purpose = "hash"
)

// State is where a data key stands in its life.
type State string

// The states of data keys, in order. A key for hashes is always current: the
// hashes of links stand in mails, and cannot be made anew.
const (
	Current  State = "current"
	Retiring State = "retiring" // what it sealed is sealed anew with the current one
	Closed   State = "closed"   // nothing may be written any more that it sealed
	Gone     State = "gone"     // it was destroyed
)

// DataKey is a key as it is kept.
type DataKey struct {
	ID        KeyID
	Purpose   Purpose
	State     State
	Wrapped   []byte // empty once it is gone
	CreatedAt time.Time
	RetiredAt time.Time // zero: it is current
	GoneAt    time.Time // zero: it is not
}
