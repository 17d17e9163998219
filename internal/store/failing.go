package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// isFailing tells of a member m whether their address, as it stands, is failing.
const isFailing = `EXISTS (SELECT 1 FROM failing f WHERE f.member_id = m.id AND f.email = m.email AND f.ended_at IS NULL)`

// weighMailbox marks an MP's address as failing when too many letters have come
// back from it, and tells the organisers.
func (t *tx) weighMailbox(l row, mailbox string, r campaign.Return) error {
	since, err := t.lastDelivered(l.member, mailbox)
	if err != nil {
		return err
	}
	var letters int
	var first sql.NullString
	err = t.queryRow(`
		SELECT count(DISTINCT o.letter_id), min(l.sent_at)
		FROM returns r
		JOIN outbox o ON o.id = r.outbox_id
		JOIN letters l ON l.id = o.letter_id
		WHERE r.mailbox = $1 AND r.at > $2 AND r.hard = 1 AND l.member_id = $3`, []any{&letters, &first}, mailbox, since, l.member)
	if err != nil {
		return fmt.Errorf("count what came back from an address: %w", err)
	}
	if letters < campaign.FailingAfter {
		return nil
	}
	sent, err := t.sentSince(l.constituency, first)
	if err != nil {
		return err
	}
	if letters*100 < sent*campaign.FailingShare {
		return nil
	}
	return t.markFailing(l, mailbox, letters, r)
}

// bounceWait is how long a receipt is looked at before it says that an address
// works: servers that accept everything send back later what they cannot deliver.
const bounceWait = 24 * time.Hour

// lastDelivered is when anybody last told that something sent to an address had
// arrived, or an organiser cleared it; "" if never.
func (t *tx) lastDelivered(member int, mailbox string) (string, error) {
	var at string
	err := t.queryRow(`
		SELECT COALESCE(max(at), '') FROM (
			SELECT max(at) AS at FROM returns WHERE mailbox = $1 AND kind IN ('auto', 'reply')
			UNION ALL
			SELECT max(at) FROM returns r
			WHERE mailbox = $1 AND kind = 'delivered' AND at <= $3
				AND NOT EXISTS (SELECT 1 FROM returns b WHERE b.outbox_id = r.outbox_id AND b.taken = 'bounced')
			UNION ALL
			SELECT max(ended_at) FROM failing WHERE member_id = $2 AND email = $1
		)`, []any{&at}, mailbox, member, formatTime(t.now.Add(-bounceWait)))
	if err != nil {
		return "", fmt.Errorf("look when an address last worked: %w", err)
	}
	return at, nil
}

// sentSince is how many letters to a constituency were accepted from the day of a
// time on, in all campaigns.
func (t *tx) sentSince(constituency string, first sql.NullString) (int, error) {
	at, err := parseTime(first)
	if err != nil {
		return 0, err
	}
	day := campaign.Day(at)
	var sent int
	err = t.queryRow(`
		SELECT COALESCE(SUM(k.letters), 0)
		FROM campaigns c
		JOIN counters k ON k.campaign_id = c.id AND k.constituency = $1
		WHERE k.state = 'sent' AND k.day >= $2`, []any{&sent}, constituency, day)
	if err != nil {
		return 0, fmt.Errorf("count the letters to a constituency: %w", err)
	}
	for _, d := range t.deltas { // of this commit, not written yet
		if d.table == counters && d.key == constituency && d.state == string(campaign.StateSent) && d.day >= day {
			sent += d.n
		}
	}
	return sent, nil
}

// markFailing marks an address, unless it is marked already, and queues a mail to
// everyone who may do something about it.
func (t *tx) markFailing(l row, mailbox string, letters int, r campaign.Return) error {
	done, err := t.exec(`
		INSERT INTO failing (member_id, email, since, letters, enhanced)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, l.member, mailbox, formatTime(t.now), letters, r.Enhanced)
	if err != nil {
		return fmt.Errorf("mark an address as failing: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	f := campaign.Failing{Constituency: l.constituency, MemberID: l.member, Email: mailbox, Since: t.now, Letters: letters, Enhanced: r.Enhanced}
	if err := t.queryRow(`SELECT name FROM members WHERE id = $1`, []any{&f.MP}, l.member); err != nil {
		return fmt.Errorf("select member: %w", err)
	}
	told, err := t.keepersOfMPs()
	if err != nil {
		return err
	}
	for _, id := range told {
		m, err := r.Alert(f)
		if err != nil {
			return err
		}
		if err := t.queueAccountMail(id, m.Kind, m.Sealed, m.MessageID); err != nil {
			return err
		}
	}
	return nil
}

// keepersOfMPs are the accounts that may correct or clear an address.
func (t *tx) keepersOfMPs() ([]int64, error) {
	rows, err := t.query(selectAccounts + `WHERE password <> '' AND disabled_at IS NULL ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("select accounts: %w", err)
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		a, _, err := scanAccount(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("select accounts: %w", err)
		}
		if a.Role.May(account.KeepMPs) {
			ids = append(ids, a.ID)
		}
	}
	return ids, rows.Err()
}

// selectFailing finds the addresses that are failing and still in force.
const selectFailing = `
	SELECT f.id, m.constituency, m.id, m.name, f.email, f.since, f.letters, f.enhanced
	FROM failing f
	JOIN members m ON m.id = f.member_id AND m.email = f.email
	WHERE f.ended_at IS NULL AND m.constituency IS NOT NULL `

// FailingAddresses implements campaign.Store.
func (s *Store) FailingAddresses(ctx context.Context) ([]campaign.Failing, error) {
	rows, err := s.query(ctx, selectFailing+`ORDER BY m.constituency`)
	return scanFailing(rows, err)
}

func scanFailing(rows *sql.Rows, err error) ([]campaign.Failing, error) {
	if err != nil {
		return nil, fmt.Errorf("select failing addresses: %w", err)
	}
	defer rows.Close()
	var all []campaign.Failing
	for rows.Next() {
		var f campaign.Failing
		var since string
		if err := rows.Scan(&f.ID, &f.Constituency, &f.MemberID, &f.MP, &f.Email, &since, &f.Letters, &f.Enhanced); err != nil {
			return nil, fmt.Errorf("select failing addresses: %w", err)
		}
		if f.Since, err = parseTime(some(since)); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, rows.Err()
}

// ClearFailing implements campaign.Store.
func (s *Store) ClearFailing(ctx context.Context, by account.Actor, constituency string, id int64) error {
	return s.writer.do(ctx, func(tx *tx) error {
		found, err := scanFailing(tx.query(selectFailing+`AND f.id = $1 AND m.constituency = $2`, id, constituency))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "desk.error.no_failing")
		}
		f := found[0]
		if _, err := tx.exec(`UPDATE failing SET ended_at = $1, ended_by = $2 WHERE id = $3`, formatTime(tx.now), by.Name, id); err != nil {
			return fmt.Errorf("clear a failing address: %w", err)
		}
		return tx.audit(account.Entry{Actor: by, Action: "mp.clear", Object: memberObject(f.MemberID), Before: asJSON(failingEntry{f.Email, f.Letters, f.Enhanced})})
	})
}

// failingEntry is a failing address as the audit log has it: an MP's.
type failingEntry struct {
	Email    string `json:"email"`
	Letters  int    `json:"letters"`
	Enhanced string `json:"code,omitempty"`
}
