package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

type pledgesListCmd struct {
	campaignArg
	All  bool `help:"Withdrawn pledges as well."`
	JSON bool `name:"json" xor:"form" help:"Print JSON."`
	CSV  bool `name:"csv" xor:"form" help:"Print CSV, which \"postbag pledges import\" takes."`
	dataFlag
}

// pledged is a pledge as it is listed; a member who has left the House has no
// constituency.
type pledged struct {
	MemberID          int    `json:"member_id"`
	Name              string `json:"name"`
	Code              string `json:"ons_code"`
	Constituency      string `json:"constituency"`
	Date              string `json:"date"`
	Evidence          string `json:"evidence"`
	Withdrawn         string `json:"withdrawn"`
	WithdrawnEvidence string `json:"withdrawn_evidence"`
	RecordedBy        string `json:"recorded_by"`
	RecordedAt        string `json:"recorded_at"`
	WithdrawnBy       string `json:"withdrawn_by"`
	WithdrawnAt       string `json:"withdrawn_at"`
}

var pledgeColumns = []string{
	"member_id", "name", "ons_code", "constituency", "date", "evidence", "withdrawn", "withdrawn_evidence",
	"recorded_by", "recorded_at", "withdrawn_by", "withdrawn_at",
}

func (p pledged) cells() []string {
	return []string{
		strconv.Itoa(p.MemberID), p.Name, p.Code, p.Constituency, p.Date, p.Evidence, p.Withdrawn, p.WithdrawnEvidence,
		p.RecordedBy, p.RecordedAt, p.WithdrawnBy, p.WithdrawnAt,
	}
}

// Run lists the pledges, the latest first.
func (c *pledgesListCmd) Run(w *world) error {
	return c.keep(w, c.Campaign, func(k keeper) error {
		rows := k.list(c.All)
		switch {
		case c.JSON:
			return w.json(rows)
		case c.CSV:
			return writeCSV(w, pledgeColumns, rows, pledged.cells)
		}
		return c.table(w, rows)
	})
}

func (k keeper) list(all bool) []pledged {
	rows := []pledged{}
	for _, p := range k.history {
		if !p.Stands() && !all {
			continue
		}
		row := pledged{
			MemberID: p.MemberID, Name: p.MemberName, Date: p.On, Evidence: p.Evidence,
			Withdrawn: p.WithdrawnOn, WithdrawnEvidence: p.WithdrawnEvidence,
			RecordedBy: p.RecordedBy, RecordedAt: stamp(p.RecordedAt), WithdrawnBy: p.WithdrawnBy, WithdrawnAt: stamp(p.WithdrawnAt),
		}
		if seat, ok := k.roster.ByMember(p.MemberID); ok {
			row.Name, row.Code, row.Constituency = seat.Member.Name, seat.Constituency.Code, seat.Constituency.Name
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b pledged) int {
		return cmp.Or(cmp.Compare(b.Date, a.Date), cmp.Compare(a.Constituency, b.Constituency))
	})
	return rows
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (c *pledgesListCmd) table(w *world, rows []pledged) error {
	t := w.newTable()
	headings := []string{"PLEDGED", "MP", "NUMBER", "CONSTITUENCY", "RECORDED BY", "EVIDENCE"}
	if c.All {
		headings = slices.Insert(headings, 1, "WITHDRAWN")
	}
	t.row(headings...)
	standing := 0
	for _, r := range rows {
		constituency, evidence := r.Constituency, cmp.Or(r.Evidence, "(none)")
		if constituency == "" {
			constituency = "(no longer an MP)"
		}
		cells := []string{r.Date, r.Name, strconv.Itoa(r.MemberID), constituency, cmp.Or(r.RecordedBy, "(not kept)"), evidence}
		if c.All {
			cells = slices.Insert(cells, 1, cmp.Or(r.Withdrawn, "-"))
		}
		t.row(cells...)
		if r.Withdrawn == "" {
			standing++
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	text := "1 pledge stands."
	if standing != 1 {
		text = fmt.Sprintf("%d pledges stand.", standing)
	}
	if withdrawn := len(rows) - standing; withdrawn > 0 {
		text += fmt.Sprintf(" %d withdrawn.", withdrawn)
	}
	_, err := fmt.Fprintln(w.err, text)
	return err
}
