package main

import (
	"encoding/json"
	"strings"
	"testing"

	"postbag/internal/testkit"
)

func TestDoctor(t *testing.T) {
	dir := t.TempDir()
	server := testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true})
	dns := testkit.StartDNS(t, `ourcampaign.org.uk. TXT "v=spf1 ip4:203.0.113.7 ~all"`, "ourcampaign.org.uk. MX 10 mx.ourcampaign.org.uk.", "mx.ourcampaign.org.uk. A 192.0.2.1")
	settings := map[string]string{"POSTBAG_MAIL_FROM": "letters@ourcampaign.org.uk", "POSTBAG_SMTP_URL": "smtp://" + server.Addr() + "?tls=none"}
	run := func(want int, args ...string) result {
		t.Helper()
		got := withSettings(t, settings, append([]string{"doctor", "--data-dir", dir, "--dns", dns.Addr()}, args...)...)
		if got.code != want {
			t.Errorf("%v: exit %d, want %d\n%s%s", args, got.code, want, got.out, got.err)
		}
		return got
	}
	got := run(exitOK, "--sending-ip", "203.0.113.7")
	for _, want := range []string{
		"\nok       The mail server 127.0.0.1, port ", "\nok       SPF: ourcampaign.org.uk allows mail from 203.0.113.7.\n",
		"\nwarning  DMARC: ", "\n         The record to add to the DNS, or to put in place of the old one:\n\n         name   _dmarc.ourcampaign.org.uk   (in a panel for ourcampaign.org.uk type only: _dmarc)\n         type   TXT\n         value  v=DMARC1; p=none; rua=mailto:postmaster@ourcampaign.org.uk\n",
		"\nNo problem was found.",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is not said:\n%s", want, got.out)
		}
	}
	if server.Accepted() > 0 {
		t.Error("a mail was sent")
	}

	var found struct {
		Verdict  string
		Findings []struct {
			Severity, Code, Says string
			Record               *struct{ Name, Type, Value string }
		}
	}
	got = run(exitFailed, "--sending-ip", "203.0.113.8", "--json")
	if err := json.Unmarshal([]byte(got.out), &found); err != nil || found.Verdict != "problem" {
		t.Fatalf("%v: %s", err, got.out)
	}
	fixed := ""
	for _, f := range found.Findings {
		if f.Code == "spf_lacks" && f.Severity == "problem" && f.Record != nil {
			fixed = f.Record.Value
		}
	}
	if fixed != "v=spf1 ip4:203.0.113.8 ip4:203.0.113.7 ~all" {
		t.Errorf("the record is %q", fixed)
	}

	run(exitOK, "--sending-ip", "203.0.113.7", "--send-test", "noor@example.org")
	if m := server.Next(t); m.To[0] != "noor@example.org" {
		t.Errorf("sent to %v", m.To)
	}

	dir = withDatabase(t)
	if got := run(exitOK, "--sending-ip", "203.0.113.7"); !strings.Contains(got.out, "ok       No letter is stuck.") {
		t.Errorf("with a database:\n%s", got.out)
	}

	run(exitUsage, "--send-test", "nobody")
	run(exitUsage, "--sending-ip", "here")
	settings["POSTBAG_SMTP_URL"] = ""
	run(exitUsage, "--send-test", "noor@example.org")
	settings["POSTBAG_DKIM"] = "nothing"
	if got := run(exitUsage); !strings.Contains(got.err, "POSTBAG_DKIM has") {
		t.Errorf("bad settings: %s", got.err)
	}
}
