package store

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
	"postbag/internal/seal"
)

// sealedIn says how to find the sealed records of a place.
type sealedIn struct {
	id, column string
	padded     bool   // kept as pad has it
	of         string // what campaign.Sealed has as Of
}

const ofItsLetter = `(SELECT token_hash FROM letters WHERE id = letter_id)`

var sealedPlaces = map[campaign.SealedIn]sealedIn{
	campaign.SealedPeople:      {"letter_id", "sealed", true, ofItsLetter},
	campaign.SealedOptIns:      {"opt_in_id", "sealed", true, `(SELECT token_hash FROM opt_ins WHERE id = opt_in_id)`},
	campaign.SealedNotes:       {"letter_id", "sealed", true, ofItsLetter},
	campaign.SealedAnswers:     {"id", "sealed", false, ofItsLetter},
	campaign.SealedOriginals:   {"outbox_id", "sealed", true, `(SELECT l.token_hash FROM outbox o JOIN letters l ON l.id = o.letter_id WHERE o.id = outbox_id)`},
	campaign.SealedCaptured:    {"id", "sealed", false, "message_id"},
	campaign.SealedAccountMail: {"id", "sealed", false, "message_id"},
	campaign.SealedCodes:       {"id", "totp", false, "CAST(id AS TEXT)"},
}

// header is the part of the column that says which key sealed it: see
// seal.KeyID.Header.
func (p sealedIn) header() string {
	if p.padded {
		return "substr(" + p.column + ", 5, 5)"
	}
	return "substr(" + p.column + ", 1, 5)"
}

// keep is the record as the column has it, and kept what it has as a record.
func (p sealedIn) keep(record []byte) []byte {
	if p.padded {
		return pad(record)
	}
	return record
}

func (p sealedIn) kept(column []byte) []byte {
	if !p.padded {
		return column
	}
	if record, err := unpad(column); err == nil {
		return record
	}
	return column // damaged: it is told of when it is opened
}

// SealedBy implements campaign.KeyStore. It looks through the whole place: an index
// would cost every letter something, for what is done once a year.
func (s *Store) SealedBy(ctx context.Context, in campaign.SealedIn, id seal.KeyID, after int64, limit int) ([]campaign.Sealed, error) {
	p := sealedPlaces[in]
	rows, err := s.query(ctx, `
		SELECT `+p.id+`, `+p.of+`, `+p.column+`
		FROM `+string(in)+`
		WHERE `+p.id+` > $1 AND `+p.header()+` = $2
		ORDER BY `+p.id+`
		LIMIT $3`, after, id.Header(), limit)
	if err != nil {
		return nil, fmt.Errorf("select what is sealed in %s: %w", in, err)
	}
	defer rows.Close()
	var found []campaign.Sealed
	for rows.Next() {
		var r campaign.Sealed
		if err := rows.Scan(&r.ID, &r.Of, &r.Record); err != nil {
			return nil, fmt.Errorf("select what is sealed in %s: %w", in, err)
		}
		r.Record = p.kept(r.Record)
		found = append(found, r)
	}
	return found, rows.Err()
}

// Reseal implements campaign.KeyStore. What was sealed before is not cut out of the
// journal each time: that is done when its key is destroyed.
func (s *Store) Reseal(ctx context.Context, in campaign.SealedIn, was, now []campaign.Sealed) (int, error) {
	if len(was) == 0 {
		return 0, nil
	}
	p := sealedPlaces[in]
	resealed := 0
	err := s.writer.do(ctx, func(tx *tx) error {
		resealed = 0
		for i := range was {
			result, err := tx.exec(`
				UPDATE `+string(in)+`
				SET `+p.column+` = $1
				WHERE `+p.id+` = $2 AND `+p.column+` = $3`, p.keep(now[i].Record), was[i].ID, p.keep(was[i].Record))
			if err != nil {
				return fmt.Errorf("seal anew in %s: %w", in, err)
			}
			n, err := result.RowsAffected()
			if err != nil {
				return fmt.Errorf("seal anew in %s: %w", in, err)
			}
			resealed += int(n)
		}
		return nil
	})
	return resealed, err
}

// CountSealed implements campaign.KeyStore.
func (s *Store) CountSealed(ctx context.Context) ([]campaign.SealedCount, error) {
	var all []campaign.SealedCount
	for _, in := range campaign.SealedPlaces {
		counted, err := s.countSealed(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("count what is sealed in %s: %w", in, err)
		}
		all = append(all, counted...)
	}
	return all, nil
}

func (s *Store) countSealed(ctx context.Context, in campaign.SealedIn) ([]campaign.SealedCount, error) {
	p := sealedPlaces[in]
	rows, err := s.query(ctx, `
		SELECT `+p.header()+` AS header, count(*)
		FROM `+string(in)+`
		WHERE length(`+p.column+`) > 0
		GROUP BY header
		ORDER BY header`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []campaign.SealedCount
	for rows.Next() {
		c := campaign.SealedCount{In: in}
		var header []byte
		if err := rows.Scan(&header, &c.Records); err != nil {
			return nil, err
		}
		c.Key, _ = seal.SealedWith(header) // zero: nothing that anybody sealed
		c.Age = string(header) == "age-e"  // see seal.IsAge
		all = append(all, c)
	}
	return all, rows.Err()
}
