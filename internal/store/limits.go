package store

import (
	"fmt"
	"time"

	"postbag/internal/campaign"
)

// flooded reports whether as many mails as may go to one address were asked for
// that went within the time, or have yet to go. Those that were dropped since
// count as well, or letters that replace each other would cost nothing. Mails that
// only a supporter gets who confirmed are none that a stranger could ask for.
func (t *tx) flooded(emailHash []byte, within time.Duration) (bool, error) {
	var mails int
	err := t.queryRow(`
		SELECT count(*)
		FROM letters l
		JOIN outbox o ON o.letter_id = l.id
		WHERE l.email_hash = $1 AND o.kind IN ('confirm', 'remind', 'repeat') AND (o.finished_at IS NULL OR o.finished_at > $2)`, []any{&mails},
		emailHash, formatTime(t.now.Add(-within)))
	if err != nil {
		return false, fmt.Errorf("count mails to one address: %w", err)
	}
	return mails >= campaign.MaxMails, nil
}

// takeAway withdraws and erases the letter that l corrects where it was for
// another address, which must not keep it. One for the same address stays: the
// link in the last mail leads to it.
func (t *tx) takeAway(l campaign.NewLetter) error {
	if l.Replaces == nil {
		return nil
	}
	return t.replace(`WHERE replace_hash = $1 AND state = 'awaiting' AND email_hash <> $2`, l.Replaces, l.EmailHash)
}

// makeRoom withdraws and erases the oldest of the waiting letters, so that there
// is room for one more. To refuse the new one would let a stranger who writes
// the others keep a person from writing.
func (t *tx) makeRoom(waiting []int64) error {
	for _, id := range waiting[:max(0, len(waiting)-campaign.MaxAwaiting+1)] {
		if err := t.replace(`WHERE id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}
