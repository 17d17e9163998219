package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"postbag/internal/campaign"
)

type pledgesListCmd struct {
	campaignArg
	All  bool `help:"Withdrawn and voided pledges as well."`
	JSON bool `name:"json" xor:"form" help:"Print JSON."`
	CSV  bool `name:"csv" xor:"form" help:"Print CSV, which \"postbag pledges import\" takes; it leaves out what was voided."`
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
	Voided            bool   `json:"voided"`
	VoidedBy          string `json:"voided_by"`
	VoidedAt          string `json:"voided_at"`
	VoidedReason      string `json:"voided_reason"`
}

// pledgeColumns are those of the file: what was voided does not stand in it.
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
		var voided []campaign.VoidedPledge
		if c.All && !c.CSV {
			var err error
			if voided, err = k.VoidedPledges(w.ctx, k.campaign); err != nil {
				return err
			}
		}
		rows := k.list(c.All, voided)
		switch {
		case c.JSON:
			return w.json(rows)
		case c.CSV:
			return writeCSV(w, pledgeColumns, rows, pledged.cells)
		}
		return c.table(w, rows)
	})
}

func (k keeper) list(all bool, voided []campaign.VoidedPledge) []pledged {
	rows := []pledged{}
	for _, p := range k.history {
		if p.Stands() || all {
			rows = append(rows, k.row(p))
		}
	}
	for _, v := range voided {
		row := k.row(v.Pledge)
		row.Voided, row.VoidedBy, row.VoidedAt, row.VoidedReason = true, v.VoidedBy, stamp(v.VoidedAt), v.Reason
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b pledged) int {
		return cmp.Or(cmp.Compare(b.Date, a.Date), cmp.Compare(a.Constituency, b.Constituency))
	})
	return rows
}

func (k keeper) row(p campaign.Pledge) pledged {
	row := pledged{
		MemberID: p.MemberID, Name: p.MemberName, Date: p.On, Evidence: p.Evidence,
		Withdrawn: p.WithdrawnOn, WithdrawnEvidence: p.WithdrawnEvidence,
		RecordedBy: p.RecordedBy, RecordedAt: stamp(p.RecordedAt), WithdrawnBy: p.WithdrawnBy, WithdrawnAt: stamp(p.WithdrawnAt),
	}
	if seat, ok := k.roster.ByMember(p.MemberID); ok {
		row.Name, row.Code, row.Constituency = seat.Member.Name, seat.Constituency.Code, seat.Constituency.Name
	}
	return row
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// state is what became of a pledge, and for a voided one the evidence gives way
// to who voided it and why.
func (p pledged) state() (state, evidence string) {
	evidence = cmp.Or(p.Evidence, "(none)")
	switch {
	case p.Voided:
		return "voided", fmt.Sprintf("voided by %s on %s: %s", p.VoidedBy, p.VoidedAt[:len(time.DateOnly)], p.VoidedReason)
	case p.Withdrawn != "":
		return "withdrawn " + p.Withdrawn, evidence
	}
	return "stands", evidence
}

func (c *pledgesListCmd) table(w *world, rows []pledged) error {
	t := w.newTable()
	headings := []string{"PLEDGED", "MP", "NUMBER", "CONSTITUENCY", "RECORDED BY", "EVIDENCE"}
	if c.All {
		headings = slices.Insert(headings, 1, "STATE")
	}
	t.row(headings...)
	n := map[string]int{}
	for _, r := range rows {
		state, evidence := r.state()
		cells := []string{r.Date, r.Name, strconv.Itoa(r.MemberID), cmp.Or(r.Constituency, "(no longer an MP)"), cmp.Or(r.RecordedBy, "(not kept)"), evidence}
		if c.All {
			cells = slices.Insert(cells, 1, state)
		}
		t.row(cells...)
		word, _, _ := strings.Cut(state, " ")
		n[word]++
	}
	if err := t.flush(); err != nil {
		return err
	}
	text := "1 pledge stands."
	if n["stands"] != 1 {
		text = fmt.Sprintf("%d pledges stand.", n["stands"])
	}
	for _, word := range []string{"withdrawn", "voided"} {
		if n[word] > 0 {
			text += fmt.Sprintf(" %d %s.", n[word], word)
		}
	}
	_, err := fmt.Fprintln(w.err, text)
	return err
}
