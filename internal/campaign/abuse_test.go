package campaign_test

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	if rows("limits") != 8 || rows("likenesses") != 8 {
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
	if rows("limits") != 0 || rows("likenesses") != 8 {
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
