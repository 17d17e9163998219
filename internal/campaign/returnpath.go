package campaign

import (
	"bytes"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"postbag/internal/seal"
)

// ReturnPath gives each message of the outbox an envelope address of its own, to
// which mail servers send what they have to say about it: bounces+TOKEN@domain.
// The token names the outbox row, and nobody without the secret can make one.
// The nil ReturnPath gives none.
type ReturnPath struct {
	keys          *seal.Keys
	local, domain string
}

// MaxReturnLocal is the most characters of what stands before the token, so that
// with it the local part keeps to the 64 of RFC 5321, section 4.5.3.1.1.
const MaxReturnLocal = 64 - 1 - (8+returnMAC)*8/5

const (
	returnMAC       = 12  // bytes of the keyed hash: 96 bits
	returnSeparator = "+" // between the local part and the token
)

// returnToken has letters and digits that stay apart when a server changes their
// case.
var returnToken = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewReturnPath returns the return path for an address such as
// bounces@letters.example.org; nil for none.
func NewReturnPath(keys *seal.Keys, address string) (*ReturnPath, error) {
	if address == "" {
		return nil, nil
	}
	if err := CheckReturnAddress(address); err != nil {
		return nil, fmt.Errorf("the address for bounces %w", err)
	}
	local, domain, _ := strings.Cut(address, "@")
	return &ReturnPath{keys: keys, local: local, domain: domain}, nil
}

// CheckReturnAddress says why tokens cannot be added to an address, in words that
// follow its name.
func CheckReturnAddress(address string) error {
	parsed, err := mail.ParseAddress(address)
	local, _, _ := strings.Cut(address, "@")
	switch {
	case err != nil || parsed.Name != "" || parsed.Address != address || strings.ContainsAny(local, "\""):
		return fmt.Errorf("is %q; it must be one email address and nothing else, such as bounces@letters.example.org", address)
	case strings.ContainsFunc(address, func(r rune) bool { return r > unicode.MaxASCII }):
		return fmt.Errorf("is %q; it must have nothing but ASCII characters", address)
	case strings.Contains(local, returnSeparator):
		return fmt.Errorf("is %q; it must have no %s before the @, because a token is put there after one", address, returnSeparator)
	case len(local) > MaxReturnLocal:
		return fmt.Errorf("is %q; what stands before the @ must have at most %d characters, because a token is added to it", address, MaxReturnLocal)
	}
	return nil
}

// For returns the address for an outbox row; "" from the nil ReturnPath. It is
// the same for every attempt, or servers that greylist would never let one pass.
func (p *ReturnPath) For(outbox int64) string {
	if p == nil {
		return ""
	}
	return p.local + returnSeparator + p.Token(outbox) + "@" + p.domain
}

// Token returns what stands for an outbox row.
func (p *ReturnPath) Token(outbox int64) string {
	id := bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, uint64(outbox)), "\x00")
	return strings.ToLower(returnToken.EncodeToString(append(id, p.mac(id)...)))
}

func (p *ReturnPath) mac(id []byte) []byte {
	return p.keys.Hash("return-path", string(id))[:returnMAC]
}

// Read returns the outbox row that an address stands for, false if it is none of
// ours. Servers may have changed the case of any letter.
func (p *ReturnPath) Read(address string) (int64, bool) {
	at := strings.LastIndexByte(address, '@')
	if p == nil || at < 0 || !strings.EqualFold(address[at+1:], p.domain) {
		return 0, false
	}
	local, token, ok := strings.Cut(address[:at], returnSeparator)
	if !ok || !strings.EqualFold(local, p.local) {
		return 0, false
	}
	return p.ReadToken(token)
}

// ReadToken is Read for the token alone.
func (p *ReturnPath) ReadToken(token string) (int64, bool) {
	if p == nil || len(token) > returnToken.EncodedLen(8+returnMAC) {
		return 0, false
	}
	raw, err := returnToken.DecodeString(strings.ToUpper(token))
	if err != nil || len(raw) <= returnMAC {
		return 0, false
	}
	id := raw[:len(raw)-returnMAC]
	var wide [8]byte
	copy(wide[8-len(id):], id)
	outbox := int64(binary.BigEndian.Uint64(wide[:]))
	// Compared as a whole and in the one form that Token writes: base32 leaves bits
	// at the end that mean nothing.
	if outbox <= 0 || subtle.ConstantTimeCompare([]byte(p.Token(outbox)), []byte(strings.ToLower(token))) == 0 {
		return 0, false
	}
	return outbox, true
}

// strip takes the token of an outbox row out of a message that is passed on: who
// reads it could report on the letter otherwise.
func (p *ReturnPath) strip(raw []byte, outbox int64) []byte {
	if p == nil {
		return raw
	}
	token := []byte(p.Token(outbox))
	lower := bytes.ToLower(raw)
	if len(lower) != len(raw) { // letters beyond ASCII, whose cases differ in length
		lower = raw
	}
	var out []byte
	for {
		at := bytes.Index(lower, token)
		if at < 0 {
			return append(out, raw...)
		}
		out = append(append(out, raw[:at]...), "token"...)
		raw, lower = raw[at+len(token):], lower[at+len(token):]
	}
}
