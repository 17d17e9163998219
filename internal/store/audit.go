package store

import (
	"fmt"

	"postbag/internal/account"
)

// audit adds a line to the audit log, in the transaction of what it tells of.
// The time is the transaction's.
func (t *tx) audit(e account.Entry) error {
	var campaignID int64
	if e.Campaign != "" {
		if err := t.queryRow(`SELECT id FROM campaigns WHERE slug = $1`, []any{&campaignID}, e.Campaign); err != nil {
			return fmt.Errorf("audit: find the campaign: %w", err)
		}
	}
	_, err := t.exec(`
		INSERT INTO audit (at, account_id, actor, origin, action, campaign_id, object, before, after)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		formatTime(t.now), e.Actor.Account, e.Actor.Name, e.Actor.Origin, e.Action, campaignID, e.Object, e.Before, e.After)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
