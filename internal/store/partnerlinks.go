package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// PartnerLinks implements campaign.PartnerPageStore.
func (s *Store) PartnerLinks(ctx context.Context, partner string) ([]campaign.PartnerLink, error) {
	rows, err := s.query(ctx, `
		SELECT id, name, created_at, created_by, revoked_at
		FROM partner_links
		WHERE partner = $1
		ORDER BY id DESC`, partner)
	if err != nil {
		return nil, fmt.Errorf("select links: %w", err)
	}
	defer rows.Close()
	var all []campaign.PartnerLink
	for rows.Next() {
		l := campaign.PartnerLink{Partner: partner}
		var created string
		var revoked sql.NullString
		if err := rows.Scan(&l.ID, &l.Name, &created, &l.CreatedBy, &revoked); err != nil {
			return nil, fmt.Errorf("select links: %w", err)
		}
		if l.CreatedAt, err = parseTime(some(created)); err != nil {
			return nil, err
		}
		if l.RevokedAt, err = parseTime(revoked); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// PartnerOfLink implements campaign.PartnerPageStore.
func (s *Store) PartnerOfLink(ctx context.Context, tokenHash []byte) (string, error) {
	var partner string
	err := s.queryRow(ctx, `SELECT partner FROM partner_links WHERE revoked_at IS NULL AND token_hash = $1`, []any{&partner}, tokenHash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return "", fmt.Errorf("select link: %w", err)
	}
	return partner, nil
}

// AddPartnerLink implements campaign.PartnerPageStore.
func (s *Store) AddPartnerLink(ctx context.Context, by account.Actor, l campaign.PartnerLink, tokenHash []byte) error {
	return s.writer.do(ctx, func(tx *tx) error {
		var id int64
		err := tx.queryRow(`
			INSERT INTO partner_links (partner, name, token_hash, created_at, created_by)
			VALUES ($1, $2, $3, $4, $5)
			RETURNING id`, []any{&id}, l.Partner, l.Name, tokenHash, formatTime(tx.now), by.Name)
		if err != nil {
			return fmt.Errorf("insert link: %w", err)
		}
		return tx.auditPartnerLink(by, "partner.link", l.Partner, id, l.Name)
	})
}

// RevokePartnerLink implements campaign.PartnerPageStore.
func (s *Store) RevokePartnerLink(ctx context.Context, by account.Actor, partner string, id int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		var name string
		var revoked sql.NullString
		err := tx.queryRow(`SELECT name, revoked_at FROM partner_links WHERE id = $1 AND partner = $2`, []any{&name, &revoked}, id, partner)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.New(fault.NotFound, "error.not_found")
		case err != nil:
			return fmt.Errorf("select link: %w", err)
		case revoked.Valid:
			return nil
		}
		if _, err := tx.exec(`UPDATE partner_links SET revoked_at = $1 WHERE id = $2`, formatTime(tx.now), id); err != nil {
			return fmt.Errorf("revoke link: %w", err)
		}
		return tx.auditPartnerLink(by, "partner.unlink", partner, id, name)
	})
}

func (t *tx) auditPartnerLink(by account.Actor, action, partner string, id int64, name string) error {
	return t.audit(account.Entry{
		Actor: by, Action: action, Object: "partner " + partner, After: asJSON(map[string]any{"link": id, "name": name}),
	})
}
