package testkit

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// DNSServer is a name server on a loopback port that knows what a test tells it.
type DNSServer struct {
	addr string

	mu      sync.Mutex
	records map[string][]dns.RR // by name, in small letters
	failing map[string]bool
}

// StartDNS starts a server on a free port of 127.0.0.1, over UDP and TCP, with
// records as a zone file has them, and stops it when the test ends.
func StartDNS(tb testing.TB, records ...string) *DNSServer {
	tb.Helper()
	s := &DNSServer{records: map[string][]dns.RR{}, failing: map[string]bool{}}
	s.Add(tb, records...)
	packets, listener := listenBoth(tb)
	s.addr = packets.LocalAddr().String()
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: s}, {Listener: listener, Handler: s}} {
		started, ended := make(chan struct{}), make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() {
			defer close(ended)
			_ = server.ActivateAndServe()
		}()
		<-started
		tb.Cleanup(func() {
			_ = server.Shutdown()
			<-ended
		})
	}
	return s
}

// listenBoth takes a port that is free for UDP and for TCP.
func listenBoth(tb testing.TB) (net.PacketConn, net.Listener) {
	tb.Helper()
	for range 20 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			tb.Fatalf("start the name server: %v", err)
		}
		if listener, err := net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, listener
		}
		_ = packets.Close()
	}
	tb.Fatal("start the name server: no port is free for both UDP and TCP")
	return nil, nil
}

// Addr returns host:port.
func (s *DNSServer) Addr() string { return s.addr }

// Add adds records.
func (s *DNSServer) Add(tb testing.TB, records ...string) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil {
			tb.Fatalf("the record %q: %v", text, err)
		}
		name := strings.ToLower(rr.Header().Name)
		s.records[name] = append(s.records[name], rr)
	}
}

// Remove forgets all records of a name, which ends with a dot.
func (s *DNSServer) Remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.records, strings.ToLower(name))
}

// Fail has every question about a name, which ends with a dot, answered with
// SERVFAIL, as when its own servers cannot be reached.
func (s *DNSServer) Fail(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing[strings.ToLower(name)] = true
}

// find returns the records of a type, and the aliases on the way to them, as a name
// server that others ask does.
func (s *DNSServer) find(name string, kind uint16, aliases int) (found []dns.RR) {
	for _, rr := range s.records[name] {
		if rr.Header().Rrtype == kind {
			found = append(found, rr)
		} else if alias, ok := rr.(*dns.CNAME); ok && aliases < 8 {
			found = append(append(found, alias), s.find(strings.ToLower(alias.Target), kind, aliases+1)...)
		}
	}
	return found
}

// ServeDNS implements dns.Handler.
func (s *DNSServer) ServeDNS(w dns.ResponseWriter, asked *dns.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := new(dns.Msg)
	answer.SetReply(asked)
	answer.RecursionAvailable = true // or an empty answer would count as a referral
	name := strings.ToLower(asked.Question[0].Name)
	switch {
	case s.failing[name]:
		answer.Rcode = dns.RcodeServerFailure
	case s.records[name] == nil:
		answer.Rcode = dns.RcodeNameError
	}
	if answer.Rcode == dns.RcodeSuccess {
		answer.Answer = s.find(name, asked.Question[0].Qtype, 0)
	}
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size := dns.MinMsgSize
		if o := asked.IsEdns0(); o != nil {
			size = int(o.UDPSize())
		}
		answer.Truncate(size)
	}
	_ = w.WriteMsg(answer)
}
