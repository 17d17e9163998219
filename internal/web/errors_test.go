package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/labstack/echo/v4"

	"postbag/internal/fault"
)

// posted returns the page that answers a form whose handling ends with err.
func posted(t *testing.T, path, body string, err error) string {
	t.Helper()
	s := New(Options{View: Renderer(), Log: slog.New(slog.DiscardHandler)})
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.fail(err, s.echo.NewContext(r, w))
	return w.Body.String()
}

func TestServer_TryingAgainLosesNothing(t *testing.T) {
	const path, typed = "/c/campaign/send", "body=Please+%22sign%22.&name=Amina"
	for _, err := range []error{
		fault.New(fault.Forbidden, "message.403.text"),
		fault.New(fault.RateLimited, "message.429.text"),
		fault.New(fault.Unavailable, "message.503.text"),
		errors.New("broken"),
	} {
		page := posted(t, path, typed, err)
		for _, want := range []string{`action="` + path + `"`, `name="body"`, `Please &#34;sign&#34;.`, `value="Amina"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%v: the page lacks %s", err, want)
			}
		}
	}
}

// A client that hangs up in the middle of an answer is told of, and is no error;
// one that was to be answered and could not be is.
func TestServer_AClientThatHangsUp(t *testing.T) {
	gone := &net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}
	left, leave := context.WithCancel(t.Context())
	leave()
	for level, c := range map[string]struct {
		err       error
		committed bool
		ctx       context.Context
	}{
		"INFO":                {gone, true, t.Context()},
		"ERROR":               {gone, false, t.Context()},
		"level=ERROR":         {errors.New("broken"), true, t.Context()},
		"level=INFO":          {fmt.Errorf("select: %w", context.Canceled), false, left},
		"level=ERROR msg":     {fmt.Errorf("select: %w", context.Canceled), false, t.Context()}, // it still waits
		"level=ERROR msg=\"r": {errors.New("broken"), false, left},
	} {
		var log bytes.Buffer
		s := New(Options{View: Renderer(), Log: slog.New(slog.NewTextHandler(&log, nil))})
		ctx := s.echo.NewContext(httptest.NewRequest(http.MethodGet, "/", nil).WithContext(c.ctx), httptest.NewRecorder())
		ctx.Response().Committed = c.committed
		s.fail(fmt.Errorf("write the page: %w", c.err), ctx)
		if !strings.Contains(log.String(), level) {
			t.Errorf("%v, committed %v: the log says %s", c.err, c.committed, &log)
		}
	}
}

// A panic is logged by its type and where it was: its value may hold what
// somebody typed.
func TestServer_APanicQuotesNobody(t *testing.T) {
	for name, value := range map[string]any{"string": "Amina", "*errors.errorString": errors.New("Amina"), "web.letterForm": letterForm{Choose: true, WasLang: "Amina"}} {
		var log bytes.Buffer
		s := New(Options{View: Renderer(), Log: slog.New(slog.NewTextHandler(&log, nil))})
		s.echo.GET("/panic", func(echo.Context) error { panic(value) })
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/panic", nil))
		if w.Code != http.StatusInternalServerError {
			t.Errorf("%s: %d", name, w.Code)
		}
		if got := log.String(); strings.Contains(got, "Amina") || !strings.Contains(got, name) || !strings.Contains(got, "TestServer_APanicQuotesNobody") {
			t.Errorf("%s: the log says\n%s", name, got)
		}
	}
}

// Whatever a page's size, compressed it is filled up: noise does not compress, so
// that pages of each length come by every size around a multiple.
func TestFilled(t *testing.T) {
	noise := make([]byte, checkZipped)
	rand.NewChaCha8([32]byte{}).Read(noise)
	least := checkZipped
	for n := checkZipped - 64; n < checkZipped; n++ {
		body, err := filled(noise[:n], checkZipped)
		if err != nil {
			t.Fatal(err)
		}
		if len(body)%checkZipped != 0 {
			t.Errorf("a page of %d bytes becomes one of %d", n, len(body))
		}
		least = min(least, len(body))
	}
	if least != checkZipped {
		t.Errorf("the smallest is of %d bytes: no page was just below the first step", least)
	}
}

func TestServer_NothingIsCarriedWhereItDoesNotHelp(t *testing.T) {
	forbidden := fault.New(fault.Forbidden, "message.403.text")
	for _, tt := range []struct {
		name, path, body string
		err              error
	}{
		{"a private page's button", "/l/token/erase", "name=Amina", forbidden},
		{"what would fail again", "/c/campaign/send", "name=Amina", fault.New(fault.Invalid, "message.422.text")},
		{"a form that is none of ours", "/c/campaign/send", strings.Repeat("name=Amina&", maxFields+1), forbidden},
		{"a form that cannot be read", "/c/campaign/send", "name=Amina&body=%zz", forbidden},
	} {
		if page := posted(t, tt.path, tt.body, tt.err); strings.Contains(page, "Amina") || strings.Contains(page, "<form") {
			t.Errorf("%s: the page has it", tt.name)
		}
	}
}
