package store

import (
	"context"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// Modernise makes a campaign's file from before there were rules a new version in
// the form of today. What letters of its exceptions were called by is now the
// key of their text.
func (s *Store) Modernise(ctx context.Context, slug, source string, letters map[string]string) error {
	return s.writer.do(ctx, func(tx *tx) error {
		k, err := tx.campaign(slug)
		if err != nil {
			return err
		}
		by := account.Actor{Name: "Postbag"}
		if _, err := tx.exec(`UPDATE campaigns SET source = $1, version = $2 WHERE id = $3`, source, k.version+1, k.id); err != nil {
			return fmt.Errorf("update campaign: %w", err)
		}
		if err := tx.addVersion(k.id, k.version+1, source, by, ""); err != nil {
			return err
		}
		for code, key := range letters {
			_, err := tx.exec(`UPDATE letters SET variant = $1 WHERE campaign_id = $2 AND variant = 'exception' AND constituency = $3`, key, k.id, code)
			if err != nil {
				return fmt.Errorf("name the letters of an exception: %w", err)
			}
		}
		if _, err := tx.exec(`DELETE FROM variants WHERE campaign_id = $1`, k.id); err != nil {
			return fmt.Errorf("count variants anew: %w", err)
		}
		_, err = tx.exec(`
			INSERT INTO variants (campaign_id, variant, written, confirmed, sent, replied_pledged)
			SELECT l.campaign_id, l.variant, COUNT(*), SUM(l.confirmed_at IS NOT NULL), SUM(l.sent_at IS NOT NULL),
				SUM(COALESCE(r.answer, '') = 'pledged')
			FROM letters l
			LEFT JOIN replies r ON r.letter_id = l.id
			WHERE l.campaign_id = $1
			GROUP BY l.campaign_id, l.variant`, k.id)
		if err != nil {
			return fmt.Errorf("count variants anew: %w", err)
		}
		return tx.changed(by, "campaign.edit", slug, fmt.Sprintf("version %d", k.version+1),
			campaign.Standpoint{Version: k.version}, campaign.Standpoint{Version: k.version + 1})
	})
}
