package app_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"postbag/internal/app"
)

// sink is a writer that counts.
type sink struct {
	mu     sync.Mutex
	buf    bytes.Buffer
	writes int
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	return s.buf.Write(p)
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func TestLog_AWarningIsWrittenAtOnceWithWhatCameBefore(t *testing.T) {
	var w sink
	log := app.NewLog(&w, true)
	defer log.Close()
	log.Info("first")
	log.With("k", "v").Warn("second")
	got := w.String()
	if !strings.Contains(got, "first") || !strings.Contains(got, "second") {
		t.Errorf("after a warning the log holds %q", got)
	}
}

func TestLog_CloseWritesTheRest(t *testing.T) {
	var w sink
	log := app.NewLog(&w, false)
	for range 100 {
		log.Info("line")
	}
	log.Close()
	if got := strings.Count(w.String(), "\n"); got != 100 {
		t.Errorf("%d lines, want 100", got)
	}
	if w.writes > 50 {
		t.Errorf("100 lines took %d writes", w.writes)
	}
	log.Info("late")
	if !strings.Contains(w.String(), "late") {
		t.Error("a line after Close is lost")
	}
	log.Close()
}
