package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/store"
)

type countsCmd struct {
	Campaign string `arg:"" help:"The campaign's name in addresses, such as mps-not-border-guards."`
	dataFlag
	JSON bool `name:"json" xor:"form" help:"Print JSON."`
	CSV  bool `name:"csv" xor:"form" help:"Print CSV."`
}

// counted is one constituency with what happened to its letters. What comes
// after Expired is what supporters say, and part of no other number.
type counted struct {
	Code            string `json:"code"`
	Constituency    string `json:"constituency"`
	Written         int    `json:"written"`
	Confirmed       int    `json:"confirmed"`
	Sent            int    `json:"sent"`
	Failed          int    `json:"failed"`
	Bounced         int    `json:"bounced"`
	Uncertain       int    `json:"uncertain"`
	Withdrawn       int    `json:"withdrawn"`
	Expired         int    `json:"expired"`
	SelfReported    int    `json:"self_reported"`
	RepliedNone     int    `json:"replied_none"`
	RepliedStandard int    `json:"replied_standard"`
	RepliedReal     int    `json:"replied_real"`
	RepliedPledged  int    `json:"replied_pledged"`
	RepliedRefused  int    `json:"replied_refused"`
}

var countColumns = []string{
	"code", "constituency", "written", "confirmed", "sent", "failed", "bounced", "uncertain", "withdrawn", "expired", "self_reported",
	"replied_none", "replied_standard", "replied_real", "replied_pledged", "replied_refused",
}

// tableColumns is how many of the cells stand in the table: the replies are for
// a spreadsheet.
const tableColumns = 11

func (c counted) cells() []string {
	cells := []string{c.Code, c.Constituency}
	for _, n := range []int{
		c.Written, c.Confirmed, c.Sent, c.Failed, c.Bounced, c.Uncertain, c.Withdrawn, c.Expired, c.SelfReported,
		c.RepliedNone, c.RepliedStandard, c.RepliedReal, c.RepliedPledged, c.RepliedRefused,
	} {
		cells = append(cells, strconv.Itoa(n))
	}
	return cells
}

// Run prints exact counts: these are for organisers.
func (c *countsCmd) Run(w *world) (err error) {
	s, err := c.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rows, err := c.rows(w, s)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		return w.json(rows)
	case c.CSV:
		return writeCSV(w, countColumns, rows, counted.cells)
	}
	return c.table(w, rows)
}

// writeCSV prints rows under their columns, harmless in a spreadsheet.
func writeCSV[Row any](w *world, columns []string, rows []Row, cells func(Row) []string) error {
	out := csv.NewWriter(w.out)
	if err := out.Write(columns); err != nil {
		return err
	}
	for _, row := range rows {
		record := cells(row)
		for i, field := range record {
			record[i] = campaign.Harmless(field)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (c *countsCmd) rows(w *world, s *store.Store) ([]counted, error) {
	counts, err := s.Counts(w.ctx, c.Campaign)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, unknownCampaign(w, s, c.Campaign)
	}
	if err != nil {
		return nil, err
	}
	roster, _, err := s.Roster(w.ctx)
	if err != nil {
		return nil, err
	}
	rows := []counted{}
	for _, n := range counts {
		seat, _ := roster.Seat(n.Constituency)
		rows = append(rows, row(n, seat.Constituency.Name))
	}
	slices.SortStableFunc(rows, func(a, b counted) int { return b.Sent - a.Sent })
	return rows, nil
}

func row(n campaign.Count, name string) counted {
	return counted{
		n.Constituency, name, n.Written, n.Confirmed, n.Sent, n.Failed, n.Bounced, n.Uncertain, n.Withdrawn, n.Expired, n.SelfReported,
		n.Replies.None, n.Replies.Standard, n.Replies.Real, n.Replies.Pledged, n.Replies.Refused,
	}
}

func (c *countsCmd) table(w *world, rows []counted) error {
	t := w.newTable()
	t.row("CONSTITUENCY", "WRITTEN", "CONFIRMED", "SENT", "FAILED", "BOUNCED", "UNCERTAIN", "WITHDRAWN", "EXPIRED", "SELF-REPORTED")
	var total counted
	for _, r := range rows {
		t.row(r.cells()[1:tableColumns]...)
		total.Written += r.Written
		total.Confirmed += r.Confirmed
		total.Sent += r.Sent
		total.Failed += r.Failed
		total.Bounced += r.Bounced
		total.Uncertain += r.Uncertain
		total.Withdrawn += r.Withdrawn
		total.Expired += r.Expired
		total.SelfReported += r.SelfReported
	}
	total.Constituency = fmt.Sprintf("%d constituencies", len(rows))
	if len(rows) == 1 {
		total.Constituency = "1 constituency"
	}
	t.row(total.cells()[1:tableColumns]...)
	return t.flush()
}
