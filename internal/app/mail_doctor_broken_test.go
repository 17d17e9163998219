package app

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"postbag/internal/config"
	"postbag/internal/maildoctor"
	"postbag/internal/testkit"
)

// setUp is one way in which a set-up may be wrong, and the findings that are
// not fine.
type setUp struct {
	name   string
	change func(*patient)
	want   string
}

func failing(stage testkit.SMTPStage, reply string, drop testkit.SMTPDrop) func(*patient) {
	return func(p *patient) {
		p.faults = []testkit.SMTPFault{{Stage: stage, Reply: reply, Drop: drop}}
	}
}

// silent is a server that says nothing more at a stage, and a doctor who waits
// for a moment only.
func silent(stage testkit.SMTPStage) func(*patient) {
	return func(p *patient) {
		p.Timeouts.Command = 1500 * time.Millisecond
		p.faults = []testkit.SMTPFault{{Stage: stage, Hang: make(chan struct{})}}
	}
}

// record puts another record in place of those of a name.
func record(name string, records ...string) func(*patient) {
	return func(p *patient) { p.instead(name, records...) }
}

func brokenSetUps() []setUp {
	const (
		spfName  = "bounces.ourcampaign.org.uk."
		dkimName = "postbag._domainkey.ourcampaign.org.uk."
		mx       = "mx.ourcampaign.org.uk."
	)
	spf := func(records ...string) func(*patient) {
		for i, r := range records {
			records[i] = fmt.Sprintf("%s TXT %q", spfName, r)
		}
		return record(spfName, append(records, spfName+" MX 10 "+mx)...)
	}
	return []setUp{
		{"all is well", nil, ""},

		// The settings
		{"no mail server, as in development", func(p *patient) {
			p.Config = config.Config{Env: config.Development, MailFrom: "letters@postbag.invalid"}
			p.mode = ""
		}, "warning captured, warning from_missing"},
		{"not in production", func(p *patient) { p.Config.Env = config.Development }, "warning development"},
		{"a test recipient", func(p *patient) { p.Config.TestRecipient = "noor@example.org" }, "warning test_recipient"},
		{"from an example", func(p *patient) { p.Config.MailFrom = "letters@example.org" }, "problem from_example"},
		{"from a mailbox of a big provider", func(p *patient) { p.Config.MailFrom = "ourcampaign@gmail.com" }, "problem from_shared"},
		{"links that lead nowhere", record("letters.ourcampaign.org.uk."), "problem base_unknown"},
		{"links whose DNS is out of order", func(p *patient) { p.dns.Fail("letters.ourcampaign.org.uk.") }, "warning base_trouble"},
		{"a clock of years ago", func(p *patient) {
			p.Now = func() time.Time { return time.Date(2020, 1, 1, 0, 0, 5, 0, time.UTC) }
			p.from, p.until = doctorNow.AddDate(-10, 0, 0), doctorNow.AddDate(10, 0, 0)
		}, "problem clock"},

		// The mail server
		{"a mail server that is misspelt", record("mail.provider.net."), "problem relay_unknown"},
		{"its DNS is out of order", func(p *patient) { p.dns.Fail("mail.provider.net.") }, "problem relay_lookup"},
		{"a mail server elsewhere, not in production", func(p *patient) {
			p.Config.Env = config.Development
			p.SendingIPs = nil
			p.instead("mail.provider.net.", "mail.provider.net. A 192.0.2.1")
		}, "warning development, warning relay_elsewhere, warning spf_perhaps"},
		{"nothing listens", func(p *patient) {
			p.Config.SMTPURL = "smtp://mail.provider.net:1"
		}, "problem relay_refused"},
		{"it says nothing", silent(testkit.StageGreeting), "problem relay_silent"},
		{"it hangs up", failing(testkit.StageGreeting, "", testkit.DropBefore), "problem relay_closed"},
		{"it is a web server", failing(testkit.StageGreeting, "HTTP/1.1 400 Bad Request", testkit.DropAfter), "problem relay_not_smtp"},
		{"it turns us away", failing(testkit.StageGreeting, "554 5.7.1 Your address is on a block list", testkit.DropAfter), "problem relay_turns_away"},
		{"it is busy", failing(testkit.StageGreeting, "421 4.3.2 Too many connections", testkit.DropAfter), "problem relay_busy"},
		{"it does not like our name", failing(testkit.StageEHLO, "501 5.5.2 Invalid EHLO name", testkit.DropNever), "problem relay_hello"},

		// Encryption
		{"it offers no encryption", func(p *patient) { p.relay.StartTLS = false }, "problem tls_missing"},
		{"it refuses what it offers", failing(testkit.StageSTARTTLS, "454 4.7.0 TLS not available due to local problem", testkit.DropNever), "problem tls_refused"},
		{"encryption fails", failing(testkit.StageSTARTTLS, "", testkit.DropAfter), "problem tls_failed"},
		{"smtps:// on a plain port", func(p *patient) { p.mode = "smtps" }, "problem tls_plain_port"},
		{"TLS from the first byte", func(p *patient) { p.relay.ImplicitTLS, p.relay.StartTLS = true, false }, ""},
		{"a certificate of nobody's", func(p *patient) { p.Roots = x509.NewCertPool() }, "problem cert_unknown"},
		{"a certificate for another name", func(p *patient) { p.names = []string{"smtp.provider.net", "*.provider.com"} }, "problem cert_name"},
		{"a certificate that has ended", func(p *patient) {
			p.from, p.until = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)
		}, "problem cert_expired"},
		{"a certificate of tomorrow", func(p *patient) {
			p.from, p.until = time.Date(2096, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2096, 4, 1, 0, 0, 0, 0, time.UTC)
		}, "problem cert_early"},
		{"a certificate that ends soon", func(p *patient) { p.until = doctorNow.AddDate(0, 0, 5) }, "warning cert_soon"},
		{"a bad certificate that is taken all the same", func(p *patient) {
			p.Roots = x509.NewCertPool()
			p.open("opportunistic")
		}, "warning cert_unknown"},

		// The password
		{"a wrong password", func(p *patient) { p.relay.Users = map[string]string{"post": "another"} }, "problem auth_refused"},
		{"a server that asks for none", func(p *patient) { p.relay.Users = nil }, "problem auth_missing"},
		{"a way to sign in that we do not know", func(p *patient) {
			p.faults = []testkit.SMTPFault{{Stage: testkit.StageEHLO, Nth: 2, Reply: "250 mx.test\n250 PIPELINING\n250 AUTH GSSAPI XOAUTH2"}}
		}, "problem auth_mechanism"},
		{"passwords cannot be checked just now", failing(testkit.StageAUTH, "454 4.7.0 Temporary authentication failure", testkit.DropNever), "problem auth_trouble"},
		{"an answer that quotes the password", failing(testkit.StageAUTH, "535 5.7.8 post with "+doctorPassword+" is wrong", testkit.DropNever), "problem auth_refused"},
		{"the password is met with silence", silent(testkit.StageAUTH), "problem auth_trouble"},

		// What it can do
		{"no pipelining", func(p *patient) { p.relay.Pipelining = false }, "warning slow"},
		{"small messages only", func(p *patient) { p.relay.MaxSize = 50_000 }, "warning small"},

		// SPF
		{"no SPF", spf("some other text"), "problem spf_none"},
		{"no SPF, and nobody knows what sends", func(p *patient) { spf("none")(p); p.SendingIPs = nil }, "problem spf_none_where"},
		{"SPF that refers to nothing", spf("v=spf1 ip4:198.51.100.1 include:_spf.elsewhere.net -all"), "problem spf_include"},
		{"SPF that lacks our server", spf("v=spf1 mx -all"), "problem spf_lacks"},
		{"two SPF records", spf("v=spf1 ip4:203.0.113.7 -all", "v=spf1 include:_spf.elsewhere.net ~all"), "problem spf_many"},
		{"SPF with a mistake", spf("v=spf1 ipv4:203.0.113.7 ~all"), "problem spf_bad"},
		{"SPF with too many look-ups", spf("v=spf1 a:a.net a:b.net a:c.net a:d.net ~all"), "problem spf_lookups"},
		{"SPF for the whole world", spf("v=spf1 ip4:203.0.113.7 +all"), "warning spf_open"},
		{"SPF out of order", func(p *patient) { p.dns.Fail(spfName) }, "warning spf_trouble, warning mx_trouble"},
		{"the sending address is not known", func(p *patient) { p.SendingIPs = nil }, "warning spf_where"},
		{"the machine's own addresses", func(p *patient) {
			p.SendingIPs, p.OwnIPs = nil, []netip.Addr{netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("2001:db8::7")}
		}, "warning spf_perhaps"},
		{"a relay service without SPF", func(p *patient) {
			p.Config.Env, p.SendingIPs = config.Development, nil
			p.dns.Add(p.t, "smtp.postmarkapp.com. A 192.0.2.1")
			p.Config.SMTPURL = "smtp://smtp.postmarkapp.com?tls=required"
			spf("none")(p)
		}, "warning development, warning relay_elsewhere, problem spf_none"},

		// DKIM
		{"no signature", func(p *patient) { p.Config.DKIM = nil }, "warning dkim_none, warning align_spf"},
		{"a key that is not in the DNS", record(dkimName), "problem dkim_missing, warning align_spf"},
		{"a key under a doubled name", func(p *patient) {
			p.dns.Remove(dkimName)
			p.publish("postbag._domainkey.ourcampaign.org.uk", doctorKeys()[0]) // becomes …uk._domainkey.…
			p.dns.Add(p.t, dkimName[:len(dkimName)-1]+`.ourcampaign.org.uk. TXT "v=DKIM1; p=x"`)
		}, "problem dkim_doubled, warning align_spf"},
		{"another key in the DNS", func(p *patient) { p.dns.Remove(dkimName); p.publish("postbag", doctorKeys()[2]) }, "problem dkim_other, warning align_spf"},
		{"a key at a relay, by an alias", func(p *patient) {
			text, _ := doctorKeys()[0].Record()
			p.instead(dkimName, dkimName+" CNAME postbag.dkim.provider.net.", maildoctor.Record{Name: "postbag.dkim.provider.net", Type: "TXT", Value: text}.Zone())
		}, ""},
		{"an alias that leads nowhere", record(dkimName, dkimName+" CNAME gone.provider.net."), "problem dkim_missing, warning align_spf"},
		{"an alias of itself", record(dkimName, dkimName+" CNAME "+dkimName), "problem dkim_missing, warning align_spf"},
		{"a key that was taken back", record(dkimName, dkimName+` TXT "v=DKIM1; k=rsa; p="`), "problem dkim_revoked, warning align_spf"},
		{"a key that was cut off", record(dkimName, dkimName+` TXT "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"`), "problem dkim_bad, warning align_spf"},
		{"a key in quotation marks", record(dkimName, dkimName+` TXT "\"v=DKIM1; k=rsa; p=MIIB\""`), "problem dkim_bad, warning align_spf"},
		{"two keys under one name", func(p *patient) { p.publish("postbag", doctorKeys()[2]) }, "problem dkim_many, warning align_spf"},
		{"a key on trial", func(p *patient) {
			p.dns.Remove(dkimName)
			record, _ := doctorKeys()[0].Record()
			p.dns.Add(p.t, dkimName+` TXT "t=y; `+record[:200]+`" "`+record[200:]+`"`)
		}, "warning dkim_testing, warning align_spf"},
		{"the key's DNS is out of order", func(p *patient) { p.dns.Fail(dkimName) }, "warning dkim_trouble, warning align_spf"},
		{"a key of the new kind alone", func(p *patient) {
			p.Config.DKIM = nil
			p.key(doctorKeys()[1])
			p.publish("postbag-ed", doctorKeys()[1])
		}, "warning dkim_ed25519"},
		{"two keys, one of them not in the DNS", func(p *patient) { p.key(doctorKeys()[1]) }, "problem dkim_missing"},
		{"a key file for everybody", func(p *patient) { _ = os.Chmod(filepath.Join(p.dir, "postbag.pem"), 0o644) }, "warning dkim_exposed"},
		{"a key file that is gone", func(p *patient) { _ = os.Remove(filepath.Join(p.dir, "postbag.pem")) }, "problem dkim_files, warning align_spf"},
		{"signed, and sent by Amazon", func(p *patient) {
			p.Config.Env = config.Development
			p.dns.Add(p.t, "email-smtp.eu-west-2.amazonaws.com. A 192.0.2.1")
			p.Config.SMTPURL = "smtp://email-smtp.eu-west-2.amazonaws.com:587?tls=required"
		}, "warning development, warning relay_elsewhere, problem dkim_ses, warning align_spf"},

		// DMARC
		{"no DMARC", record("_dmarc.ourcampaign.org.uk."), "warning dmarc_none"},
		{"DMARC in the wrong place", record("_dmarc.ourcampaign.org.uk.", `_dmarc.ourcampaign.org.uk.ourcampaign.org.uk. TXT "v=DMARC1; p=none"`), "warning dmarc_doubled"},
		{"DMARC by an alias", record("_dmarc.ourcampaign.org.uk.", "_dmarc.ourcampaign.org.uk. CNAME _dmarc.provider.net.", `_dmarc.provider.net. TXT "v=DMARC1; p=reject"`), ""},
		{"two DMARC records", func(p *patient) { p.dns.Add(p.t, `_dmarc.ourcampaign.org.uk. TXT "v=DMARC1; p=none"`) }, "problem dmarc_many"},
		{"DMARC with a mistake", record("_dmarc.ourcampaign.org.uk.", `_dmarc.ourcampaign.org.uk. TXT "v=DMARC1; p=refuse"`), "problem dmarc_bad"},
		{"DMARC out of order", func(p *patient) { p.dns.Fail("_dmarc.ourcampaign.org.uk.") }, "warning dmarc_trouble"},
		{"strict DMARC, and nothing that aligns", func(p *patient) {
			record("_dmarc.ourcampaign.org.uk.", `_dmarc.ourcampaign.org.uk. TXT "v=DMARC1; p=reject; aspf=s"`)(p)
			p.dns.Remove(dkimName)
		}, "problem dkim_missing, problem align_none"},
		{"DMARC that only watches, and nothing that aligns", func(p *patient) {
			record("_dmarc.ourcampaign.org.uk.", `_dmarc.ourcampaign.org.uk. TXT "v=DMARC1; p=none; aspf=s"`)(p)
			p.dns.Remove(dkimName)
		}, "problem dkim_missing, warning align_none"},

		// Where bounces come back to
		{"no address for bounces", func(p *patient) { p.Bounce = "" }, "warning bounce_unset"},
		{"bounces go nowhere", record(spfName, spfName+` TXT "v=spf1 ip4:203.0.113.7 ~all"`), "problem mx_none"},
		{"bounces go to a domain without MX", record(spfName, spfName+` TXT "v=spf1 ip4:203.0.113.7 ~all"`, spfName+" A 127.0.0.1"), "warning mx_address_only"},
		{"a domain that takes no mail", record(spfName, spfName+` TXT "v=spf1 ip4:203.0.113.7 ~all"`, spfName+" MX 0 ."), "problem mx_null"},
		{"an MX record with an address", record(spfName, spfName+` TXT "v=spf1 ip4:203.0.113.7 ~all"`, spfName+" MX 10 203.0.113.7."), "problem mx_is_address"},
		{"an MX record for a name that is not there", record(mx), "problem mx_unknown"},
		{"nobody answers there", func(p *patient) { p.MXPort = 1 }, "warning mx_quiet"},
		{"not in production, a server elsewhere", func(p *patient) {
			p.Config.Env = config.Development
			p.instead(mx, mx+" A 192.0.2.2")
		}, "warning development"},

		{"many things at once", func(p *patient) {
			p.relay.Users = map[string]string{"post": "another"}
			p.relay.Pipelining = false
			spf("v=spf1 mx -all")(p)
			p.Config.DKIM = nil
			p.dns.Remove("_dmarc.ourcampaign.org.uk.")
			p.Bounce = "bounces@bounces.ourcampaign.org.uk"
		}, "problem auth_refused, problem spf_lacks, warning dkim_none, warning dmarc_none, warning align_perhaps"},
	}
}

// open takes the password out, for a connection that is not verified.
func (p *patient) open(mode string) {
	p.relay.Users = nil
	p.mode = "tls=" + mode
	p.withoutPassword = true
}
