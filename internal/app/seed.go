package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"postbag/db"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/parliament"
	"postbag/internal/seal"
	"postbag/internal/store"
)

// seed loads the roster and the campaigns that ship with the program into a
// database that has none.
func seed(ctx context.Context, s *store.Store) error {
	version, err := s.RosterVersion(ctx)
	if err != nil {
		return err
	}
	if version == 0 {
		roster, err := EmbeddedRoster()
		if err != nil {
			return err
		}
		if err := s.ApplyRoster(ctx, roster); err != nil {
			return err
		}
	}
	sources, err := s.Sources(ctx)
	if err != nil {
		return err
	}
	if len(sources) > 0 {
		return modernise(ctx, s, sources)
	}
	files, err := fs.Glob(db.FS, "campaigns/*.toml")
	if err != nil {
		return err
	}
	for _, name := range files {
		text, err := fs.ReadFile(db.FS, name)
		if err != nil {
			return err
		}
		c, err := campaign.ParseFile(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := s.AddCampaign(ctx, c.Slug, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// modernise brings campaign files from before there were rules into the form of
// today.
func modernise(ctx context.Context, s *store.Store, sources []campaign.Source) error {
	for _, source := range sources {
		text, old := campaign.Modern(source.TOML)
		if !old {
			continue
		}
		c, err := campaign.ParseKept(text)
		if err != nil {
			return fmt.Errorf("bring the campaign %s into the form of today: %w", source.Slug, err)
		}
		letters := map[string]string{}
		for _, rule := range c.Rules {
			for _, code := range rule.Constituency {
				letters[code] = rule.Letter
			}
		}
		if err := s.Modernise(ctx, source.Slug, text, letters); err != nil {
			return err
		}
	}
	return nil
}

// indexFile returns the bytes of the postcode index and what to call it.
func indexFile(cfg config.Config) ([]byte, string, error) {
	if cfg.Postcodes == "" {
		data, err := fs.ReadFile(db.FS, "postcodes.idx")
		return data, "in the program", err
	}
	data, err := os.ReadFile(cfg.Postcodes)
	if err != nil {
		return nil, "", fmt.Errorf("POSTBAG_POSTCODES: %w", err)
	}
	return data, cfg.Postcodes, nil
}

// developmentSecret reads the secret of a development server, making one at
// the first start. In production the secret stands apart from the data.
func developmentSecret(dir string) ([]byte, error) {
	path := filepath.Join(dir, "secret")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeSecret(dir, path); err != nil {
			return nil, fmt.Errorf("make the development secret: %w", err)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the development secret: %w", err)
	}
	secret := strings.TrimSpace(string(text))
	if len(secret) < seal.MinSecret {
		return nil, fmt.Errorf("the development secret in %s has %d characters, it needs at least %d: put back what was in it, or delete the file to have a new one made", path, len(secret), seal.MinSecret)
	}
	return []byte(secret), nil
}

// makeSecret writes a new secret to path. The file appears there complete, even
// if the machine stops half-way, and never in place of another: of two that
// start together, one makes the secret of both.
func makeSecret(dir, path string) (err error) {
	f, err := os.CreateTemp(dir, "secret-*") // only its owner may read it
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.WriteString(seal.NewSecret() + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// EmbeddedRoster is the snapshot of Parliament that ships with the program.
func EmbeddedRoster() (*parliament.Roster, error) { return parliament.Load(db.FS) }
