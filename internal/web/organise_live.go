package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// Times and limits of live updates.
const (
	liveEvery     = time.Second      // between looks at whether anything has changed
	liveBeat      = 5 * time.Second  // between signs of life, and looks at whether the session lasts
	liveWrite     = 10 * time.Second // the longest that a client may take to read one
	maxListeners  = 200
	liveReconnect = 3 * time.Second
)

// watched is the header of requests that a page makes by itself. They do not
// count as use of the session: a page that is left open must not keep it for ever.
const watched = "Postbag-Watch"

// live are those who watch a campaign's numbers change.
type live struct {
	mu        sync.Mutex
	listeners int
	stopped   chan struct{}
}

func newLive() *live { return &live{stopped: make(chan struct{})} }

// stop ends every live update, so that the server can shut down.
func (l *live) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.stopped:
	default:
		close(l.stopped)
	}
}

func (l *live) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listeners >= maxListeners {
		return false
	}
	l.listeners++
	return true
}

func (l *live) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listeners--
}

// showLive answers GET /organise/c/{campaign}/live: an event whenever the
// campaign's numbers have changed, whichever process changed them, at most one a
// second. To a client that takes no events it tells the version of the numbers.
func (s *Server) showLive(v visit) error {
	ctx, slug := v.Request().Context(), v.Param("campaign")
	version, err := s.Service.ChangesVersion(ctx, slug)
	if err != nil {
		return err
	}
	if !strings.Contains(v.Request().Header.Get("Accept"), "text/event-stream") {
		return send(v.Context, http.StatusOK, typeJSON, fmt.Appendf(nil, "{\"version\":%d}\n", version))
	}
	if !s.live.enter() {
		return fault.New(fault.Unavailable, "desk.error.live_full")
	}
	defer s.live.leave()
	out := &events{w: v.Response(), rc: http.NewResponseController(v.Response())}
	h := v.Response().Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // or nginx would wait for more
	if err := out.rc.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("let a live update last: %w", err)
	}
	v.Response().WriteHeader(http.StatusOK)
	if out.write("retry: %d\n\n", liveReconnect.Milliseconds()) != nil {
		return nil
	}
	seen := version
	if known, err := strconv.ParseInt(v.QueryParam("seen"), 10, 64); err == nil {
		seen = known
	}
	s.watch(ctx, v, out, slug, seen)
	return nil
}

// watch writes events until the client, the session or the server goes.
func (s *Server) watch(ctx context.Context, v visit, out *events, slug string, seen int64) {
	look, beat := time.NewTicker(liveEvery), time.NewTicker(liveBeat)
	defer look.Stop()
	defer beat.Stop()
	for {
		version, err := s.Service.ChangesVersion(ctx, slug)
		if err != nil {
			return
		}
		if version != seen {
			seen = version
			if out.write("event: changed\ndata: %d\n\n", version) != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.live.stopped:
			return
		case <-beat.C:
			if !s.stillMay(v, account.SeeCounts) {
				_ = out.write("event: over\ndata: \n\n")
				return
			}
			if out.write(": still here\n\n") != nil {
				return
			}
		case <-look.C:
		}
	}
}

// stillMay reports whether whoever made a request is still signed in, and still
// may do it.
func (s *Server) stillMay(v visit, p account.Permission) bool {
	ctx, err := s.Sessions.Load(v.Request().Clone(context.Background()))
	if err != nil {
		return false
	}
	who, err := s.holder(ctx, s.Sessions.Peek(ctx))
	return err == nil && who.Role.May(p) && !s.mustEnrol(visit{who: who})
}

// events are what is written of a stream of events.
type events struct {
	w  io.Writer
	rc *http.ResponseController
}

func (e *events) write(format string, args ...any) error {
	if err := e.rc.SetWriteDeadline(time.Now().Add(liveWrite)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.w, format, args...); err != nil {
		return err
	}
	return e.rc.Flush()
}
