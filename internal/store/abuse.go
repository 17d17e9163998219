package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"postbag/internal/campaign"
)

// weigh counts a letter to its buckets. One that is too much for a bucket is to be
// held, or is refused for now. Whatever goes wrong holds it.
func (t *tx) weigh(l *campaign.NewLetter) error {
	g := &l.Guard
	if len(g.Buckets) == 0 {
		return nil
	}
	var busy error
	var over []campaign.Check
	err := t.within(func() error {
		busy, over = nil, nil
		full, err := t.fullAt(g.Buckets)
		if err != nil {
			return err
		}
		for i, b := range g.Buckets {
			then, wait := b.Add(full[i], t.now)
			switch {
			case wait > 0 && b.Wait:
				busy = campaign.Busy(b.Check, wait)
				return nil
			case wait > 0:
				over = append(over, b.Check)
			}
			full[i] = then
		}
		return t.setFullAt(g.Buckets, full)
	})
	switch {
	case t.undone != nil:
		return t.undone
	case err != nil:
		t.checkFailed(g, err)
	}
	for _, c := range over {
		addHold(g, c)
	}
	return busy
}

// checkFailed holds a letter because a check could not be made.
func (t *tx) checkFailed(g *campaign.Guard, err error) {
	t.w.log.Error("database: check a letter", "err", err)
	addHold(g, campaign.CheckFailed)
}

func addHold(g *campaign.Guard, c campaign.Check) {
	if !slices.Contains(g.Holds, c) {
		g.Holds = append(slices.Clone(g.Holds), c)
	}
}

// fullAt returns when each bucket is full again; the zero time: it is.
func (t *tx) fullAt(buckets []campaign.Bucket) ([]time.Time, error) {
	args := make([]any, len(buckets))
	for i, b := range buckets {
		args[i] = b.Hash
	}
	rows, err := t.query(`SELECT hash, full_at FROM limits WHERE hash IN `+marks(1, len(buckets)), args...)
	if err != nil {
		return nil, fmt.Errorf("select limits: %w", err)
	}
	defer rows.Close()
	full := make([]time.Time, len(buckets))
	for rows.Next() {
		var hash []byte
		var ms int64
		if err := rows.Scan(&hash, &ms); err != nil {
			return nil, fmt.Errorf("select limits: %w", err)
		}
		for i, b := range buckets {
			if string(b.Hash) == string(hash) {
				full[i] = time.UnixMilli(ms)
			}
		}
	}
	return full, rows.Err()
}

func (t *tx) setFullAt(buckets []campaign.Bucket, full []time.Time) error {
	args := make([]any, 0, 2*len(buckets))
	values := make([]string, len(buckets))
	for i, b := range buckets {
		values[i] = marks(1+2*i, 2)
		args = append(args, b.Hash, full[i].UnixMilli())
	}
	_, err := t.exec(`
		INSERT INTO limits (hash, full_at) VALUES `+strings.Join(values, ", ")+`
		ON CONFLICT (hash) DO UPDATE SET full_at = excluded.full_at`, args...)
	if err != nil {
		return fmt.Errorf("count to limits: %w", err)
	}
	return nil
}

// corrects reports whether a letter takes another's place.
func (t *tx) corrects(l campaign.NewLetter) (yes bool, err error) {
	if l.Replaces == nil || l.Guard.Bands == nil {
		return false, nil
	}
	err = t.queryRow(`SELECT EXISTS (SELECT 1 FROM letters WHERE replace_hash = $1 AND state = 'awaiting')`, []any{&yes}, l.Replaces)
	if err != nil {
		return false, fmt.Errorf("look for the letter that it corrects: %w", err)
	}
	return yes, nil
}

// compare looks how many letters are like one, and counts it to them; not again when
// the same person has written it before. One too many is to be held, and so is one
// that cannot be compared.
func (t *tx) compare(l *campaign.NewLetter, again bool) error {
	g := &l.Guard
	if len(g.Bands) == 0 || g.MostLike <= 0 {
		return nil
	}
	var alike int
	err := t.within(func() error {
		var args []any
		for _, b := range slices.Concat(g.Bands, g.Before) {
			args = append(args, b)
		}
		err := t.queryRow(`
			SELECT COALESCE(max(n), 0)
			FROM (SELECT sum(letters) AS n FROM likenesses WHERE hash IN `+marks(1, len(args))+` GROUP BY substr(hash, 3))`, []any{&alike}, args...)
		if err != nil {
			return fmt.Errorf("look for letters that are alike: %w", err)
		}
		if again {
			alike--
			return nil
		}
		values := make([]string, len(g.Bands))
		for i := range values {
			values[i] = fmt.Sprintf("($%d, 1)", i+1)
		}
		_, err = t.exec(`
			INSERT INTO likenesses (hash, letters) VALUES `+strings.Join(values, ", ")+`
			ON CONFLICT (hash) DO UPDATE SET letters = letters + 1`, args[:len(values)]...)
		if err != nil {
			return fmt.Errorf("count what letters are like: %w", err)
		}
		return nil
	})
	switch {
	case t.undone != nil:
		return t.undone
	case err != nil:
		t.checkFailed(g, err)
	case alike >= g.MostLike:
		addHold(g, campaign.CheckSimilar)
	}
	return nil
}

// holds returns the checks that hold a letter which is being confirmed, and counts
// them.
func (t *tx) holds(l row) ([]campaign.Check, error) {
	var kept string
	var most int
	var email []byte
	if err := t.queryRow(`SELECT holds, most_seats, email_hash FROM letters WHERE id = $1`, []any{&kept, &most, &email}, l.id); err != nil {
		return nil, fmt.Errorf("look what was found against it: %w", err)
	}
	g := campaign.Guard{Holds: campaign.SplitChecks(kept)}
	if most > 0 {
		var others int
		err := t.within(func() error { return t.otherSeats(l, email, &others) })
		switch {
		case t.undone != nil:
			return nil, t.undone
		case err != nil:
			t.checkFailed(&g, err)
		case others >= most:
			addHold(&g, campaign.CheckSeats)
		}
	}
	if now := campaign.JoinChecks(g.Holds); now != kept {
		if _, err := t.exec(`UPDATE letters SET holds = $1 WHERE id = $2`, now, l.id); err != nil {
			return nil, fmt.Errorf("note what was found against it: %w", err)
		}
	}
	return g.Holds, t.countChecks(l.campaign, g.Holds, "held")
}

// otherSeats counts the constituencies besides a letter's own about which the same
// inbox has confirmed letters. What a stranger wrote in its name, and nobody confirmed,
// is not held against it.
func (t *tx) otherSeats(l row, email []byte, n *int) error {
	err := t.queryRow(`
		SELECT count(DISTINCT constituency)
		FROM letters
		WHERE email_hash = $1 AND constituency <> $2 AND confirmed_at IS NOT NULL AND state <> 'withdrawn'`, []any{n}, email, l.constituency)
	if err != nil {
		return fmt.Errorf("count constituencies: %w", err)
	}
	return nil
}

// judgeChecks counts what an organiser decides about a letter that checks held.
func (t *tx) judgeChecks(l decided, d campaign.Decision) error {
	column := map[campaign.Decision]string{campaign.DecideSend: "sent", campaign.DecideDecline: "declined"}[d]
	if column == "" || l.state != campaign.StateHeld || !campaign.HeldByCheck(l.why) && l.why != campaign.WhyRestored {
		return nil
	}
	var kept string
	if err := t.queryRow(`SELECT holds FROM letters WHERE id = $1`, []any{&kept}, l.id); err != nil {
		return fmt.Errorf("look what was found against it: %w", err)
	}
	return t.countChecks(l.campaign, campaign.SplitChecks(kept), column)
}

// countChecks counts a letter to each of the checks.
func (t *tx) countChecks(campaignID int64, checks []campaign.Check, column string) error {
	for _, c := range checks {
		_, err := t.exec(`
			INSERT INTO check_counts (campaign_id, name, held, sent, declined)
			VALUES ($1, $2, 0, 0, 0)
			ON CONFLICT (campaign_id, name) DO NOTHING`, campaignID, string(c))
		if err == nil {
			_, err = t.exec(`UPDATE check_counts SET `+column+` = `+column+` + 1 WHERE campaign_id = $1 AND name = $2`, campaignID, string(c))
		}
		if err != nil {
			return fmt.Errorf("count what checks held: %w", err)
		}
	}
	return nil
}
