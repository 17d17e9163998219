package app

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/mailer"
	"postbag/internal/testkit"
)

func TestNew_RefusesBadKeys(t *testing.T) {
	cfg := development(t.TempDir()) // mail is captured, and the keys are read all the same
	bad := filepath.Join(cfg.DataDir, "bad.pem")
	if err := os.WriteFile(bad, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.DKIM = []config.DKIMKey{{Selector: "a", File: bad}, {Selector: "b", File: bad + ".none"}}
	_, err := open(t, cfg)
	if err == nil {
		t.Fatal("started")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "POSTBAG_DKIM names ") || !strings.HasPrefix(lines[1], "POSTBAG_DKIM names ") {
		t.Errorf("%v", err)
	}
}

// TestApp_SignsWhatLeaves: the settings' keys are on what the server gets, and
// a key that others may read is warned of.
func TestApp_SignsWhatLeaves(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	cfg := development(t.TempDir())
	cfg.SMTPURL = config.Secret("smtp://" + server.Addr() + "?tls=none")
	cfg.MailFrom = "letters@postbag.example.org"
	zone := map[string]string{}
	for selector, kind := range map[string]mailer.DKIMType{"old": mailer.DKIMRSA, "new": mailer.DKIMEd25519} {
		key, err := mailer.NewDKIMKey(selector, kind)
		if err != nil {
			t.Fatal(err)
		}
		content, err := key.PEM()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(cfg.DataDir, selector)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if zone[key.Name("postbag.example.org")], err = key.Record(); err != nil {
			t.Fatal(err)
		}
		cfg.DKIM = append(cfg.DKIM, config.DKIMKey{Selector: selector, File: file})
	}
	if err := os.Chmod(filepath.Join(cfg.DataDir, "new"), 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a, err := New(t.Context(), Options{Config: cfg, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	if said := log.String(); !strings.Contains(said, "selector=new") || strings.Contains(said, "selector=old") {
		t.Errorf("log:\n%s", said)
	}
	o := a.sender.Send(t.Context(), campaign.Mail{
		Kind: campaign.MailLetter, MessageID: "1@postbag.example.org", Date: time.Unix(0, 0), FromName: "Sam",
		To: campaign.Address{Email: "mp@parliament.example"}, Subject: "Please", Text: "Please.",
	})
	if o.Verdict != campaign.VerdictSent {
		t.Fatalf("%+v", o)
	}
	all, err := dkim.VerifyWithOptions(bytes.NewReader(server.Next(t).Data), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if record, ok := zone[name]; ok {
			return []string{record}, nil
		}
		return nil, errors.New("no record of " + name)
	}})
	if err != nil || len(all) != 2 || all[0].Err != nil || all[1].Err != nil {
		t.Errorf("%+v, %v", all, err)
	}
}
