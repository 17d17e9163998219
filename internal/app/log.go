package app

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Log writes log lines: JSON in production, text for people elsewhere. Lines of
// requests that went well are gathered for up to flushEvery, because a system
// call for each would be a good part of what a request costs; a warning or an
// error is written at once, with everything before it.
type Log struct {
	*slog.Logger
	lines *lines
}

const (
	flushEvery = 100 * time.Millisecond
	flushFrom  = 32 << 10
)

// NewLog returns a log that writes to w. Close it to write the last lines.
func NewLog(w io.Writer, production bool) *Log {
	l := &lines{w: w, stop: make(chan struct{}), stopped: make(chan struct{})}
	var h slog.Handler = slog.NewTextHandler(l, nil)
	if production {
		h = slog.NewJSONHandler(l, nil)
	}
	go l.run()
	return &Log{slog.New(urgent{h, l}), l}
}

// Close writes what is gathered. Lines that come later are written at once.
func (l *Log) Close() {
	l.lines.once.Do(func() { close(l.lines.stop) })
	<-l.lines.stopped
}

// urgent is a handler that writes everything out after a warning.
type urgent struct {
	slog.Handler
	lines *lines
}

func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		u.lines.flush()
	}
	return err
}

func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.lines}
}

func (u urgent) WithGroup(name string) slog.Handler {
	return urgent{u.Handler.WithGroup(name), u.lines}
}

// lines gathers whole lines.
type lines struct {
	w       io.Writer
	once    sync.Once
	stop    chan struct{}
	stopped chan struct{}

	mu     sync.Mutex
	buf    []byte
	closed bool
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, line...)
	if l.closed || len(l.buf) >= flushFrom {
		return len(line), l.write()
	}
	return len(line), nil
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write()
}

// write is called with the lock held.
func (l *lines) write() error {
	if len(l.buf) == 0 {
		return nil
	}
	_, err := l.w.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

func (l *lines) run() {
	defer close(l.stopped)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.flush()
		case <-l.stop:
			l.mu.Lock()
			l.closed = true
			l.write()
			l.mu.Unlock()
			return
		}
	}
}
