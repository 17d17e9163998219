package testkit

import (
	"strings"
	"time"
)

// SMTPStage is a point of an SMTP conversation at which a fault can happen.
type SMTPStage string

// The stages, in the order in which a conversation reaches them.
const (
	StageGreeting SMTPStage = "greeting" // before the 220
	StageEHLO     SMTPStage = "EHLO"
	StageSTARTTLS SMTPStage = "STARTTLS"
	StageAUTH     SMTPStage = "AUTH"
	StageMAIL     SMTPStage = "MAIL"
	StageRCPT     SMTPStage = "RCPT"
	StageDATA     SMTPStage = "DATA"    // the command, before the 354
	StageContent  SMTPStage = "content" // in the middle: the first line of the message has been read
	StageDot      SMTPStage = "dot"     // the whole message and the final dot have been read
	StageRSET     SMTPStage = "RSET"
	StageNOOP     SMTPStage = "NOOP"
	StageQUIT     SMTPStage = "QUIT"
)

// SMTPDrop says whether a fault closes the connection, and when.
type SMTPDrop int

// The ways of losing a connection.
const (
	DropNever  SMTPDrop = iota // the conversation goes on
	DropBefore                 // instead of answering
	DropAfter                  // once the answer has been written
)

// SMTPFault is something that goes wrong at one stage. Of several that match,
// the one scripted first acts. What it does happens in the order of the
// fields: Reached, Delay, Hang, DropBefore, Reply, DropAfter.
type SMTPFault struct {
	Stage     SMTPStage
	Recipient string // only for a message to this address; matches from RCPT on
	Nth       int    // only from the nth match on, counted from 1 since scripting; 0: every match
	Times     int    // with Nth, how many matches; 0 means one

	Reached chan<- struct{} // told, without waiting, that the fault acts; give it a buffer
	Delay   time.Duration   // how long to wait before going on
	Hang    <-chan struct{} // wait until this is closed, or the server is
	Reply   string          // such as "451 4.7.1 Try later", in place of the usual answer; \n separates lines, \r\n replies
	Drop    SMTPDrop
	Keep    bool // with DropBefore at StageDot: the message counts as accepted all the same

	seen int // matches so far
}

// matches counts a match and reports whether the fault acts on this one.
func (f *SMTPFault) matches(stage SMTPStage, recipients []string) bool {
	if f.Stage != stage {
		return false
	}
	if f.Recipient != "" {
		found := false
		for _, r := range recipients {
			found = found || strings.EqualFold(r, f.Recipient)
		}
		if !found {
			return false
		}
	}
	f.seen++
	if f.Nth == 0 {
		return true
	}
	return f.seen >= f.Nth && f.seen < f.Nth+max(f.Times, 1)
}

// Script adds faults. It may be called while conversations are going on.
func (s *SMTPServer) Script(faults ...SMTPFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		f.seen = 0
		s.faults = append(s.faults, &f)
	}
}

// ClearScript removes all faults; those that hang stay until released.
func (s *SMTPServer) ClearScript() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault returns a copy of the fault that acts now, if any.
func (s *SMTPServer) fault(stage SMTPStage, recipients []string) (SMTPFault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.matches(stage, recipients) {
			return *f, true
		}
	}
	return SMTPFault{}, false
}
