// Package seal keeps personal data unreadable wherever it is stored.
//
// Records are sealed with a data key (XChaCha20-Poly1305,
// draft-irtf-cfrg-xchacha), and carry its id; another data key turns a value, for
// one purpose each, into a keyed hash (HMAC-SHA-256), by which repeats are found
// without keeping the value. Data keys are random and kept beside the records,
// wrapped by the secret, which does nothing else: so keys that seal can be changed
// while records are kept, and the secret without touching one. Losing the secret
// loses the personal data for good and nothing else: counts need no key.
package seal

import (
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrCannotOpen is returned by Open for a record that was sealed with a key that
// is not there, for another context, or was changed since.
var ErrCannotOpen = errors.New("sealed record cannot be opened: another secret, or damaged")

// ErrNoKey is returned by Open for a record whose key may be there and could not be
// looked for, or not be unwrapped, as by a server that was not restarted with a new
// secret. Nothing is known of the record.
var ErrNoKey = errors.New("the key of a sealed record cannot be loaded")

const (
	version   = 1
	headerLen = 1 + 4 // version, key id
)

// Keys seals, opens and hashes. It is safe for concurrent use.
type Keys struct {
	secret *Secret
	load   func(context.Context) ([]DataKey, error) // nil: no more come
	mu     sync.Mutex                               // held while keys are loaded
	ring   atomic.Pointer[ring]
}

// ring is the keys as they were loaded last. It is never changed.
type ring struct {
	current KeyID
	seals   map[KeyID]cipher.AEAD
	hashes  []byte
}

// New returns the keys that are derived from a secret of at least MinSecret bytes
// alone, as databases had them before they kept keys of their own.
func New(secret []byte) (*Keys, error) {
	s, err := ReadSecret(secret)
	if err != nil {
		return nil, err
	}
	derived := s.Derived()
	derived[0].State = Current
	k := &Keys{secret: s}
	return k, k.take(derived)
}

// Load returns the keys of a database: load returns all that it has. It is called
// again by Refresh, and by Open for a record whose key is not known yet, because
// another process may have made it.
func Load(ctx context.Context, secret *Secret, load func(context.Context) ([]DataKey, error)) (*Keys, error) {
	k := &Keys{secret: secret, load: load}
	return k, k.Refresh(ctx)
}

// Refresh looks for keys that another process has made, and seals with the one
// that is current by now.
func (k *Keys) Refresh(ctx context.Context) error {
	if k.load == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	all, err := k.load(ctx)
	if err != nil {
		return err
	}
	return k.take(all)
}

// take makes the ring of all keys. Those that were known stay, whatever became of
// them meanwhile: what was read a moment ago may still have to be opened.
func (k *Keys) take(all []DataKey) error {
	was := k.ring.Load()
	if was == nil {
		was = &ring{}
	}
	next := &ring{seals: maps.Clone(was.seals), hashes: was.hashes}
	if next.seals == nil {
		next.seals = map[KeyID]cipher.AEAD{}
	}
	for _, d := range all {
		if d.State == Gone || d.Purpose == ForHashes && next.hashes != nil {
			continue
		}
		if d.Purpose == ForRecords && d.State == Current {
			next.current = d.ID
		}
		if next.seals[d.ID] != nil {
			continue
		}
		key, err := k.secret.unwrap(d)
		if err != nil {
			return err
		}
		if d.Purpose == ForHashes {
			next.hashes = key
			continue
		}
		if next.seals[d.ID], err = chacha20poly1305.NewX(key); err != nil {
			return fmt.Errorf("data key %s: %w", d.ID, err)
		}
	}
	if next.seals[next.current] == nil || next.hashes == nil {
		return errors.New("the database has no key to seal with: it is damaged")
	}
	k.ring.Store(next)
	return nil
}

// ID names the secret without telling it, so that a database that was sealed
// under another one is recognised at start.
func (k *Keys) ID() string { return k.secret.ID() }

// Seal returns plain sealed for one context: the record opens only where the
// same context is given again, so a row cannot be moved to another letter.
func (k *Keys) Seal(plain, context []byte) []byte {
	r := k.ring.Load()
	aead := r.seals[r.current]
	nonceLen := aead.NonceSize()
	out := make([]byte, headerLen+nonceLen, headerLen+nonceLen+len(plain)+aead.Overhead())
	out[0] = version
	binary.BigEndian.PutUint32(out[1:], uint32(r.current))
	nonce := out[headerLen:]
	rand.Read(nonce) // never fails (crypto/rand)
	return aead.Seal(out, nonce, plain, bind(out[:headerLen], context))
}

// Open returns what was sealed for the context, or ErrCannotOpen or ErrNoKey.
func (k *Keys) Open(sealed, context []byte) ([]byte, error) {
	id, ok := SealedWith(sealed)
	if !ok {
		return nil, ErrCannotOpen
	}
	aead, err := k.find(id)
	if err != nil {
		return nil, err
	}
	if aead == nil || len(sealed) < headerLen+aead.NonceSize() {
		return nil, ErrCannotOpen
	}
	text := headerLen + aead.NonceSize()
	plain, err := aead.Open(nil, sealed[headerLen:text], sealed[text:], bind(sealed[:headerLen], context))
	if err != nil {
		return nil, ErrCannotOpen
	}
	return plain, nil
}

// Current is the key that Seal seals with.
func (k *Keys) Current() KeyID { return k.ring.Load().current }

// loadWithin is how long a record whose key is not known waits for it.
const loadWithin = 5 * time.Second

// find returns the key of an id, looking once whether it is a new one; nil: there is
// none.
func (k *Keys) find(id KeyID) (cipher.AEAD, error) {
	if aead := k.ring.Load().seals[id]; aead != nil {
		return aead, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), loadWithin)
	defer cancel()
	if err := k.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoKey, err)
	}
	return k.ring.Load().seals[id], nil
}

// SealedWith returns the id of the key that a record was sealed with; false if it
// is none of Seal's.
func SealedWith(sealed []byte) (KeyID, bool) {
	if len(sealed) < headerLen || sealed[0] != version {
		return 0, false
	}
	return KeyID(binary.BigEndian.Uint32(sealed[1:])), true
}

// bind makes the authenticated data: the header, so that it cannot be changed,
// and the context.
func bind(header, context []byte) []byte {
	return append(append(make([]byte, 0, len(header)+len(context)), header...), context...)
}

// Hash returns the keyed hash of the parts for one purpose, 32 bytes. Parts are
// set apart by their lengths, so ("ab", "c") and ("a", "bc") differ, and hashes
// for two purposes cannot be compared.
func (k *Keys) Hash(purpose string, parts ...string) []byte {
	mac := hmac.New(sha256.New, k.ring.Load().hashes)
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
