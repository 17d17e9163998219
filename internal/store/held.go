package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
)

// inTheWay says why a letter may not be sent after all, or "".
func (t *tx) inTheWay(c *claimed) (string, error) {
	if why := campaign.Obstacle(c.letter.member, c.To); why != "" {
		return why, nil
	}
	judge := t.w.judge.Load()
	if judge == nil {
		return "", nil
	}
	why := (*judge)(c.Campaign, c.letter.constituency, campaign.Variant(c.letter.variant), c.pledged)
	if why == "" {
		return "", nil
	}
	// What an organiser let go in the knowledge of it goes, to the MP it was about.
	var released bool
	err := t.queryRow(`
		SELECT EXISTS (
			SELECT 1 FROM events
			WHERE letter_id = $1 AND why = $2 AND id > COALESCE((SELECT max(id) FROM events WHERE letter_id = $1 AND why = $3), 0)
		)`, []any{&released}, c.Letter, campaign.WhyReleased, campaign.WhyReaddressed)
	if err != nil {
		return "", fmt.Errorf("look whether it was released: %w", err)
	}
	if released {
		why = ""
	}
	return why, nil
}

// tellHeld says which mail tells a supporter why their letter is held, where they
// can do something about it or wait for something that everybody knows of.
var tellHeld = map[string]campaign.MailKind{
	campaign.WhyVacant:  campaign.MailHeld,
	campaign.WhyChanged: campaign.MailChanged,
	campaign.WhyPledged: campaign.MailPledged,
}

// hold holds a letter that was about to be sent, and tells its supporter.
func (t *tx) hold(l row, why string) error {
	if err := t.end(l, campaign.StateHeld, why); err != nil {
		return err
	}
	if kind, ok := tellHeld[why]; ok {
		return t.tell(l.id, kind)
	}
	return nil
}

// AskAgain implements campaign.Store.
func (s *Store) AskAgain(ctx context.Context, limit int) (int, error) {
	return s.each(ctx, limit, `
		WHERE id IN (
			SELECT l.id FROM campaigns c
			JOIN letters l ON l.campaign_id = c.id
			JOIN members m ON m.constituency = l.constituency
			WHERE l.state = 'held' AND l.why = 'vacant' AND l.erase_at IS NOT NULL AND m.id <> l.member_id
			LIMIT $2
		) AND $1 <> ''`,
		func(tx *tx, l row) error {
			kept := formatTime(tx.now.Add(campaign.RetainOpen))
			if _, err := tx.exec(`UPDATE letters SET why = $1, erase_at = $2 WHERE id = $3`, campaign.WhyChanged, kept, l.id); err != nil {
				return fmt.Errorf("note who sits: %w", err)
			}
			if err := tx.event(l.id, l.state, l.state, campaign.WhyChanged); err != nil {
				return err
			}
			return tx.tell(l.id, campaign.MailChanged)
		})
}
