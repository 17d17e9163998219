package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// Letters to one MP stand in a line. Each has the time of its turn in next_at,
// given when it joins, so that claiming looks at what is due and nothing else,
// however many wait. A turn is a plan: whether it is kept is decided in the
// transaction that sends the letter, by when the last one went (paces). Where the
// plan does not hold, after an outage, outside the hours, for one that is tried
// again, the whole line is planned anew.

// turn returns when a letter that joins the line of a seat may go.
func (t *tx) turn(seat string) (time.Time, error) {
	pace := t.w.delivery.Pace
	if pace.Every() == 0 {
		return pace.Open(t.now), nil
	}
	at := t.now
	free, err := t.free(seat, pace.Every())
	if err != nil {
		return at, err
	}
	if free.After(at) {
		at = free
	}
	var before sql.NullString
	err = t.queryRow(`
		SELECT next_at FROM outbox
		WHERE status = 'ready' AND seat = $1 AND seat <> '' AND due_at <= $2
		ORDER BY due_at DESC, id DESC
		LIMIT 1`, []any{&before}, seat, formatTime(t.now))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return at, fmt.Errorf("look at the end of the line: %w", err)
	}
	last, err := parseTime(before)
	if err != nil {
		return at, err
	}
	if next := last.Add(pace.Every()); before.Valid && next.After(at) {
		at = next
	}
	return pace.Open(at), nil
}

// free returns when the next message may go where one did before: to the MP of a
// seat, or for "" to the mail server. Nothing is planned further ahead than
// within; where it seems so, the clock was wrong when it was written.
func (t *tx) free(seat string, within time.Duration) (time.Time, error) {
	var at sql.NullString
	err := t.queryRow(`SELECT free_at FROM paces WHERE seat = $1`, []any{&at}, seat)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("look up the pace: %w", err)
	}
	free, err := parseTime(at)
	if free.After(t.now.Add(within)) {
		free = t.now
	}
	return free, err
}

func (t *tx) setFree(seat string, at time.Time) error {
	_, err := t.exec(`
		INSERT INTO paces (seat, free_at) VALUES ($1, $2)
		ON CONFLICT (seat) DO UPDATE SET free_at = excluded.free_at`, seat, formatTime(at))
	if err != nil {
		return fmt.Errorf("keep the pace: %w", err)
	}
	return nil
}

// mayGo reports whether a letter whose turn it is may go, and if so notes that it
// goes; otherwise its line is to be planned anew, once those have left it that go
// in the same transaction.
func (t *tx) mayGo(c *claimed) (bool, error) {
	pace := t.w.delivery.Pace
	if pace.None() {
		return true, nil
	}
	seat, every := c.letter.constituency, pace.Every()
	free, err := t.free(seat, every)
	if err != nil {
		return false, err
	}
	if free.After(t.now) || pace.Open(t.now).After(t.now) {
		c.early = true
		return false, nil
	}
	if every == 0 {
		return true, nil
	}
	// The next turn counts from this one, not from how late the worker was.
	from := t.now
	if t.now.Sub(c.turn) < every {
		from = c.turn
	}
	return true, t.setFree(seat, from.Add(every))
}

// space gives every letter in the line of a seat its turn.
func (t *tx) space(seat string) error {
	pace := t.w.delivery.Pace
	start, err := t.free(seat, pace.Every())
	if err != nil {
		return err
	}
	if start.Before(t.now) {
		start = t.now
	}
	line, err := t.line(seat)
	if err != nil {
		return err
	}
	for _, l := range pace.Line(start, line) {
		if _, err := t.exec(`UPDATE outbox SET next_at = $1 WHERE id = $2`, formatTime(l.Slot), l.ID); err != nil {
			return fmt.Errorf("plan the line: %w", err)
		}
	}
	return nil
}

func (t *tx) line(seat string) ([]campaign.InLine, error) {
	rows, err := t.query(`SELECT id, due_at, next_at FROM outbox WHERE status = 'ready' AND seat = $1 AND seat <> ''`, seat)
	if err != nil {
		return nil, fmt.Errorf("select the line: %w", err)
	}
	defer rows.Close()
	var line []campaign.InLine
	for rows.Next() {
		var l campaign.InLine
		var due, turn string
		if err := rows.Scan(&l.ID, &due, &turn); err != nil {
			return nil, fmt.Errorf("select the line: %w", err)
		}
		if times(timed{&l.Due, some(due)}, timed{&l.Slot, some(turn)}) != nil {
			l.Due, l.Slot = time.Time{}, time.Time{} // damaged: it must not keep the line
		}
		line = append(line, l)
	}
	return line, rows.Err()
}

// SpaceLetters implements campaign.Store. It looks at the head of each line
// alone: where that could go earlier, so could the others.
func (s *Store) SpaceLetters(ctx context.Context) (int, error) {
	if err := s.writer.do(ctx, func(tx *tx) error { return tx.mendClock() }); err != nil {
		return 0, err
	}
	changed := 0
	for seat := ""; ; {
		var next sql.NullString
		if err := s.queryRow(ctx, `SELECT min(seat) FROM outbox WHERE status = 'ready' AND seat <> '' AND seat > $1`, []any{&next}, seat); err != nil {
			return changed, fmt.Errorf("find the lines: %w", err)
		}
		if !next.Valid {
			return changed, nil
		}
		seat = next.String
		late, err := s.lateHead(ctx, seat)
		if err != nil {
			return changed, err
		}
		if !late {
			continue
		}
		if err := s.writer.do(ctx, func(tx *tx) error { return tx.space(seat) }); err != nil {
			return changed, err
		}
		changed++
	}
}

// lateHead reports whether the first in the line of a seat could go earlier than
// is planned.
func (s *Store) lateHead(ctx context.Context, seat string) (bool, error) {
	pace, now := s.writer.delivery.Pace, s.now()
	var due, turn string
	var freeAt sql.NullString
	err := s.queryRow(ctx, `
		SELECT due_at, next_at, (SELECT free_at FROM paces WHERE paces.seat = outbox.seat)
		FROM outbox
		WHERE status = 'ready' AND seat = $1 AND seat <> ''
		ORDER BY due_at, id
		LIMIT 1`, []any{&due, &turn, &freeAt}, seat)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the head of a line: %w", err)
	}
	var dueAt, turnAt, free time.Time
	if times(timed{&dueAt, some(due)}, timed{&turnAt, some(turn)}, timed{&free, freeAt}) != nil {
		return false, nil // damaged: claiming deals with it
	}
	earliest := now
	if free.After(now) && !free.After(now.Add(pace.Every())) {
		earliest = free
	}
	if dueAt.After(earliest) {
		earliest = dueAt
	}
	return turnAt.After(pace.Open(earliest).Add(time.Second)), nil
}

// Turn implements campaign.Store.
func (s *Store) Turn(ctx context.Context, letter int64) (campaign.Turn, error) {
	var turn campaign.Turn
	var id int64
	var seat, next string
	err := s.queryRow(ctx, `SELECT id, seat, next_at FROM outbox WHERE letter_id = $1 AND status = 'ready' AND kind = 'letter'`,
		[]any{&id, &seat, &next}, letter)
	if errors.Is(err, sql.ErrNoRows) {
		return turn, fault.New(fault.NotFound, "error.no_letter")
	}
	if err != nil {
		return turn, fmt.Errorf("look up a turn: %w", err)
	}
	err = s.queryRow(ctx, `
		SELECT 1 + count(*) FROM outbox
		WHERE status = 'ready' AND seat = $1 AND seat <> '' AND (next_at < $2 OR next_at = $2 AND id < $3)`,
		[]any{&turn.Place}, seat, next, id)
	if err != nil {
		return turn, fmt.Errorf("count the line: %w", err)
	}
	if turn.Expected, err = parseTime(some(next)); err != nil {
		return turn, err
	}
	if now := s.now(); turn.Expected.Before(now) {
		turn.Expected = now
	}
	at, err := s.rateTurn(ctx, id, next)
	if err != nil {
		return turn, err
	}
	if at.After(turn.Expected) {
		turn.Expected = at
	}
	relay, err := s.Relay(ctx)
	if relay.NextAt.After(turn.Expected) {
		turn.Expected = relay.NextAt
	}
	return turn, err
}

// rateTurn returns when the mail server's rate lets a letter go, behind everything
// that goes before it, whomever that is for; the zero time where no rate is set.
// What somebody comes to wait for meanwhile is not known yet.
func (s *Store) rateTurn(ctx context.Context, id int64, next string) (time.Time, error) {
	rate := s.writer.delivery.PerMinute
	if rate == 0 {
		return time.Time{}, nil
	}
	var ahead int
	err := s.queryRow(ctx, `
		SELECT count(*) FROM outbox
		WHERE status = 'ready' AND (urgency = $1 AND next_at <= $2 OR urgency = $3 AND (next_at < $2 OR next_at = $2 AND id < $4))`,
		[]any{&ahead}, int(campaign.Awaited), next, int(campaign.Letters), id)
	if err != nil {
		return time.Time{}, fmt.Errorf("count what goes before: %w", err)
	}
	var free sql.NullString
	err = s.queryRow(ctx, `SELECT free_at FROM paces WHERE seat = ''`, []any{&free})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("look up the rate: %w", err)
	}
	at, err := parseTime(free)
	if now := s.now(); at.Before(now) || at.After(now.Add(time.Minute)) { // a clock was set back: see free
		at = now
	}
	return at.Add(time.Duration(ahead) * time.Minute / time.Duration(rate)), err
}
