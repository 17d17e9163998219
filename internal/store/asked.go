package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"postbag/internal/campaign"
)

// What people ask to have deleted or taken back is noted in a table and in a file
// beside the database. Whoever puts an older state of the database in its place, by
// whatever means, has it done again at the next start: the dead do not return.

// askedWhat is what was asked.
type askedWhat string

const (
	askedErased    askedWhat = "erased"    // who wrote a letter
	askedEnded     askedWhat = "ended"     // an opt-in
	askedWithdrawn askedWhat = "withdrawn" // a letter that had not gone
)

// asked is one thing that somebody asked. Nothing in it says who.
type asked struct {
	Number int64 // in this database; 0: not yet
	Day    string
	What   askedWhat
	Mark   string // see askedWhat: the hash of a letter's token, or an opt-in's number
}

// Repeated is how much of what people had asked was done again.
type Repeated struct {
	Erased, Ended, Withdrawn int
}

// Any reports whether anything was.
func (r Repeated) Any() bool { return r != Repeated{} }

// Repeated returns what was done again when the database was opened.
func (s *Store) Repeated() Repeated { return s.repeated }

func optInMark(id int64) string {
	return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(id)))
}

// noteAskedOf notes what was asked about a letter.
func (t *tx) noteAskedOf(l row, what askedWhat) error {
	var hash []byte
	if err := t.queryRow(`SELECT token_hash FROM letters WHERE id = $1`, []any{&hash}, l.id); err != nil {
		return fmt.Errorf("note what was asked: %w", err)
	}
	return t.noteAsked(asked{What: what, Mark: hex.EncodeToString(hash)})
}

// noteAsked notes what was asked, once.
func (t *tx) noteAsked(a asked) error {
	if a.Day == "" {
		a.Day = campaign.Day(t.now)
	}
	_, err := t.exec(`INSERT INTO asked (day, what, mark) VALUES ($1, $2, $3) ON CONFLICT (what, mark) DO NOTHING`, a.Day, string(a.What), a.Mark)
	if err != nil {
		return fmt.Errorf("note what was asked: %w", err)
	}
	t.asked = true
	return nil
}

// askedSince returns what was asked after a number.
func (t *tx) askedSince(number int64) ([]asked, error) {
	rows, err := t.query(`SELECT number, day, what, mark FROM asked WHERE number > $1 ORDER BY number`, number)
	if err != nil {
		return nil, fmt.Errorf("select what was asked: %w", err)
	}
	defer rows.Close()
	var all []asked
	for rows.Next() {
		var a asked
		if err := rows.Scan(&a.Number, &a.Day, &a.What, &a.Mark); err != nil {
			return nil, fmt.Errorf("select what was asked: %w", err)
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// catchUp does again what the file knows and the database does not, as it is an
// older state of itself, and then has both say the same.
func (s *Store) catchUp(ctx context.Context) (Repeated, error) {
	var done Repeated
	var tables int
	if err := s.queryRow(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'asked'`, []any{&tables}); err != nil || tables == 0 {
		return done, err // an earlier schema, of which nothing is known
	}
	file := &s.writer.asked
	last, readable, err := file.last()
	if err != nil {
		return done, err
	}
	var newest asked
	err = s.queryRow(ctx, `SELECT number, day, what, mark FROM asked ORDER BY number DESC LIMIT 1`, []any{&newest.Number, &newest.Day, &newest.What, &newest.Mark})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return done, fmt.Errorf("select what was asked: %w", err)
	}
	if readable && newest == last {
		file.written = newest.Number
		return done, nil
	}
	err = s.writer.do(ctx, func(tx *tx) error {
		done = Repeated{}
		kept, err := file.read()
		if err != nil {
			return err
		}
		for _, a := range kept {
			if err := tx.repeat(a, &done); err != nil {
				return err
			}
		}
		all, err := tx.askedSince(0)
		if err != nil {
			return err
		}
		// Before the commit: a file that knows too much does no harm.
		return file.replace(all)
	})
	if done.Any() {
		s.writer.log.Warn("database: it is older than what people asked, which was done again", "erased", done.Erased, "ended", done.Ended, "withdrawn", done.Withdrawn)
	}
	return done, err
}

// repeat does what was asked, if the database does not know of it.
func (t *tx) repeat(a asked, done *Repeated) error {
	var known bool
	if err := t.queryRow(`SELECT EXISTS (SELECT 1 FROM asked WHERE what = $1 AND mark = $2)`, []any{&known}, string(a.What), a.Mark); err != nil || known {
		return err
	}
	mark, err := hex.DecodeString(a.Mark)
	if err != nil {
		return fmt.Errorf("do again what was asked: %w", err)
	}
	if err := t.noteAsked(a); err != nil {
		return err
	}
	if a.What == askedEnded {
		if len(mark) != 8 {
			return fmt.Errorf("do again what was asked: the mark of an opt-in has 8 bytes, this one %d", len(mark))
		}
		found, err := t.optIns(`WHERE o.id = $1`, int64(binary.BigEndian.Uint64(mark)))
		if err != nil {
			return err
		}
		for _, o := range found {
			if !o.ended {
				done.Ended++
			}
			if err := t.endOptIn(o); err != nil {
				return err
			}
		}
		return nil
	}
	found, err := t.letters(`WHERE token_hash = $1`, mark)
	if err != nil {
		return err
	}
	for _, l := range found {
		if err := t.repeatOf(l, a.What, done); err != nil {
			return err
		}
	}
	return nil
}

// repeatOf erases who wrote a letter, or takes it back. One that was being sent then
// may have gone: nobody sends it now.
func (t *tx) repeatOf(l row, what askedWhat, done *Repeated) error {
	if l.state == campaign.StateSending {
		if err := t.doubt([]row{l}); err != nil {
			return err
		}
		l.state, l.kept = campaign.StateUncertain, true
	}
	if what == askedWithdrawn {
		if l.state != campaign.StateWithdrawn && campaign.CanMove(l.state, campaign.StateWithdrawn) {
			done.Withdrawn++
			return t.end(l, campaign.StateWithdrawn, campaign.WhyWithdrawn)
		}
		return nil
	}
	var there bool
	if err := t.queryRow(`SELECT EXISTS (SELECT 1 FROM people WHERE letter_id = $1)`, []any{&there}, l.id); err != nil {
		return fmt.Errorf("do again what was asked: %w", err)
	}
	if there {
		done.Erased++
	}
	return t.eraseLetter(l)
}
