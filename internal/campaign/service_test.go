package campaign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

// pledge records a pledge.
func (d *desk) pledge(tb testing.TB, memberID int) {
	tb.Helper()
	if _, err := d.AddPledge(tb.Context(), slug, Pledge{MemberID: memberID, On: "2026-11-01", RecordedBy: "a test"}, Correction{}); err != nil {
		tb.Fatal(err)
	}
}

func (d *desk) wantState(tb testing.TB, token string, want State) *Private {
	tb.Helper()
	p, err := d.Open(tb.Context(), token)
	if err != nil {
		tb.Fatal(err)
	}
	if p.Letter.State != want {
		tb.Fatalf("state %s, want %s", p.Letter.State, want)
	}
	return p
}

func (d *desk) tick(tb testing.TB, after time.Duration) {
	tb.Helper()
	d.clock.Advance(after)
	if err := d.Tick(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

func kinds(jobs []Job) (all []MailKind) {
	for _, j := range jobs {
		all = append(all, j.Kind)
	}
	return all
}

func TestService_Submit(t *testing.T) {
	d := newDesk(t)
	f := typed()
	w, err := d.Submit(t.Context(), slug, f)
	if err != nil || d.woken != 1 {
		t.Fatalf("%v, woken %d times", err, d.woken)
	}
	jobs := d.mails(t)
	if len(jobs) != 1 || jobs[0].Kind != MailConfirm || !strings.HasSuffix(jobs[0].MessageID, "@postbag.example.org") {
		t.Fatalf("mails %+v", jobs)
	}
	person, err := OpenPerson(keys(), jobs[0].Sealed, jobs[0].TokenHash)
	if err != nil {
		t.Fatal(err)
	}
	want := Person{Name: f.Name, Email: f.Email, Address1: f.Address1, Town: f.Town, Postcode: "DH1 3LE", Subject: f.Subject, Lang: "en", Letter: w.Letter, Token: person.Token}
	if diff := cmp.Diff(want, *person); diff != "" {
		t.Error(diff)
	}
	p := d.wantState(t, person.Token, StateAwaiting)
	if diff := cmp.Diff(&want, p.Person); diff != "" {
		t.Error(diff)
	}
	if own := d.number(t, "own"); own != 50 { // "I live in" is the campaign’s
		t.Errorf("the letter is kept as %d per cent their own", own)
	}
	if log := d.log.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
}

func TestService_Submit_refused(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*parliament.Member)
		form    Form
		slug    string
		code    fault.Code // "": no error
		changed bool
	}{
		{"a bad field", nil, typed(func(f *Form) { f.Email = "" }), slug, fault.Invalid, false},
		{"no such campaign", nil, typed(), "other", fault.NotFound, false},
		{"no such constituency", nil, typed(func(f *Form) { f.Constituency = "E14999999" }), slug, fault.NotFound, false},
		{"no constituency", nil, typed(func(f *Form) { f.Constituency = "" }), slug, fault.NotFound, false},
		{"an MP without email", func(m *parliament.Member) { m.Email = "" }, typed(), slug, fault.Conflict, false},
		{"a vacant seat", vacate, typed(), slug, fault.Conflict, false},
		{"another MP than in the preview", nil, typed(func(f *Form) { f.Member = 1 }), slug, "", true},
		{"vacant since the preview", vacate, typed(func(f *Form) { f.Member = 1 }), slug, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			if c.change != nil {
				d.reseat(t, durham, c.change)
			}
			w, err := d.Submit(t.Context(), c.slug, c.form)
			if fault.CodeOf(err) != c.code || (w.Changed == ChangedMP) != c.changed {
				t.Errorf("error %v, changed %v", err, w.Changed)
			}
			if c.code == fault.Invalid || c.code == fault.NotFound {
				if diff := cmp.Diff(c.form, w.Form); diff != "" {
					t.Error("what was typed is lost:", diff)
				}
			}
			counts, err := d.store.Counts(t.Context(), slug)
			if err != nil || len(counts) > 0 || len(d.mails(t)) > 0 || d.woken > 0 {
				t.Errorf("something was written: %v, %v, woken %d times", counts, err, d.woken)
			}
		})
	}
}

// Whether somebody has written before shows in no answer.
func TestService_Submit_again(t *testing.T) {
	for _, c := range []struct {
		name   string
		first  func(*testing.T, *desk, string) // to the first letter
		change func(*Form)                     // to the second form
		want   []MailKind                      // ten minutes later
		anew   bool
	}{
		{"awaiting", nil, nil, []MailKind{MailConfirm}, false},
		{"address in other letters", nil, func(f *Form) { f.Email = "AMINA@EXAMPLE.ORG" }, []MailKind{MailConfirm}, false},
		{"another text and name", nil, func(f *Form) { f.Body, f.Name = "Other", "Other" }, []MailKind{MailConfirm}, true},
		{"sent", func(t *testing.T, d *desk, token string) { confirm(t, d, token); d.mails(t) }, nil, []MailKind{MailRepeat}, false},
		{"withdrawn", func(t *testing.T, d *desk, token string) { check(t, d.Withdraw(t.Context(), token)) }, nil, []MailKind{MailConfirm}, true},
		{"erased", func(t *testing.T, d *desk, token string) { check(t, d.Erase(t.Context(), token)) }, nil, []MailKind{MailConfirm}, true},
		{"expired", func(t *testing.T, d *desk, token string) { d.tick(t, ConfirmWithin); d.mails(t) }, nil, []MailKind{MailConfirm}, true},
		{"another person", nil, func(f *Form) { f.Email = "sam@example.org" }, []MailKind{MailConfirm}, true},
		{"another MP", nil, func(f *Form) { f.Constituency = chorley }, []MailKind{MailConfirm}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			token := d.mailed(t, typed())
			if c.first != nil {
				c.first(t, d, token)
			}
			d.clock.Advance(RepeatAfter)
			f := typed()
			if c.change != nil {
				c.change(&f)
			}
			fresh, err := newDesk(t).Submit(t.Context(), slug, f)
			if err != nil {
				t.Fatal(err)
			}
			again, err := d.Submit(t.Context(), slug, f)
			if err != nil {
				t.Fatal(err)
			}
			if again.Letter != fresh.Letter || again.Form != fresh.Form || again.Changed != fresh.Changed {
				t.Error("the answer differs from that to a stranger")
			}
			jobs := d.mails(t)
			if diff := cmp.Diff(c.want, kinds(jobs)); diff != "" {
				t.Fatal(diff)
			}
			p, err := OpenPerson(keys(), jobs[0].Sealed, jobs[0].TokenHash)
			if err != nil {
				t.Fatal(err)
			}
			if (p.Token != token) != c.anew {
				t.Errorf("the mail leads to another letter: %v, want %v", p.Token != token, c.anew)
			}
			if !c.anew && (p.Name != typed().Name || strings.Contains(p.Letter, "Other")) {
				t.Error("the second form changed the first letter")
			}
			// A third time, at once: no more mail.
			if _, err := d.Submit(t.Context(), slug, f); err != nil {
				t.Fatal(err)
			}
			if jobs := d.mails(t); len(jobs) > 0 {
				t.Errorf("mailed again at once: %v", kinds(jobs))
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func confirm(t *testing.T, d *desk, token string) {
	t.Helper()
	check(t, d.Confirm(t.Context(), token))
}

func TestService_tokens(t *testing.T) {
	d := newDesk(t)
	token := d.mailed(t, typed())
	for name, bad := range map[string]string{
		"none": "", "cut short": token[:21], "too long": token + "A", "unknown": strings.Repeat("A", 22), "other case": strings.ToUpper(token),
		"NUL": strings.Repeat("\x00", 22), "very long": strings.Repeat("A", 1<<20), "with space": token[:21] + " ",
	} {
		_, opened := d.Open(t.Context(), bad)
		for what, err := range map[string]error{
			"open": opened, "confirm": d.Confirm(t.Context(), bad), "withdraw": d.Withdraw(t.Context(), bad), "erase": d.Erase(t.Context(), bad),
		} {
			if fault.CodeOf(err) != fault.NotFound {
				t.Errorf("%s with a token %s: %v, want not_found", what, name, err)
			}
			if err != nil && len(bad) > 10 && strings.Contains(err.Error(), bad) {
				t.Errorf("%s: the error repeats the token", what)
			}
		}
	}
	d.wantState(t, token, StateAwaiting)
}

func TestService_aLettersLife(t *testing.T) {
	d := newDesk(t)
	token := d.mailed(t, typed())
	woken := d.woken
	confirm(t, d, token)
	if d.woken != woken+1 {
		t.Error("nobody woke the worker")
	}
	d.wantState(t, token, StateQueued)
	confirm(t, d, token) // a second click
	if diff := cmp.Diff([]MailKind{MailLetter}, kinds(d.mails(t))); diff != "" {
		t.Error(diff)
	}
	d.wantState(t, token, StateSent)
	if err := d.Withdraw(t.Context(), token); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("withdrawing a letter that has gone: %v, want conflict", err)
	}
	check(t, d.Erase(t.Context(), token))
	if p := d.wantState(t, token, StateSent); p.Person != nil || p.Letter.Sealed != nil {
		t.Error("the person is still there")
	}
	counts, err := d.store.Counts(t.Context(), slug)
	if diff := cmp.Diff([]Count{{Constituency: durham, Written: 1, Confirmed: 1, Sent: 1}}, counts); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestService_Tick_remindsOnceAndExpires(t *testing.T) {
	d := newDesk(t)
	token := d.mailed(t, typed())
	day := 24 * time.Hour
	d.tick(t, day-time.Millisecond)
	if jobs := d.mails(t); len(jobs) > 0 {
		t.Fatalf("mailed too soon: %v", kinds(jobs))
	}
	woken := d.woken
	d.tick(t, time.Millisecond)
	if diff := cmp.Diff([]MailKind{MailRemind}, kinds(d.mails(t))); diff != "" {
		t.Fatal(diff)
	}
	if d.woken == woken {
		t.Error("nobody woke the worker")
	}
	for range 5 {
		d.tick(t, day)
	}
	d.tick(t, day-time.Millisecond)
	d.wantState(t, token, StateAwaiting)
	d.tick(t, time.Millisecond)
	d.wantState(t, token, StateExpired)
	if jobs := d.mails(t); len(jobs) > 0 {
		t.Errorf("mailed again: %v", kinds(jobs))
	}
	if err := d.Confirm(t.Context(), token); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("confirming after that: %v, want conflict", err)
	}
	d.tick(t, 7*day-time.Millisecond)
	if p := d.wantState(t, token, StateExpired); p.Person == nil {
		t.Error("erased too soon")
	}
	d.tick(t, time.Millisecond)
	if p := d.wantState(t, token, StateExpired); p.Person != nil {
		t.Error("not erased in time")
	}
	if log := d.log.String(); strings.Contains(log, "amina") || strings.Contains(log, "DH1") || strings.Contains(log, "Amina") {
		t.Errorf("the log names the supporter: %s", log)
	}
}

func TestService_Refresh(t *testing.T) {
	d := newDesk(t)
	before, version := d.Roster()
	check(t, d.Refresh(t.Context()))
	if again, v := d.Roster(); again != before || v != version {
		t.Error("read again although nothing changed")
	}
	d.reseat(t, durham, vacate)
	if after, v := d.Roster(); after == before || v == version {
		t.Error("not read again")
	}
}

func TestService_PublicCounts(t *testing.T) {
	d := newDesk(t)
	send := func(n int) {
		for i := range n {
			token := d.mailed(t, typed(func(f *Form) { f.Email = strings.Repeat("a", i+1) + "@example.org" }))
			confirm(t, d, token)
			d.mails(t)
		}
	}
	total := func() int {
		c, err := d.PublicCounts(t.Context(), slug)
		check(t, err)
		return c.Total
	}
	send(4)
	if got := total(); got != 0 {
		t.Errorf("%d letters told, want none of four", got)
	}
	d.clock.Advance(-time.Second) // a clock that is set back does not freeze the counts
	token := d.mailed(t, typed(func(f *Form) { f.Email = "fifth@example.org" }))
	confirm(t, d, token)
	d.clock.Advance(time.Second)
	d.mails(t)
	d.clock.Advance(2 * time.Second)
	if got := total(); got != 5 {
		t.Errorf("%d letters told, want 5", got)
	}
	if _, err := d.PublicCounts(t.Context(), "other"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("counts of an unknown campaign: %v", err)
	}
}
