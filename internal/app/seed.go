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
	if err != nil || len(sources) > 0 {
		return err
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
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		_, err = f.WriteString(seal.NewSecret() + "\n")
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("make the development secret: %w", err)
		}
	case !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("make the development secret: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the development secret: %w", err)
	}
	return []byte(strings.TrimSpace(string(text))), nil
}

// EmbeddedRoster is the snapshot of Parliament that ships with the program.
func EmbeddedRoster() (*parliament.Roster, error) { return parliament.Load(db.FS) }
