package app

import (
	"context"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/seal"
	"postbag/internal/store"
)

// OpenKeys returns the keys of a database, which the secret of the settings opens.
func OpenKeys(ctx context.Context, cfg config.Config, s *store.Store) (*seal.Keys, error) {
	secret, err := openSecret(ctx, cfg, s)
	if err != nil {
		return nil, err
	}
	return seal.Load(ctx, secret, s.DataKeys)
}

// openSecret returns the secret of the settings, for the database whose keys it
// wraps; one that has none gets them.
func openSecret(ctx context.Context, cfg config.Config, s *store.Store) (*seal.Secret, error) {
	have, err := s.Setting(ctx, "key_id")
	if err != nil {
		return nil, err
	}
	text := []byte(cfg.Secret)
	if len(text) == 0 {
		if have != "" && !secretThere(cfg.DataDir) {
			return nil, config.Wrong(fmt.Errorf("the database in %s was sealed under a secret that is not there (key %s): give POSTBAG_SECRET the value that the server has", cfg.DataDir, have))
		}
		if text, err = developmentSecret(cfg.DataDir); err != nil {
			return nil, err
		}
	}
	secret, err := seal.ReadSecret(text)
	if err != nil {
		return nil, err
	}
	first := secret.FirstKeys()
	switch {
	case have == "":
	case have != secret.ID():
		return nil, config.Wrong(fmt.Errorf("the database in %s was sealed under another secret (key %s, this secret is key %s): give POSTBAG_SECRET the value it had, or start with another POSTBAG_DATA_DIR", cfg.DataDir, have, secret.ID()))
	default: // it may be from before there were data keys
		first = append(secret.Derived(), secret.NewKey(seal.ForRecords))
	}
	if err := s.FirstKeys(ctx, secret.ID(), first); err != nil {
		return nil, fmt.Errorf("make the keys of the database: %w", err)
	}
	return secret, nil
}

// RotateKeys replaces the key that records are sealed with, beside a server or
// without one, which has a while to notice. It goes on with what was begun earlier.
func RotateKeys(ctx context.Context, cfg config.Config, s *store.Store, wait time.Duration, told func(campaign.Rekeyed)) (campaign.Rekeyed, error) {
	secret, err := openSecret(ctx, cfg, s)
	if err != nil {
		return campaign.Rekeyed{}, err
	}
	keys, err := seal.Load(ctx, secret, s.DataKeys)
	if err != nil {
		return campaign.Rekeyed{}, err
	}
	r := campaign.Rekeying{Store: s, Secret: secret, Keys: keys, By: account.Actor{Name: "postbag seal rotate"}, Now: time.Now, Wait: wait, Pause: pause, Told: told}
	return r.Rotate(ctx)
}

func pause(ctx context.Context, d time.Duration) error {
	timer, stop := RealClock{}.NewTimer(d)
	defer stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer:
		return nil
	}
}

// RewrapKeys gives a database another secret, which must have MinSecret characters
// or more, and returns what the two are called. No record is touched.
func RewrapKeys(ctx context.Context, cfg config.Config, s *store.Store, to []byte) (was, is string, err error) {
	old, err := openSecret(ctx, cfg, s)
	if err != nil {
		return "", "", err
	}
	next, err := seal.ReadSecret(to)
	if err != nil {
		return "", "", err
	}
	err = s.RewrapKeys(ctx, account.Actor{Name: "postbag seal rewrap"}, old.ID(), next.ID(), func(k seal.DataKey) (seal.DataKey, error) { return old.Rewrap(k, next) })
	return old.ID(), next.ID(), err
}
