package mailer

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// DKIMType is a kind of key that mail is signed with.
type DKIMType string

// The types. Every server verifies RSA; many large ones do not verify Ed25519
// yet (RFC 8463), which is why it stands beside RSA and not in its place.
const (
	DKIMRSA     DKIMType = "rsa"
	DKIMEd25519 DKIMType = "ed25519"
)

// How large an RSA key may be, in bits: what RFC 8301, section 3.2, tells
// signers to use at least, and verifiers to understand at most.
const (
	minRSA = 2048
	maxRSA = 4096
)

// DKIMKey is a private key that mail is signed with, and the name that its
// public half has in the DNS. Printing it shows no key.
type DKIMKey struct {
	Selector string
	Type     DKIMType
	Exposed  bool // others on the machine may read or change its file
	private  crypto.Signer
}

// String names the key.
func (k DKIMKey) String() string { return k.Selector + " (" + string(k.Type) + ")" }

// GoString keeps %#v from printing the key.
func (k DKIMKey) GoString() string { return k.String() }

// NewDKIMKey makes a key.
func NewDKIMKey(selector string, t DKIMType) (DKIMKey, error) {
	var private crypto.Signer
	var err error
	switch t {
	case DKIMRSA:
		private, err = rsa.GenerateKey(rand.Reader, minRSA)
	case DKIMEd25519:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		err = fmt.Errorf("there is no type %q", t)
	}
	if err != nil {
		return DKIMKey{}, fmt.Errorf("make a key: %w", err)
	}
	return DKIMKey{Selector: selector, Type: t, private: private}, nil
}

// ReadDKIMKey reads a key from a PEM file. The errors are sentences that
// complete "POSTBAG_DKIM "; they repeat nothing of the file.
func ReadDKIMKey(selector, path string) (DKIMKey, error) {
	named := fmt.Sprintf("names %q for the selector %q, which ", path, selector)
	content, exposed, err := readKeyFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return DKIMKey{}, fmt.Errorf("%sdoes not exist; make a key with: postbag dkim keygen --selector %s", named, selector)
	case errors.Is(err, fs.ErrPermission):
		return DKIMKey{}, errors.New(named + "Postbag may not read; make the user that it runs as the file's owner (chown), and keep it from others (chmod 600)")
	case err != nil:
		return DKIMKey{}, fmt.Errorf("%scannot be read: %w", named, err)
	}
	private, err := parseDKIM(content)
	if err != nil {
		return DKIMKey{}, errors.New(named + err.Error())
	}
	k := DKIMKey{Selector: selector, Type: DKIMRSA, Exposed: exposed, private: private}
	if _, ok := private.(ed25519.PrivateKey); ok {
		k.Type = DKIMEd25519
	}
	return k, nil
}

// maxKeyFile is far more than a key of maxRSA bits takes, with the certificates
// that some keep beside it.
const maxKeyFile = 64 << 10

// readKeyFile returns a file and whether others than its owner, and those of
// its group who may only read it, get at it.
func readKeyFile(path string) (content []byte, exposed bool, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("it is a folder; name the file in it")
	case !info.Mode().IsRegular():
		err = errors.New("it is no ordinary file") // it might never end, or never begin
	case info.Size() > maxKeyFile:
		err = errors.New("it is too large for a key")
	default:
		content, err = os.ReadFile(path)
	}
	if err != nil {
		if cause := errors.Unwrap(err); cause != nil {
			err = cause // without the path, which is told already
		}
		return nil, false, err
	}
	return content, info.Mode().Perm()&0o027 != 0, nil
}

// parseDKIM reads the first block of a PEM file.
func parseDKIM(content []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New(`is not a PEM file (one that begins with "-----BEGIN PRIVATE KEY-----")`)
	}
	switch {
	case strings.Contains(block.Type, "PUBLIC KEY"), block.Type == "CERTIFICATE":
		return nil, errors.New("holds a public key; the private one is needed, whose public half stands in the DNS")
	case strings.Contains(block.Type, "ENCRYPTED"), block.Headers["DEK-Info"] != "":
		return nil, errors.New("is locked by a passphrase, which nobody could type at the start; write the key out without one, readable by its owner alone")
	case block.Type == "OPENSSH PRIVATE KEY", block.Type == "EC PRIVATE KEY":
		return nil, errors.New(wrongKind)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		var pkcs1 *rsa.PrivateKey
		if pkcs1, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, errors.New("holds no key that can be read; it may be damaged: take it from a copy, or make a new one with: postbag dkim keygen")
		}
		key = pkcs1
	}
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return k, nil
	case *rsa.PrivateKey:
		if n := k.N.BitLen(); n < minRSA || n > maxRSA {
			return nil, fmt.Errorf("is an RSA key of %d bits; use one of %d to %d: smaller ones are too easy to break, and larger ones are not understood everywhere", n, minRSA, maxRSA)
		}
		return k, nil
	}
	return nil, errors.New(wrongKind)
}

const wrongKind = "holds a key of a kind that DKIM does not know: use RSA or Ed25519, as postbag dkim keygen makes them"

// PEM returns the key as a file holds it.
func (k DKIMKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("write the key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Public returns the public half.
func (k DKIMKey) Public() crypto.PublicKey { return k.private.Public() }

// Record returns the TXT record that publishes the key (RFC 6376, section
// 3.6.1; RFC 8463, section 4).
func (k DKIMKey) Record() (string, error) {
	public, ok := k.Public().(ed25519.PublicKey)
	der := []byte(public)
	if !ok {
		var err error
		if der, err = x509.MarshalPKIXPublicKey(k.Public()); err != nil {
			return "", fmt.Errorf("write the public key: %w", err)
		}
	}
	return "v=DKIM1; k=" + string(k.Type) + "; p=" + base64.StdEncoding.EncodeToString(der), nil
}

// Name returns the name of that record.
func (k DKIMKey) Name(domain string) string { return k.Selector + "._domainkey." + domain }
