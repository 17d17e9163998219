package store

import (
	"context"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// Doubted is what was stopped in a database that was brought back from a backup.
type Doubted struct {
	Letters  int // were queued or being sent, and are uncertain now
	Awaiting int // wait to be confirmed; then they are held
	Mails    int // to supporters and those who run campaigns; dropped
	Sessions int // ended
}

// doubtTogether is how many letters become uncertain in one statement.
const doubtTogether = 500

// DoubtQueue stops what would be sent from a database that was brought back: what
// stood in its queue may have gone since. Letters become uncertain, for organisers to
// judge; other mails are dropped, save what MPs' offices wrote to supporters, which
// would be lost by it; whoever was signed in is signed out. With all set that is
// so; otherwise nothing was sent since, and only sessions and links that let people
// in are ended.
func (s *Store) DoubtQueue(ctx context.Context, all bool) (Doubted, error) {
	var d Doubted
	err := s.writer.do(ctx, func(tx *tx) (err error) {
		d = Doubted{}
		if d.Sessions, err = tx.change(`DELETE FROM sessions`); err != nil {
			return err
		}
		if _, err = tx.change(`DELETE FROM account_links`); err != nil {
			return err
		}
		if all {
			if err := tx.doubtAll(&d); err != nil {
				return err
			}
		}
		return tx.audit(account.Entry{Actor: account.Actor{Name: "postbag restore"}, Action: "database.restore", Object: "database", After: asJSON(map[string]int{
			"uncertain": d.Letters, "awaiting": d.Awaiting, "mails": d.Mails, "sessions": d.Sessions,
		})})
	})
	return d, err
}

func (t *tx) doubtAll(d *Doubted) error {
	for _, state := range []campaign.State{campaign.StateSending, campaign.StateQueued} {
		for {
			found, err := t.letters(`WHERE state = $1 ORDER BY id LIMIT $2`, string(state), doubtTogether)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				break
			}
			if err := t.doubt(found); err != nil {
				return err
			}
			d.Letters += len(found)
		}
	}
	now := formatTime(t.now)
	for _, c := range []struct {
		n    *int
		q    string
		args []any
	}{
		// One that goes through its link now may have gone through it already.
		{&d.Awaiting, `UPDATE letters SET why = $1, remind_at = NULL WHERE state = 'awaiting'`, []any{campaign.WhyRestored}},
		{new(int), `UPDATE letters SET follow_at = NULL WHERE follow_at <= $1`, []any{now}},
		{&d.Mails, `
			UPDATE outbox SET status = 'dropped', finished_at = $1, lease_until = NULL
			WHERE status IN ('ready', 'sending') AND kind NOT IN ('letter', 'forward')`, []any{now}},
		{&d.Mails, `
			UPDATE account_mail SET status = 'dropped', finished_at = $1, lease_until = NULL, sealed = x''
			WHERE status IN ('ready', 'sending')`, []any{now}},
	} {
		n, err := t.change(c.q, c.args...)
		if err != nil {
			return err
		}
		*c.n += n
	}
	t.erased = true // what mails would have said
	return nil
}

// doubt makes letters of one state uncertain, and what would have been sent of them.
func (t *tx) doubt(all []row) error {
	if err := t.moveAll(all, campaign.StateUncertain, campaign.WhyRestored); err != nil {
		return err
	}
	args := []any{formatTime(t.now)}
	for _, l := range all {
		args = append(args, l.id)
	}
	_, err := t.change(`
		UPDATE outbox SET status = 'uncertain', finished_at = $1, lease_until = NULL
		WHERE status IN ('ready', 'sending') AND kind = 'letter' AND letter_id IN `+marks(2, len(all)), args...)
	return err
}

// change runs a statement and returns how many rows it changed.
func (t *tx) change(q string, args ...any) (int, error) {
	done, err := t.exec(q, args...)
	if err != nil {
		return 0, fmt.Errorf("after a restore: %w", err)
	}
	n, err := done.RowsAffected()
	return int(n), err
}
