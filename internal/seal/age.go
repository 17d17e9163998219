package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// Errors of keys that will not do.
var (
	ErrNoRecipient   = errors.New("it is no public key of age's own kind (age1…)")
	ErrAgeSecretHalf = errors.New("it is the secret half of an age key")
)

// Recipient is somebody's age key, its public half (https://age-encryption.org/v1):
// what is sealed to it opens with the other half, which is never here.
type Recipient struct {
	age  *age.X25519Recipient
	text string
}

// ReadRecipient reads a public key as age-keygen prints it. The errors are
// ErrNoRecipient and ErrAgeSecretHalf.
func ReadRecipient(typed string) (*Recipient, error) {
	text := strings.TrimSpace(typed)
	if at := strings.Index(strings.ToLower(text), "public key:"); at >= 0 { // the line of its file
		text = strings.TrimSpace(text[at+len("public key:"):])
	}
	if strings.Contains(strings.ToUpper(typed), "AGE-SECRET-KEY-") {
		return nil, ErrAgeSecretHalf
	}
	r, err := age.ParseX25519Recipient(text)
	if err != nil {
		return nil, ErrNoRecipient // what was typed is not repeated
	}
	to := &Recipient{r, r.String()}
	if _, err := to.Seal(nil); err != nil { // a point that gives no secret
		return nil, ErrNoRecipient
	}
	return to, nil
}

// String is the key itself.
func (r *Recipient) String() string { return r.text }

// Fingerprint is short enough to be compared by eye: the beginning of the key's
// SHA-256.
func (r *Recipient) Fingerprint() string {
	sum := sha256.Sum256([]byte(r.text))
	h := hex.EncodeToString(sum[:8])
	return h[:4] + " " + h[4:8] + " " + h[8:12] + " " + h[12:]
}

// Seal returns plain as an age file.
func (r *Recipient) Seal(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := r.To(&out)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("seal to an age key: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal to an age key: %w", err)
	}
	return out.Bytes(), nil
}

// To returns what makes an age file of all that is written to it. It has to be
// closed: without its end, the file does not open.
func (r *Recipient) To(out io.Writer) (io.WriteCloser, error) {
	w, err := age.Encrypt(out, r.age)
	if err != nil {
		return nil, fmt.Errorf("seal to an age key: %w", err)
	}
	return w, nil
}

// IsAge reports whether a record is an age file.
func IsAge(record []byte) bool { return bytes.HasPrefix(record, []byte("age-encryption.org/")) }

// Open opens an age file; ErrCannotOpen if it is for somebody else, or damaged.
func (k StreamKeys) Open(sealed []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), k...)
	if err != nil {
		return nil, ErrCannotOpen
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, ErrCannotOpen
	}
	return plain, nil
}
