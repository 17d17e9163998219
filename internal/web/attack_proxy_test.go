package web_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// proxy is a real one before a site: where it speaks HTTP/1.1, HTTP/2, and HTTP/1.1
// with whoever it speaks for told before (the PROXY protocol), and what it logs of
// each request: the server that it passed it on to, and its method.
type proxy struct {
	one, two, told string
	log            *safeBuffer
}

// passed is how many requests of a method it has passed on.
func (p *proxy) passed(method string) int {
	return strings.Count(p.log.String(), "passed=site method="+method+"\n")
}

// behind runs a proxy that keeps its connections to the site for everybody. Where
// there is none the test is skipped, or fails if this is CI.
func (s *site) behind() *proxy {
	s.t.Helper()
	program, err := exec.LookPath("haproxy")
	if err != nil {
		if os.Getenv("CI") == "true" {
			s.t.Fatal("HAProxy is missing: install haproxy")
		}
		s.t.Skip("HAProxy is not installed (Debian: haproxy)")
	}
	p := &proxy{log: &safeBuffer{}}
	file := filepath.Join(s.t.TempDir(), "cfg")
	command := exec.Command(program, "-db", "-f", file)
	for _, at := range []*string{&p.one, &p.two, &p.told} { // it takes what we listen at
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		*at = listener.Addr().String()
		socket, err := listener.(*net.TCPListener).File()
		if err != nil {
			s.t.Fatal(err)
		}
		listener.Close()
		defer socket.Close()
		command.ExtraFiles = append(command.ExtraFiles, socket)
	}
	settings := fmt.Sprintf(`
global
	log stdout format raw local0
defaults
	mode http
	log global
	log-format "passed=%%s method=%%HM"
	option forwardfor
	timeout connect 5s
	timeout client 20s
	timeout server 20s
	http-reuse always
frontend in
	bind fd@3
	bind fd@4 proto h2
	bind fd@5 accept-proxy
	default_backend site
backend site
	server site %s
`, s.Addr())
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		s.t.Fatal(err)
	}
	command.Stdout, command.Stderr = p.log, p.log
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
		if s.t.Failed() {
			s.t.Logf("the proxy said\n%s", p.log)
		}
	})
	if got := s.send("tcp", p.one, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"); len(got) != 1 || got[0] != http.StatusOK {
		s.t.Fatalf("the proxy answers %v", got)
	}
	return p
}

// Behind a proxy no client's bytes become a request that the proxy has not seen: as
// many reach us as it passed on.
func TestAttack_SmugglingBehindAProxy(t *testing.T) {
	s := start(t, nil)
	p := s.behind()
	for name, sent := range ambiguous {
		t.Run(name, func(t *testing.T) { s.send("tcp", p.one, sent) })
	}
	plain := []hpack.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: "localhost"}, {Name: ":path", Value: "/c/" + slug + "/letter"}, {Name: "content-type", Value: "application/x-www-form-urlencoded"}}
	for name, more := range map[string][]hpack.HeaderField{
		"nothing odd":             nil,
		"a length that is short":  {{Name: "content-length", Value: "0"}},
		"a length that is long":   {{Name: "content-length", Value: "4096"}},
		"two lengths":             {{Name: "content-length", Value: "0"}, {Name: "content-length", Value: fmt.Sprint(len(smuggled))}},
		"chunks":                  {{Name: "transfer-encoding", Value: "chunked"}},
		"a line's end in a value": {{Name: "x-a", Value: "b\r\ntransfer-encoding: chunked"}},
		"a line's end in a name":  {{Name: "x-a: b\r\ntransfer-encoding", Value: "chunked"}},
		"a request in a value":    {{Name: "x-a", Value: "b\r\n\r\n" + smuggled}},
		"another host":            {{Name: "host", Value: "evil.example"}},
		"a connection's header":   {{Name: "connection", Value: "content-length"}, {Name: "content-length", Value: fmt.Sprint(len(smuggled))}},
	} {
		t.Run("HTTP/2: "+name, func(t *testing.T) { s.frames(p.two, append(plain[:len(plain):len(plain)], more...)) })
	}
	for name, path := range map[string]string{"a space in the path": "/ HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled, "a path that is none": smuggled} {
		t.Run("HTTP/2: "+name, func(t *testing.T) {
			odd := append([]hpack.HeaderField{}, plain...)
			odd[3].Value = path
			s.frames(p.two, odd)
		})
	}
	// Whatever is left on the proxy's connections would be taken for one of these.
	before := p.passed(http.MethodGet)
	for range 5 {
		if got := s.send("tcp", p.one, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"); len(got) != 1 || got[0] != http.StatusOK {
			t.Fatalf("afterwards: %v", got)
		}
	}
	s.eventually("the proxy's log", func() bool { return p.passed(http.MethodGet) >= before+5 })
	s.eventually("the log", func() bool { return strings.Count(s.log.String(), `"route":"/healthz"`) >= 6 })
	for _, method := range []string{http.MethodDelete, http.MethodPost, http.MethodGet} {
		if passed, came := p.passed(method), strings.Count(s.log.String(), `"method":"`+method+`"`); came > passed {
			t.Errorf("%s: the proxy has passed on %d, and %d have come", method, passed, came)
		}
	}
	if p.passed(http.MethodPost) < 5 {
		t.Error("the proxy has passed on next to nothing: the test finds nothing")
	}
}

// frames sends a request in HTTP/2 as it is, with a body that is a request.
func (s *site) frames(at string, fields []hpack.HeaderField) {
	s.t.Helper()
	conn, err := net.Dial("tcp", at)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	io.WriteString(conn, http2.ClientPreface)
	f := http2.NewFramer(conn, conn)
	f.AllowIllegalWrites = true
	f.WriteSettings()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range fields {
		encoder.WriteField(field)
	}
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true})
	f.WriteData(1, true, []byte(smuggled))
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		if settings, ok := frame.(*http2.SettingsFrame); ok && !settings.IsAck() {
			f.WriteSettingsAck()
		}
		h := frame.Header()
		if h.Type == http2.FrameGoAway || h.StreamID == 1 && (h.Type == http2.FrameRSTStream || h.Flags.Has(http2.FlagDataEndStream)) {
			return
		}
	}
}

// A real proxy adds the address that it speaks for in a line of its own: what the
// client says before does not count.
func TestAttack_ForwardedForByAProxy(t *testing.T) {
	s := start(t, nil)
	p := s.behind()
	form := "email=nobody%40organisers.example&password=not+the+password+at+all"
	sent := fmt.Sprintf("PROXY TCP4 198.51.100.7 127.0.0.1 4711 80\r\nPOST /organise/sign-in HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.66\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(form), form)
	if got := s.send("tcp", p.told, sent); len(got) != 1 || got[0] != http.StatusUnauthorized {
		t.Fatalf("%v", got)
	}
	if got := s.lastOrigin(); got != "198.51.100.7" {
		t.Errorf("the address is %s", got)
	}
}
