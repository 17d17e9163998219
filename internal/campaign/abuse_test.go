package campaign_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postbag/internal/account"
	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/store"
)

// guarded is a service with limits, on the same data as the desk: as a restart or
// another process is.
func (d *desk) guarded(tb testing.TB, change func(*Options)) *desk {
	tb.Helper()
	s, err := openStore(d.dir, d.clock.Now)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	other := &desk{store: s, clock: d.clock, dir: d.dir}
	o := Options{
		Store: s, Keys: keys(), Postcodes: postcodes(), Words: words(), MailDomain: "postbag.example.org",
		Now: d.clock.Now, Log: slog.New(slog.NewTextHandler(&other.log, nil)), Wake: func() {},
	}
	if change != nil {
		change(&o)
	}
	if other.Service, err = NewService(tb.Context(), o); err != nil {
		tb.Fatal(err)
	}
	return other
}

func limited(l Limits) func(*Options) {
	return func(o *Options) { o.Limits = l }
}

// letterFrom is letter n: each of another inbox, postcode and network, unless it is
// changed.
func letterFrom(n int, change ...func(*Form)) Form {
	return typed(append([]func(*Form){func(f *Form) {
		f.Email, f.From = fmt.Sprintf("person%d@example.org", n), fmt.Sprintf("203.0.%d.0/24", n)
		f.Postcode = fmt.Sprintf("DH1 %dLE", n%10)
		f.Body = fmt.Sprintf("I live in Durham.\n\nPlease sign, as number %d says.", n)
	}}, change...)...)
}

// stands submits a letter, confirms it, and says where it stands then: its state, or
// why it is held.
func (d *desk) stands(t *testing.T, f Form) string {
	t.Helper()
	token := d.mailed(t, f)
	confirm(t, d, token)
	went := 0
	for _, j := range d.mails(t) {
		if j.Kind == MailLetter {
			went++
		}
	}
	p, err := d.Open(t.Context(), token)
	check(t, err)
	if held := p.Letter.State == StateHeld; held == (went == 1) {
		t.Errorf("%d letters go to the MP, held: %v", went, held)
	}
	if p.Letter.State == StateHeld {
		return p.Letter.Events[len(p.Letter.Events)-1].Why
	}
	return string(p.Letter.State)
}

const darlington = "E14001190"

const own = "When my neighbour was ill last winter she did not dare to see a doctor, because she had heard that her name would be passed on. " +
	"She came to our door at night, and we sat with her until the fever broke. Nobody should have to choose between being ill and being found. "

func TestService_checks(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits Limits
		before []Form
		last   Form
		want   string
	}{
		{"within every limit", Limits{Rate{60, 300}, Rate{4, 8}, Rate{8, 20}, Rate{2000, 10_000}, 5, 1, 0, 0}, []Form{letterFrom(1)}, letterFrom(2), "sent"},
		{"one too many from a network in a day", Limits{Address: Rate{Day: 1}}, []Form{letterFrom(1)}, letterFrom(2, func(f *Form) { f.From = "203.0.1.0/24" }), "check_address"},
		{"from another network", Limits{Address: Rate{Day: 1}}, []Form{letterFrom(1)}, letterFrom(2), "sent"},
		{"one too many from an inbox in an hour", Limits{Email: Rate{Hour: 1}}, []Form{letterFrom(1)}, letterFrom(2, func(f *Form) {
			f.Email, f.Constituency = "PERSON1+x@example.org", darlington
		}), "check_email"},
		{"one too many from a postcode in a day", Limits{Postcode: Rate{Day: 1}}, []Form{letterFrom(1)}, letterFrom(2, func(f *Form) { f.Postcode = " dh11le" }), "check_postcode"},
		{"one too many to a campaign in a day", Limits{Campaign: Rate{Day: 1}}, []Form{letterFrom(1)}, letterFrom(2), "check_campaign"},
		{"the hidden field filled in", Limits{}, nil, letterFrom(1, func(f *Form) { f.Trap = "https://example.org" }), "check_trap"},
		{"like one more than may be", Limits{Similar: 2}, []Form{letterFrom(1, func(f *Form) { f.Body = own }), letterFrom(2, func(f *Form) { f.Body = own + "Please!" })},
			letterFrom(3, func(f *Form) { f.Body = "Dear MP. " + own }), "check_similar"},
		{"like as many as may be", Limits{Similar: 2}, []Form{letterFrom(1, func(f *Form) { f.Body = own })}, letterFrom(3, func(f *Form) { f.Body = own }), "sent"},
		{"like another, to another MP", Limits{Similar: 1}, []Form{letterFrom(1, func(f *Form) { f.Body = own })},
			letterFrom(2, func(f *Form) { f.Body, f.Constituency = own, darlington }), "check_similar"},
		{"about another constituency", Limits{Seats: 1}, []Form{letterFrom(1)},
			letterFrom(2, func(f *Form) { f.Email, f.Constituency = "person1@example.org", darlington }), "check_seats"},
		{"another's about another constituency", Limits{Seats: 1}, []Form{letterFrom(1)},
			letterFrom(2, func(f *Form) { f.Constituency = darlington }), "sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t).guarded(t, limited(c.limits))
			for _, f := range c.before {
				if got := d.stands(t, f); got != "sent" {
					t.Fatalf("a letter before it is %s", got)
				}
			}
			if got := d.stands(t, c.last); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
		})
	}
}

// The campaign's own text is no likeness, and nobody is like themselves.
func TestService_checks_notAlike(t *testing.T) {
	d := newDesk(t).guarded(t, limited(Limits{Similar: 1}))
	for n := range 5 {
		draft, err := d.Draft(t.Context(), slug, letterFrom(n))
		check(t, err)
		if got := d.stands(t, letterFrom(n, func(f *Form) { f.Body = "I live in Durham.\n" + draft.Body })); got != "sent" {
			t.Fatalf("the campaign's own text, for the %d. time: %s", n+1, got)
		}
	}
	f := letterFrom(7, func(f *Form) { f.Body = own })
	w, err := d.Submit(t.Context(), slug, f)
	check(t, err)
	d.mails(t)
	f.Body, f.Replaces = own+"And please answer me.", w.Replace
	if got := d.stands(t, f); got != "sent" {
		t.Errorf("a corrected letter is %s", got)
	}
	if got := d.stands(t, letterFrom(8, func(f *Form) { f.Body = own })); got != "check_similar" {
		t.Errorf("the same by another is %s", got)
	}
}

// One too many from a network, or to a campaign, in an hour has to wait: nothing of it
// is written, and what waits does not make it longer.
func TestService_checks_busy(t *testing.T) {
	for name, c := range map[string]struct {
		limits Limits
		check  Check
	}{
		"from a network": {Limits{Address: Rate{Hour: 2}}, CheckAddress},
		"to a campaign":  {Limits{Campaign: Rate{Hour: 2}}, CheckCampaign},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			one := d.guarded(t, limited(c.limits))
			from := func(n int) Form { return letterFrom(n, func(f *Form) { f.From = "2001:db8::/56" }) }
			for n := range 2 {
				_, err := one.Submit(t.Context(), slug, from(n))
				check(t, err)
			}
			one.mails(t)
			restarted := d.guarded(t, limited(c.limits)) // beside the one, or after it
			for _, s := range []*desk{one, restarted, one} {
				w, err := s.Submit(t.Context(), slug, from(3))
				busy, ok := errors.AsType[*BusyError](err)
				if !ok || fault.CodeOf(err) != fault.RateLimited || busy.Check != c.check || busy.For != 30*time.Minute {
					t.Fatalf("one too many: %v", err)
				}
				if w.Form.Name == "" || w.Replace != "" {
					t.Error("what was typed is lost, or it counts as written")
				}
				if got := s.mails(t); len(got) != 0 {
					t.Errorf("%d mails", len(got))
				}
			}
			d.clock.Advance(30 * time.Minute)
			if got := restarted.stands(t, from(3)); got != "sent" {
				t.Errorf("once there is room it is %s", got)
			}
		})
	}
}

// A check that cannot be made holds a letter.
func TestService_checks_failClosed(t *testing.T) {
	limits := StrictLimits()
	limits.Young, limits.Old = 0, 0
	for name, broken := range map[string]string{
		"limits":     `ALTER TABLE limits RENAME COLUMN full_at TO gone`,
		"likenesses": `ALTER TABLE likenesses RENAME COLUMN letters TO gone`,
		"settings":   `ALTER TABLE checks RENAME COLUMN settings TO gone`,
		"nonsense":   `INSERT INTO checks (campaign_id, settings) VALUES (1, '{"similar": "many"')`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.alter(t, broken)
			d = d.guarded(t, limited(limits))
			if got := d.stands(t, letterFrom(1, func(f *Form) { f.Body = own })); got != "check_failed" {
				t.Errorf("it is %s", got)
			}
			if got := d.mails(t); len(got) != 0 {
				t.Errorf("%d mails", len(got))
			}
			if log := d.log.String(); strings.Contains(log, "person1") || strings.Contains(log, "neighbour") {
				t.Error("the log names the person:", log)
			}
		})
	}
}

// What is counted tells of nobody, and goes with its day.
func TestService_checks_keepNothing(t *testing.T) {
	limits := StrictLimits()
	limits.Young, limits.Old = 0, 0
	d := newDesk(t).guarded(t, limited(limits))
	f := letterFrom(1, func(f *Form) {
		f.Email, f.Postcode, f.From, f.Body = "Planted.Person@planted.example", "DH1 3LE", "198.51.100.0/24", own
	})
	if got := d.stands(t, f); got != "sent" {
		t.Fatal(got)
	}
	rows := func(table string) (n int) {
		raw, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
		check(t, err)
		defer raw.Close()
		check(t, raw.QueryRow(`SELECT count(*) FROM `+table).Scan(&n))
		return n
	}
	if rows("limits") != 8 || rows("likenesses") != 6 {
		t.Fatalf("%d limits, %d likenesses", rows("limits"), rows("likenesses"))
	}
	check(t, d.store.Close())
	files, err := filepath.Glob(filepath.Join(d.dir, store.FileName+"*"))
	check(t, err)
	for _, name := range files {
		content, err := os.ReadFile(name)
		check(t, err)
		for _, planted := range []string{"planted", "Planted", "PLANTED", "DH1 3LE", "dh1 3le", "DH13LE", "198.51.100", "neighbour was ill"} {
			if strings.Contains(string(content), planted) {
				t.Errorf("%s: %q", filepath.Base(name), planted)
			}
		}
	}
	s, err := openStore(d.dir, d.clock.Now)
	check(t, err)
	defer s.Close()
	d.clock.Advance(24 * time.Hour)
	_, err = s.ForgetLimits(t.Context(), 1000)
	check(t, err)
	if rows("limits") != 0 || rows("likenesses") != 6 {
		t.Errorf("a day later: %d limits, %d likenesses", rows("limits"), rows("likenesses"))
	}
	d.clock.Advance(14 * 24 * time.Hour)
	_, err = s.ForgetLimits(t.Context(), 1000)
	check(t, err)
	if rows("likenesses") != 0 {
		t.Errorf("two weeks later: %d likenesses", rows("likenesses"))
	}
}

// A supporter's address is not an MP's, nor Parliament's, nor one that is thrown away.
func TestService_Write_refusedSender(t *testing.T) {
	domains, err := ReadDomains(strings.NewReader("throwaway.example"))
	check(t, err)
	d := newDesk(t)
	d.reseat(t, darlington, func(m *parliament.Member) { m.Email = "Jo.Member@office.example.org" })
	d = d.guarded(t, func(o *Options) { o.Disposable = domains })
	for email, want := range map[string]string{
		member(durham).Email:                  "field.email.mp",
		strings.ToUpper(member(durham).Email): "field.email.mp",
		member(chorley).Email:                 "field.email.parliament",
		"jo.member@office.example.org":        "field.email.parliament",
		"jo.member+me@office.example.org":     "field.email.parliament",
		"clerk@parliament.uk":                 "field.email.parliament",
		"clerk@office.PARLIAMENT.uk":          "field.email.parliament",
		"amina@notparliament.uk":              "",
		"amina@throwaway.example":             "field.email.disposable",
		"amina@x.Throwaway.Example":           "field.email.disposable",
		"amina@throwaway.example.org":         "",
		"member@office.example.org":           "",
	} {
		_, err := d.Write(t.Context(), slug, typed(func(f *Form) { f.Email = email }))
		if want == "" {
			check(t, err)
		} else if got := problems(t, err)[FieldEmail]; got != want {
			t.Errorf("%s: %q, want %q", email, got, want)
		}
		// Who sends it by themselves gives no address.
		_, err = d.Write(t.Context(), slug, typed(func(f *Form) { f.Email, f.Way = email, WayPost }))
		check(t, err)
	}
}

// Who began to write when the campaign said that it keeps a letter for a week has it
// kept for a week, though it says a month by the time that they send it.
func TestService_keepsAsLongAsWasSaid(t *testing.T) {
	days := func(d *desk, text, email int) {
		t.Helper()
		now, err := d.Source(t.Context(), slug)
		check(t, err)
		source, _, _ := strings.Cut(now.TOML, "\n[keep]\n")
		source += fmt.Sprintf("\n[keep]\ntext_days = %d\nemail_days = %d\nunconfirmed_days = 5\n", text, email)
		_, err = d.SaveCampaign(t.Context(), olga, slug, source, now.Version, "")
		check(t, err)
	}
	for _, c := range []struct {
		name                 string
		text, email          int // later
		wantText, wantEmails int
	}{
		{"longer", 30, 60, 7, 20},
		{"shorter", 2, 3, 2, 3},
		{"one of the two", 3, 60, 3, 20},
	} {
		d := newDesk(t)
		days(d, 7, 20)
		shown := d.Shown(slug, "")
		days(d, c.text, c.email)
		_, err := d.Submit(t.Context(), slug, letterFrom(1, func(f *Form) { f.Shown = shown }))
		check(t, err)
		if text, email := d.number(t, "keep_text"), d.number(t, "keep_email"); text != c.wantText || email != c.wantEmails {
			t.Errorf("%s: kept for %d and %d days, want %d and %d", c.name, text, email, c.wantText, c.wantEmails)
		}
	}
}

func TestService_formAge(t *testing.T) {
	limits := Limits{Young: 4 * time.Second, Old: 24 * time.Hour}
	shown := newDesk(t).Shown(slug, "")
	for _, c := range []struct {
		name  string
		token string
		after time.Duration
		want  Change
		keeps bool // the same token is good for the next try
	}{
		{"at once", shown, 0, ChangedQuick, true},
		{"just too quick", shown, 3 * time.Second, ChangedQuick, true},
		{"none", "", 0, ChangedStale, false},
		{"forged", "zzzzzz." + strings.Repeat("A", 22), 0, ChangedStale, false},
		{"another time written in", "1" + shown, 0, ChangedStale, false},
		{"of another campaign", newDesk(t).Shown("another", ""), 0, ChangedStale, false},
		{"as quick as may be", shown, 4 * time.Second, "", false},
		{"as old as may be", shown, 24 * time.Hour, "", false},
		{"too old", shown, 24*time.Hour + time.Second, ChangedStale, false},
	} {
		d := newDesk(t).guarded(t, limited(limits))
		d.clock.Advance(c.after)
		w, err := d.Submit(t.Context(), slug, letterFrom(1, func(f *Form) { f.Shown = c.token }))
		check(t, err)
		if w.Changed != c.want || w.Changed != "" && (w.Form.Shown == c.token) != c.keeps {
			t.Errorf("%s: %q, the same token: %v", c.name, w.Changed, w.Form.Shown == c.token)
		}
		if sent := len(d.mails(t)) > 0; sent != (c.want == "") {
			t.Errorf("%s: a mail goes: %v", c.name, sent)
		}
		if c.want == "" {
			continue
		}
		// Pressed once more a little later, it goes.
		d.clock.Advance(5 * time.Second)
		again := w.Form
		w, err = d.Submit(t.Context(), slug, again)
		check(t, err)
		if w.Changed != "" || len(d.mails(t)) != 1 {
			t.Errorf("%s, once more: %q", c.name, w.Changed)
		}
	}
}

// Nobody's inbox can be filled through the form, from however many networks and in
// whatever form its address is written; and from one network not many can be reached.
func TestService_checks_mailBombing(t *testing.T) {
	d := newDesk(t).guarded(t, limited(Limits{Address: Rate{60, 300}, Email: Rate{4, 8}, Postcode: Rate{8, 20}, Similar: 5, Seats: 1}))
	var seats []string
	for _, seat := range roster().Seats() {
		if seat.Member.HasEmail() && seat.Constituency.Code != chorley {
			seats = append(seats, seat.Constituency.Code)
		}
	}
	mails := func() (n int) {
		for {
			jobs := d.mails(t)
			if len(jobs) == 0 {
				return n
			}
			n += len(jobs)
		}
	}
	for n := range 60 {
		_, err := d.Submit(t.Context(), slug, letterFrom(n, func(f *Form) {
			f.Email = fmt.Sprintf("Victim+%d@example.org", n%7)
			f.Constituency = seats[n]
			f.Body = strings.Repeat(fmt.Sprint("again and again ", n, " "), 20)
		}))
		check(t, err)
		d.clock.Advance(RepeatAfter)
	}
	if got := mails(); got != MaxMails {
		t.Errorf("one inbox gets %d mails, want %d", got, MaxMails)
	}
	d.clock.Advance(24 * time.Hour)
	busy := 0
	for n := range 100 {
		_, err := d.Submit(t.Context(), slug, letterFrom(n, func(f *Form) { f.From = "192.0.2.0/24" }))
		if fault.CodeOf(err) == fault.RateLimited {
			busy++
		} else {
			check(t, err)
		}
	}
	if got := mails(); got != 60 || busy != 40 {
		t.Errorf("one network reaches %d people and waits %d times", got, busy)
	}
}

// Two processes that take letters at once share one count.
func TestService_checks_twoProcesses(t *testing.T) {
	d := newDesk(t)
	var both [2]*desk
	for i := range both {
		both[i] = d.guarded(t, limited(Limits{Campaign: Rate{Hour: 30}}))
	}
	var written atomic.Int32
	var wait sync.WaitGroup
	for i, one := range both {
		wait.Go(func() {
			for n := range 25 {
				_, err := one.Submit(context.Background(), slug, letterFrom(100*i+n))
				switch {
				case err == nil:
					written.Add(1)
				case fault.CodeOf(err) != fault.RateLimited:
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if got := written.Load(); got != 30 {
		t.Errorf("%d letters are written, want 30", got)
	}
}

// At midnight in London every count begins anew, under other names.
func TestService_checks_midnight(t *testing.T) {
	d := newDesk(t).guarded(t, limited(Limits{Email: Rate{Day: 1}}))
	same := func(n int) Form {
		return letterFrom(n, func(f *Form) { f.Email = "amina@example.org"; f.Constituency = roster().Seats()[n].Constituency.Code })
	}
	if got := []string{d.stands(t, same(0)), d.stands(t, same(1))}; got[0] != "sent" || got[1] != "check_email" {
		t.Fatal(got)
	}
	d.clock.Advance(12 * time.Hour) // it was noon
	if got := d.stands(t, same(2)); got != "sent" {
		t.Errorf("the next day it is %s", got)
	}
}

// Everything that is decided about counts for each check that held the letter.
func TestService_checks_precision(t *testing.T) {
	d := newDesk(t).guarded(t, limited(Limits{Seats: 1}))
	by := account.Actor{Name: "Noor"}
	counts := func() (all []CheckCount) {
		b, err := d.CheckBook(t.Context(), slug)
		check(t, err)
		for _, c := range b.Counts {
			if c.Held > 0 {
				all = append(all, c)
			}
		}
		return all
	}
	trapped := func(f *Form) { f.Trap = "x" }
	for n := range 3 {
		if got := d.stands(t, letterFrom(n, trapped)); got != "check_trap" {
			t.Fatal(got)
		}
	}
	if got := d.stands(t, letterFrom(4, trapped, func(f *Form) { f.Email, f.Constituency = "person0@example.org", darlington })); got != "check_trap" {
		t.Fatal(got)
	}
	decide := func(what Decision, n int) {
		t.Helper()
		q, err := d.Queue(t.Context(), slug, OpenFilter{Why: "check_trap"})
		check(t, err)
		done, err := d.Decide(t.Context(), by, slug, what, []Chosen{{ID: q.Letters[n].ID}}, "No.")
		check(t, err)
		if done[0].Refused != "" {
			t.Fatal(done[0].Refused)
		}
	}
	decide(DecideDecline, 0)
	decide(DecideSend, 0)
	decide(DecideDecline, 1) // the one that two checks held
	want := []CheckCount{{CheckSeats, 1, 0, 1}, {CheckTrap, 4, 1, 2}}
	if got := counts(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if right := want[1].Right(); right != 66 {
		t.Errorf("right: %d", right)
	}
}
