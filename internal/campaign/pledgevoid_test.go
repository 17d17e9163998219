package campaign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

// slip voids the pledge of the MP for Durham.
func slip(change ...func(*VoidedPledge)) VoidedPledge {
	v := VoidedPledge{Pledge: Pledge{MemberID: member(durham).ID}, VoidedBy: "Bea", Reason: "meant the MP for Chorley"}
	for _, c := range change {
		c(&v)
	}
	return v
}

func (d *desk) voided(tb testing.TB) []VoidedPledge {
	tb.Helper()
	return must(d.VoidedPledges(tb.Context(), slug))
}

func TestService_VoidPledge(t *testing.T) {
	d := newDesk(t)
	d.add(t, given())
	d.add(t, given(func(p *Pledge) { p.MemberID = member(chorley).ID }))
	before := must(d.PledgeHistory(t.Context(), slug))
	d.clock.Advance(time.Hour)
	change, err := d.VoidPledge(t.Context(), slug, slip(func(v *VoidedPledge) { v.Reason = " meant the  MP for Chorley " }))
	if err != nil || change.Action != PledgeVoided || change.Pledge.On != "2026-11-01" || change.Reason != "meant the MP for Chorley" {
		t.Fatalf("%+v, %v", change, err)
	}
	// The list that everyone sees has neither the pledge nor that it was taken
	// back, and nothing of who voided it and why.
	list := d.list(t)
	if _, there := list.ByMember[member(durham).ID]; there || list.Standing != 1 || len(list.ByMember) != 1 {
		t.Errorf("everyone sees %+v", list)
	}
	if draft := must(d.Draft(t.Context(), slug, Form{Lang: "en", Constituency: durham})); draft.Variant != VariantAsk {
		t.Errorf("a letter is drafted as %s", draft.Variant)
	}
	// Nothing is lost.
	all := d.voided(t)
	for _, p := range before {
		if p.MemberID != member(durham).ID {
			continue
		}
		want := []VoidedPledge{{Pledge: p, VoidedBy: "Bea", Reason: "meant the MP for Chorley", VoidedAt: start.Add(time.Hour)}}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Error(diff)
		}
	}
	if history := must(d.PledgeHistory(t.Context(), slug)); len(history) != 1 || history[0].MemberID != member(chorley).ID {
		t.Errorf("recorded are %+v", history)
	}
}

func TestService_VoidPledge_checks(t *testing.T) {
	long := strings.Repeat("x", 300)
	twice := []Pledge{given(func(p *Pledge) { p.On, p.WithdrawnOn = "2026-01-01", "2026-02-01" }), given()}
	on := func(day string) func(*VoidedPledge) { return func(v *VoidedPledge) { v.On = day } }
	for _, c := range []struct {
		name   string
		have   []Pledge
		change func(*VoidedPledge)
		code   fault.Code // "": voided
		words  string     // of the refusal, or the day of the pledge that is voided
	}{
		{"the only one", []Pledge{given()}, func(*VoidedPledge) {}, "", "2026-11-01"},
		{"by its day", []Pledge{given()}, on("1/11/2026"), "", "2026-11-01"},
		{"a withdrawn one", twice[:1], func(*VoidedPledge) {}, "", "2026-01-01"},
		{"one of two", twice, on("2026-01-01"), "", "2026-01-01"},
		{"the other of two", twice, on("2026-11-01"), "", "2026-11-01"},
		{"either of two", twice, func(*VoidedPledge) {}, fault.Conflict,
			"several pledges recorded, and the day of the pledge says which: pledged on 2026-01-01, https://example.org/1; withdrawn on 2026-02-01; or pledged on 2026-11-01"},
		{"another day", []Pledge{given()}, on("2026-11-02"), fault.Conflict, "no pledge of 2026-11-02 recorded: pledged on 2026-11-01"},
		{"no day", []Pledge{given()}, on("soon"), fault.Invalid, "not a day"},
		{"one who has none", nil, func(*VoidedPledge) {}, fault.Conflict, "Mary Kelly Foy (City of Durham) has no pledge recorded"},
		{"nobody", []Pledge{given()}, func(v *VoidedPledge) { v.MemberID = 999999 }, fault.NotFound, "999999"},
		{"by nobody", []Pledge{given()}, func(v *VoidedPledge) { v.VoidedBy = "" }, fault.Invalid, "who records"},
		{"for no reason", []Pledge{given()}, func(v *VoidedPledge) { v.Reason = " \t" }, fault.Invalid, "the reason is missing"},
		{"for a long reason", []Pledge{given()}, func(v *VoidedPledge) { v.Reason = long }, "", "2026-11-01"},
		{"for too long a reason", []Pledge{given()}, func(v *VoidedPledge) { v.Reason = long + "x" }, fault.Invalid, "300"},
		{"for a reason of two lines", []Pledge{given()}, func(v *VoidedPledge) { v.Reason = "a\nb" }, fault.Invalid, "control"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			for _, p := range c.have {
				d.add(t, p)
			}
			before := must(d.PledgeHistory(t.Context(), slug))
			_, err := d.VoidPledge(t.Context(), slug, slip(c.change))
			after := must(d.PledgeHistory(t.Context(), slug))
			if c.code == "" {
				if err != nil || len(after) != len(before)-1 || len(d.voided(t)) != 1 || d.voided(t)[0].On != c.words {
					t.Errorf("%v; left %+v, voided %+v", err, after, d.voided(t))
				}
				return
			}
			wantRefused(t, err, c.code, c.words)
			if diff := cmp.Diff(before, after); diff != "" || len(d.voided(t)) > 0 {
				t.Errorf("changed all the same: %s, %+v", diff, d.voided(t))
			}
		})
	}
}

// The file that the slip came from may be imported again: it does not come back.
func TestService_VoidPledge_staysVoided(t *testing.T) {
	const words = "Mary Kelly Foy (City of Durham): the pledge of 2026-11-01 was voided by Bea on 2026-11-23: meant the MP for Chorley"
	for _, c := range []struct {
		name   string
		second Pledge
		how    Correction
		want   PledgeAction // "": refused
	}{
		{"again", given(), Correction{}, ""},
		{"again with other evidence", given(func(p *Pledge) { p.Evidence = "" }), Correction{Replace: true}, ""},
		{"again as withdrawn", given(func(p *Pledge) { p.WithdrawnOn = "2026-11-10" }), Correction{Replace: true}, ""},
		{"on another day", given(func(p *Pledge) { p.On = "2026-11-02" }), Correction{}, PledgeAdded},
		{"of another MP", given(func(p *Pledge) { p.MemberID = member(chorley).ID }), Correction{}, PledgeAdded},
		{"reinstated", given(), Correction{Reinstate: true}, PledgeAdded},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.add(t, given())
			if _, err := d.VoidPledge(t.Context(), slug, slip()); err != nil {
				t.Fatal(err)
			}
			change, err := d.AddPledge(t.Context(), slug, c.second, c.how)
			if c.want != "" {
				if err != nil || change.Action != c.want || len(d.voided(t)) != 1 {
					t.Errorf("%+v, %v", change, err)
				}
				return
			}
			wantRefused(t, err, fault.Conflict, words)
			if len(d.list(t).ByMember) > 0 {
				t.Error("recorded all the same")
			}
		})
	}
	d := newDesk(t)
	d.add(t, given())
	if _, err := d.VoidPledge(t.Context(), slug, slip()); err != nil {
		t.Fatal(err)
	}
	d.add(t, given(func(p *Pledge) { p.On = "2026-11-05" }))
	_, err := d.AddPledge(t.Context(), slug, given(), Correction{Replace: true})
	wantRefused(t, err, fault.Conflict, "was voided by Bea")
	for _, dry := range []bool{true, false} {
		done, err := d.imports(t, "mp,date\nAldershot,2026-06-01\nCity of Durham,2026-11-01\n", ImportOptions{Correction: Correction{Replace: true}, DryRun: dry})
		if lines := told(t, err); len(lines) != 1 || lines[0] != "line 3: "+words || !done.Ended || done.Applied {
			t.Errorf("a file, dry run %v: %+v, told %q", dry, done, lines)
		}
	}
}
