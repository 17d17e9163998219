package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

// APIKey lets a program in. The key itself is shown once, to whoever makes it.
type APIKey struct {
	ID         int64
	Name       string // what it is for
	Partner    string // slug: whose it is; empty: of who runs the site
	CreatedAt  time.Time
	CreatedBy  string
	LastUsedOn string    // a day in London; empty: never
	RevokedAt  time.Time // zero: it is good
}

// Revoked reports whether the key is good no more.
func (k APIKey) Revoked() bool { return !k.RevokedAt.IsZero() }

// keyPrefix stands before every key, so that one that got loose is known for
// what it is.
const keyPrefix = "pbk_"

// LooksLikeKey reports whether something begins as our keys do.
func LooksLikeKey(s string) bool { return strings.HasPrefix(s, keyPrefix) }

// APIKeyStore keeps keys. Making and revoking write their entries in the audit
// log.
type APIKeyStore interface {
	// APIKeys returns every key, the newest first, revoked ones too.
	APIKeys(ctx context.Context) ([]APIKey, error)

	// APIKeyByHash returns a key that is good, and notes that it is used on the
	// day; not_found.
	APIKeyByHash(ctx context.Context, hash []byte) (APIKey, error)

	// AddAPIKey keeps a key. Its id is set by the store.
	AddAPIKey(ctx context.Context, by account.Actor, k APIKey, hash []byte) error

	// RevokeAPIKey makes a key of a partner good no more. One revoked before is
	// left as it is. not_found.
	RevokeAPIKey(ctx context.Context, by account.Actor, partner string, id int64) error
}

// APIKeys returns the keys of a partner (empty: of who runs the site), the newest
// first, revoked ones too.
func (s *Service) APIKeys(ctx context.Context, partner string) ([]APIKey, error) {
	all, err := s.EveryAPIKey(ctx)
	if err != nil {
		return nil, err
	}
	var own []APIKey
	for _, k := range all {
		if k.Partner == partner {
			own = append(own, k)
		}
	}
	return own, nil
}

// EveryAPIKey returns the keys of everybody, the newest first, revoked ones too.
func (s *Service) EveryAPIKey(ctx context.Context) ([]APIKey, error) {
	all, err := s.store.APIKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return all, nil
}

// NewAPIKey makes a key for a partner, or for who runs the site, and returns it:
// it is not to be had again. invalid, at "name", if it has no good name;
// not_found if there is no such partner.
func (s *Service) NewAPIKey(ctx context.Context, by account.Actor, partner, name string) (string, error) {
	if name = tidyLine(name); name == "" || utf8.RuneCountInString(name) > MaxPartnerName {
		return "", fault.Fieldwise(map[string]string{FieldName: "desk.error.key_name"})
	}
	if partner != "" {
		if _, err := s.Partner(partner); err != nil {
			return "", err
		}
	}
	key := keyPrefix + seal.NewToken()
	if err := s.store.AddAPIKey(ctx, by, APIKey{Name: name, Partner: partner}, s.hashAPIKey(key)); err != nil {
		return "", fmt.Errorf("add key: %w", err)
	}
	return key, nil
}

// APIKey returns what a program's key is; unauthorized if it is none that is
// good, or a partner's that has retired.
func (s *Service) APIKey(ctx context.Context, key string) (APIKey, error) {
	if !LooksLikeKey(key) || len(key) > 100 {
		return APIKey{}, fault.New(fault.Unauthorized, "error.no_key")
	}
	k, err := s.store.APIKeyByHash(ctx, s.hashAPIKey(key))
	if fault.CodeOf(err) == fault.NotFound {
		return APIKey{}, fault.New(fault.Unauthorized, "error.no_key")
	}
	if err != nil {
		return APIKey{}, fmt.Errorf("find key: %w", err)
	}
	if k.Partner != "" {
		if _, err := s.Partner(k.Partner); err != nil {
			return APIKey{}, fault.New(fault.Unauthorized, "error.no_key")
		}
	}
	return k, nil
}

// RevokeAPIKey makes a key of a partner (empty: of who runs the site) good no
// more; not_found.
func (s *Service) RevokeAPIKey(ctx context.Context, by account.Actor, partner string, id int64) error {
	if err := s.store.RevokeAPIKey(ctx, by, partner, id); err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	return nil
}

func (s *Service) hashAPIKey(key string) []byte { return s.keys.Hash("api key", key) }
