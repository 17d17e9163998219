package mailer

import (
	"slices"
	"time"
)

// take returns the most recently used idle connection, nil when there is none.
func (s *Sender) take() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	c := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	c.expire.Stop()
	return c
}

// keep makes a connection available to the next message, until it has been
// idle for too long.
func (s *Sender) keep(c *conn) {
	s.mu.Lock()
	closed := s.closed
	if !closed {
		c.expire = time.AfterFunc(s.timeouts.Idle, func() { s.retire(c) })
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if closed {
		c.quit()
	}
}

// retire closes a connection if it is idle. The timer that calls it may have
// fired just as the connection was taken; then it is not found.
func (s *Sender) retire(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.idle, c); i >= 0 {
		s.idle = slices.Delete(s.idle, i, i+1)
		s.leave(c)
	}
}

// leave says goodbye in the background. The lock is held.
func (s *Sender) leave(c *conn) { s.leaving.Go(c.quit) }

// Close closes the idle connections. Messages being sent are finished and
// their connections closed after them; whoever runs the senders waits for
// those first. Later messages are answered with VerdictRetry. Close may be
// called more than once.
func (s *Sender) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	for _, c := range s.idle {
		c.expire.Stop()
		s.leave(c)
	}
	s.idle = nil
	s.mu.Unlock()
	s.leaving.Wait()
}
