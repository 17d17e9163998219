package main

import (
	"fmt"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

type mpsFailingCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
	dataFlag
}

// failingAddress is one in the JSON list.
type failingAddress struct {
	Code         string `json:"code"`
	Constituency string `json:"constituency"`
	MemberID     int    `json:"member_id"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	Since        string `json:"since"`
	Letters      int    `json:"letters"`
	Status       string `json:"status,omitempty"`
}

// Run lists them.
func (c *mpsFailingCmd) Run(w *world) error {
	return c.withService(w, func(s *campaign.Service) error {
		all, err := s.FailingAddresses(w.ctx)
		if err != nil {
			return err
		}
		roster, _ := s.Roster()
		rows := []failingAddress{}
		for _, f := range all {
			seat, _ := roster.Seat(f.Constituency)
			rows = append(rows, failingAddress{f.Constituency, seat.Constituency.Name, f.MemberID, f.MP, f.Email, stamp(f.Since), f.Letters, f.Enhanced})
		}
		if c.JSON {
			return w.json(rows)
		}
		t := w.newTable()
		t.row("CONSTITUENCY", "MP", "EMAIL", "SINCE", "LETTERS", "CODE")
		for _, r := range rows {
			t.row(r.Constituency, r.Name, r.Email, r.Since, fmt.Sprint(r.Letters), r.Status)
		}
		return t.flush()
	})
}

type mpsClearCmd struct {
	seatArg
	recorder
	dataFlag
}

// Run clears the address of one seat.
func (c *mpsClearCmd) Run(w *world) error {
	return c.withService(w, func(s *campaign.Service) error {
		seat, err := c.find(s)
		if err != nil {
			return err
		}
		all, err := s.FailingAddresses(w.ctx)
		if err != nil {
			return err
		}
		for _, f := range all {
			if f.Constituency != seat.Constituency.Code {
				continue
			}
			if err := s.ClearFailing(w.ctx, account.Actor{Name: c.By}, f.Constituency, f.ID); err != nil {
				return err
			}
			_, err := fmt.Fprintf(w.out, "cleared: %s (%d, %s): %s\n", f.MP, f.MemberID, seat.Constituency.Name, f.Email)
			return err
		}
		fmt.Fprintf(w.err, "Nothing was changed: letters to %s are not held for their address.\n", seat.Constituency.Name)
		return errNo
	})
}
