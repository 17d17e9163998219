package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// ReadSince reads since when opt-ins are asked for: a day, or a time, of which
// the day in London counts. Empty: ever. invalid.
func ReadSince(typed string) (string, error) {
	if typed == "" {
		return "", nil
	}
	if day, err := time.Parse(time.DateOnly, typed); err == nil {
		return day.Format(time.DateOnly), nil
	}
	at, err := time.Parse(time.RFC3339, typed)
	if err != nil {
		return "", fault.New(fault.Invalid, "error.no_day")
	}
	return Day(at), nil
}

// ExportOptIns gives opt-ins to write, some at a time, with who gave them as long
// as they stand, sealed to the campaign's age key where it has one; each belongs to
// the organisation it was given to. That they were
// read is written down first. Any error of write ends it.
func (s *Service) ExportOptIns(ctx context.Context, by account.Actor, of OptInsOf, write func([]OptIn) error) error {
	n, err := s.store.CountOptInsFrom(ctx, of)
	if err != nil {
		return fmt.Errorf("export opt-ins: %w", err)
	}
	what, err := json.Marshal(struct {
		Rows  int    `json:"rows"`
		Since string `json:"since,omitempty"`
	}{n, of.Since})
	if err != nil {
		return fmt.Errorf("export opt-ins: %w", err)
	}
	object := "opt-ins"
	if of.Partner != "" {
		object += " of partner " + of.Partner
	}
	err = s.store.Record(ctx, account.Entry{Actor: by, Action: "opt_ins.export", Campaign: of.Campaign, Object: object, After: string(what)})
	if err != nil {
		return fmt.Errorf("export opt-ins: %w", err)
	}
	to, err := s.recipients(ctx)
	if err != nil {
		return fmt.Errorf("export opt-ins: %w", err)
	}
	for from := (OptInPlace{Day: of.Since}); ; {
		var some []OptIn
		next, err := s.store.OptInsFrom(ctx, of, from, func(o OptIn) error {
			// One that is damaged is exported without its person: the others are not
			// to wait for it.
			if o.Sealed != nil {
				if err := s.openOptIn(&o, to); err != nil {
					s.log.Warn("export: the sealed record of an opt-in cannot be opened", "err", err)
				}
				o.Sealed = nil
			}
			some = append(some, o)
			return nil
		})
		if err != nil {
			return fmt.Errorf("export opt-ins: %w", err)
		}
		if len(some) > 0 {
			if err := write(some); err != nil {
				return fmt.Errorf("export opt-ins: %w", err)
			}
		}
		if from = next; from == (OptInPlace{}) {
			return nil
		}
	}
}
