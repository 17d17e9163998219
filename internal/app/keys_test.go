package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/seal"
	"postbag/internal/store"
)

// fromBefore makes a database from before there were data keys, with a record sealed
// by what was derived from the secret.
func fromBefore(t *testing.T, cfg config.Config) (*store.Store, *seal.Keys) {
	t.Helper()
	s, err := OpenStore(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	derived, err := seal.New([]byte(cfg.Secret))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting(t.Context(), "key_id", derived.ID()); err != nil {
		t.Fatal(err)
	}
	keep(t, s, derived, "before@x")
	return s, derived
}

func keep(t *testing.T, s *store.Store, keys *seal.Keys, id string) {
	t.Helper()
	err := s.SaveCaptured(t.Context(), store.Captured{MessageID: id, At: time.Now(), Kind: campaign.MailLetter, Sealed: keys.Seal([]byte("To: somebody\r\n\r\n"+id), []byte(id))})
	if err != nil {
		t.Fatal(err)
	}
}

// opensAll fails unless every captured mail opens.
func opensAll(t *testing.T, s *store.Store, keys *seal.Keys, want int) {
	t.Helper()
	mails, err := (&archive{store: s, keys: keys}).List(t.Context())
	if err != nil || len(mails) != want {
		t.Errorf("%d mails open, %v; want %d", len(mails), err, want)
	}
}

func TestOpenKeys_ofADatabaseFromBefore(t *testing.T) {
	cfg := development(t.TempDir())
	cfg.Secret = "0123456789abcdef0123456789abcdef"
	s, derived := fromBefore(t, cfg)
	keys, err := OpenKeys(t.Context(), cfg, s)
	if err != nil {
		t.Fatal(err)
	}
	if keys.Current() == derived.Current() {
		t.Error("what is new is still sealed with what the secret alone gives")
	}
	if !bytes.Equal(keys.Hash("token", "x"), derived.Hash("token", "x")) {
		t.Error("links that are out there do not fit any more")
	}
	keep(t, s, keys, "after@x")
	opensAll(t, s, keys, 2)
	again, err := OpenKeys(t.Context(), cfg, s)
	if err != nil || again.Current() != keys.Current() {
		t.Fatalf("the second start: %v", err)
	}
	opensAll(t, s, again, 2)

	// The key of before is the first to be taken out of use.
	done, err := RotateKeys(t.Context(), cfg, s, 0, nil)
	if want := (campaign.Rekeyed{Old: derived.Current(), Resealed: 1, Destroyed: 1}); err != nil || done != want {
		t.Fatalf("%+v, %v; want %+v", done, err, want)
	}
	if err := again.Refresh(t.Context()); err != nil || again.Current() != keys.Current() {
		t.Errorf("another key is current: %v", err)
	}
	opensAll(t, s, again, 2)
}

func TestOpenKeys_refusesAnotherSecret(t *testing.T) {
	cfg := development(t.TempDir())
	cfg.Secret = "0123456789abcdef0123456789abcdef"
	s, _ := fromBefore(t, cfg)
	other := cfg
	other.Secret = "fedcba9876543210fedcba9876543210"
	if _, err := OpenKeys(t.Context(), other, s); err == nil || !config.IsWrong(err) || !strings.Contains(err.Error(), "was sealed under another secret") {
		t.Errorf("before there are data keys: %v", err)
	}
	if _, err := OpenKeys(t.Context(), cfg, s); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(t.Context(), other, s); err == nil || !config.IsWrong(err) || !strings.Contains(err.Error(), "was sealed under another secret") {
		t.Errorf("with data keys: %v", err)
	}
	if _, err := RotateKeys(t.Context(), other, s, 0, nil); !config.IsWrong(err) {
		t.Errorf("to rotate: %v", err)
	}
	if _, _, err := RewrapKeys(t.Context(), other, s, []byte(cfg.Secret)); !config.IsWrong(err) {
		t.Errorf("to change the secret: %v", err)
	}
}

func TestRewrapKeys_theNextStartNeedsTheNewSecret(t *testing.T) {
	cfg := development(t.TempDir())
	cfg.Secret = "0123456789abcdef0123456789abcdef"
	s, derived := fromBefore(t, cfg)
	next := cfg
	next.Secret = "fedcba9876543210fedcba9876543210"
	if _, _, err := RewrapKeys(t.Context(), cfg, s, []byte("short")); err == nil || !strings.Contains(err.Error(), "at least 32") {
		t.Errorf("a short secret: %v", err)
	}
	if _, _, err := RewrapKeys(t.Context(), cfg, s, []byte(next.Secret)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(t.Context(), cfg, s); err == nil || !strings.Contains(err.Error(), "was sealed under another secret") {
		t.Errorf("the old secret: %v", err)
	}
	keys, err := OpenKeys(t.Context(), next, s)
	if err != nil {
		t.Fatal(err)
	}
	opensAll(t, s, keys, 1)
	if !bytes.Equal(keys.Hash("email", "x"), derived.Hash("email", "x")) {
		t.Error("a hash changed with the secret")
	}
}

// A server learns of a new key by itself.
func TestRun_noticesANewKey(t *testing.T) {
	cfg := development(t.TempDir())
	a, err := open(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	before := a.keys.Current()
	s, err := OpenStore(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := RotateKeys(t.Context(), cfg, s, 0, nil); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- a.Run(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); a.keys.Current() == before && time.Now().Before(deadline); {
		<-time.After(5 * time.Millisecond)
	}
	if a.keys.Current() == before {
		t.Error("it still seals with the old key")
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}
