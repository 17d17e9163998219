package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// settingPartnersVersion counts the changes of partners.
const settingPartnersVersion = "partners_version"

const selectPartners = `
	SELECT slug, name, website, origins, contact, logo, opt_in, version, created_at, retired_at
	FROM partners `

// Partners implements campaign.PartnerStore.
func (s *Store) Partners(ctx context.Context) ([]*campaign.Partner, error) {
	return scanPartners(s.query(ctx, selectPartners+`ORDER BY name, id`))
}

func scanPartners(rows *sql.Rows, err error) ([]*campaign.Partner, error) {
	if err != nil {
		return nil, fmt.Errorf("select partners: %w", err)
	}
	defer rows.Close()
	var all []*campaign.Partner
	for rows.Next() {
		var p campaign.Partner
		var origins, optIn, created string
		var logo []byte
		var retired sql.NullString
		if err := rows.Scan(&p.Slug, &p.Name, &p.Website, &origins, &p.Contact, &logo, &optIn, &p.Version, &created, &retired); err != nil {
			return nil, fmt.Errorf("select partners: %w", err)
		}
		if err := errors.Join(json.Unmarshal([]byte(origins), &p.Origins), json.Unmarshal([]byte(optIn), &p.OptIn)); err != nil {
			return nil, fmt.Errorf("read the partner %s: %w", p.Slug, err)
		}
		if len(logo) > 0 {
			if p.Logo, err = campaign.KeptLogo(logo); err != nil {
				return nil, fmt.Errorf("read the logo of %s: %w", p.Slug, err)
			}
		}
		if p.CreatedAt, err = parseTime(some(created)); err != nil {
			return nil, err
		}
		if p.RetiredAt, err = parseTime(retired); err != nil {
			return nil, err
		}
		all = append(all, &p)
	}
	return all, rows.Err()
}

// PartnersVersion implements campaign.PartnerStore. It is 0 until the first change.
func (s *Store) PartnersVersion(ctx context.Context) (int64, error) {
	return s.version(ctx, settingPartnersVersion)
}

// AddPartner implements campaign.PartnerStore.
func (s *Store) AddPartner(ctx context.Context, by account.Actor, p *campaign.Partner) error {
	return s.writer.do(ctx, func(tx *tx) error {
		origins, optIn, logoType, logo := partnerColumns(p)
		var id int64
		err := tx.queryRow(`
			INSERT INTO partners (slug, name, website, origins, contact, logo_type, logo, opt_in, version, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
			ON CONFLICT (slug) DO NOTHING
			RETURNING id`, []any{&id},
			p.Slug, p.Name, p.Website, origins, p.Contact, logoType, logo, optIn, formatTime(tx.now))
		if errors.Is(err, sql.ErrNoRows) {
			return &fault.Error{Code: fault.Conflict, Safe: "desk.error.partner_taken", Fields: map[string]string{campaign.FieldSlug: "desk.error.partner_taken"}}
		}
		if err != nil {
			return fmt.Errorf("insert partner: %w", err)
		}
		return tx.partnerChanged(by, "partner.add", p.Slug, "", p.JSON())
	})
}

// EditPartner implements campaign.PartnerStore.
func (s *Store) EditPartner(ctx context.Context, by account.Actor, p *campaign.Partner) error {
	return s.writer.do(ctx, func(tx *tx) error {
		rows, err := tx.query(selectPartners+`WHERE slug = $1`, p.Slug)
		was, err := scanPartners(rows, err)
		switch {
		case err != nil:
			return err
		case len(was) == 0:
			return fault.New(fault.NotFound, "error.no_partner")
		case was[0].Version != p.Version:
			return fault.New(fault.Conflict, "desk.error.partner_stale")
		}
		origins, optIn, logoType, logo := partnerColumns(p)
		_, err = tx.exec(`
			UPDATE partners SET
				name = $2, website = $3, origins = $4, contact = $5, logo_type = $6, logo = $7, opt_in = $8,
				version = version + 1, retired_at = $9
			WHERE slug = $1`,
			p.Slug, p.Name, p.Website, origins, p.Contact, logoType, logo, optIn, when(p.RetiredAt))
		if err != nil {
			return fmt.Errorf("update partner: %w", err)
		}
		return tx.partnerChanged(by, "partner.edit", p.Slug, was[0].JSON(), p.JSON())
	})
}

// partnerColumns are the parts of a partner that are kept as something else.
func partnerColumns(p *campaign.Partner) (origins, optIn, logoType string, logo []byte) {
	if p.Logo != nil {
		logoType, logo = p.Logo.Type, p.Logo.Data
	}
	return asJSON(p.Origins), asJSON(p.OptIn), logoType, logo
}

// partnerChanged writes the audit log's line about a partner, and counts the
// change.
func (t *tx) partnerChanged(by account.Actor, action, slug, before, after string) error {
	e := account.Entry{Actor: by, Action: action, Object: "partner " + slug, Before: before, After: after}
	if err := t.audit(e); err != nil {
		return err
	}
	return t.countVersion(settingPartnersVersion)
}
