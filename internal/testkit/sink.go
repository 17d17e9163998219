package testkit

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// sinkPath is where Debian's package postfix has smtp-sink.
const sinkPath = "/usr/sbin/smtp-sink"

// Sink is Postfix's smtp-sink at work: a mail server that takes everything and
// keeps nothing, for benchmarks.
type Sink struct {
	Port int
	pid  int
}

// StartSink starts smtp-sink on a free port of 127.0.0.1, until the test ends. It
// skips the test where smtp-sink is not installed.
func StartSink(tb testing.TB) *Sink {
	tb.Helper()
	if _, err := os.Stat(sinkPath); err != nil {
		tb.Skipf("%s is not there: install Debian's package postfix", sinkPath)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Sink{Port: free.Addr().(*net.TCPAddr).Port}
	free.Close()
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	args := []string{addr, "128"}
	if os.Geteuid() == 0 {
		args = append([]string{"-u", "nobody"}, args...) // it refuses to work as root
	}
	cmd := exec.Command(sinkPath, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start smtp-sink: %v", err)
	}
	s.pid = cmd.Process.Pid
	tb.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
			return s
		}
		if time.Now().After(deadline) {
			tb.Fatalf("smtp-sink does not listen: %v", err)
		}
	}
}

// CPU returns how long smtp-sink has kept a processor busy; zero where the system
// does not tell.
func (s *Sink) CPU() time.Duration { return processorTime("/proc/" + strconv.Itoa(s.pid) + "/stat") }
