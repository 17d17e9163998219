package campaign_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/assets"
	"postbag/db"
	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/postcode"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/testkit"
	"postbag/internal/view"
	"postbag/templates"
)

const (
	slug    = "mps-not-border-guards"
	durham  = "E14001173" // City of Durham
	chorley = "E14001170" // the Speaker's
)

var start = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	shippedFile = sync.OnceValue(func() string { return string(must(fs.ReadFile(db.FS, "campaigns/"+slug+".toml"))) })
	roster      = sync.OnceValue(func() *parliament.Roster { return must(parliament.Load(db.FS)) })
	postcodes   = sync.OnceValue(func() *postcode.Index { return must(postcode.Open(must(fs.ReadFile(db.FS, "postcodes.idx")))) })
	words       = sync.OnceValue(func() *view.Renderer { return must(view.New(templates.FS, assets.FS, view.Options{})) })
	keys        = sync.OnceValue(func() *seal.Keys { return must(seal.New([]byte("a secret of at least 32 bytes, for a test"))) })

	// fresh is a database with the roster and the shipped campaign, made once
	// and copied for every test.
	fresh = sync.OnceValue(func() []byte {
		dir := must(os.MkdirTemp("", "postbag-campaign"))
		defer os.RemoveAll(dir)
		s := must(openStore(dir, func() time.Time { return start }))
		ctx := context.Background()
		if err := errors.Join(s.ApplyRoster(ctx, roster()), s.AddCampaign(ctx, slug, shippedFile()), s.Close()); err != nil {
			panic(err)
		}
		return must(os.ReadFile(filepath.Join(dir, store.FileName)))
	})
)

func openStore(dir string, now func() time.Time) (*store.Store, error) {
	return store.Open(context.Background(), store.Options{
		Dir: dir, Migrations: must(fs.Sub(db.FS, "migrations")), Now: now, Log: slog.New(slog.DiscardHandler),
	})
}

// desk is a service on a real store, with a clock of its own.
type desk struct {
	*Service
	store *store.Store
	clock *testkit.Clock
	woken int
	log   strings.Builder
	dir   string
}

func newDesk(tb testing.TB) *desk {
	tb.Helper()
	d := &desk{clock: testkit.NewClock(start), dir: tb.TempDir()}

	if err := os.WriteFile(filepath.Join(d.dir, store.FileName), fresh(), 0o600); err != nil {
		tb.Fatal(err)
	}
	s, err := openStore(d.dir, d.clock.Now)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	d.store = s
	d.Service, err = NewService(tb.Context(), Options{
		Store: s, Keys: keys(), Postcodes: postcodes(), Words: words(), MailDomain: "postbag.example.org",
		Now: d.clock.Now, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Wake: func() { d.woken++ },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// reseat changes who sits for a constituency, as a roster that is applied
// does, and quicker.
func (d *desk) reseat(tb testing.TB, code string, change func(*parliament.Member)) {
	tb.Helper()
	m := member(code)
	change(&m)
	d.alter(tb, `UPDATE members SET constituency = NULL WHERE constituency = $1`, code)
	if m != (parliament.Member{}) {
		d.alter(tb, `INSERT INTO members (id, constituency, name, full_title, salutation, party, email) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO UPDATE SET constituency = excluded.constituency, name = excluded.name, email = excluded.email`,
			m.ID, code, m.Name, m.FullTitle, m.Salutation, m.Party, m.Email)
	}
	d.alter(tb, `UPDATE settings SET value = value + 1 WHERE key = 'roster_version'`)
	if err := d.Refresh(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// alter runs a statement beside the store.
func (d *desk) alter(tb testing.TB, q string, args ...any) {
	tb.Helper()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		tb.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(tb.Context(), q, args...); err != nil {
		tb.Fatal(err)
	}
}

// number reads a number of the one letter beside the store.
func (d *desk) number(tb testing.TB, column string) int {
	tb.Helper()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		tb.Fatal(err)
	}
	defer raw.Close()
	var n int
	if err := raw.QueryRowContext(tb.Context(), `SELECT `+column+` FROM letters`).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

func vacate(m *parliament.Member) { *m = parliament.Member{} }

func member(code string) parliament.Member {
	seat, ok := roster().Seat(code)
	if !ok {
		panic("no seat " + code)
	}
	return seat.Member
}

// typed is a form that will do.
func typed(change ...func(*Form)) Form {
	f := Form{
		Lang: "en", Postcode: "dh1 3le", Constituency: durham, Subject: "Please sign", Body: "I live in Durham.\n\nPlease sign.",
		Name: "Amina O’Connor", Email: "amina@example.org", Address1: "1 High Street", Town: "Durham",
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

// set puts a value into a field.
func set(f *Form, field, value string) {
	switch field {
	case FieldSubject:
		f.Subject = value
	case FieldBody:
		f.Body = value
	case FieldName:
		f.Name = value
	case FieldEmail:
		f.Email = value
	case FieldPhone:
		f.Phone = value
	case FieldAddress1:
		f.Address1 = value
	case FieldAddress2:
		f.Address2 = value
	case FieldTown:
		f.Town = value
	case FieldPostcode:
		f.Postcode = value
	default:
		panic("no field " + field)
	}
}

// problems returns the fields of an Invalid error; nil for no error.
func problems(tb testing.TB, err error) map[string]string {
	tb.Helper()
	if err == nil {
		return nil
	}
	wrong, ok := errors.AsType[*fault.Error](err)
	if !ok || wrong.Code != fault.Invalid {
		tb.Fatalf("error %v, want one about fields", err)
	}
	for field, key := range wrong.Fields {
		if !words().Has("en", key) {
			tb.Errorf("%s: no sentence %s in the catalogue", field, key)
		}
	}
	return wrong.Fields
}

// mails returns what is due to go out, and takes it.
func (d *desk) mails(tb testing.TB) []Job {
	tb.Helper()
	jobs, err := d.store.Claim(tb.Context(), 100, time.Minute)
	if err != nil {
		tb.Fatal(err)
	}
	for _, j := range jobs {
		if err := d.store.Finish(tb.Context(), j, Outcome{Verdict: VerdictSent}, d.clock.Now()); err != nil {
			tb.Fatal(err)
		}
	}
	return jobs
}

// mailed submits a form and returns the token that the one mail carries.
func (d *desk) mailed(tb testing.TB, f Form) string {
	tb.Helper()
	if _, err := d.Submit(tb.Context(), slug, f); err != nil {
		tb.Fatal(err)
	}
	jobs := d.mails(tb)
	if len(jobs) != 1 || jobs[0].Kind != MailConfirm {
		tb.Fatalf("mails %v, want one confirmation", jobs)
	}
	p, err := OpenPerson(keys(), jobs[0].Sealed, jobs[0].TokenHash)
	if err != nil {
		tb.Fatal(err)
	}
	return p.Token
}
