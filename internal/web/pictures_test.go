package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/labstack/echo/v4"

	"postbag/internal/picture"
)

// drawings counts what is drawn, by name.
type drawings map[string]int

func (d drawings) of(name, says string, few bool) wanted {
	return wanted{name: name, says: says, few: few, draw: func(w io.Writer) error {
		d[name]++
		_, err := io.WriteString(w, name+" "+says)
		return err
	}}
}

func TestPictureCache_KeepsWhatIsAskedFor(t *testing.T) {
	p, made := newPictureCache(), drawings{}
	get := func(name, says string, few bool) {
		t.Helper()
		if body, err := p.get(made.of(name, says, few)); err != nil || string(body) != name+" "+says {
			t.Fatalf("%s: %q, %v", name, body, err)
		}
	}
	for i := range 10 * maxPictures { // a crawler
		get(fmt.Sprintf("seat %d", i), "0", false)
		get("campaign", "0", true)
		get("icon", "", true)
		get("hot seat", "0", false)
	}
	if made["campaign"] != 1 || made["icon"] != 1 || made["hot seat"] != 1 || made["seat 5"] != 1 {
		t.Errorf("drawn too often: %d, %d, %d and %d times", made["campaign"], made["icon"], made["hot seat"], made["seat 5"])
	}
	if len(p.kept) != maxPictures+2 || p.recent.Len() != maxPictures {
		t.Errorf("%d pictures are kept, %d of them for now", len(p.kept), p.recent.Len())
	}
	get("seat 5", "0", false)
	get("campaign", "1", true)
	get("hot seat", "1", false)
	if made["seat 5"] != 2 || made["campaign"] != 2 || made["hot seat"] != 2 {
		t.Errorf("not drawn anew: %v, %v, %v", made["seat 5"], made["campaign"], made["hot seat"])
	}
	if len(p.kept) != maxPictures+2 || p.recent.Len() != maxPictures {
		t.Errorf("%d pictures are kept, %d of them for now, when some say something else", len(p.kept), p.recent.Len())
	}
}

func TestPictureCache_RefusesWhatWouldWaitLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, made := newPictureCache(), drawings{}
		if _, err := p.get(made.of("icon", "", true)); err != nil {
			t.Fatal(err)
		}
		release := make(chan struct{})
		slow := func(name string, few bool) wanted {
			w := made.of(name, "", few)
			draw := w.draw
			w.draw = func(to io.Writer) error { <-release; return draw(to) }
			return w
		}
		answers := make(chan error, 100)
		ask := func(w wanted) {
			go func() { _, err := p.get(w); answers <- err }()
			synctest.Wait()
		}
		for i := range maxDraws {
			ask(slow(fmt.Sprint("seat ", i), false))
		}
		ask(slow("seat 0", false)) // waits for the one that is drawn already
		ask(slow("campaign", true))
		if n := len(answers); n != 0 {
			t.Fatalf("%d have an answer while the first is drawn", n)
		}
		if _, err := p.get(made.of("another seat", "", false)); !errors.Is(err, errBusy) {
			t.Errorf("one more than may wait: %v", err)
		}
		if _, err := p.get(made.of("icon", "", true)); err != nil {
			t.Errorf("what is kept has to wait: %v", err)
		}
		close(release)
		for range maxDraws + 2 {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
		if made["seat 0"] != 1 || made["another seat"] != 0 || made["icon"] != 1 {
			t.Errorf("drawn: %v", made)
		}
		if _, err := p.get(made.of("another seat", "", false)); err != nil || p.draws.Load() != 0 {
			t.Errorf("afterwards: %v, and %d draws", err, p.draws.Load())
		}
	})
}

func TestServer_SendCard_AsksToComeBack(t *testing.T) {
	s := &Server{pictures: newPictureCache()}
	send := func(few bool) *httptest.ResponseRecorder {
		t.Helper()
		w := httptest.NewRecorder()
		c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), w)
		if err := s.sendCard(c, wanted{name: fmt.Sprint(few), few: few}, nil, picture.Card{}); err != nil {
			t.Fatal(err)
		}
		return w
	}
	s.pictures.draws.Store(maxDraws)
	w := send(false)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := send(true); w.Code != http.StatusOK || w.Body.Len() == 0 {
		t.Errorf("a campaign's own: %d", w.Code)
	}
	s.pictures.draws.Store(0)
	if w := send(false); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" || w.Header().Get("Retry-After") != "" {
		t.Errorf("afterwards: %d %v", w.Code, w.Header())
	}
}
