package parliament_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/parliament"
	"postbag/internal/testkit"
)

// bakerContact is where the fake API has the contact of Aldershot's member.
var bakerContact = testkit.ContactPath(5173)

func TestClient_Members_AsksPolitely(t *testing.T) {
	api := testkit.NewMembersAPI(t, embedded(t))
	api.Gather(4)
	client, waits := newClient(t, api)
	counter := &inFlight{next: client.HTTP.Transport}
	client.HTTP.Transport = counter
	var steps [][2]int
	client.Progress = func(done, total int) { steps = append(steps, [2]int{done, total}) }

	listed, err := client.Members(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) != 650 {
		t.Errorf("%d members", len(listed))
	}
	if api.MostContacts() != 4 || counter.most.Load() != 4 {
		t.Errorf("at most %d contact requests at once at the server, %d at the client; want 4", api.MostContacts(), counter.most.Load())
	}
	requests := api.Requests()
	if len(requests) != 33+650 {
		t.Errorf("%d requests", len(requests))
	}
	want := []string{
		"/api/Members/Search?House=1&IsCurrentMember=true&skip=0&take=20",
		"/api/Members/Search?House=1&IsCurrentMember=true&skip=20&take=20",
	}
	if diff := cmp.Diff(want, requests[:2]); diff != "" {
		t.Errorf("first requests (-want +got):\n%s", diff)
	}
	if !strings.Contains(api.UserAgent(), "Postbag") {
		t.Errorf("User-Agent %q", api.UserAgent())
	}
	if len(waits.list) != 0 {
		t.Errorf("waited %v", waits.list)
	}
	if len(steps) != 683 || steps[0] != [2]int{1, 683} || steps[682] != [2]int{683, 683} {
		t.Errorf("steps: %v", steps)
	}
}

// inFlight counts the requests between their start and the end of their answer.
type inFlight struct {
	next      http.RoundTripper
	now, most atomic.Int64
}

func (f *inFlight) RoundTrip(r *http.Request) (*http.Response, error) {
	now := f.now.Add(1)
	for most := f.most.Load(); now > most && !f.most.CompareAndSwap(most, now); most = f.most.Load() {
	}
	resp, err := f.next.RoundTrip(r)
	if err != nil {
		f.now.Add(-1)
		return nil, err
	}
	resp.Body = &countedBody{resp.Body, f}
	return resp, nil
}

type countedBody struct {
	io.ReadCloser
	flight *inFlight
}

func (b *countedBody) Close() error {
	b.flight.now.Add(-1)
	return b.ReadCloser.Close()
}

// Errors that pass are tried again, after the time that the server asks for or
// an exponential backoff; the sync goes on as if nothing had been.
func TestClient_Members_TriesAgain(t *testing.T) {
	const half = 250 * time.Millisecond // the first backoff without its random part
	tests := map[string]struct {
		path  string
		times int
		fault testkit.APIFault
		want  []time.Duration
	}{
		"429 that names seconds":   {bakerContact, 1, testkit.FaultStatus(429, "7"), []time.Duration{7 * time.Second}},
		"429 that names a date":    {bakerContact, 1, testkit.FaultStatus(429, "Wed, 01 Jul 2026 12:01:30 GMT"), []time.Duration{90 * time.Second}},
		"429 in the past":          {bakerContact, 1, testkit.FaultStatus(429, "Wed, 01 Jul 2026 11:00:00 GMT"), []time.Duration{half}},
		"429 that names nothing":   {bakerContact, 1, testkit.FaultStatus(429, ""), []time.Duration{half}},
		"429 that names nonsense":  {bakerContact, 1, testkit.FaultStatus(429, "soon"), []time.Duration{half}},
		"503 that names seconds":   {testkit.SearchPath, 1, testkit.FaultStatus(503, "3"), []time.Duration{3 * time.Second}},
		"500 four times, doubling": {bakerContact, 4, testkit.FaultStatus(500, ""), []time.Duration{half, 2 * half, 4 * half, 8 * half}},
		"an answer cut short":      {bakerContact, 1, testkit.FaultTruncated, []time.Duration{half}},
		"a page cut short":         {testkit.SearchPath, 1, testkit.FaultTruncated, []time.Duration{half}},
		"a connection reset":       {bakerContact, 2, testkit.FaultReset, []time.Duration{half, 2 * half}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			api := testkit.NewMembersAPI(t, embedded(t))
			api.Keep(t, "Chorley", "Aldershot", "Ynys Môn")
			api.Fault(tt.path, tt.times, tt.fault)
			client, waits := newClient(t, api)
			listed, err := client.Members(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(listed) != 3 {
				t.Errorf("%d members", len(listed))
			}
			if !slices.Equal(waits.list, tt.want) {
				t.Errorf("waited %v, want %v", waits.list, tt.want)
			}
		})
	}
}

// The timeout is of real time, so it is generous enough for a busy machine: the
// one hanging request is the only one that can reach it.
func TestClient_Members_GivesUpOnAHangingRequest(t *testing.T) {
	api := testkit.NewMembersAPI(t, embedded(t))
	api.Keep(t, "Chorley", "Aldershot", "Ynys Môn")
	api.Fault(testkit.SearchPath, 1, testkit.FaultHang)
	client, waits := newClient(t, api)
	client.Timeout = 500 * time.Millisecond
	if _, err := client.Members(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(waits.list) == 0 {
		t.Error("the hanging request was not tried again")
	}

	api.Fault(testkit.SearchPath, -1, testkit.FaultHang)
	client.Timeout, client.Attempts = time.Millisecond, 2
	_, err := client.Members(t.Context())
	if err == nil || !strings.Contains(err.Error(), "given up after 2 attempts: no answer in time: 1ms") {
		t.Errorf("error %v", err)
	}
}

func TestClient_Members_BackoffIsSpreadAndBounded(t *testing.T) {
	api := testkit.NewMembersAPI(t, embedded(t))
	api.Fault(testkit.SearchPath, -1, testkit.FaultStatus(502, ""))
	client, waits := newClient(t, api)
	client.Attempts = 12
	client.Jitter = func() float64 { return 0.5 }
	if _, err := client.Members(t.Context()); err == nil {
		t.Fatal("no error")
	}
	if len(waits.list) != 11 {
		t.Fatalf("waited %v", waits.list)
	}
	if got := waits.list[0]; got != 375*time.Millisecond {
		t.Errorf("first wait %v, want three quarters of 500ms", got)
	}
	if got := waits.list[10]; got != 22500*time.Millisecond {
		t.Errorf("last wait %v, want three quarters of 30s", got)
	}
}

func TestClient_Members_RefusesClearly(t *testing.T) {
	tests := map[string]struct {
		path  string
		fault testkit.APIFault
		want  string
		tries int // of the failing request; 0: one
	}{
		"a wait of an hour":         {testkit.SearchPath, testkit.FaultStatus(429, "3600"), "answered 429 Too Many Requests; it asks to wait 1h0m0s, so try again then", 0},
		"a wait beyond all numbers": {testkit.SearchPath, testkit.FaultStatus(429, "99999999999"), "it asks to wait 168h0m0s", 0},
		"an error that stays":       {testkit.SearchPath, testkit.FaultStatus(500, ""), "given up after 5 attempts: answered 500", 5},
		"a contact that stays 500":  {bakerContact, testkit.FaultStatus(500, ""), "contact of member 5173: given up after 5 attempts", 5},
		"not found":                 {testkit.SearchPath, testkit.FaultStatus(404, ""), "answered 404", 0},
		"moved":                     {testkit.SearchPath, redirect, `answered 302 Found to "https://example.org/"; set the base URL`, 0},
		"a web page":                {testkit.SearchPath, testkit.FaultHTML, `not JSON but "text/html"`, 0},
		"a web page for a contact":  {bakerContact, testkit.FaultHTML, `not JSON but "text/html"`, 0},
		"a huge answer":             {bakerContact, testkit.FaultHuge, "the answer has more than 1 MB", 0},
		"always cut short":          {testkit.SearchPath, testkit.FaultTruncated, "given up after 5 attempts: the answer cannot be read", 5},
		"other JSON":                {testkit.SearchPath, answer(`{"hello":"world"}`), "no totalResults; is this the Members API?", 0},
		"other JSON for a contact":  {bakerContact, answer(`{"hello":"world"}`), "no value; is this the Members API?", 0},
		"a list in place of JSON":   {testkit.SearchPath, answer(`[1,2]`), "the answer cannot be read", 0},
		"malformed JSON":            {testkit.SearchPath, answer(`{"items":nil}`), "the answer cannot be read", 0},
		"nobody":                    {testkit.SearchPath, answer(`{"items":[],"totalResults":0,"skip":0}`), "it is empty, as when Parliament is dissolved", 0},
		"far too many":              {testkit.SearchPath, testkit.FaultRewrite(`"totalResults":650`, `"totalResults":65000`), "65000 of them cannot be", 0},
		"fewer than it says":        {testkit.SearchPath, answer(`{"items":[],"totalResults":650,"skip":0}`), "asked for 20 from 0 on, answered 0 from 0 on", 0},
		"the first page for ever":   {testkit.SearchPath, testkit.FaultRewrite(`"skip":20`, `"skip":0`), "asked for 20 from 20 on, answered 20 from 0 on", 2},
		"a list that shifts":        {testkit.SearchPath, shifting, "it changed from 650 to 649 while it was read; try again", 2},
		"a member twice":            {testkit.SearchPath, testkit.FaultRewrite(`"id":5173,`, `"id":4358,`), "member 4358 is on it twice", -1},
		"an item without a member":  {testkit.SearchPath, testkit.FaultRewrite(`"id":5173,`, `"id":0,`), "an item without a member", -1},
		"a lord":                    {testkit.SearchPath, testkit.FaultRewrite(`"house":1`, `"house":2`), "not of the House of Commons", 0},
		"a name with a line break":  {testkit.SearchPath, testkit.FaultRewrite(`Alex Baker`, `Alex\nBaker`), "member 5173: name holds a line break", -1},
		"a name missing":            {testkit.SearchPath, testkit.FaultRewrite(`"nameDisplayAs":"Alex Baker"`, `"nameDisplayAs":null`), "member 5173: name is missing", -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			api := testkit.NewMembersAPI(t, embedded(t))
			api.Fault(tt.path, -1, tt.fault)
			client, _ := newClient(t, api)
			_, err := client.Members(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "members API: ") {
				t.Errorf("error %v, want one of the members API that says %q", err, tt.want)
			}
			tries := 0
			for _, request := range api.Requests() {
				if strings.HasPrefix(request, tt.path) {
					tries++
				}
			}
			if want := max(tt.tries, 1); tt.tries >= 0 && tries != want {
				t.Errorf("asked %d times, want %d", tries, want)
			}
		})
	}
}

func redirect(w http.ResponseWriter, r *http.Request, _ []byte) {
	http.Redirect(w, r, "https://example.org/", http.StatusFound)
}

func answer(body string) testkit.APIFault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, body)
	}
}

// shifting loses a member after the first page.
func shifting(w http.ResponseWriter, r *http.Request, body []byte) {
	if r.URL.Query().Get("skip") != "0" {
		testkit.FaultRewrite(`"totalResults":650`, `"totalResults":649`)(w, r, body)
		return
	}
	answer(string(body))(w, r, body)
}

func TestClient_Members_ServerGone(t *testing.T) {
	client, waits := newClient(t, &testkit.MembersAPI{URL: "http://127.0.0.1:1"})
	_, err := client.Members(t.Context())
	if err == nil || !strings.Contains(err.Error(), "given up after 5 attempts") || len(waits.list) != 4 {
		t.Errorf("error %v after %d waits", err, len(waits.list))
	}
}

func TestClient_Members_Cancelled(t *testing.T) {
	t.Run("while waiting to try again", func(t *testing.T) {
		api := testkit.NewMembersAPI(t, embedded(t))
		api.Fault(bakerContact, -1, testkit.FaultStatus(503, ""))
		client, _ := newClient(t, api)
		ctx, cancel := context.WithCancel(t.Context())
		client.Sleep = func(ctx context.Context, _ time.Duration) error {
			cancel()
			return ctx.Err()
		}
		if _, err := client.Members(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("while a request hangs", func(t *testing.T) {
		api := testkit.NewMembersAPI(t, embedded(t))
		ctx, cancel := context.WithCancel(t.Context())
		api.Fault(testkit.SearchPath, -1, func(w http.ResponseWriter, r *http.Request, b []byte) {
			cancel()
			testkit.FaultHang(w, r, b)
		})
		client, waits := newClient(t, api)
		if _, err := client.Members(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if len(waits.list) != 0 {
			t.Error("tried again after being cancelled")
		}
	})
}

// The real Sleep, with a context that is over: no time passes.
func TestClient_Sleep_EndsWithTheContext(t *testing.T) {
	client, err := parliament.NewClient("")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := client.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := client.Sleep(t.Context(), 0); err != nil {
		t.Errorf("error %v", err)
	}
}

func TestNewClient_BaseURL(t *testing.T) {
	for base, want := range map[string]string{
		"":                          parliament.DefaultBaseURL,
		"http://127.0.0.1:8090/":    "http://127.0.0.1:8090",
		"https://example.org/mapi":  "https://example.org/mapi",
		"members-api.parliament.uk": "",
		"ftp://example.org":         "",
		"https://":                  "",
		"http://a b":                "",
	} {
		client, err := parliament.NewClient(base)
		if want == "" {
			if err == nil {
				t.Errorf("NewClient(%q): no error", base)
			}
			continue
		}
		if err != nil || client.BaseURL != want {
			t.Errorf("NewClient(%q): %v, %v", base, client, err)
		}
	}
}
