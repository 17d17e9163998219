package web_test

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/config"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// letters is how many the benchmarks have in the database:
// go test -run '^$' -bench Dashboard ./internal/web -args -letters=5000000
var letters = flag.Int("letters", 1_000_000, "letters in the database of benchmarks of the dashboard")

// many is the program's handler with many letters, and the cookie of somebody who
// is signed in.
func many(tb testing.TB, n int) (handler http.Handler, cookie string) {
	tb.Helper()
	cfg := config.Config{Env: config.Development, Addr: "127.0.0.1:0", DataDir: tb.TempDir(), MailFrom: "letters@postbag.invalid"}
	testkit.FillDatabase(tb, cfg.DataDir, store.FileName, firstStart)
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(cfg.DataDir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		tb.Fatal(err)
	}
	raw.SetMaxOpenConns(1)
	testkit.FillLetters(tb, raw, testkit.Letters{Number: n, Campaign: 1, Until: time.Now()})
	if err := raw.Close(); err != nil {
		tb.Fatal(err)
	}
	a, err := app.New(tb.Context(), app.Options{Config: cfg, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close() })
	_, token, err := a.Accounts().Add(context.Background(), account.Actor{Name: "test"}, account.Account{Email: "v@organisers.example", Name: "V", Role: account.Viewer})
	if err != nil {
		tb.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://localhost/organise/password/"+token, strings.NewReader("password=five+plain+words+are+plenty"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	if len(w.Result().Cookies()) != 1 {
		tb.Fatalf("signing in: %s", w.Result().Status)
	}
	c := w.Result().Cookies()[0]
	return a.Handler(), c.Name + "=" + c.Value
}

func ask(tb testing.TB, handler http.Handler, cookie, path string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		tb.Fatalf("%s: %d", path, w.Code)
	}
	return w
}

// BenchmarkDashboard is one request from the router to the last compressed byte:
// what is asked of the database, the sums, the page, the map. With "changed" a
// letter came in before every one, so that nothing is kept from the last.
func BenchmarkDashboard(b *testing.B) {
	handler, cookie := many(b, *letters)
	for _, c := range []struct{ name, query string }{
		{"whole", ""}, {"by hour", "?range=7&by=hour"}, {"all time", "?range=all"}, {"filtered", "?nation=Wales&sort=share"}, {"searched", "?q=leeds"}, {"sorted by MP", "?sort=mp"},
		{"without letters", "?letters=0"},
	} {
		b.Run(c.name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				size = ask(b, handler, cookie, dashboard+c.query).Body.Len()
			}
			b.ReportMetric(float64(size)/1000, "kB")
		})
	}
	b.Run("whole, changed", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			form := letter("email", "s"+time.Now().Format("150405.000000000")+"@example.org")
			r := httptest.NewRequest(http.MethodPost, "http://localhost/c/"+slug+"/send", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatal(w.Code, n)
			}
			b.StartTimer()
			ask(b, handler, cookie, dashboard)
		}
	})
	b.Run("CSV", func(b *testing.B) {
		for b.Loop() {
			ask(b, handler, cookie, dashboard+"/seats.csv")
		}
	})
}

// TestDashboard_Weighs: the page is light, and so is the map in it.
func TestDashboard_Weighs(t *testing.T) {
	handler, cookie := many(t, 20_000)
	for _, query := range []string{"", "?map=replies&range=all", "?map=pledge&range=7&by=hour"} {
		w := ask(t, handler, cookie, dashboard+query)
		page := w.Body.Len()
		zr, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := io.ReadAll(zr)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(whole, []byte(`<figure class="sheet map">`))
		drawing := whole[at : at+bytes.Index(whole[at:], []byte("</figure>"))]
		var packed bytes.Buffer
		zw, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := zw.Write(drawing); err != nil {
			t.Fatal(err)
		}
		if err := zw.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%q: page %d bytes, the map of it %d", query, page, packed.Len())
		if page >= 120_000 || packed.Len() >= 30_000 {
			t.Errorf("%q: page %d bytes (under 120,000), the map of it %d (under 30,000)", query, page, packed.Len())
		}
	}
}
