package mailer

import (
	"bytes"
	"crypto"
	"fmt"
	"strings"
	"testing"
)

// FuzzSMTPURL: an address of a mail server that is taken can be used, is never
// printed with its password, and without it reads as the same; what is refused is
// not repeated.
func FuzzSMTPURL(f *testing.F) {
	for _, raw := range []string{
		"smtp://user:secretpassword@mail.example.org:587?tls=required", "smtps://mail.example.org", "smtp://[::1]:25?tls=none", "smtp://u:p%40%00@127.0.0.1", "smtp://localhost",
		"smtp://a:b@c?tls=opportunistic", "smtp://host:0", "smtp://[fe80::1%25eth0]", "smtp:x", " smtp://h/ ", "smtp://h?tls=required&tls=none", "\xff", "",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		s, err := ParseURL(raw)
		if err != nil {
			if strings.Contains(err.Error(), "secretpassword") {
				t.Errorf("%v repeats it", err)
			}
			return
		}
		if s.Host == "" || s.Port < 1 || s.Port > 65535 || (s.User == "") != (s.Password == "") || strings.ContainsAny(s.User+s.Password+s.Host, "\r\n\x00") {
			t.Errorf("%q gives host %q, port %d", raw, s.Host, s.Port)
		}
		if s.User != "" && s.TLS != TLSRequired && s.TLS != TLSImplicit && !isLoopbackHost(s.Host) {
			t.Errorf("%q would send the password in the clear", raw)
		}
		plain := s
		plain.User, plain.Password = "", ""
		if shown := fmt.Sprintf("%v %+v %#v %v", s, s, s, s.LogValue()); shown != fmt.Sprintf("%v %+v %#v %v", plain, plain, plain, plain.LogValue()) {
			t.Errorf("it is shown as %q", shown)
		}
		again, err := ParseURL(s.String())
		if err != nil || again != plain {
			t.Errorf("%q is %q, which reads as %#v, %v", raw, s, again, err)
		}
	})
}

// FuzzDKIMKey: a key that is taken signs, and reads as itself from what we write of
// it; what is refused is refused without a word of the file.
func FuzzDKIMKey(f *testing.F) {
	for _, kind := range []DKIMType{DKIMEd25519, DKIMRSA} {
		k, err := NewDKIMKey("s", kind)
		if err != nil {
			f.Fatal(err)
		}
		file, err := k.PEM()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
		f.Add(bytes.ReplaceAll(file, []byte("PRIVATE KEY"), []byte("PUBLIC KEY")))
		f.Add(bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n")))
		f.Add(file[:len(file)/2])
	}
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		private, err := parseDKIM(file)
		if err != nil {
			return
		}
		k := DKIMKey{Selector: "s", Type: DKIMRSA, private: private}
		written, err := k.PEM()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseDKIM(written)
		if err != nil || !again.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(private.Public()) {
			t.Errorf("written and read it is another key: %v", err)
		}
		if record, err := k.Record(); err != nil || strings.ContainsAny(record, "\r\n\"") || !strings.HasPrefix(record, "v=DKIM1; ") {
			t.Errorf("record %q: %v", record, err)
		}
	})
}
