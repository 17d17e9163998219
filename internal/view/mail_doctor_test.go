package view

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"postbag/internal/maildoctor"
	"postbag/templates"
)

// Every finding has its sentence, and every sentence a finding.
func TestMailCheckup_HasASentenceForEveryFinding(t *testing.T) {
	r := newRenderer(t)
	known := map[string]bool{}
	for _, code := range maildoctor.Codes() {
		known[code] = true
		if key := "desk.mail_doctor.says." + code; r.Desk(key, "n", 2) == key {
			t.Errorf("there is no sentence for %s", code)
		}
	}
	raw, err := fs.ReadFile(templates.FS, "messages/organise/mail_doctor.en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Desk struct {
			Doctor struct {
				Says map[string]any `toml:"says"`
			} `toml:"mail_doctor"`
		} `toml:"desk"`
	}
	if err := toml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for code := range file.Desk.Doctor.Says {
		if !known[code] {
			t.Errorf("no finding has the sentence %s", code)
		}
	}
}

func TestMailCheckup(t *testing.T) {
	c := newRenderer(t).MailCheckup(maildoctor.Report{Findings: []maildoctor.Finding{
		{Severity: maildoctor.OK, Code: "queue_ok", Args: []string{"n", "1"}},
		{Severity: maildoctor.Warning, Code: "queue_late", Args: []string{"n", "1200"}},
		{Severity: maildoctor.Problem, Code: "from_shared", Args: []string{"from", "a@gmail.com", "domain", "gmail.com"}},
	}})
	if c.Verdict != maildoctor.Problem || !strings.Contains(c.Says, "needs a change") {
		t.Errorf("%s: %s", c.Verdict, c.Says)
	}
	for i, want := range []string{"1 message waits", "1,200 messages should", "You cannot change the DNS of gmail.com"} {
		if !strings.Contains(c.Findings[i].Says, want) {
			t.Errorf("%q, want %q in it", c.Findings[i].Says, want)
		}
	}
}
