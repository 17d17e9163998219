package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"

	"postbag/internal/parliament"
)

// Keys of settings about the roster.
const (
	settingRosterVersion        = "roster_version"
	settingConstituenciesSource = "constituencies_source"
	settingMembersSource        = "members_source"
)

// RosterVersion implements campaign.Store. It is 0 while there is no roster.
func (s *Store) RosterVersion(ctx context.Context) (int64, error) {
	value, err := s.Setting(ctx, settingRosterVersion)
	if err != nil || value == "" {
		return 0, err
	}
	version, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("roster version: %w", err)
	}
	return version, nil
}

// Roster implements campaign.Store.
func (s *Store) Roster(ctx context.Context) (*parliament.Roster, int64, error) {
	version, err := s.RosterVersion(ctx)
	if err != nil {
		return nil, 0, err
	}
	constituencies, err := s.source(ctx, settingConstituenciesSource)
	if err != nil {
		return nil, 0, err
	}
	members, err := s.source(ctx, settingMembersSource)
	if err != nil {
		return nil, 0, err
	}
	seats, err := s.seats(ctx)
	if err != nil {
		return nil, 0, err
	}
	roster, err := parliament.NewRoster(seats, constituencies, members)
	if err != nil {
		return nil, 0, fmt.Errorf("roster in the database: %w", err)
	}
	return roster, version, nil
}

func (s *Store) seats(ctx context.Context) ([]parliament.Seat, error) {
	rows, err := s.query(ctx, `
		SELECT c.code, c.name, c.name_cy, c.country, c.region, c.lon, c.lat,
			m.id, m.name, m.full_title, m.salutation, m.party, m.email
		FROM constituencies c
		LEFT JOIN members m ON m.constituency = c.code`)
	if err != nil {
		return nil, fmt.Errorf("select roster: %w", err)
	}
	defer rows.Close()
	var seats []parliament.Seat
	for rows.Next() {
		var seat parliament.Seat
		var id sql.NullInt64
		var name, title, salutation, party, email sql.NullString
		c := &seat.Constituency
		if err := rows.Scan(&c.Code, &c.Name, &c.NameCy, &c.Country, &c.Region, &c.Lon, &c.Lat,
			&id, &name, &title, &salutation, &party, &email); err != nil {
			return nil, fmt.Errorf("select roster: %w", err)
		}
		seat.Member = parliament.Member{
			ID: int(id.Int64), Name: name.String, FullTitle: title.String,
			Salutation: salutation.String, Party: party.String, Email: email.String,
		}
		seats = append(seats, seat)
	}
	return seats, rows.Err()
}

func (s *Store) source(ctx context.Context, key string) (parliament.Source, error) {
	var source parliament.Source
	value, err := s.Setting(ctx, key)
	if err != nil || value == "" {
		return source, err
	}
	if err := json.Unmarshal([]byte(value), &source); err != nil {
		return source, fmt.Errorf("%s: %w", key, err)
	}
	return source, nil
}

// ApplyRoster makes the list the one in force, with the corrections that still
// hold, in one transaction. Members who left keep their row without a
// constituency.
func (s *Store) ApplyRoster(ctx context.Context, r *parliament.Roster) error {
	return s.writer.do(ctx, func(tx *tx) error { return tx.applyRoster(r) })
}

func (t *tx) applyRoster(listed *parliament.Roster) error {
	r, err := t.correct(listed)
	if err != nil {
		return err
	}
	return t.seatAll(r)
}

// seatAll writes a roster down as it is.
func (t *tx) seatAll(r *parliament.Roster) error {
	if _, err := t.exec(`UPDATE members SET constituency = NULL`); err != nil {
		return fmt.Errorf("clear seats: %w", err)
	}
	for _, seat := range r.Seats() {
		if err := t.saveSeat(seat); err != nil {
			return err
		}
	}
	for key, source := range map[string]parliament.Source{
		settingConstituenciesSource: r.ConstituencySource(), settingMembersSource: r.MemberSource(),
	} {
		value, err := json.Marshal(source)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if err := t.set(key, string(value)); err != nil {
			return err
		}
	}
	return t.newRosterVersion()
}

// newRosterVersion has every process read the roster again.
func (t *tx) newRosterVersion() error {
	return t.countVersion(settingRosterVersion)
}

func (t *tx) saveSeat(seat parliament.Seat) error {
	c, m := seat.Constituency, seat.Member
	_, err := t.exec(`
		INSERT INTO constituencies (code, name, name_cy, country, region, lon, lat)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (code) DO UPDATE SET
			name = excluded.name, name_cy = excluded.name_cy, country = excluded.country,
			region = excluded.region, lon = excluded.lon, lat = excluded.lat`,
		c.Code, c.Name, c.NameCy, c.Country, c.Region, c.Lon, c.Lat)
	if err != nil {
		return fmt.Errorf("save constituency %s: %w", c.Code, err)
	}
	if seat.Vacant() {
		return nil
	}
	_, err = t.exec(`
		INSERT INTO members (id, constituency, name, full_title, salutation, party, email)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET
			constituency = excluded.constituency, name = excluded.name, full_title = excluded.full_title,
			salutation = excluded.salutation, party = excluded.party, email = excluded.email`,
		m.ID, c.Code, m.Name, m.FullTitle, m.Salutation, m.Party, m.Email)
	if err != nil {
		return fmt.Errorf("save member %d: %w", m.ID, err)
	}
	return nil
}
