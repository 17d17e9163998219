package campaign_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

var ann = account.Actor{Account: 7, Name: "Ann", Origin: "192.0.2.1"}

// recorded adds a pledge and returns it as it is recorded.
func (d *desk) recorded(tb testing.TB, p Pledge) Pledge {
	tb.Helper()
	d.add(tb, p)
	return must(d.LatestPledge(tb.Context(), slug, p.MemberID))
}

func editOf(p Pledge) PledgeEdit { return PledgeEdit{ID: p.ID, Seen: p.Version()} }

func stale(err error) bool {
	wrong, ok := errors.AsType[*PledgeError](err)
	return ok && wrong.Stale && wrong.Code == fault.Conflict
}

// A withdrawal is of the pledge that somebody has before them, not of another of
// the same MP that counts more.
func TestService_WithdrawRecorded_isOfTheOneShown(t *testing.T) {
	d := newDesk(t)
	first := d.recorded(t, given(func(p *Pledge) { p.On, p.WithdrawnOn, p.WithdrawnReason = "2026-01-10", "2026-02-01", "Said so" }))
	second := d.recorded(t, given())
	_, err := d.WithdrawRecorded(t.Context(), ann, slug, editOf(first), Pledge{WithdrawnOn: "2026-11-20", WithdrawnReason: "Again"})
	if fault.CodeOf(err) != fault.Conflict {
		t.Errorf("taken back twice: %v", err)
	}
	if got := must(d.RecordedPledge(t.Context(), slug, second.ID)); !got.Stands() {
		t.Errorf("the other pledge was taken back: %+v", got)
	}
}

func TestService_CorrectPledge(t *testing.T) {
	taken := func(p *Pledge) { p.WithdrawnOn, p.WithdrawnReason = "2026-11-10", "Said so" }
	for _, c := range []struct {
		name      string
		have, to  Pledge
		reinstate bool
		want      PledgeAction // "": refused
	}{
		{"another day", given(), given(func(p *Pledge) { p.On = "2026-10-01" }), false, PledgeCorrected},
		{"another note", given(), given(func(p *Pledge) { p.Note = "A letter" }), false, PledgeCorrected},
		{"nothing", given(), given(), false, PledgeUnchanged},
		{"a day far from the old one", given(taken), given(taken, func(p *Pledge) { p.On, p.WithdrawnOn = "2026-01-01", "2026-01-02" }), false, PledgeCorrected},
		{"a withdrawal cleared in passing", given(taken), given(), false, ""},
		{"a withdrawal cleared knowingly", given(taken), given(), true, PledgeCorrected},
		{"withdrawn before it was made", given(taken), given(taken, func(p *Pledge) { p.WithdrawnOn = "2026-10-01" }), false, ""},
		{"a day to come", given(), given(func(p *Pledge) { p.On = "2027-01-01" }), false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			have := d.recorded(t, c.have)
			change, err := d.CorrectPledge(t.Context(), ann, slug, editOf(have), c.to, c.reinstate)
			if change.Action != c.want || (err == nil) != (c.want != "") {
				t.Fatalf("%q, %v; want %q", change.Action, err, c.want)
			}
			all := must(d.PledgeHistory(t.Context(), slug))
			if len(all) != 1 {
				t.Fatalf("%d pledges", len(all))
			}
			if c.want == PledgeCorrected && (all[0].On != c.to.On || all[0].Note != c.to.Note || all[0].RecordedBy != "Ann" || all[0].WithdrawnOn != c.to.WithdrawnOn) {
				t.Errorf("recorded: %+v", all[0])
			}
			if c.want != PledgeCorrected && all[0].Version() != have.Version() {
				t.Errorf("changed all the same: %+v", all[0])
			}
		})
	}
}

// Of two who have the same pledge before them the second is told.
func TestService_PledgeEdit_stale(t *testing.T) {
	for name, second := range map[string]func(*desk, PledgeEdit) error{
		"correct": func(d *desk, of PledgeEdit) error {
			_, err := d.CorrectPledge(t.Context(), ann, slug, of, given(func(p *Pledge) { p.Note = "Mine" }), false)
			return err
		},
		"withdraw": func(d *desk, of PledgeEdit) error {
			_, err := d.WithdrawRecorded(t.Context(), ann, slug, of, Pledge{WithdrawnOn: "2026-11-20", WithdrawnReason: "Mine"})
			return err
		},
		"void": func(d *desk, of PledgeEdit) error {
			_, err := d.VoidRecorded(t.Context(), ann, slug, of, "Mine")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			have := d.recorded(t, given())
			if _, err := d.WithdrawRecorded(t.Context(), ann, slug, editOf(have), Pledge{WithdrawnOn: "2026-11-12", WithdrawnReason: "Said so"}); err != nil {
				t.Fatal(err)
			}
			if err := second(d, editOf(have)); !stale(err) {
				t.Errorf("%v", err)
			}
			now := must(d.LatestPledge(t.Context(), slug, have.MemberID))
			if now.WithdrawnOn != "2026-11-12" || now.WithdrawnReason != "Said so" || now.WithdrawnBy != "Ann" {
				t.Errorf("recorded: %+v", now)
			}
		})
	}
}

func TestService_WithdrawRecorded_needsAReason(t *testing.T) {
	d := newDesk(t)
	have := d.recorded(t, given())
	_, err := d.WithdrawRecorded(t.Context(), ann, slug, editOf(have), Pledge{WithdrawnOn: "2026-11-12"})
	if wrong, ok := errors.AsType[*PledgeError](err); !ok || wrong.Field != PledgeReason {
		t.Errorf("%v", err)
	}
}

// Nothing that is for organisers gets to where pages for everyone are made from.
func TestService_Pledges_leaveOutWhatIsForOrganisers(t *testing.T) {
	d := newDesk(t)
	have := d.recorded(t, given(func(p *Pledge) { p.Note = "A letter" }))
	if _, err := d.WithdrawRecorded(t.Context(), ann, slug, editOf(have), Pledge{WithdrawnOn: "2026-11-12", WithdrawnReason: "Said so"}); err != nil {
		t.Fatal(err)
	}
	p := d.list(t).ByMember[have.MemberID]
	if p.Note+p.WithdrawnReason+p.RecordedBy+p.WithdrawnBy != "" {
		t.Errorf("%+v", p)
	}
	if all := must(d.PledgeHistory(t.Context(), slug)); all[0].Note != "A letter" || all[0].WithdrawnReason != "Said so" {
		t.Errorf("%+v", all[0])
	}
}

// A file has no place for notes: its silence leaves them.
func TestService_ImportPledges_leavesNotes(t *testing.T) {
	d := newDesk(t)
	d.recorded(t, given(func(p *Pledge) { p.Note = "A letter" }))
	done, err := d.imports(t, "mp,date,evidence\nCity of Durham,2026-11-02,\n", ImportOptions{Correction: Correction{Replace: true}})
	if err != nil || actions(done) != "2 corrected" {
		t.Fatalf("%s, %v", actions(done), err)
	}
	if p := must(d.LatestPledge(t.Context(), slug, member(durham).ID)); p.Note != "A letter" || p.On != "2026-11-02" {
		t.Errorf("%+v", p)
	}
}

// What is applied is what was seen.
func TestService_ImportPledges_plan(t *testing.T) {
	d := newDesk(t)
	const file = "mp,date\nCity of Durham,2026-11-01\nAldershot,2026-11-02\n"
	seen, err := d.imports(t, file, ImportOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	d.add(t, Pledge{MemberID: member(durham).ID, On: "2026-11-01", RecordedBy: "Bea"})
	if done, err := d.imports(t, file, ImportOptions{Plan: seen.Plan()}); !stale(err) || done.Applied || len(must(d.PledgeHistory(t.Context(), slug))) != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	again := must(d.imports(t, file, ImportOptions{DryRun: true}))
	if again.Plan() == seen.Plan() {
		t.Error("another plan is called the same")
	}
	if done, err := d.imports(t, file, ImportOptions{Plan: again.Plan()}); err != nil || !done.Applied {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestService_ConfirmReports(t *testing.T) {
	d := newDesk(t)
	token := d.mailed(t, typed())
	if err := d.Confirm(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	d.mails(t)
	if err := d.Reply(t.Context(), token, AnswerPledged); err != nil {
		t.Fatal(err)
	}
	reports := must(d.PledgeReports(t.Context(), slug))
	if len(reports) != 1 || reports[0].MemberID != member(durham).ID {
		t.Fatalf("%+v", reports)
	}
	p := Pledge{MemberID: member(durham).ID, On: "2026-11-20"}
	if _, err := d.ConfirmReports(t.Context(), ann, slug, reports[0].Last, p); err == nil || !strings.Contains(err.Error(), "evidence is missing") {
		t.Errorf("a supporter's word alone: %v", err)
	}
	p.Evidence = "https://example.org/1"
	if change, err := d.ConfirmReports(t.Context(), ann, slug, reports[0].Last, p); err != nil || change.Action != PledgeAdded {
		t.Errorf("%+v, %v", change, err)
	}
	if _, err := d.ConfirmReports(t.Context(), ann, slug, reports[0].Last, p); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("confirmed twice: %v", err)
	}
	if err := d.DismissReports(t.Context(), ann, slug, reports[0].Last.Add(time.Hour), p.MemberID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("dismissed what was confirmed: %v", err)
	}
	if !d.list(t).Stands(p.MemberID) || len(must(d.PledgeReports(t.Context(), slug))) != 0 {
		t.Error("the pledge does not stand, or the report waits on")
	}
}
