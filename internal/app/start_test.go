package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/store"
)

// development returns the settings of a development server in dir.
func development(dir string) config.Config {
	return config.Config{Env: config.Development, Addr: "127.0.0.1:0", DataDir: dir, MailFrom: "letters@postbag.invalid"}
}

func open(t *testing.T, cfg config.Config) (*App, error) {
	t.Helper()
	words, err := spoken() // reading them takes longer than most starts
	if err != nil {
		t.Fatal(err)
	}
	return New(t.Context(), Options{Config: cfg, Log: slog.New(slog.DiscardHandler), View: words})
}

func TestNew_RefusesAnotherSecret(t *testing.T) {
	cfg := development(t.TempDir())
	cfg.Secret = "0123456789abcdef0123456789abcdef"
	first, err := New(t.Context(), Options{Config: cfg, Log: slog.New(slog.DiscardHandler)}) // reads everything itself
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	other := cfg
	other.Secret = "fedcba9876543210fedcba9876543210"
	_, err = open(t, other)
	if err == nil || !strings.Contains(err.Error(), "was sealed under another secret") || !strings.Contains(err.Error(), "give POSTBAG_SECRET the value it had") {
		t.Fatalf("another secret: %v", err)
	}
	if strings.Contains(err.Error(), string(cfg.Secret)) || strings.Contains(err.Error(), string(other.Secret)) {
		t.Error("the sentence tells a secret")
	}
	again, err := open(t, cfg)
	if err != nil {
		t.Fatalf("the first secret: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// 192.0.2.1 belongs to nobody (RFC 5737). The answer is the refusal itself, and
// not that of a network: no connection was begun.
func TestNew_DevelopmentMailsNobodyElse(t *testing.T) {
	cfg := development(t.TempDir())
	cfg.SMTPURL = "smtp://192.0.2.1:25?tls=none"
	a, err := open(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	got := a.sender.Send(t.Context(), campaign.Mail{
		MessageID: "test@postbag.invalid", Date: time.Now(), FromName: "A Supporter",
		To: campaign.Address{Name: "An MP", Email: "mp@example.org"}, Subject: "Please sign", Text: "Please sign.",
	})
	if got.Verdict != campaign.VerdictRetry || !strings.Contains(got.Answer, "only loopback addresses are allowed here") {
		t.Errorf("%+v", got)
	}
}

func TestRun_InAnyDirectory(t *testing.T) {
	for _, name := range []string{"with a space", "100%", "%2e%2e", "what?", "what?mode=memory", "no#1", "ä"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			for range 2 { // the second start finds what the first left
				a, err := open(t, development(dir))
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(t.Context())
				stop()
				if err := a.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
			}
			for _, file := range []string{store.FileName, "secret"} {
				if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() == 0 {
					t.Errorf("%s is not in %s: %v", file, name, err)
				}
			}
		})
	}
}

// A list of domains that cannot be read as one stops the start, and says where.
func TestNew_disposableDomains(t *testing.T) {
	file := filepath.Join(t.TempDir(), "domains")
	for content, want := range map[string]string{"throwaway.example\n": "", "throwaway.example\nnot a domain\n": "line 2"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := development(t.TempDir())
		cfg.Disposable = file
		a, err := open(t, cfg)
		if want == "" {
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
		} else if !config.IsWrong(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", content, err)
		}
	}
}
