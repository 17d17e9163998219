// Package auth holds what getting in is made of: hashes of passwords, second
// factors and sessions.
package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Passwords hashes passwords with argon2id (RFC 9106) and compares them. The
// zero value is not ready: see NewPasswords.
type Passwords struct {
	params params
	one    chan struct{} // held while hashing: many at once would take the server's memory
	decoy  string        // hash of nobody's password
}

type params struct {
	memory uint32 // KiB
	time   uint32 // passes
	lanes  uint8
}

// recommended is one of the settings that OWASP's Password Storage Cheat Sheet
// gives for argon2id.
var recommended = params{memory: 19 << 10, time: 2, lanes: 1}

const (
	saltLen = 16
	keyLen  = 32
)

// NewPasswords returns the way in which passwords are kept.
func NewPasswords() *Passwords {
	p := &Passwords{params: recommended, one: make(chan struct{}, 1)}
	p.decoy = p.Hash(rand.Text())
	return p
}

// Hash returns the hash of a password with its parameters and its salt, in the
// PHC string format.
func (p *Passwords) Hash(password string) string {
	salt := make([]byte, saltLen)
	rand.Read(salt)
	return encode(p.params, salt, p.key(password, salt, p.params, keyLen))
}

// Matches reports whether the hash is that of the password. The empty hash is
// nobody's, and takes as long.
func (p *Passwords) Matches(hash, password string) bool {
	real := hash != ""
	if !real {
		hash = p.decoy
	}
	with, salt, want, err := decode(hash)
	if err != nil {
		return false
	}
	got := p.key(password, salt, with, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && real
}

func (p *Passwords) key(password string, salt []byte, with params, length uint32) []byte {
	p.one <- struct{}{}
	defer func() { <-p.one }()
	return argon2.IDKey([]byte(password), salt, with.time, with.memory, with.lanes, length)
}

var b64 = base64.RawStdEncoding

func encode(with params, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, with.memory, with.time, with.lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decode(hash string) (with params, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return params{}, nil, nil, fmt.Errorf("a password's hash of an unknown kind")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &with.memory, &with.time, &with.lanes); err != nil {
		return params{}, nil, nil, fmt.Errorf("parameters of a password's hash: %w", err)
	}
	if salt, err = b64.DecodeString(parts[4]); err != nil {
		return params{}, nil, nil, fmt.Errorf("salt of a password's hash: %w", err)
	}
	if key, err = b64.DecodeString(parts[5]); err != nil || len(key) == 0 {
		return params{}, nil, nil, fmt.Errorf("a password's hash cannot be read")
	}
	return with, salt, key, nil
}
