package store

import (
	"database/sql"
	"errors"
	"fmt"

	"postbag/internal/campaign"
)

// forward queues what came back to a letter, to be passed on to its supporter. It
// refuses when they have been sent many.
func (t *tx) forward(l row, r campaign.Return) error {
	var lately int
	err := t.queryRow(`SELECT count(*) FROM outbox WHERE letter_id = $1 AND kind = 'forward' AND queued_at > $2`, []any{&lately},
		l.id, formatTime(t.now.Add(-campaign.ForwardDay)))
	if err != nil {
		return fmt.Errorf("count what was passed on: %w", err)
	}
	if lately >= campaign.MaxForwards {
		return campaign.ErrReturnMany
	}
	if err := t.enqueue(l.id, campaign.MailForward, r.NewID); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO originals (outbox_id, sealed) SELECT id, $1 FROM outbox WHERE message_id = $2`, pad(r.Original), r.NewID)
	if err != nil {
		return fmt.Errorf("keep a message to pass on: %w", err)
	}
	return nil
}

// original gives a message about to be sent what it passes on.
func (t *tx) original(c *claimed) error {
	if c.Kind != campaign.MailForward {
		return nil
	}
	var sealed []byte
	err := t.queryRow(`SELECT sealed FROM originals WHERE outbox_id = $1`, []any{&sealed}, c.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return errors.New("there is no message to pass on")
	}
	if err != nil {
		return fmt.Errorf("select a message to pass on: %w", err)
	}
	c.Original, err = unpad(sealed)
	return err
}

// dropOriginal deletes what was passed on, once it has gone or never will.
func (t *tx) dropOriginal(j campaign.Job, o campaign.Outcome) error {
	if j.Kind != campaign.MailForward || o.Verdict == campaign.VerdictRetry {
		return nil
	}
	if _, err := t.exec(`DELETE FROM originals WHERE outbox_id = $1`, j.ID); err != nil {
		return fmt.Errorf("delete a message that was passed on: %w", err)
	}
	t.erased = true
	return nil
}
