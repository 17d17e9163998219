package campaign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

// AgeKey is the age key of a campaign: what is exported of its people, and the
// contacts that were given to those who run it, are sealed to it. Its other half is
// not here.
type AgeKey struct {
	Campaign string // slug
	Key      string // age1…
	AddedBy  string
	AddedAt  time.Time
	Swept    bool // the contacts that were kept before are sealed to it too
}

// Fingerprint is seal.Recipient.Fingerprint.
func (r AgeKey) Fingerprint() string {
	to, err := seal.ReadRecipient(r.Key)
	if err != nil {
		return ""
	}
	return to.Fingerprint()
}

// AgeKeyStore keeps the age keys of campaigns. Changes write entries in the audit
// log.
type AgeKeyStore interface {
	// AgeKeys returns those that there are.
	AgeKeys(ctx context.Context) ([]AgeKey, error)

	// SetAgeKey gives a campaign its key, in place of any other; not_found.
	SetAgeKey(ctx context.Context, by account.Actor, r AgeKey) error

	// RemoveAgeKey takes it away. not_found if there is none.
	RemoveAgeKey(ctx context.Context, by account.Actor, slug string) error

	// OwnContacts returns contacts that were given to those who run a campaign and are
	// sealed with a key of the server's, by number behind one, at most so many.
	OwnContacts(ctx context.Context, slug string, after int64, limit int) ([]Sealed, error)

	// Reseal is as of KeyStore.
	Reseal(ctx context.Context, in SealedIn, was, now []Sealed) (int, error)

	// SetSwept notes that all contacts are sealed to a campaign's key, unless that is
	// another by now.
	SetSwept(ctx context.Context, slug, key string) error
}

// FieldAgeKey is the field of a campaign's age key.
const FieldAgeKey = "age_key"

// AgeKey returns a campaign's age key; the zero AgeKey for none. not_found.
func (s *Service) AgeKey(ctx context.Context, slug string) (AgeKey, error) {
	if _, err := s.AnyCampaign(slug); err != nil {
		return AgeKey{}, err
	}
	all, err := s.store.AgeKeys(ctx)
	if err != nil {
		return AgeKey{}, fmt.Errorf("look up an age key: %w", err)
	}
	for _, r := range all {
		if r.Campaign == slug {
			return r, nil
		}
	}
	return AgeKey{}, nil
}

// SetAgeKey gives a campaign an age key, in place of any other, and seals the
// contacts to it that are kept: what takes longer than a moment is done within
// minutes. What was sealed to another key stays so. invalid, at FieldAgeKey;
// not_found.
func (s *Service) SetAgeKey(ctx context.Context, by account.Actor, slug, typed string) error {
	if _, err := s.AnyCampaign(slug); err != nil {
		return err
	}
	to, err := seal.ReadRecipient(typed)
	switch {
	case errors.Is(err, seal.ErrAgeSecretHalf):
		return fault.Fieldwise(map[string]string{FieldAgeKey: "desk.error.age_secret"})
	case err != nil:
		return fault.Fieldwise(map[string]string{FieldAgeKey: "desk.error.age_key"})
	}
	if err := s.store.SetAgeKey(ctx, by, AgeKey{Campaign: slug, Key: to.String()}); err != nil {
		return fmt.Errorf("set an age key: %w", err)
	}
	if _, err := s.sealContactsOf(ctx, slug, to, sealAtOnce); err != nil {
		s.log.Error("seal contacts to an age key", "err", err) // the next tick goes on
	}
	return nil
}

// RemoveAgeKey takes a campaign's age key away. What was sealed to it stays so.
// not_found.
func (s *Service) RemoveAgeKey(ctx context.Context, by account.Actor, slug string) error {
	if err := s.store.RemoveAgeKey(ctx, by, slug); err != nil {
		return fmt.Errorf("remove an age key: %w", err)
	}
	return nil
}

// recipients are the campaigns' age keys by slug.
func (s *Service) recipients(ctx context.Context) (map[string]*seal.Recipient, error) {
	all, err := s.store.AgeKeys(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	keys := map[string]*seal.Recipient{}
	for _, r := range all {
		if keys[r.Campaign], err = seal.ReadRecipient(r.Key); err != nil {
			return nil, fmt.Errorf("the age key of %s: %w", r.Campaign, err)
		}
	}
	return keys, nil
}

// SealedTo returns what seals an export of a campaign's people to its age key, and
// has to be closed; nil where it has none.
func (s *Service) SealedTo(ctx context.Context, slug string) (func(io.Writer) (io.WriteCloser, error), error) {
	keys, err := s.recipients(ctx)
	if err != nil || keys[slug] == nil {
		return nil, err
	}
	return keys[slug].To, nil
}

// sealContact seals a contact to the age key of the campaign whose organisers it is
// for; where they have none, or it is a partner's, with the server's.
func (s *Service) sealContact(ctx context.Context, slug, partner string, c *Contact, tokenHash []byte) ([]byte, error) {
	if partner == "" {
		keys, err := s.recipients(ctx)
		if err != nil {
			return nil, err
		}
		if to := keys[slug]; to != nil {
			return sealContactTo(to, c)
		}
	}
	return SealContact(s.keys, c, tokenHash)
}

// contactStep is what the length of a sealed contact is a multiple of, so that it
// does not tell how long a name is.
const contactStep = 256

// sealContactTo seals a contact to an age key.
func sealContactTo(to *seal.Recipient, c *Contact) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("seal opt-in: %w", err)
	}
	return to.Seal(append(plain, bytes.Repeat([]byte(" "), contactStep-len(plain)%contactStep)...))
}

// Identities are secret halves of age keys.
type Identities = seal.StreamKeys

// ReadIdentities reads a file that age-keygen wrote.
func ReadIdentities(from io.Reader) (Identities, error) { return seal.ParseStreamKeys(from) }

// OpenContactWith opens a contact with the secret half of the key that it was sealed
// to: not on a server.
func OpenContactWith(keys Identities, sealed []byte) (*Contact, error) {
	plain, err := keys.Open(sealed)
	if err != nil {
		return nil, err
	}
	var c Contact
	if err := json.Unmarshal(plain, &c); err != nil {
		return nil, fmt.Errorf("open opt-in: %w", err)
	}
	return &c, nil
}

// openOptIn opens who gave an opt-in; where the campaign has an age key, only for
// that, as it is already or anew.
func (s *Service) openOptIn(o *OptIn, keys map[string]*seal.Recipient) error {
	if seal.IsAge(o.Sealed) {
		o.Age = o.Sealed
		return nil
	}
	c, err := OpenContact(s.keys, o.Sealed, o.TokenHash)
	if err != nil {
		return err
	}
	if to := keys[o.Campaign]; to != nil && o.Partner == "" {
		o.Age, err = sealContactTo(to, c)
		return err
	}
	o.Contact = c
	return nil
}

// How many contacts are sealed to a key in one transaction, while whoever set it
// waits, and in one tick, which has other things to do: some seconds' worth.
const (
	sealTogether = 50
	sealAtOnce   = 500
	sealInTick   = 20_000
)

// sealContacts seals the contacts that were kept before a key was there, or that a
// process wrote which did not know of it.
func (s *Service) sealContacts(ctx context.Context) error {
	all, err := s.store.AgeKeys(ctx)
	if err != nil {
		return fmt.Errorf("seal contacts to age keys: %w", err)
	}
	for _, r := range all {
		if r.Swept {
			continue
		}
		to, err := seal.ReadRecipient(r.Key)
		if err != nil {
			return fmt.Errorf("the age key of %s: %w", r.Campaign, err)
		}
		n, err := s.sealContactsOf(ctx, r.Campaign, to, sealInTick)
		if err != nil {
			return fmt.Errorf("seal contacts to an age key: %w", err)
		}
		s.log.Info("contacts are sealed to an age key", "campaign", r.Campaign, "contacts", n)
	}
	return nil
}

// sealContactsOf does so for one campaign, for about so many contacts at most, and
// returns how many it sealed. It is done when it has looked through all of them and
// found none to seal: others write meanwhile, and keys of the server's are replaced.
func (s *Service) sealContactsOf(ctx context.Context, slug string, to *seal.Recipient, most int) (sealed int, err error) {
	after, tried, before := int64(0), 0, 0
	for {
		if sealed >= most {
			return sealed, nil
		}
		found, err := s.store.OwnContacts(ctx, slug, after, sealTogether)
		if err != nil {
			return sealed, err
		}
		if len(found) == 0 {
			switch {
			case tried == 0:
				return sealed, s.store.SetSwept(ctx, slug, to.String())
			case sealed == before:
				return sealed, nil // the next tick goes on
			}
			after, tried, before = 0, 0, sealed
			continue
		}
		after = found[len(found)-1].ID
		var was, now []Sealed
		for _, o := range found {
			c, err := OpenContact(s.keys, o.Record, o.Of)
			if err != nil { // the others are sealed all the same
				s.log.Warn("seal contacts: a sealed record cannot be opened", "err", err)
				continue
			}
			was = append(was, o)
			if o.Record, err = sealContactTo(to, c); err != nil {
				return sealed, err
			}
			now = append(now, o)
		}
		tried += len(was)
		n, err := s.store.Reseal(ctx, SealedOptIns, was, now)
		sealed += n
		if err != nil {
			return sealed, err
		}
	}
}
