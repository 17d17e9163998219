package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// MinSecret is the least length of a secret in bytes.
const MinSecret = 32

// ErrCannotUnwrap is returned for a data key that another secret wrapped, or that
// was changed.
var ErrCannotUnwrap = errors.New("it was wrapped by another secret, or is damaged")

// Secret wraps data keys.
type Secret struct {
	id              KeyID
	wrapping        cipher.AEAD
	sealing, hashes []byte // of databases from before there were data keys
}

// ReadSecret derives what is needed from a secret of at least MinSecret bytes.
func ReadSecret(secret []byte) (*Secret, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("the secret has %d bytes, it needs at least %d", len(secret), MinSecret)
	}
	var err error
	derive := func(info string, n int) []byte {
		key, failed := hkdf.Key(sha256.New, secret, nil, "postbag/"+info, n)
		err = errors.Join(err, failed)
		return key
	}
	s := &Secret{sealing: derive("1/seal", chacha20poly1305.KeySize), hashes: derive("1/hash", sha256.Size)}
	id, wrapping := derive("1/id", 4), derive("2/wrap", chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive keys from the secret: %w", err)
	}
	s.id = KeyID(binary.BigEndian.Uint32(id))
	if s.wrapping, err = chacha20poly1305.NewX(wrapping); err != nil {
		return nil, fmt.Errorf("derive keys from the secret: %w", err)
	}
	return s, nil
}

// ID names the secret without telling it.
func (s *Secret) ID() string { return s.id.String() }

// NewKey makes a random data key, to be current.
func (s *Secret) NewKey(purpose Purpose) DataKey {
	key := make([]byte, chacha20poly1305.KeySize) // as long as a key for hashes
	rand.Read(key)                                // never fails (crypto/rand)
	return s.wrap(DataKey{ID: newKeyID(), Purpose: purpose, State: Current}, key)
}

// FirstKeys are the data keys of a new database.
func (s *Secret) FirstKeys() []DataKey {
	return []DataKey{s.NewKey(ForRecords), s.NewKey(ForHashes)}
}

// Derived are the data keys of a database from before it kept any: those that were
// derived from the secret, for records (which carry the secret's id) and hashes. The
// one for records is retiring: another has to become current.
func (s *Secret) Derived() []DataKey {
	return []DataKey{
		s.wrap(DataKey{ID: s.id, Purpose: ForRecords, State: Retiring}, s.sealing),
		s.wrap(DataKey{ID: newKeyID(), Purpose: ForHashes, State: Current}, s.hashes),
	}
}

// Rewrap returns a data key of this secret wrapped by another one instead.
func (s *Secret) Rewrap(d DataKey, by *Secret) (DataKey, error) {
	key, err := s.unwrap(d)
	if err != nil {
		return DataKey{}, err
	}
	return by.wrap(d, key), nil
}

func newKeyID() KeyID {
	var b [4]byte
	rand.Read(b[:])
	return KeyID(binary.BigEndian.Uint32(b[:]))
}

func (s *Secret) wrap(d DataKey, key []byte) DataKey {
	nonce := make([]byte, s.wrapping.NonceSize(), s.wrapping.NonceSize()+len(key)+s.wrapping.Overhead())
	rand.Read(nonce)
	d.Wrapped = s.wrapping.Seal(nonce, nonce, key, wrapContext(d))
	return d
}

func (s *Secret) unwrap(d DataKey) ([]byte, error) {
	n := s.wrapping.NonceSize()
	if len(d.Wrapped) < n {
		return nil, fmt.Errorf("data key %s: %w", d.ID, ErrCannotUnwrap)
	}
	key, err := s.wrapping.Open(nil, d.Wrapped[:n], d.Wrapped[n:], wrapContext(d))
	if err != nil {
		return nil, fmt.Errorf("data key %s: %w", d.ID, ErrCannotUnwrap)
	}
	return key, nil
}

// wrapContext binds a wrapped key to its id and purpose, so that the database
// cannot give one for the other.
func wrapContext(d DataKey) []byte {
	return bytes.Join([][]byte{[]byte("data key"), []byte(d.Purpose), d.ID.Bytes()}, []byte{0})
}

// NewSecret returns a random secret as text, for a development key file.
func NewSecret() string {
	var b [MinSecret]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}
