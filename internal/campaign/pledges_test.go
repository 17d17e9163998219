package campaign_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

// given is a pledge of the MP for Durham that will do.
func given(change ...func(*Pledge)) Pledge {
	p := Pledge{MemberID: member(durham).ID, On: "2026-11-01", Evidence: "https://example.org/1", RecordedBy: "Ann"}
	for _, c := range change {
		c(&p)
	}
	return p
}

func (d *desk) add(tb testing.TB, p Pledge) PledgeChange {
	tb.Helper()
	change, err := d.AddPledge(tb.Context(), slug, p, Correction{})
	if err != nil {
		tb.Fatal(err)
	}
	return change
}

func (d *desk) list(tb testing.TB) PledgeList {
	tb.Helper()
	list, err := d.Pledges(tb.Context(), slug)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// wantRefused checks that err is for an organiser, with the code and words.
func wantRefused(tb testing.TB, err error, code fault.Code, words string) {
	tb.Helper()
	wrong, ok := errors.AsType[*PledgeError](err)
	if !ok || fault.CodeOf(err) != code || !strings.Contains(wrong.Text, words) {
		tb.Errorf("error %v, want %s with %q", err, code, words)
	}
}

func TestService_AddPledge_checks(t *testing.T) {
	long := "https://example.org/" + strings.Repeat("x", 480)
	for _, c := range []struct {
		name   string
		change func(*Pledge)
		code   fault.Code // "": recorded
		words  string
	}{
		{"all of it", func(*Pledge) {}, "", ""},
		{"today", func(p *Pledge) { p.On = "2026-11-23" }, "", ""},
		{"tomorrow", func(p *Pledge) { p.On = "2026-11-24" }, fault.Invalid, "2026-11-24 is in the future"},
		{"the first day", func(p *Pledge) { p.On = "2000-01-01" }, "", ""},
		{"too long ago", func(p *Pledge) { p.On = "1999-12-31" }, fault.Invalid, "before 2000-01-01"},
		{"the day first", func(p *Pledge) { p.On = "1/11/2026" }, "", ""},
		{"the month first", func(p *Pledge) { p.On = "11/31/2026" }, fault.Invalid, "not a day"},
		{"a day that never was", func(p *Pledge) { p.On = "2026-02-30" }, fault.Invalid, "not a day"},
		{"no day", func(p *Pledge) { p.On = " " }, fault.Invalid, "date is missing"},
		{"no evidence", func(p *Pledge) { p.Evidence = "" }, "", ""},
		{"evidence over plain http", func(p *Pledge) { p.Evidence = "http://example.org" }, "", ""},
		{"evidence as long as may be", func(p *Pledge) { p.Evidence = long }, "", ""},
		{"evidence too long", func(p *Pledge) { p.Evidence = long + "x" }, fault.Invalid, "500"},
		{"a script", func(p *Pledge) { p.Evidence = "javascript:alert(1)//https://example.org" }, fault.Invalid, "web address"},
		{"data", func(p *Pledge) { p.Evidence = "data:text/html,x" }, fault.Invalid, "web address"},
		{"no scheme", func(p *Pledge) { p.Evidence = "example.org/page" }, fault.Invalid, "web address"},
		{"no host", func(p *Pledge) { p.Evidence = "https:///page" }, fault.Invalid, "web address"},
		{"a port alone", func(p *Pledge) { p.Evidence = "https://:443/page" }, fault.Invalid, "web address"},
		{"a password", func(p *Pledge) { p.Evidence = "https://ann:secret@example.org" }, fault.Invalid, "user name"},
		{"a host that only looks right", func(p *Pledge) { p.Evidence = "https://parliament.uk@evil.example" }, fault.Invalid, "user name"},
		{"a line break", func(p *Pledge) { p.Evidence = "https://example.org/\nx" }, fault.Invalid, "does not show"},
		{"a direction mark", func(p *Pledge) { p.Evidence = "https://example.org/\u202egpj" }, fault.Invalid, "does not show"},
		{"no text", func(p *Pledge) { p.Evidence = "https://example.org/\xff" }, fault.Invalid, "does not show"},
		{"nobody records", func(p *Pledge) { p.RecordedBy = " \t" }, fault.Invalid, "who records"},
		{"a formula records", func(p *Pledge) { p.RecordedBy = "=1+1" }, fault.Invalid, "formula"},
		{"two lines record", func(p *Pledge) { p.RecordedBy = "Ann\nBea" }, fault.Invalid, "control"},
		{"a very long name records", func(p *Pledge) { p.RecordedBy = strings.Repeat("a", 101) }, fault.Invalid, "100"},
		{"nobody's number", func(p *Pledge) { p.MemberID = 999999 }, fault.NotFound, "999999"},
		{"the Speaker", func(p *Pledge) { p.MemberID = member(chorley).ID }, "", ""},
		{"withdrawn before it was given", func(p *Pledge) { p.WithdrawnOn = "2026-10-31" }, fault.Invalid, "cannot have withdrawn"},
		{"withdrawn on the same day", func(p *Pledge) { p.WithdrawnOn = "2026-11-01" }, "", ""},
		{"withdrawn tomorrow", func(p *Pledge) { p.WithdrawnOn = "2026-11-24" }, fault.Invalid, "withdrawal date"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			change, err := d.AddPledge(t.Context(), slug, given(c.change), Correction{})
			if c.code == "" {
				if err != nil || change.Action != PledgeAdded || len(d.list(t).ByMember) != 1 {
					t.Errorf("%+v, %v", change, err)
				}
				return
			}
			wantRefused(t, err, c.code, c.words)
			if len(d.list(t).ByMember) > 0 {
				t.Error("recorded all the same")
			}
		})
	}
}

// A day is one of London: at half past midnight there in summer, it is still
// yesterday by UTC.
func TestService_AddPledge_todayIsLondons(t *testing.T) {
	d := newDesk(t)
	d.clock.Advance(time.Date(2027, time.June, 30, 23, 30, 0, 0, time.UTC).Sub(start))
	d.add(t, given(func(p *Pledge) { p.On = "2027-07-01" }))
}

func TestService_AddPledge_again(t *testing.T) {
	withdrawn := func(on string) func(*Pledge) { return func(p *Pledge) { p.WithdrawnOn = on } }
	on := func(day string) func(*Pledge) { return func(p *Pledge) { p.On = day } }
	otherwise := func(p *Pledge) { p.Evidence = "https://example.org/2" }
	const added, unchanged, corrected = PledgeAdded, PledgeUnchanged, PledgeCorrected
	for _, c := range []struct {
		name          string
		first, second Pledge

		// "": conflict
		plain, correct, reinstate, both PledgeAction
	}{
		{"just so", given(), given(), unchanged, unchanged, unchanged, unchanged},
		{"by somebody else", given(), given(func(p *Pledge) { p.RecordedBy = "Bea" }), unchanged, unchanged, unchanged, unchanged},
		{"on a later day", given(), given(on("2026-11-02")), "", corrected, "", corrected},
		{"on an earlier day", given(), given(on("2026-10-02")), "", corrected, "", corrected},
		{"with other evidence", given(), given(otherwise), "", corrected, "", corrected},
		{"now withdrawn", given(), given(withdrawn("2026-11-10")), PledgeWithdrawn, PledgeWithdrawn, PledgeWithdrawn, PledgeWithdrawn},
		{"an old one that ended before", given(), given(on("2026-05-01"), withdrawn("2026-06-01")), added, added, added, added},
		{"an old one that ended that day", given(), given(on("2026-05-01"), withdrawn("2026-11-01")), added, added, added, added},
		{"an old one that ended later", given(), given(on("2026-05-01"), withdrawn("2026-11-02")), "", corrected, "", corrected},
		{"anew after a withdrawal", given(withdrawn("2026-11-10")), given(on("2026-11-12")), added, added, added, added},
		{"anew on the day of the withdrawal", given(withdrawn("2026-11-10")), given(on("2026-11-10")), added, added, added, added},
		{"while one that was withdrawn since stood", given(withdrawn("2026-11-10")), given(on("2026-11-05")), "", "", "", corrected},
		{"a script that runs again after a withdrawal", given(withdrawn("2026-11-10")), given(), "", "", corrected, corrected},
		{"a withdrawn one with other evidence", given(withdrawn("2026-11-10")), given(otherwise), "", "", "", corrected},
		{"withdrawn just so", given(withdrawn("2026-11-10")), given(withdrawn("2026-11-10")), unchanged, unchanged, unchanged, unchanged},
		{"withdrawn on another day", given(withdrawn("2026-11-10")), given(withdrawn("2026-11-11")), "", corrected, "", corrected},
	} {
		t.Run(c.name, func(t *testing.T) {
			for correct, want := range map[Correction]PledgeAction{
				{}: c.plain, {Replace: true}: c.correct, {Reinstate: true}: c.reinstate, {Replace: true, Reinstate: true}: c.both,
			} {
				d := newDesk(t)
				d.add(t, c.first)
				before := must(d.PledgeHistory(t.Context(), slug))
				change, err := d.AddPledge(t.Context(), slug, c.second, correct)
				after := must(d.PledgeHistory(t.Context(), slug))
				if want == "" {
					wantRefused(t, err, fault.Conflict, "recorded otherwise: pledged on "+c.first.On)
				} else if err != nil || change.Action != want {
					t.Errorf("correct %v: %s, %v; want %s", correct, change.Action, err, want)
				}
				if want == "" || want == unchanged {
					if diff := cmp.Diff(before, after); diff != "" {
						t.Errorf("correct %v: changed all the same: %s", correct, diff)
					}
					continue
				}
				// What was asked for is what is recorded.
				found := false
				for _, p := range after {
					found = found || p.On == c.second.On && p.Evidence == c.second.Evidence && p.WithdrawnOn == c.second.WithdrawnOn
				}
				if !found || len(after) != map[bool]int{true: 2, false: 1}[want == added] {
					t.Errorf("correct %v: recorded %+v", correct, after)
				}
			}
		})
	}
}

// What is in the way is told, and what would clear it.
func TestService_AddPledge_whatIsInTheWay(t *testing.T) {
	withdrawn := given(func(p *Pledge) { p.WithdrawnOn, p.WithdrawnEvidence = "2026-11-10", "https://example.org/back" })
	const whole = "recorded otherwise: pledged on 2026-11-01, https://example.org/1; withdrawn on 2026-11-10, https://example.org/back. A correction alone does not clear a withdrawal"
	for _, c := range []struct {
		name          string
		first, second Pledge
		how           Correction
		words         string
		differs, ends bool
	}{
		{"another day", given(), given(func(p *Pledge) { p.On = "2026-11-02" }), Correction{}, "recorded otherwise: pledged on 2026-11-01, https://example.org/1", true, false},
		{"a withdrawal", withdrawn, given(), Correction{}, whole, false, true},
		{"a withdrawal, corrected", withdrawn, given(), Correction{Replace: true}, whole, false, true},
		{"a withdrawal and another day", withdrawn, given(func(p *Pledge) { p.On = "2026-11-02" }), Correction{}, whole, true, true},
		{"another day, reinstated", withdrawn, given(func(p *Pledge) { p.On = "2026-11-02" }), Correction{Reinstate: true}, "recorded otherwise", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.add(t, c.first)
			_, err := d.AddPledge(t.Context(), slug, c.second, c.how)
			wantRefused(t, err, fault.Conflict, c.words)
			if wrong, _ := errors.AsType[*PledgeError](err); wrong == nil || wrong.Differs != c.differs || wrong.Ended != c.ends {
				t.Errorf("%+v; want differs %v, ended %v", wrong, c.differs, c.ends)
			}
		})
	}
}

func TestService_AddPledge_correctsOneOnly(t *testing.T) {
	d := newDesk(t)
	d.add(t, given(func(p *Pledge) { p.On, p.WithdrawnOn = "2026-01-01", "2026-02-01" }))
	d.add(t, given(func(p *Pledge) { p.On = "2026-03-01" }))
	_, err := d.AddPledge(t.Context(), slug, given(func(p *Pledge) { p.On = "2026-01-15" }), Correction{Replace: true, Reinstate: true})
	wantRefused(t, err, fault.Conflict, "several pledges")
}

func TestService_WithdrawPledge(t *testing.T) {
	d := newDesk(t)
	back := Pledge{MemberID: member(durham).ID, WithdrawnOn: "2026-11-10", WithdrawnEvidence: "https://example.org/2", WithdrawnBy: "Bea"}
	withdraw := func(change ...func(*Pledge)) (PledgeChange, error) {
		p := back
		for _, c := range change {
			c(&p)
		}
		return d.WithdrawPledge(t.Context(), slug, p)
	}
	_, err := withdraw()
	wantRefused(t, err, fault.Conflict, "has not pledged")
	_, err = withdraw(func(p *Pledge) { p.MemberID = 999999 })
	wantRefused(t, err, fault.NotFound, "999999")

	d.add(t, given())
	_, err = withdraw(func(p *Pledge) { p.WithdrawnOn = "2026-10-31" })
	wantRefused(t, err, fault.Invalid, "cannot have withdrawn")
	_, err = withdraw(func(p *Pledge) { p.WithdrawnOn = "2026-11-24" })
	wantRefused(t, err, fault.Invalid, "future")
	_, err = withdraw(func(p *Pledge) { p.WithdrawnEvidence = "ftp://example.org" })
	wantRefused(t, err, fault.Invalid, "web address")
	_, err = withdraw(func(p *Pledge) { p.WithdrawnBy = "" })
	wantRefused(t, err, fault.Invalid, "who records")
	if !d.list(t).Stands(member(durham).ID) {
		t.Fatal("a withdrawal that was refused took the pledge back")
	}

	change, err := withdraw()
	if err != nil || change.Action != PledgeWithdrawn {
		t.Fatal(change, err)
	}
	p := must(d.PledgeHistory(t.Context(), slug))[0]
	want := given(func(p *Pledge) {
		p.ID, p.MemberName, p.RecordedAt = change.Pledge.ID, member(durham).Name, start
		p.WithdrawnOn, p.WithdrawnEvidence, p.WithdrawnBy, p.WithdrawnAt = "2026-11-10", "https://example.org/2", "Bea", start
	})
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if change, err := withdraw(); err != nil || change.Action != PledgeUnchanged {
		t.Errorf("once more: %v, %v", change, err)
	}
	_, err = withdraw(func(p *Pledge) { p.WithdrawnOn = "2026-11-11" })
	wantRefused(t, err, fault.Conflict, "no pledge that stands")
}

// The letter to an MP thanks only for a pledge that stands.
func TestService_Draft_followsThePledge(t *testing.T) {
	d := newDesk(t)
	want := func(step string, variant Variant) {
		t.Helper()
		draft, err := d.Draft(t.Context(), slug, Form{Lang: "en", Constituency: durham})
		if err != nil || draft.Variant != variant {
			t.Errorf("%s: variant %q, %v; want %q", step, draft.Variant, err, variant)
		}
	}
	want("at first", VariantAsk)
	d.add(t, given())
	want("pledged", "thanks")
	if _, err := d.WithdrawPledge(t.Context(), slug, Pledge{MemberID: member(durham).ID, WithdrawnOn: "2026-11-10", WithdrawnBy: "Bea"}); err != nil {
		t.Fatal(err)
	}
	want("withdrawn", VariantAsk)
	d.add(t, given(func(p *Pledge) { p.On = "2026-11-12" }))
	want("pledged again", "thanks")
}

func TestService_Pledges(t *testing.T) {
	d := newDesk(t)
	empty := d.list(t)
	if len(empty.ByMember) > 0 || empty.Standing != 0 {
		t.Fatalf("at first: %+v", empty)
	}
	d.add(t, given(func(p *Pledge) { p.On, p.WithdrawnOn = "2026-01-01", "2026-02-01" }))
	once := d.list(t)
	if once.Standing != 0 || once.Stands(member(durham).ID) || once.ByMember[member(durham).ID].WithdrawnOn != "2026-02-01" {
		t.Errorf("withdrawn: %+v", once)
	}
	d.add(t, given())
	d.add(t, given(func(p *Pledge) { p.MemberID = member(chorley).ID }))
	list := d.list(t)
	if list.Standing != 2 || !list.Stands(member(durham).ID) || list.ByMember[member(durham).ID].On != "2026-11-01" || list.Stands(0) {
		t.Errorf("pledged again: %+v", list)
	}
	for id, p := range list.ByMember {
		if p.RecordedBy != "" || !p.RecordedAt.IsZero() || p.WithdrawnBy != "" || !p.WithdrawnAt.IsZero() {
			t.Errorf("member %d: everyone may see who recorded it: %+v", id, p)
		}
	}
	if _, err := d.Pledges(t.Context(), "nobody's"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown campaign: %v", err)
	}

	// A member who leaves keeps their pledge, and is not counted any more.
	d.reseat(t, durham, vacate)
	d.clock.Advance(2 * time.Second)
	left := d.list(t)
	if left.Standing != 1 || !left.Stands(member(durham).ID) || left.Version == list.Version {
		t.Errorf("after one left: %+v", left)
	}
	if _, err := d.WithdrawPledge(t.Context(), slug, Pledge{MemberID: member(durham).ID, WithdrawnOn: "2026-11-20", WithdrawnBy: "Bea"}); err != nil {
		t.Errorf("one who left cannot withdraw: %v", err)
	}
}

func TestService_Pledges_versions(t *testing.T) {
	d, other := newDesk(t), newDesk(t)
	seen := map[uint64]string{}
	see := func(step string) uint64 {
		t.Helper()
		version := d.list(t).Version
		if before, twice := seen[version]; twice {
			t.Errorf("%s and %s have one version", before, step)
		}
		seen[version] = step
		return version
	}
	see("none")
	d.add(t, given())
	version := see("one")
	if _, err := d.AddPledge(t.Context(), slug, given(), Correction{}); err != nil || d.list(t).Version != version {
		t.Errorf("the same again is another version (%v)", err)
	}
	d.clock.Advance(time.Hour)
	if d.list(t).Version != version {
		t.Error("the version changes with time")
	}
	other.add(t, given(func(p *Pledge) { p.RecordedBy = "Bea" }))
	if other.list(t).Version != version {
		t.Error("the same list has another version in another process")
	}
	d.add(t, given(func(p *Pledge) { p.WithdrawnOn = "2026-11-10" }))
	see("withdrawn")
}

// Another process changes what a server shows, two seconds later at most.
func TestService_Pledges_twoProcesses(t *testing.T) {
	server := newDesk(t)
	if server.list(t).Standing != 0 {
		t.Fatal("a pledge from nowhere")
	}
	beside := must(openStore(server.dir, server.clock.Now))
	t.Cleanup(func() { beside.Close() })
	command := must(NewService(t.Context(), Options{Store: beside, Now: server.clock.Now}))
	if _, err := command.AddPledge(t.Context(), slug, given(), Correction{}); err != nil {
		t.Fatal(err)
	}
	if draft := must(server.Draft(t.Context(), slug, Form{Lang: "en", Constituency: durham})); draft.Variant != "thanks" {
		t.Error("a letter is drafted as if there were no pledge")
	}
	if server.list(t).Standing != 0 {
		t.Error("read anew within two seconds") // or this test shows nothing
	}
	server.clock.Advance(2 * time.Second)
	if server.list(t).Standing != 1 {
		t.Error("not seen after two seconds")
	}
}

func TestService_Pledges_concurrent(t *testing.T) {
	d := newDesk(t)
	seats := roster().Seats()[:40]
	var running sync.WaitGroup
	for _, seat := range seats {
		running.Go(func() {
			if _, err := d.AddPledge(t.Context(), slug, given(func(p *Pledge) { p.MemberID = seat.Member.ID }), Correction{}); err != nil {
				t.Error(err)
			}
		})
		running.Go(func() {
			list, err := d.Pledges(t.Context(), slug)
			if err != nil || list.Standing != len(list.ByMember) {
				t.Error(list.Standing, err)
			}
		})
	}
	running.Wait()
	if got := d.list(t).Standing; got != len(seats) {
		t.Errorf("%d stand, want %d: a list from before the last was kept", got, len(seats))
	}
}
