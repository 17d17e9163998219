package app

import (
	"bytes"
	"crypto/x509"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/go-cmp/cmp"

	"postbag/assets"
	"postbag/internal/config"
	"postbag/internal/maildoctor"
	"postbag/internal/mailer"
	"postbag/internal/testkit"
	"postbag/internal/view"
	"postbag/templates"
)

var updateDoctor = flag.Bool("update-doctor", false, "write what the doctor says to testdata instead of comparing with it")

const (
	doctorDomain   = "ourcampaign.org.uk" // known to the test's name server alone
	doctorPassword = "hunter2hunter2"
)

var doctorNow = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

// doctorKeys are made once: RSA takes its time.
var doctorKeys = sync.OnceValue(func() (keys [3]mailer.DKIMKey) {
	for i, kind := range []mailer.DKIMType{mailer.DKIMRSA, mailer.DKIMEd25519, mailer.DKIMRSA} {
		var err error
		if keys[i], err = mailer.NewDKIMKey([]string{"postbag", "postbag-ed", "other"}[i], kind); err != nil {
			panic(err)
		}
	}
	return keys
})

var doctorWords = sync.OnceValue(func() *view.Renderer {
	words, err := view.New(templates.FS, assets.FS, view.Options{})
	if err != nil {
		panic(err)
	}
	return words
})

// patient is a set-up to be broken: its mail server, its DNS, its settings.
type patient struct {
	MailDoctor
	t      *testing.T
	relay  testkit.SMTPConfig
	mode   string // of the connection
	names  []string
	from   time.Time
	until  time.Time
	faults []testkit.SMTPFault
	dns    *testkit.DNSServer
	dir    string

	withoutPassword bool
}

// newPatient is a set-up in which all is well.
func newPatient(t *testing.T) *patient {
	p := &patient{
		t: t, dir: t.TempDir(), mode: "tls=required", names: []string{"mail.provider.net"},
		from: doctorNow.AddDate(0, -1, 0), until: doctorNow.AddDate(0, 2, 0),
		relay: testkit.SMTPConfig{StartTLS: true, Users: map[string]string{"post": doctorPassword}, Pipelining: true},
	}
	p.View = doctorWords()
	p.Now = func() time.Time { return doctorNow }
	p.Timeouts = mailer.Timeouts{Dial: 10 * time.Second, Command: 10 * time.Second}
	p.Bounce = "bounces@bounces." + doctorDomain
	p.OwnIPs = []netip.Addr{}
	p.SendingIPs = []netip.Addr{netip.MustParseAddr("203.0.113.7")}
	p.Config = config.Config{
		Env: config.Production, MailFrom: "letters@" + doctorDomain, BaseURL: "https://letters." + doctorDomain, DataDir: p.dir,
	}
	p.dns = testkit.StartDNS(t,
		"letters.ourcampaign.org.uk. A 127.0.0.1",
		"mail.provider.net. A 127.0.0.1",
		`ourcampaign.org.uk. TXT "v=spf1 ip4:203.0.113.7 ~all"`,
		`ourcampaign.org.uk. TXT "some-verification=123"`,
		"ourcampaign.org.uk. MX 10 mx.ourcampaign.org.uk.",
		`bounces.ourcampaign.org.uk. TXT "v=spf1 ip4:203.0.113.7 ~all"`,
		"bounces.ourcampaign.org.uk. MX 10 mx.ourcampaign.org.uk.",
		"mx.ourcampaign.org.uk. A 127.0.0.1",
		`_dmarc.ourcampaign.org.uk. TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@ourcampaign.org.uk"`)
	p.key(doctorKeys()[0])
	p.publish(doctorKeys()[0].Selector, doctorKeys()[0])
	p.DNS = p.dns.Addr()
	return p
}

// key has mail signed with a key.
func (p *patient) key(k mailer.DKIMKey) {
	p.t.Helper()
	content, err := k.PEM()
	if err != nil {
		p.t.Fatal(err)
	}
	file := filepath.Join(p.dir, k.Selector+".pem")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.Config.DKIM = append(p.Config.DKIM, config.DKIMKey{Selector: k.Selector, File: file})
}

// publish puts a key's record under a selector.
func (p *patient) publish(selector string, k mailer.DKIMKey) {
	p.t.Helper()
	record, err := k.Record()
	if err != nil {
		p.t.Fatal(err)
	}
	p.dns.Add(p.t, maildoctor.Record{Name: selector + "._domainkey." + doctorDomain, Type: "TXT", Value: record}.Zone())
}

// instead puts other records in place of those of a name.
func (p *patient) instead(name string, records ...string) {
	p.t.Helper()
	p.dns.Remove(name)
	p.dns.Add(p.t, records...)
}

// check starts the mail server and examines everything.
func (p *patient) check() (*view.MailCheckup, *testkit.SMTPServer) {
	p.t.Helper()
	cert, pool := testkit.Certificate(p.from, p.until, p.names...)
	if p.relay.Certificate == nil {
		p.relay.Certificate = &cert
	}
	if p.Roots == nil {
		p.Roots = pool
	}
	server := testkit.StartSMTP(p.t, p.relay)
	server.Script(p.faults...)
	mx := testkit.StartSMTP(p.t, testkit.SMTPConfig{})
	if p.MXPort == 0 {
		p.MXPort = mx.Port()
	}
	if p.Config.SMTPURL == "" && p.mode != "" {
		login := "post:" + doctorPassword + "@"
		if p.withoutPassword {
			login = ""
		}
		address := fmt.Sprintf("smtp://%smail.provider.net:%d?%s", login, server.Port(), p.mode)
		if p.relay.ImplicitTLS || p.mode == "smtps" {
			address = fmt.Sprintf("smtps://%smail.provider.net:%d", login, server.Port())
		}
		p.Config.SMTPURL = config.Secret(address)
	}
	found, err := p.Check(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return found, server
}

// TestMailDoctor breaks one thing after the other. What the doctor says of each
// stands in testdata/mail_doctor.txt, to be read aloud.
func TestMailDoctor(t *testing.T) {
	text := ""
	for _, tt := range brokenSetUps() {
		var said strings.Builder
		p := newPatient(t)
		if tt.change != nil {
			tt.change(p)
		}
		found, server := p.check()
		var got []string
		fmt.Fprintf(&said, "# %s\n", tt.name)
		for _, f := range found.Findings {
			if strings.ContainsAny(f.Says, "{}") || strings.Contains(f.Says, "desk.mail_doctor") || strings.Contains(f.Says, "<no value>") {
				t.Errorf("%s: the sentence of %s is not whole: %s", tt.name, f.Code, f.Says)
			}
			if f.Severity == maildoctor.OK {
				continue
			}
			got = append(got, string(f.Severity)+" "+f.Code)
			fmt.Fprintf(&said, "%s: %s\n", f.Severity, f.Says)
			if f.Record != nil {
				fmt.Fprintf(&said, "    %s\n", strings.ReplaceAll(f.Record.Zone(), "\n", "\n    "))
			}
		}
		fmt.Fprintf(&said, "%s\n\n", found.Says)
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
		if strings.Contains(said.String(), doctorPassword) {
			t.Fatalf("%s: the password is told", tt.name)
		}
		if server.Accepted() > 0 {
			t.Errorf("%s: a mail was sent", tt.name)
		}
		for _, c := range server.Commands() {
			if c.Verb == "MAIL" || c.Verb == "RCPT" || c.Verb == "DATA" {
				t.Errorf("%s: a mail was begun: %s", tt.name, c.Verb)
			}
		}
		text += strings.NewReplacer(fmt.Sprintf("port %d", server.Port()), "port 587", p.dir, "/etc/postbag").Replace(said.String())
	}
	for i, k := range doctorKeys() {
		record, err := k.Record()
		if err != nil {
			t.Fatal(err)
		}
		zone := maildoctor.Record{Name: "x", Type: "TXT", Value: record}.Zone()
		text = strings.ReplaceAll(text, strings.ReplaceAll(strings.TrimPrefix(zone, "x. 3600 IN TXT "), "\n", "\n    "), fmt.Sprintf(`"v=DKIM1; k=%s; p=(key %d)"`, k.Type, i+1))
	}
	file := filepath.Join("testdata", "mail_doctor.txt")
	if *updateDoctor {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the test with -update-doctor to write it)", err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

// TestMailDoctor_AllIsWell: nothing is found that is not, and nothing is sent.
func TestMailDoctor_AllIsWell(t *testing.T) {
	p := newPatient(t)
	found, server := p.check()
	var codes []string
	for _, f := range found.Findings {
		codes = append(codes, f.Code)
	}
	want := "relay_ok tls_ok auth_ok spf_ok dkim_ok dmarc_ok align_both mx_ok"
	if got := strings.Join(codes, " "); got != want || found.Verdict != maildoctor.OK {
		t.Errorf("%s\n got %s\nwant %s", found.Verdict, got, want)
	}
	var verbs []string
	for _, c := range server.Commands() {
		verbs = append(verbs, c.Verb)
	}
	if got := strings.Join(verbs, " "); got != "EHLO STARTTLS EHLO AUTH QUIT" {
		t.Errorf("the conversation was %s", got)
	}
}

// TestMailDoctor_SendsATest: signed as letters are, and to nobody else.
func TestMailDoctor_SendsATest(t *testing.T) {
	p := newPatient(t)
	p.SendTo = "noor@example.org"
	found, server := p.check()
	got := server.Next(t)
	if len(got.To) != 1 || got.To[0] != p.SendTo || !bytes.Contains(got.Data, []byte("Subject: A test of the mail set-up")) {
		t.Errorf("sent to %v:\n%s", got.To, got.Data)
	}
	record, err := doctorKeys()[0].Record()
	if err != nil {
		t.Fatal(err)
	}
	all, err := dkim.VerifyWithOptions(bytes.NewReader(got.Data), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{record}, nil }})
	if err != nil || len(all) != 1 || all[0].Err != nil {
		t.Errorf("signatures %+v, %v", all, err)
	}
	if !strings.Contains(fmt.Sprint(found.Findings), "test_sent") {
		t.Errorf("%+v", found.Findings)
	}

	for reply, code := range map[string]string{"550 5.7.1 Relaying denied": "test_failed", "451 4.7.1 Greylisted": "test_later"} {
		p := newPatient(t)
		p.SendTo = "noor@example.org"
		p.faults = []testkit.SMTPFault{{Stage: testkit.StageRCPT, Reply: reply}}
		found, _ := p.check()
		if found.Verdict != maildoctor.Problem || !strings.Contains(fmt.Sprint(found.Findings), code) {
			t.Errorf("%s: %+v", reply, found.Findings)
		}
	}
}

// TestMailDoctor_KeepsThePassword: to a server that cannot be trusted, and over
// a connection that anybody can read, it is not told.
func TestMailDoctor_KeepsThePassword(t *testing.T) {
	for name, change := range map[string]func(*patient){
		"a certificate of nobody's": func(p *patient) { p.Roots = x509.NewCertPool() },
		"one for another name":      func(p *patient) { p.names = []string{"mail.elsewhere.net"} },
		"no encryption":             func(p *patient) { p.relay.StartTLS = false },
		"a server that refuses TLS": func(p *patient) { p.faults = []testkit.SMTPFault{{Stage: testkit.StageSTARTTLS, Reply: "454 No"}} },
		"outside production, not one": func(p *patient) {
			p.Config.Env = config.Development
			p.instead("mail.provider.net.", "mail.provider.net. A 192.0.2.1")
		},
	} {
		p := newPatient(t)
		change(p)
		_, server := p.check()
		for _, c := range server.Commands() {
			if c.Verb == "AUTH" {
				t.Errorf("%s: the password was told", name)
			}
		}
	}
}
