package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

// withService opens the database and does something with the domain.
func (d dataFlag) withService(w *world, do func(*campaign.Service) error) (err error) {
	s, err := d.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	service, err := campaign.NewService(w.ctx, campaign.Options{Store: s, Now: time.Now, Log: slog.New(slog.NewTextHandler(w.err, nil))})
	if err != nil {
		return err
	}
	return do(service)
}

// seatArg names the constituency that a command is about.
type seatArg struct {
	Seat string `arg:"" help:"Which: the constituency's ONS code or its English or Welsh name, or who sits for it. A name that fits several is refused."`
}

func (a seatArg) find(s *campaign.Service) (parliament.Seat, error) {
	roster, _ := s.Roster()
	found := roster.Identify(a.Seat)
	switch len(found) {
	case 0:
		return parliament.Seat{}, usageError{fmt.Errorf("%q is neither a constituency nor an MP", a.Seat)}
	case 1:
		return found[0], nil
	}
	return parliament.Seat{}, usageError{fmt.Errorf("%q is several; give the ONS code", a.Seat)}
}

type mpsCorrectCmd struct {
	seatArg
	Email  string `xor:"what" required:"" placeholder:"ADDRESS" help:"The MP's address."`
	Vacant bool   `xor:"what" required:"" help:"Nobody sits there any more: letters are held until somebody does."`
	Source string `required:"" placeholder:"TEXT" help:"How it is known, such as the MP's website or the day of a phone call. It is kept for the organisers."`
	recorder
	dataFlag
}

// Run writes one correction down.
func (c *mpsCorrectCmd) Run(w *world) error {
	return c.withService(w, func(s *campaign.Service) error {
		seat, err := c.find(s)
		if err != nil {
			return err
		}
		change := campaign.MPCorrection{Source: c.Source}
		change.Constituency, change.Field, change.Value = seat.Constituency.Code, parliament.CorrectedEmail, c.Email
		if c.Vacant {
			change.Field, change.Value = parliament.CorrectedVacant, ""
		}
		err = s.CorrectMP(w.ctx, account.Actor{Name: c.By}, change)
		wrong, ok := errors.AsType[*fault.Error](err)
		switch {
		case err == nil:
		case ok && wrong.Fields[campaign.FieldMPEmail] == "desk.error.mp_same":
			fmt.Fprintf(w.err, "Nothing was changed: letters to %s go to that address already.\n", seat.Member.Name)
			return errNo
		case ok && wrong.Fields[campaign.FieldMPEmail] != "":
			return usageError{fmt.Errorf("--email %w", parliament.CheckEmail(c.Email))}
		case ok && wrong.Fields[campaign.FieldSource] != "":
			return usageError{errors.New("--source says how it is known, in up to 300 characters")}
		case ok && wrong.Code == fault.Conflict:
			fmt.Fprintf(w.err, "Nothing was changed: nobody sits for %s.\n", seat.Constituency.Name)
			return errNo
		default:
			return err
		}
		fmt.Fprintf(w.out, "corrected: %s (%d, %s): %s\n", seat.Member.Name, seat.Member.ID, seat.Constituency.Name, described(change))
		return nil
	})
}

// described is what a correction says.
func described(c campaign.MPCorrection) string {
	if c.Field == parliament.CorrectedVacant {
		return "the seat is vacant"
	}
	return c.Value
}

type mpsCorrectionsCmd struct {
	All  bool `help:"Those that have ended as well."`
	JSON bool `name:"json" help:"Print JSON."`
	dataFlag
}

// corrected is a correction in the JSON list.
type corrected struct {
	ID           int64  `json:"id"`
	Code         string `json:"code"`
	Constituency string `json:"constituency"`
	MemberID     int    `json:"member_id"`
	Name         string `json:"name"`
	Field        string `json:"field"`
	Value        string `json:"value"`
	Listed       string `json:"listed"`
	Source       string `json:"source"`
	RecordedBy   string `json:"recorded_by"`
	RecordedAt   string `json:"recorded_at"`
	EndedBy      string `json:"ended_by"`
	EndedAt      string `json:"ended_at"` // empty: it holds
}

// Run lists the corrections, the latest first.
func (c *mpsCorrectionsCmd) Run(w *world) error {
	return c.withService(w, func(s *campaign.Service) error {
		all, err := s.Corrections(w.ctx)
		if err != nil {
			return err
		}
		roster, _ := s.Roster()
		rows := []corrected{}
		for _, one := range all {
			if !one.Stands() && !c.All {
				continue
			}
			seat, _ := roster.Seat(one.Constituency)
			rows = append(rows, corrected{
				one.ID, one.Constituency, seat.Constituency.Name, one.MemberID, one.MemberName, string(one.Field), one.Value, one.Listed,
				one.Source, one.RecordedBy, stamp(one.At), one.EndedBy, stamp(one.EndedAt),
			})
		}
		if c.JSON {
			return w.json(rows)
		}
		t := w.newTable()
		t.row("NUMBER", "CONSTITUENCY", "MP", "IS", "LISTED", "SOURCE", "BY", "ENDED")
		for _, r := range rows {
			is := r.Value
			if is == "" {
				is = "(vacant)"
			}
			t.row(fmt.Sprint(r.ID), r.Constituency, r.Name, is, r.Listed, r.Source, r.RecordedBy, strings.TrimSpace(r.EndedAt+" "+r.EndedBy))
		}
		return t.flush()
	})
}

type mpsUncorrectCmd struct {
	seatArg
	Email  bool `help:"Only the correction of the address."`
	Vacant bool `help:"Only that the seat is vacant."`
	recorder
	dataFlag
}

// Run ends what was corrected about one seat.
func (c *mpsUncorrectCmd) Run(w *world) error {
	return c.withService(w, func(s *campaign.Service) error {
		seat, err := c.find(s)
		if err != nil {
			return err
		}
		all, err := s.Corrections(w.ctx)
		if err != nil {
			return err
		}
		n := 0
		for _, one := range all {
			wanted := !c.Email && !c.Vacant || c.Email && one.Field == parliament.CorrectedEmail || c.Vacant && one.Field == parliament.CorrectedVacant
			if one.Constituency != seat.Constituency.Code || !one.Stands() || !wanted {
				continue
			}
			if err := s.EndCorrection(w.ctx, account.Actor{Name: c.By}, one.Constituency, one.ID); err != nil {
				return err
			}
			fmt.Fprintf(w.out, "ended: %s (%d, %s): %s\n", one.MemberName, one.MemberID, seat.Constituency.Name, described(one))
			n++
		}
		if n == 0 {
			fmt.Fprintf(w.err, "Nothing was changed: nothing that holds is corrected for %s.\n", seat.Constituency.Name)
			return errNo
		}
		return nil
	})
}
