package campaign

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

// PartnerLink lets whoever has its address read a partner's page. The address
// is shown once, to whoever makes it.
type PartnerLink struct {
	ID        int64
	Partner   string // slug
	Name      string // for whom it is
	CreatedAt time.Time
	CreatedBy string
	RevokedAt time.Time // zero: it works
}

// Revoked reports whether the link works no more.
func (l PartnerLink) Revoked() bool { return !l.RevokedAt.IsZero() }

// PartnerPageStore keeps what partners' pages show besides letters, and the
// links to them. Making and revoking links write entries in the audit log.
type PartnerPageStore interface {
	// PartnerLinks returns a partner's links, the newest first, revoked ones too.
	PartnerLinks(ctx context.Context, partner string) ([]PartnerLink, error)

	// PartnerOfLink returns whose page a link leads to that works; not_found.
	PartnerOfLink(ctx context.Context, tokenHash []byte) (string, error)

	// AddPartnerLink keeps a link. Its id is set by the store.
	AddPartnerLink(ctx context.Context, by account.Actor, l PartnerLink, tokenHash []byte) error

	// RevokePartnerLink makes a partner's link work no more. One revoked before is
	// left as it is; not_found.
	RevokePartnerLink(ctx context.Context, by account.Actor, partner string, id int64) error

	// AddLoads adds to what is counted of a day. At most MaxRefusals origins of a
	// partner are kept that were refused: the least seen makes room for another,
	// and any that was not seen for ForgetRefusals days.
	AddLoads(ctx context.Context, loads map[Load]int) error

	// Loads returns how a partner's embeds do, loads since a day.
	Loads(ctx context.Context, partner, since string) (EmbedHealth, error)
}

// PartnerLinks returns a partner's links, the newest first, revoked ones too.
func (s *Service) PartnerLinks(ctx context.Context, partner string) ([]PartnerLink, error) {
	links, err := s.store.PartnerLinks(ctx, partner)
	if err != nil {
		return nil, fmt.Errorf("links of %s: %w", partner, err)
	}
	return links, nil
}

// NewPartnerLink makes a link to a partner's page and returns its token: it is
// not to be had again. invalid, at "name", if it does not say for whom it is;
// not_found if there is no such partner.
func (s *Service) NewPartnerLink(ctx context.Context, by account.Actor, partner, name string) (string, error) {
	if _, err := s.AnyPartner(partner); err != nil {
		return "", err
	}
	if name = tidyLine(name); name == "" || utf8.RuneCountInString(name) > MaxPartnerName {
		return "", fault.Fieldwise(map[string]string{FieldName: "desk.error.partner_link_name"})
	}
	token := seal.NewToken()
	if err := s.store.AddPartnerLink(ctx, by, PartnerLink{Partner: partner, Name: name}, s.hashPartnerLink(token)); err != nil {
		return "", fmt.Errorf("add link: %w", err)
	}
	return token, nil
}

// RevokePartnerLink makes a link of a partner work no more; not_found.
func (s *Service) RevokePartnerLink(ctx context.Context, by account.Actor, partner string, id int64) error {
	if err := s.store.RevokePartnerLink(ctx, by, partner, id); err != nil {
		return fmt.Errorf("revoke link: %w", err)
	}
	return nil
}

// PartnerOfLink returns the partner to whose page a link leads; not_found.
func (s *Service) PartnerOfLink(ctx context.Context, token string) (*Partner, error) {
	slug, err := s.store.PartnerOfLink(ctx, s.hashPartnerLink(token))
	if err != nil {
		return nil, fmt.Errorf("open link: %w", err)
	}
	return s.AnyPartner(slug)
}

func (s *Service) hashPartnerLink(token string) []byte { return s.keys.Hash("partner link", token) }
