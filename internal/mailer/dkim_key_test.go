package mailer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// broken is a key that fails while it signs.
type broken struct{ crypto.Signer }

func (broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errBroken }

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return block("PRIVATE KEY", der)
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestReadDKIMKey(t *testing.T) {
	dir := t.TempDir()
	for _, kind := range []DKIMType{DKIMRSA, DKIMEd25519} {
		made, err := NewDKIMKey("post", kind)
		if err != nil {
			t.Fatal(err)
		}
		content, err := made.PEM()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, string(kind))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		read, err := ReadDKIMKey("post", path)
		if err != nil || read.Type != kind || read.Exposed || read.Name("example.org") != "post._domainkey.example.org" {
			t.Fatalf("%v, %v", read, err)
		}
		before, err := made.Record()
		if err != nil {
			t.Fatal(err)
		}
		if after, err := read.Record(); err != nil || after != before || !strings.HasPrefix(after, "v=DKIM1; k="+string(kind)+"; p=") {
			t.Errorf("the record is %q, and of the file %q (%v)", before, after, err)
		}
		if said := fmt.Sprintf("%v %+v %#v", read, read, []DKIMKey{read}); strings.Contains(said, "private") || strings.Contains(said, "0x") {
			t.Errorf("printed %s", said)
		}
	}
	old := filepath.Join(dir, "openssl-of-old")
	if err := os.WriteFile(old, []byte(block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey(t, 2048)))), 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := ReadDKIMKey("post", old); err != nil || k.Type != DKIMRSA {
		t.Errorf("%v, %v", k, err)
	}
}

func TestReadDKIMKey_Exposed(t *testing.T) {
	key, err := NewDKIMKey("post", DKIMEd25519)
	if err != nil {
		t.Fatal(err)
	}
	content, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: false, 0o644: true, 0o660: true, 0o602: true} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if k, err := ReadDKIMKey("post", path); err != nil || k.Exposed != want {
			t.Errorf("%o: exposed %v, want %v (%v)", mode, k.Exposed, want, err)
		}
	}
}

// TestReadDKIMKey_Errors: each mistake is explained, and nothing of the file is
// repeated.
func TestReadDKIMKey_Errors(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GODEBUG", "rsa1024min=0")
	small := rsaKey(t, 1024)
	public, err := x509.MarshalPKIXPublicKey(&small.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i, tt := range []struct{ name, content, want string }{
		{"nothing", "", "is not a PEM file"},
		{"no PEM", "hunter2", "is not a PEM file"},
		{"RSA of 1024 bits", pkcs8(t, small), "is an RSA key of 1024 bits"},
		{"its public half", block("PUBLIC KEY", public), "holds a public key"},
		{"a certificate", block("CERTIFICATE", public), "holds a public key"},
		{"an elliptic curve", pkcs8(t, curve), "use RSA or Ed25519"},
		{"of SSH", block("OPENSSH PRIVATE KEY", []byte("hunter2")), "use RSA or Ed25519"},
		{"locked", block("ENCRYPTED PRIVATE KEY", []byte("hunter2")), "locked by a passphrase"},
		{"locked, of old", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\naHVudGVyMg==\n-----END RSA PRIVATE KEY-----\n", "locked by a passphrase"},
		{"damaged", block("PRIVATE KEY", []byte("hunter2")), "may be damaged"},
	} {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadDKIMKey("post", path)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), `names "`+path+`" for the selector "post", which `) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the file is repeated: %v", tt.name, err)
		}
	}
	if _, err := ReadDKIMKey("post", filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "does not exist; make a key with: postbag dkim keygen --selector post") {
		t.Errorf("no file: %v", err)
	}
	if _, err := ReadDKIMKey("post", dir); err == nil || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("a folder: %v", err)
	}
	if os.Geteuid() == 0 {
		return // nothing is kept from root
	}
	path := filepath.Join(dir, "0")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadDKIMKey("post", path); err == nil || !strings.Contains(err.Error(), "which Postbag may not read; make the user") {
		t.Errorf("unreadable: %v", err)
	}
}
