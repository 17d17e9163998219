package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"postbag/assets"
	"postbag/internal/account"
	"postbag/internal/auth"
	"postbag/internal/config"
	"postbag/internal/fault"
	"postbag/internal/store"
	"postbag/internal/view"
	"postbag/templates"
)

// People is who has an account, for commands that work beside a server or
// without one.
type People struct {
	*account.Service
	store *store.Store
	words *view.Renderer
}

// spoken is what commands speak with. It is read once, however many a program
// runs: reading takes longer than most of them.
var spoken = sync.OnceValues(func() (*view.Renderer, error) { return view.New(templates.FS, assets.FS, view.Options{}) })

// OpenPeople opens the database of the settings under their secret, which must be
// that of the server.
func OpenPeople(ctx context.Context, cfg config.Config, log *slog.Logger) (*People, error) {
	words, err := spoken()
	if err != nil {
		return nil, err
	}
	s, err := OpenStore(ctx, cfg, log, time.Now)
	if err != nil {
		return nil, err
	}
	keys, err := OpenKeys(ctx, cfg, s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	service := account.NewService(account.Options{
		Store: s, Passwords: auth.NewPasswords(), Codes: auth.Codes{}, Keys: keys, Now: time.Now, Site: words.Site(),
	})
	return &People{service, s, words}, nil
}

// Close closes the database.
func (p *People) Close() error { return p.store.Close() }

// Say returns what an error says to a person, a sentence for each field; none
// for an error that is not for them.
func (p *People) Say(err error) []Said { return sentences(p.words, err) }

// Said is a sentence for a person about a field that will not do.
type Said struct {
	Field    string // empty: it is about none, or about what the sentence itself says
	Sentence string
}

func sentences(words *view.Renderer, err error) (all []Said) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code == fault.Internal {
		return nil
	}
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		all = append(all, Said{field, words.Desk(f.Fields[field])})
	}
	if len(all) == 0 {
		all = append(all, Said{Sentence: words.Desk(f.Safe)})
	}
	return all
}

// makeFirst lets whoever started a development server make the first account.
func (a *App) makeFirst(ctx context.Context) error {
	if a.cfg.Production() {
		return nil
	}
	token, err := a.accounts.OpenFirst(ctx)
	if err != nil {
		return fmt.Errorf("look for accounts: %w", err)
	}
	if token != "" {
		a.firstURL = a.baseURL + "/organise/first/" + token
	}
	return nil
}

// FirstURL is where the first account is made; empty if there is one, or in
// production, where "postbag user add" makes it.
func (a *App) FirstURL() string { return a.firstURL }

// secretThere reports whether a development secret was made in the directory.
func secretThere(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "secret"))
	return err == nil
}
