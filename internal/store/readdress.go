package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// ReaddressLetter implements campaign.Store.
func (s *Store) ReaddressLetter(ctx context.Context, tokenHash []byte, r campaign.Readdressed) error {
	return s.writer.do(ctx, func(tx *tx) error {
		l, err := tx.letter(tokenHash)
		if err != nil {
			return err
		}
		var why string
		if err := tx.queryRow(`SELECT why FROM letters WHERE id = $1`, []any{&why}, l.id); err != nil {
			return fmt.Errorf("look why it is held: %w", err)
		}
		if l.state != campaign.StateHeld || why != campaign.WhyChanged || !l.kept {
			return fault.New(fault.Conflict, "error.answered")
		}
		now, err := tx.target(l.constituency)
		if err != nil {
			return err
		}
		// An address that fails is the organisers' to clear: the letter is held for it
		// when its turn comes.
		if why := campaign.Obstacle(r.Member, now); why != "" && why != campaign.WhyFailing {
			return fault.New(fault.Conflict, "error.changed_again")
		}
		again, err := tx.wroteAgain(l.id, r.RepeatHash)
		if err != nil {
			return err
		}
		if again {
			return fault.New(fault.Conflict, "error.already_successor")
		}
		_, err = tx.exec(`UPDATE letters SET member_id = $1, repeat_hash = $2, content_hash = $3 WHERE id = $4`,
			r.Member, r.RepeatHash, r.ContentHash, l.id)
		if err != nil {
			return fmt.Errorf("readdress letter: %w", err)
		}
		if _, err := tx.exec(`UPDATE people SET sealed = $1 WHERE letter_id = $2`, pad(r.Sealed), l.id); err != nil {
			return fmt.Errorf("reseal the letter: %w", err)
		}
		l.member = r.Member
		if err := tx.replace(`WHERE repeat_hash = $1 AND id <> $2 AND state = 'awaiting'`, r.RepeatHash, l.id); err != nil {
			return err
		}
		if err := tx.end(l, campaign.StateQueued, campaign.WhyReaddressed); err != nil {
			return err
		}
		return tx.enqueue(l.id, campaign.MailLetter, r.MessageID)
	})
}

// wroteAgain reports whether somebody has confirmed another letter than this one
// to an MP, were it one that is erased by now.
func (t *tx) wroteAgain(letter int64, repeatHash []byte) (bool, error) {
	var others int
	err := t.queryRow(`
		SELECT
			(SELECT count(*) FROM letters WHERE id <> $2 AND repeat_hash = $1 AND confirmed_at IS NOT NULL)
			+ (SELECT count(*) FROM past_letters WHERE until >= $3 AND repeat_hash = $1)`, []any{&others},
		repeatHash, letter, campaign.Day(t.now))
	if err != nil {
		return false, fmt.Errorf("find what they wrote since: %w", err)
	}
	return others > 0, nil
}
