package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

const fromDomain = "postbag.example.org"

// signing makes keys of both types and the DNS that publishes them.
func signing(tb testing.TB, types ...DKIMType) (*Signer, map[string]string) {
	tb.Helper()
	var keys []DKIMKey
	zone := map[string]string{}
	for _, t := range types {
		key, err := NewDKIMKey("s-"+string(t), t)
		if err != nil {
			tb.Fatal(err)
		}
		record, err := key.Record()
		if err != nil {
			tb.Fatal(err)
		}
		keys, zone[key.Name(fromDomain)] = append(keys, key), record
	}
	return NewSigner(fromDomain, keys), zone
}

// verify returns how many signatures there are, and the first reason why one
// does not verify.
func verify(t *testing.T, raw []byte, zone map[string]string) (signatures int, failed error) {
	t.Helper()
	all, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if record, ok := zone[name]; ok {
			return []string{record}, nil
		}
		return nil, fmt.Errorf("no record of %s", name)
	}})
	if err != nil {
		return 0, err
	}
	for _, v := range all {
		if v.Err != nil && failed == nil {
			failed = v.Err
		}
		if v.Domain != fromDomain {
			t.Errorf("signed for %s", v.Domain)
		}
	}
	return len(all), failed
}

// TestSender_Signs: what arrives verifies, whatever was sent.
func TestSender_Signs(t *testing.T) {
	awkward := letter()
	awkward.FromName = "Siân Ŵyn \"the\" Ōkafor"
	awkward.Subject = strings.Repeat("Please sign the pledge ", 12) + "✉"
	awkward.Text = "From me.\n.\n..\n.dot\n \t \ntrailing space   \n\n\n\n"
	empty := letter()
	empty.Text = ""
	for name, m := range map[string]campaign.Mail{"letter": letter(), "confirmation": confirmation(), "awkward": awkward, "empty": empty} {
		for _, types := range [][]DKIMType{{DKIMRSA}, {DKIMEd25519}, {DKIMRSA, DKIMEd25519}, nil} {
			t.Run(fmt.Sprint(name, types), func(t *testing.T) {
				server := testkit.StartSMTP(t, testkit.SMTPConfig{})
				signer, zone := signing(t, types...)
				sender := newSender(t, server, func(o *Options) { o.Signer = signer })
				wantOutcome(t, send(t, sender, m), campaign.VerdictSent, 250, "")
				got := server.Next(t).Data
				if n, err := verify(t, got, zone); err != nil || n != len(types) {
					t.Errorf("%d signatures, want %v: %v\n%s", n, types, err, got)
				}
				for _, tag := range []string{"l=", "x=", "i="} {
					head, _, _ := bytes.Cut(got, []byte("\r\nDate:"))
					if bytes.Contains(head, []byte(" "+tag)) {
						t.Errorf("the signature has %s:\n%s", tag, head)
					}
				}
				if err := checkLines(got); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestSigner_Covers: what an honest server does on the way is no matter; what
// would make the message another breaks both signatures.
func TestSigner_Covers(t *testing.T) {
	builder, err := newBuilder(from, "")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := builder.build(letter())
	if err != nil {
		t.Fatal(err)
	}
	signer, zone := signing(t, DKIMRSA, DKIMEd25519)
	signed, err := signer.sign(msg.raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		from, to string
		ok       bool
	}{
		{"as it is", "", "", true},
		{"received", "DKIM-Signature:", "Received: from a by b; Sun, 30 Mar 2025 10:15:00 +0100\r\nDKIM-Signature:", true},
		{"a return path", "DKIM-Signature:", "Return-Path: <letters@postbag.example.org>\r\nDKIM-Signature:", true},
		{"folded again", "Subject: Please sign", "Subject: Please\r\n sign", true},
		{"a field's name in other letters", "\r\nMessage-ID: ", "\r\nMessage-Id: ", true},
		{"spaces behind a line", "Please sign.\r\n", "Please sign.  \r\n", true},
		{"a relay's own way to unsubscribe", "\r\nDate: ", "\r\nList-Unsubscribe: <https://relay.example/u>\r\nDate: ", true},
		{"empty lines at the end", "LS1 1AA\r\n", "LS1 1AA\r\n\r\n\r\n", true},
		{"another text", "Please sign.", "Please do not sign.", false},
		{"text added at the end", "LS1 1AA\r\n", "LS1 1AA\r\nBuy this.\r\n", false},
		{"another subject", "Subject: Please", "Subject: Never", false},
		{"a second From", "\r\nDate: ", "\r\nFrom: <x@postbag.example.org>\r\nDate: ", false},
		{"a second To", "\r\nDate: ", "\r\nTo: <x@example.org>\r\nDate: ", false},
		{"a second Subject", "DKIM-Signature:", "Subject: x\r\nDKIM-Signature:", false},
		{"a copy to somebody", "\r\nDate: ", "\r\nCc: <x@example.org>\r\nDate: ", false},
		{"answers to somebody else", "Reply-To: \"Sam Okafor\" <sam.okafor@", "Reply-To: \"Sam Okafor\" <x@", false},
		{"a second Reply-To", "\r\nDate: ", "\r\nReply-To: <x@example.org>\r\nDate: ", false},
		{"another kind of content", "\r\nDate: ", "\r\nContent-Type: text/html\r\nDate: ", false},
		{"another time", "Date: Sun, 30", "Date: Mon, 31", false},
		{"another Message-ID", "letter.7h2k@", "letter.7h2l@", false},
	} {
		changed := bytes.Replace(signed, []byte(tt.from), []byte(tt.to), 1)
		if tt.from != "" && bytes.Equal(changed, signed) {
			t.Errorf("%s: nothing was changed", tt.name)
		}
		all, err := dkim.VerifyWithOptions(bytes.NewReader(changed), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			return []string{zone[name]}, nil
		}})
		if err != nil || len(all) != 2 {
			t.Fatalf("%s: %d signatures, %v", tt.name, len(all), err)
		}
		for _, v := range all {
			if (v.Err == nil) != tt.ok {
				t.Errorf("%s: %v", tt.name, v.Err)
			}
		}
	}
}

func TestFieldsToSign(t *testing.T) {
	for _, tt := range []struct{ name, head, want string }{
		{"a letter", "From: a\r\nTo: b\r\nReply-To: c\r\nSubject: d\r\nDate: e\r\nMessage-ID: f\r\nMIME-Version: 1.0\r\nContent-Type: g\r\nContent-Transfer-Encoding: h\r\n",
			"From From Reply-To Reply-To To To Cc Subject Subject Date Date Message-ID Message-ID Content-Type Content-Type MIME-Version Content-Transfer-Encoding"},
		{"one to unsubscribe from", "From: a\r\nlist-unsubscribe: <b>\r\nList-Unsubscribe-Post: c\r\nAuto-Submitted: auto-generated\r\n",
			"From From Reply-To To Cc Subject Date Message-ID Content-Type Auto-Submitted List-Unsubscribe List-Unsubscribe List-Unsubscribe-Post List-Unsubscribe-Post"},
		{"folded, and others", "Received: x\r\n From: no\r\nFrom: a\r\nX-Other: To: b\r\n",
			"From From Reply-To To Cc Subject Date Message-ID Content-Type"},
	} {
		// What stands behind the head counts for nothing.
		got := strings.Join(fieldsToSign([]byte(tt.head+"\r\nAuto-Submitted: no\r\n")), " ")
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestSender_KeepsWhatItCannotSign(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	key, err := NewDKIMKey("s", DKIMEd25519)
	if err != nil {
		t.Fatal(err)
	}
	key.private = broken{key.private}
	sender := newSender(t, server, func(o *Options) { o.Signer = NewSigner(fromDomain, []DKIMKey{key}) })
	wantOutcome(t, send(t, sender, letter()), campaign.VerdictRetry, 0, "sign the message")
	if server.Accepted() != 0 {
		t.Error("sent without a signature")
	}
}

func BenchmarkSigner(b *testing.B) {
	builder, err := newBuilder(from, "")
	if err != nil {
		b.Fatal(err)
	}
	msg, err := builder.build(usual())
	if err != nil {
		b.Fatal(err)
	}
	for _, types := range [][]DKIMType{{DKIMEd25519}, {DKIMRSA}, {DKIMRSA, DKIMEd25519}} {
		b.Run(fmt.Sprint(types), func(b *testing.B) {
			signer, _ := signing(b, types...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := signer.sign(msg.raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

var errBroken = errors.New("the key is gone")
