package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// settingUnknown holds how many failed to sign in on a day with an address that
// nobody has.
const settingUnknown = "unknown_sign_ins"

// unknown is that, and what the audit log is told of it.
type unknown struct {
	Day      string `json:"day"` // in London
	Attempts int    `json:"attempts"`
}

// noteUnknown notes that somebody failed to sign in with an address that nobody
// has: in a line while they are few, then by counting. Either is a write.
func (t *tx) noteUnknown(by account.Actor, how account.SignInResult) error {
	u, err := t.unknownToday()
	if err != nil {
		return err
	}
	u.Attempts++
	if u.Attempts <= account.MaxUnknown {
		if err := t.audit(account.Entry{Actor: by, Action: string(how)}); err != nil {
			return err
		}
	}
	return t.set(settingUnknown, asJSON(u))
}

// unknownToday returns the day's count. That of a day that is over is written down
// first.
func (t *tx) unknownToday() (unknown, error) {
	today := unknown{Day: campaign.Day(t.now)}
	var kept string
	err := t.queryRow(`SELECT value FROM settings WHERE key = $1`, []any{&kept}, settingUnknown)
	if errors.Is(err, sql.ErrNoRows) {
		return today, nil
	}
	if err != nil {
		return unknown{}, fmt.Errorf("count unknown sign-ins: %w", err)
	}
	var u unknown
	if err := json.Unmarshal([]byte(kept), &u); err != nil {
		return unknown{}, fmt.Errorf("count unknown sign-ins: %w", err)
	}
	if u.Day == today.Day {
		return u, nil
	}
	if more := u.Attempts - account.MaxUnknown; more > 0 {
		e := account.Entry{Action: string(account.WrongPassword), Object: "unknown addresses", After: asJSON(unknown{u.Day, more})}
		if err := t.audit(e); err != nil {
			return unknown{}, err
		}
	}
	if u.Attempts > 0 {
		return today, t.set(settingUnknown, asJSON(today))
	}
	return today, nil
}
