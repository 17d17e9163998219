package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// pieces passes a page of the program on in two pieces, as a network may: the
// second comes when it is let go.
type pieces struct {
	*httptest.Server
	program *program
	cut     atomic.Pointer[cut] // requests run beside the test
}

// cut is where a page is cut in two.
type cut struct {
	path  string
	end   string        // of the first piece
	letGo chan struct{} // closed when the second may come
}

func inPieces(p *program) *pieces {
	s := &pieces{program: p}
	s.Server = httptest.NewServer(s)
	p.t.Cleanup(s.Close)
	return s
}

// ServeHTTP hands on whatever the program answers.
func (s *pieces) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	here := s.cut.Load()
	answer, err := http.Get(s.program.base + r.URL.Path)
	if err != nil {
		s.program.t.Error(err)
		return
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.program.t.Error(err)
	}
	w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
	if r.URL.Path == here.path {
		first, rest, found := bytes.Cut(body, []byte(here.end))
		if !found {
			s.program.t.Errorf("%s does not hold %q", here.path, here.end)
		}
		_, _ = w.Write(first)
		_, _ = io.WriteString(w, here.end)
		_ = http.NewResponseController(w).Flush()
		select {
		case <-here.letGo:
		case <-r.Context().Done():
		}
		body = rest
	}
	_, _ = w.Write(body)
}

// TestPages_comeInPieces: where the network cuts a page in two, in the middle of
// a word even, what is to be seen first does not move when the rest comes.
func TestPages_comeInPieces(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.history()
	s := inPieces(p)
	for _, d := range []device{phone, desktop} {
		d.lang = "cy"
		b := p.open(d)
		b.elsewhere = s.URL
		for _, c := range []struct {
			path, end, there string // there is an element that the first piece has
		}{
			{atCampaign, "<span>ASau, nid Gwarc", ".mark span"},
			{atCampaign, `/mps">Pwy`, ".site-nav li + li a"},
			{atCampaign, "<h1>Ddylai gofyn i", "h1"},
			{atCampaign, `<div class="ask">`, ".ask"},
			{atCampaign, `<b class="stamp-n">2,33`, ".stamp-n"},
			{atCampaign, `<span class="stamp-w">llythyr wedi`, ".stamp-w"},
			{atMPs, `/mps" aria-current="page">Pwy`, ".site-nav li + li a"},
			{atMap, `/mps">Pwy`, ".site-nav li + li a"},
			{atMPs + "/hexham", "<h1>He", "h1"},
			{"/accessibility", "<h1>A all", "h1"},
		} {
			here := &cut{path: b.localised(c.path), end: c.end, letGo: make(chan struct{})}
			s.cut.Store(here)
			call(b, page.Navigate, page.NavigateParams{URL: s.URL + here.path})
			b.comes(`document.querySelector("` + c.there + `") !== null`)
			// Whatever the browser shows of the first piece, it shows now. That it
			// shows nothing yet cannot be waited for, but for a while.
			await[bool](b, `new Promise(done => requestIdleCallback(() => done(true), {timeout: 150}))`)
			close(here.letGo)
			b.comes(`document.readyState === "complete"`)
			b.checkStill()
		}
	}
}
