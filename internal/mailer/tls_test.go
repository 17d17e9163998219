package mailer

import (
	"crypto/x509"
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

func TestSender_TLS(t *testing.T) {
	var (
		plain    = testkit.SMTPConfig{}
		startTLS = testkit.SMTPConfig{StartTLS: true}
		implicit = testkit.SMTPConfig{ImplicitTLS: true}
	)
	const sent, retry = campaign.VerdictSent, campaign.VerdictRetry
	for _, tt := range []struct {
		name    string
		server  testkit.SMTPConfig
		mode    TLSMode
		trusted bool
		verdict campaign.Verdict
		answer  string
		tls     bool
	}{
		{"none, although offered", startTLS, TLSNone, true, sent, "", false},
		{"opportunistic, offered", startTLS, TLSOpportunistic, true, sent, "", true},
		{"opportunistic, offered with a self-made certificate", startTLS, TLSOpportunistic, false, sent, "", true},
		{"opportunistic, not offered", plain, TLSOpportunistic, true, sent, "", false},
		{"required, offered", startTLS, TLSRequired, true, sent, "", true},
		{"required, not offered", plain, TLSRequired, true, retry, "does not support STARTTLS", false},
		{"required, certificate not trusted", startTLS, TLSRequired, false, retry, "certificate", false},
		{"implicit", implicit, TLSImplicit, true, sent, "", true},
		{"implicit, certificate not trusted", implicit, TLSImplicit, false, retry, "certificate", false},
		{"implicit, on a plain server", plain, TLSImplicit, true, retry, "does not look like a TLS handshake", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := testkit.StartSMTP(t, tt.server)
			sender := newSender(t, server, func(o *Options) {
				o.SMTP.TLS = tt.mode
				if !tt.trusted {
					o.RootCAs = x509.NewCertPool()
				}
			})
			wantOutcome(t, send(t, sender, letter()), tt.verdict, map[campaign.Verdict]int{sent: 250}[tt.verdict], tt.answer)
			if tt.verdict != sent {
				if server.Accepted() != 0 {
					t.Error("the message was handed over")
				}
				return
			}
			if got := server.Next(t); got.TLS != tt.tls {
				t.Errorf("TLS %v, want %v", got.TLS, tt.tls)
			}
			// Kept connections work through TLS, too.
			wantOutcome(t, send(t, sender, letter()), sent, 250, "")
			if n := server.Connections(); n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

func TestSender_Auth(t *testing.T) {
	users := map[string]string{"post@example.org": "s3cret: pass/word"}
	for _, tt := range []struct {
		name     string
		server   testkit.SMTPConfig
		mode     TLSMode
		password string
		verdict  campaign.Verdict
		code     int
		answer   string
	}{
		{"over STARTTLS", testkit.SMTPConfig{StartTLS: true, Users: users, RequireAuth: true}, TLSRequired, "s3cret: pass/word", campaign.VerdictSent, 250, ""},
		{"over implicit TLS", testkit.SMTPConfig{ImplicitTLS: true, Users: users, RequireAuth: true}, TLSImplicit, "s3cret: pass/word", campaign.VerdictSent, 250, ""},
		{"plain, on loopback", testkit.SMTPConfig{Users: users, RequireAuth: true}, TLSNone, "s3cret: pass/word", campaign.VerdictSent, 250, ""},
		{"refused", testkit.SMTPConfig{ImplicitTLS: true, Users: users}, TLSImplicit, "wrong", campaign.VerdictRetry, 535, "535 5.7.8 Authentication failed"},
		{"never without the TLS asked for", testkit.SMTPConfig{Users: users}, TLSRequired, "s3cret: pass/word", campaign.VerdictRetry, 0, "STARTTLS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := testkit.StartSMTP(t, tt.server)
			sender := newSender(t, server, func(o *Options) {
				o.SMTP.TLS, o.SMTP.User, o.SMTP.Password = tt.mode, "post@example.org", tt.password
			})
			for range 2 {
				wantOutcome(t, send(t, sender, letter()), tt.verdict, tt.code, tt.answer)
			}
			authenticated := 0
			for _, c := range server.Commands() {
				if c.Verb == "AUTH" {
					authenticated++
				}
			}
			if tt.verdict == campaign.VerdictSent && (authenticated != 1 || server.Next(t).User != "post@example.org") {
				t.Errorf("authenticated %d times", authenticated)
			}
			if tt.code == 0 && authenticated > 0 {
				t.Error("the password was sent")
			}
		})
	}

	t.Run("an answer that quotes the login", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{Users: users})
		server.Script(testkit.SMTPFault{Stage: testkit.StageAUTH, Reply: "535 5.7.8 postmaster-login with hunter22 is wrong"})
		sender := newSender(t, server, func(o *Options) { o.SMTP.User, o.SMTP.Password = "postmaster-login", "hunter22" })
		got := send(t, sender, letter())
		wantOutcome(t, got, campaign.VerdictRetry, 535, "535 5.7.8")
		if strings.Contains(got.Answer, "hunter22") || strings.Contains(got.Answer, "postmaster-login") {
			t.Errorf("answer %q", got.Answer)
		}
	})
}

// TestSender_LoopbackOnly: 192.0.2.1 is reserved for documentation (RFC 5737);
// the sender must refuse it without trying.
func TestSender_LoopbackOnly(t *testing.T) {
	for _, host := range []string{"192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "0.0.0.0"} {
		sender, err := NewSender(Options{SMTP: SMTP{Host: host, Port: 25, TLS: TLSNone}, From: from, LoopbackOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictRetry, 0, "only loopback addresses are allowed")
		sender.Close()
	}

	t.Run("localhost is looked up and allowed", func(t *testing.T) {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		sender := newSender(t, server, func(o *Options) { o.SMTP.Host = "localhost" })
		wantOutcome(t, send(t, sender, letter()), campaign.VerdictSent, 250, "")
	})
}

func TestNewSender_RefusesBadOptions(t *testing.T) {
	good := func() Options {
		return Options{SMTP: SMTP{Host: "127.0.0.1", Port: 25, TLS: TLSNone}, From: from}
	}
	for name, change := range map[string]func(*Options){
		"no From":                  func(o *Options) { o.From = "" },
		"From with a name":         func(o *Options) { o.From = "Post <" + from + ">" },
		"From with a line break":   func(o *Options) { o.From = from + "\r\nBcc: x@example.org" },
		"test recipient":           func(o *Options) { o.TestRecipient = "nobody" },
		"no host":                  func(o *Options) { o.SMTP.Host = "" },
		"a socket for a host":      func(o *Options) { o.SMTP.Host = "unix:///run/smtp" },
		"no port":                  func(o *Options) { o.SMTP.Port = 0 },
		"unknown TLS mode":         func(o *Options) { o.SMTP.TLS = "" },
		"password in the open":     func(o *Options) { o.SMTP.Host, o.SMTP.User, o.SMTP.Password = "192.0.2.1", "u", "p" },
		"negative connections":     func(o *Options) { o.Connections = -1 },
		"EHLO with a line break":   func(o *Options) { o.Hello = "a\r\nMAIL FROM:<x@y>" },
		"a user and no password":   func(o *Options) { o.SMTP.User = "u" },
		"a password and no user":   func(o *Options) { o.SMTP.Password = "p" },
		"a line break in the user": func(o *Options) { o.SMTP.User, o.SMTP.Password = "u\r\n", "p" },
	} {
		o := good()
		change(&o)
		if _, err := NewSender(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := NewSender(good()); err != nil {
		t.Error(err)
	}
}
