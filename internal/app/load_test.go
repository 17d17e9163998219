package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postbag/internal/app"
	"postbag/internal/config"
)

// start runs the program with settings like production's, mail captured, and
// the log written as in production but to nowhere.
func start(tb testing.TB) *app.App {
	tb.Helper()
	cfg := config.Config{
		Env: config.Development, Addr: "127.0.0.1:0", DataDir: tb.TempDir(), MailFrom: "letters@postbag.invalid",
	}
	log := app.NewLog(devNull(tb), true)
	tb.Cleanup(log.Close)
	a, err := app.New(tb.Context(), app.Options{Config: cfg, Log: log.Logger})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	tb.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	return a
}

// devNull takes the log with a real system call for each write.
func devNull(tb testing.TB) io.Writer {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	return f
}

// connections is how many clients ask at once.
const connections = 32

// load sends b.N requests over kept connections and reports how many a second
// were answered and the 99th percentile of the time each took. The client is as
// cheap as one can be, because it runs on the same two cores.
func load(b *testing.B, addr, wantStatus string, request func(n int64) string) {
	b.Helper()
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	var group sync.WaitGroup
	b.ResetTimer()
	for range connections {
		group.Go(func() {
			mine, err := client(addr, wantStatus, func() (string, bool) {
				n := next.Add(1)
				return request(n), n <= int64(b.N)
			})
			if err != nil {
				b.Error(err)
			}
			mu.Lock()
			took = append(took, mine...)
			mu.Unlock()
		})
	}
	group.Wait()
	b.StopTimer()
	slices.Sort(took)
	if len(took) > 0 {
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

// client asks until there are no more requests, and returns how long each took.
func client(addr, wantStatus string, next func() (string, bool)) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	var took []time.Duration
	for {
		request, ok := next()
		if !ok {
			return took, nil
		}
		start := time.Now()
		if _, err := io.WriteString(conn, request); err != nil {
			return took, err
		}
		if err := answer(in, wantStatus); err != nil {
			return took, err
		}
		took = append(took, time.Since(start))
	}
}

// answer reads one answer and checks its status.
func answer(in *bufio.Reader, wantStatus string) error {
	length := -1
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !strings.Contains(string(line[:min(len(line), 16)]), wantStatus) {
			return fmt.Errorf("answer %q, want %s", line, wantStatus)
		}
		if len(line) == 2 {
			break
		}
		if rest, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			if _, err := fmt.Sscan(rest, &length); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("the answer has no length")
	}
	_, err := in.Discard(length)
	return err
}

const headers = "Host: localhost\r\nAccept-Encoding: gzip\r\n"

func BenchmarkCampaignPage(b *testing.B) {
	a := start(b)
	request := "GET /c/mps-not-border-guards HTTP/1.1\r\n" + headers + "\r\n"
	load(b, a.Addr(), "200", func(int64) string { return request })
}

func BenchmarkAPIPostcode(b *testing.B) {
	a := start(b)
	requests := make([]string, 4096) // from many addresses, so that none asks too often
	for i := range requests {
		requests[i] = fmt.Sprintf("GET /api/v1/postcodes/LS63HN HTTP/1.1\r\n%sX-Forwarded-For: 198.18.%d.%d\r\n\r\n", headers, i/256, i%256)
	}
	load(b, a.Addr(), "200", func(n int64) string { return requests[n%int64(len(requests))] })
}

// BenchmarkAPIPostcodeHandler is what of that is ours: routing, headers, look-up
// and log line on one core, without net/http's connection and the kernel's.
func BenchmarkAPIPostcodeHandler(b *testing.B) {
	answerAlone(b, start(b).Handler(), httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/postcodes/LS63HN", nil))
}

// answerAlone answers one request again and again, without a connection. It comes
// from many addresses: each may ask only so often.
func answerAlone(b *testing.B, handler http.Handler, r *http.Request) {
	b.Helper()
	from := make([]string, 4096)
	for i := range from {
		from[i] = fmt.Sprintf("198.18.%d.%d:1024", i/256, i%256)
	}
	w := discard{}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		clear(w)
		r.RemoteAddr = from[i%len(from)]
		handler.ServeHTTP(w, r)
	}
	if h := http.Header(w); h.Get("Retry-After") != "" {
		b.Error("it was one request too many")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

// BenchmarkBareServer answers the same bytes with nothing but net/http: the most
// that any handler can reach over these connections on this machine.
func BenchmarkBareServer(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(make([]byte, 260))
	}))
	b.Cleanup(server.Close)
	request := "GET / HTTP/1.1\r\n" + headers + "\r\n"
	load(b, server.Listener.Addr().String(), "200", func(int64) string { return request })
}

// discard is an http.ResponseWriter that keeps nothing but the header.
type discard http.Header

func (d discard) Header() http.Header       { return http.Header(d) }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

// BenchmarkSubmitLetter posts whole letters, each by another supporter, and
// waits until each is durable; the worker captures the mail for each meanwhile.
func BenchmarkSubmitLetter(b *testing.B) {
	a := start(b)
	load(b, a.Addr(), "200", func(n int64) string {
		form := fmt.Sprintf("postcode=LS6+3HN&constituency=E14001319&subject=Please+sign&body=%s&name=A+Supporter&email=s%d@example.org&address1=1+High+Street&town=Leeds",
			strings.Repeat("Some+words+of+my+own.+", 50), n)
		return "POST /c/mps-not-border-guards/send HTTP/1.1\r\n" + headers +
			"Content-Type: application/x-www-form-urlencoded\r\n" +
			fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(form), form)
	})
}
