package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// Recipients are whom a stream is sealed to, by their age public keys.
type Recipients struct {
	all   []age.Recipient
	proof age.Identity // reads what was sealed again; it is in memory alone
}

// ParseRecipients reads age public keys, age1…. A key of this process's own is added
// to them, so that what was sealed can be read once more to see that it is whole; it
// is written nowhere and goes with the process.
func ParseRecipients(keys []string) (*Recipients, error) {
	r := &Recipients{}
	hybrid := false
	for _, key := range keys {
		parsed, err := age.ParseRecipients(strings.NewReader(key))
		if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(key)), "AGE-SECRET-KEY") {
			return nil, errors.New("that is a secret key, which is for opening alone; give its public key, which begins with age1, and make a new pair if others may have seen this one")
		}
		if err != nil || len(parsed) != 1 {
			return nil, fmt.Errorf("%q is no age public key: it begins with age1, and age-keygen prints it", key)
		}
		_, post := parsed[0].(*age.HybridRecipient)
		if len(r.all) > 0 && post != hybrid {
			return nil, errors.New("age keys that resist quantum computers (age1pq1…) and others cannot be mixed")
		}
		hybrid = post
		r.all = append(r.all, parsed[0])
	}
	if hybrid {
		own, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, fmt.Errorf("make a key: %w", err)
		}
		r.all, r.proof = append(r.all, own.Recipient()), own
		return r, nil
	}
	own, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	r.all, r.proof = append(r.all, own.Recipient()), own
	return r, nil
}

// Seal returns a writer that seals to the recipients what is written to it. It has
// to be closed.
func (r *Recipients) Seal(to io.Writer) (io.WriteCloser, error) { return age.Encrypt(to, r.all...) }

// Open reads again what Seal sealed.
func (r *Recipients) Open(from io.Reader) (io.Reader, error) { return age.Decrypt(from, r.proof) }

// ErrNotFor is returned by OpenStream where none of the keys is that of a recipient.
var ErrNotFor = errors.New("it is sealed to other keys")

// StreamKeys read streams that are sealed to them.
type StreamKeys []age.Identity

// ParseStreamKeys reads a file of age-keygen's: AGE-SECRET-KEY-….
func ParseStreamKeys(file io.Reader) (StreamKeys, error) {
	all, err := age.ParseIdentities(file)
	if err != nil {
		return nil, errors.New("no secret age key is in it: age-keygen writes one, in a line that begins with AGE-SECRET-KEY-1, and it must not be sealed with a passphrase itself")
	}
	return all, nil
}

// Sealed reports whether a stream that begins like that is sealed with age.
func Sealed(start []byte) bool {
	return bytes.HasPrefix(start, []byte("age-encryption.org/v1")) || bytes.HasPrefix(start, []byte(armor.Header))
}

// SealedPrefix is how much of a stream Sealed needs to see.
const SealedPrefix = len(armor.Header)

// OpenStream reads a stream that is sealed with age, in its binary form or in text.
func OpenStream(from io.Reader, by StreamKeys) (io.Reader, error) {
	buffered := bufio.NewReader(from)
	if start, err := buffered.Peek(len(armor.Header)); err == nil && string(start) == armor.Header {
		from = armor.NewReader(buffered)
	} else {
		from = buffered
	}
	opened, err := age.Decrypt(from, by...)
	if _, other := errors.AsType[*age.NoIdentityMatchError](err); other {
		return nil, ErrNotFor
	}
	return opened, err
}
