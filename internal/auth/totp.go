package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Codes makes and checks the codes of a telephone (TOTP, RFC 6238): six digits,
// a new one every thirty seconds. It has no state.
//
// Passkeys (WebAuthn) would stand beside it: a table of public keys by account,
// offered in the same two places. At sign-in, the page that asks for a code would
// ask the browser for a signature first (Service.Prove takes either); on
// one's own page, a key would be added and removed as a telephone is. Nothing else
// needs to know which of them was shown, and recovery codes serve both.
type Codes struct{}

// Times of codes, RFC 6238, 5.2: one step either way for clocks that are off and
// for people who type slowly.
const (
	codeStep = 30 * time.Second
	codeSkew = 1
)

var codeOptions = totp.ValidateOpts{Period: uint(codeStep / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// secretText is how secrets are written for telephones.
var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// secretLen is what RFC 4226, 4, R6, recommends, in bytes.
const secretLen = 20

// New returns a new secret as text.
func (Codes) New() string {
	secret := make([]byte, secretLen)
	rand.Read(secret)
	return secretText.EncodeToString(secret)
}

// URL returns the address by which a telephone takes a secret, to be shown as a
// QR code.
func (Codes) URL(site, email, secret string) (string, error) {
	raw, err := secretText.DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("read a secret: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: site, AccountName: email, Secret: raw})
	if err != nil {
		return "", fmt.Errorf("write a secret's address: %w", err)
	}
	return key.URL(), nil
}

// Step returns the time step whose code this is, of those that are good now.
// Whoever asks keeps the step, so that each code is good once.
func (Codes) Step(secret, code string, now time.Time) (step int64, ok bool) {
	for skew := -codeSkew; skew <= codeSkew; skew++ {
		at := now.Add(time.Duration(skew) * codeStep)
		want, err := totp.GenerateCodeCustom(secret, at, codeOptions)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = at.Unix()/int64(codeStep/time.Second), true
		}
	}
	return step, ok
}
