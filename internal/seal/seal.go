// Package seal keeps personal data unreadable wherever it is stored.
//
// One secret gives two kinds of key: one that seals records
// (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha), and one for each purpose that
// turns a value into a keyed hash (HMAC-SHA-256), by which repeats are found
// without keeping the value. Losing the secret loses the personal data for
// good and nothing else: counts need no key.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
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

// ErrCannotOpen is returned by Open for a record that was sealed under another
// secret, for another context, or was changed since.
var ErrCannotOpen = errors.New("sealed record cannot be opened: another secret, or damaged")

const (
	version   = 1
	headerLen = 1 + 4 // version, key id
)

// Keys holds what is derived from one secret. It is safe for concurrent use.
type Keys struct {
	id     uint32
	aead   cipher.AEAD
	hashes []byte
}

// New derives the keys from a secret of at least MinSecret bytes.
func New(secret []byte) (*Keys, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("the secret has %d bytes, it needs at least %d", len(secret), MinSecret)
	}
	derive := func(info string, n int) ([]byte, error) {
		return hkdf.Key(sha256.New, secret, nil, "postbag/1/"+info, n)
	}
	sealing, err := derive("seal", chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive the sealing key: %w", err)
	}
	aead, err := chacha20poly1305.NewX(sealing)
	if err != nil {
		return nil, fmt.Errorf("derive the sealing key: %w", err)
	}
	hashes, err := derive("hash", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the hashing key: %w", err)
	}
	id, err := derive("id", 4)
	if err != nil {
		return nil, fmt.Errorf("derive the key id: %w", err)
	}
	return &Keys{id: binary.BigEndian.Uint32(id), aead: aead, hashes: hashes}, nil
}

// ID names the secret without telling it, so that a database that was sealed
// under another one is recognised at start.
func (k *Keys) ID() string { return fmt.Sprintf("%08x", k.id) }

// Seal returns plain sealed for one context: the record opens only where the
// same context is given again, so a row cannot be moved to another letter.
func (k *Keys) Seal(plain, context []byte) []byte {
	nonceLen := k.aead.NonceSize()
	out := make([]byte, headerLen+nonceLen, headerLen+nonceLen+len(plain)+k.aead.Overhead())
	out[0] = version
	binary.BigEndian.PutUint32(out[1:], k.id)
	nonce := out[headerLen:]
	rand.Read(nonce) // never fails (crypto/rand)
	return k.aead.Seal(out, nonce, plain, k.bind(out[:headerLen], context))
}

// Open returns what was sealed for the context, or ErrCannotOpen.
func (k *Keys) Open(sealed, context []byte) ([]byte, error) {
	nonceLen := k.aead.NonceSize()
	if len(sealed) < headerLen+nonceLen || sealed[0] != version || binary.BigEndian.Uint32(sealed[1:]) != k.id {
		return nil, ErrCannotOpen
	}
	nonce := sealed[headerLen : headerLen+nonceLen]
	plain, err := k.aead.Open(nil, nonce, sealed[headerLen+nonceLen:], k.bind(sealed[:headerLen], context))
	if err != nil {
		return nil, ErrCannotOpen
	}
	return plain, nil
}

// bind makes the authenticated data: the header, so that it cannot be changed,
// and the context.
func (k *Keys) bind(header, context []byte) []byte {
	return append(append(make([]byte, 0, len(header)+len(context)), header...), context...)
}

// Hash returns the keyed hash of the parts for one purpose, 32 bytes. Parts are
// set apart by their lengths, so ("ab", "c") and ("a", "bc") differ, and hashes
// for two purposes cannot be compared.
func (k *Keys) Hash(purpose string, parts ...string) []byte {
	mac := hmac.New(sha256.New, k.hashes)
	var n [4]byte
	for _, part := range append([]string{purpose}, parts...) {
		binary.BigEndian.PutUint32(n[:], uint32(len(part)))
		mac.Write(n[:])
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// TokenLen is the length of a token in characters.
const TokenLen = 22

// NewToken returns 128 random bits as a token for a link.
func NewToken() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// NewSecret returns a random secret as text, for a development key file.
func NewSecret() string {
	var b [MinSecret]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}
