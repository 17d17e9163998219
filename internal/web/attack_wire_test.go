package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/web"
)

// wire sends bytes as they are and returns every status that comes back before
// the server ends the connection, or has nothing more to say to a whole request that
// follows.
func (s *site) wire(sent string) (statuses []int) {
	s.t.Helper()
	return s.send("tcp", s.Addr(), sent)
}

// send is wire at another address.
func (s *site) send(network, address, sent string) (statuses []int) {
	s.t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, sent); err != nil {
		s.t.Fatal(err)
	}
	// What is left over is read as the beginning of a request: the server answers it,
	// or waits for its end, which now comes.
	conn.(interface{ CloseWrite() error }).CloseWrite()
	in := bufio.NewReader(conn)
	for {
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return statuses
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		statuses = append(statuses, answer.StatusCode)
	}
}

// smuggled is a request that nobody but an attacker sends: hidden in the body of
// another, where a proxy saw no request. It would be answered with a code of its own.
const smuggled = "DELETE /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

// ambiguous are requests whose end can be read in two ways, with another behind.
var ambiguous = func() map[string]string {
	const post = "POST /c/" + slug + "/letter HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	chunked := fmt.Sprintf("%x\r\npostcode=LS6+3HN\r\n0\r\n\r\n", len("postcode=LS6+3HN"))
	return map[string]string{
		"both lengths, the proxy by content":         post + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", len("0\r\n\r\n"+smuggled)) + smuggled,
		"both lengths, the proxy by chunks":          post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled),
		"chunks, and something behind":               post + "Transfer-Encoding: chunked\r\n\r\n" + chunked + smuggled,
		"two contents' lengths":                      post + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + smuggled,
		"two lengths in one line":                    post + "Content-Length: 0, 44\r\n\r\n" + smuggled,
		"a length with a sign":                       post + "Content-Length: +0\r\n\r\n" + smuggled,
		"a length below nothing":                     post + "Content-Length: -1\r\n\r\n" + smuggled,
		"a length in hexadecimal":                    post + "Content-Length: 0x0\r\n\r\n" + smuggled,
		"an empty length":                            post + "Content-Length: \r\n\r\n" + smuggled,
		"a space before the colon":                   post + "Content-Length : 0\r\n\r\n" + smuggled,
		"a space before the colon of chunks":         post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"chunks by another name":                     post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled,
		"chunks and nothing":                         post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + smuggled,
		"chunks said twice":                          post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + smuggled,
		"chunks with a tab":                          post + "Transfer-Encoding:\tchunked\r\n\r\n" + chunked + smuggled,
		"chunks on the next line":                    post + "Transfer-Encoding:\r\n chunked\r\n\r\n" + chunked + smuggled,
		"chunks in HTTP/1.0":                         strings.Replace(post, "1.1", "1.0", 1) + "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n" + chunked + smuggled,
		"a chunk's size that ends in a bare newline": post + "Transfer-Encoding: chunked\r\n\r\n0\n\r\n" + smuggled,
		"a chunk's extension with a bare newline":    post + "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n0\r\n\r\n" + smuggled,
		"a chunk's extension":                        post + "Transfer-Encoding: chunked\r\n\r\n0;name=\"" + "x\"\r\n\r\n" + smuggled,
		"a chunk's size that is too large":           post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + smuggled,
		"a name with a line's end in it":             post + "X-A: b\r Content-Length: 0\r\n\r\n" + smuggled,
		"a header that begins with a space":          "POST /c/" + slug + "/letter HTTP/1.1\r\n Host: localhost\r\nContent-Length: 0\r\n\r\n" + smuggled,
		"a name that is none":                        post + "Transfer Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"a NUL":                                      post + "Transfer-Encoding: chunked\x00\r\n\r\n0\r\n\r\n" + smuggled,
		"two hosts":                                  post + "Host: evil.example\r\n\r\n" + smuggled,
		"no host":                                    "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + smuggled,
		"HTTP/2 without asking":                      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + smuggled,
		"HTTP/0.9":                                   "GET /c/" + slug + "\r\n\r\n" + smuggled,
		"a body that never ends":                     post + "Transfer-Encoding: chunked\r\n\r\n5\r\nshort",
	}
}()

// A proxy and we must agree where a request ends. Whatever can be read in two ways
// is refused, or is the last that is read from its connection.
func TestAttack_Smuggling(t *testing.T) {
	s := start(t, nil)
	for name, sent := range ambiguous {
		t.Run(name, func(t *testing.T) {
			statuses := s.wire(sent)
			if len(statuses) > 1 {
				t.Errorf("%d requests were answered: %v", len(statuses), statuses)
			}
		})
	}
	// The same connection serves one request after the other where nothing is unclear.
	if got := s.wire("POST /c/" + slug + "/letter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" + smuggled); len(got) != 2 || got[1] != http.StatusNotFound && got[1] != http.StatusMethodNotAllowed {
		t.Errorf("two plain requests are answered %v: the test would not see what is smuggled", got)
	}
	if strings.Contains(s.log.String(), "DELETE") && strings.Count(s.log.String(), `"method":"DELETE"`) > 1 {
		t.Errorf("what was smuggled has reached the program:\n%s", s.log)
	}
}

// No connection becomes something else: the program speaks HTTP/1.1, and what
// speaks HTTP/2 is the proxy.
func TestAttack_NoUpgrade(t *testing.T) {
	s := start(t, nil)
	for _, what := range []string{"h2c", "websocket", "TLS/1.3"} {
		got := s.wire("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: " + what + "\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n")
		if len(got) != 1 || got[0] != http.StatusOK {
			t.Errorf("%s: %v", what, got)
		}
	}
	if got := s.wire("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); len(got) != 1 || got[0] < 400 {
		t.Errorf("HTTP/2 without asking: %v", got)
	}
	for _, method := range []string{"CONNECT", "TRACE"} {
		got := s.wire(method + " /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: postbag=secret\r\n\r\n")
		if len(got) != 1 || got[0] < 400 {
			t.Errorf("%s: %v", method, got)
		}
	}
}

// Whoever sends slowly is cut off: before the header is whole, and in the body. The
// limits themselves are those of the program; waiting for them would take half a
// minute, so the server here has the same ones, shorter.
func TestAttack_Slowly(t *testing.T) {
	server := web.New(web.Options{View: web.Renderer(), Log: slog.New(slog.DiscardHandler)}).HTTP()
	if server.ReadHeaderTimeout <= 0 || server.ReadHeaderTimeout > 10*time.Second || server.ReadTimeout <= 0 || server.ReadTimeout > 30*time.Second ||
		server.WriteTimeout <= 0 || server.WriteTimeout > time.Minute || server.IdleTimeout <= 0 || server.IdleTimeout > 2*time.Minute || server.MaxHeaderBytes <= 0 || server.MaxHeaderBytes > 64<<10 {
		t.Fatalf("limits %v, %v, %v, %v, %d", server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout, server.IdleTimeout, server.MaxHeaderBytes)
	}
	read := make(chan error, 1)
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		read <- err
	})
	server.ReadHeaderTimeout /= 100
	server.ReadTimeout /= 100
	server.IdleTimeout /= 1000
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	for name, sent := range map[string]string{
		"nothing at all":              "",
		"half a header":               "GET / HTTP/1.1\r\nHost: local",
		"a body that is yet to come":  "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\na",
		"chunks that are yet to come": "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
		"silence after a request":     "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, sent)
			if _, err := io.ReadAll(conn); err != nil {
				if e, ok := err.(net.Error); ok && e.Timeout() {
					t.Error("the connection is held for as long as the client likes")
				}
			}
			if strings.HasPrefix(sent, "POST") {
				if err := <-read; err == nil {
					t.Error("half a body is taken for a whole one")
				}
			}
		})
		select {
		case <-read:
		default:
		}
	}
}

// Whatever is too large is refused before it is kept: in the header, in the body,
// and in the number of pieces.
func TestAttack_TooMuch(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	many := url.Values{}
	for i := range 20_000 {
		many.Set(fmt.Sprint("f", i), "")
	}
	for name, tt := range map[string]struct {
		sent string
		want int
	}{
		"a long line":      {"GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"a long header":    {"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"many headers":     {"GET / HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X-Many: 1\r\n", 8000) + "\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"a length too far": {"POST /c/" + slug + "/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999999999\r\n\r\n", http.StatusUnprocessableEntity},
	} {
		got := s.wire(tt.sent)
		if len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: %v, want %d", name, got, tt.want)
		}
	}
	_, posts := everyRoute(t)
	for _, path := range posts {
		if a := s.post(path, many); a.StatusCode < 300 && strings.Count(a.body, "f1999") > 0 {
			t.Errorf("%s takes 20,000 fields: %s", path, a.Status)
		} else if a.StatusCode >= 500 {
			t.Errorf("%s with 20,000 fields: %s", path, a.Status)
		}
	}
	for _, path := range posts {
		if a := s.do(http.MethodPost, path+"?a=%zz&b;c", url.Values{"x": {"1"}}); a.StatusCode >= 500 {
			t.Errorf("%s with an address that cannot be read: %s", path, a.Status)
		}
	}
	if a := s.get("/organise/c/" + slug + "/letters?a=%zz"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a page with an address that cannot be read: %s", a.Status)
	}
	parts := func(n int, each func(*multipart.Writer, int)) (string, []byte) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for i := range n {
			each(w, i)
		}
		w.Close()
		return w.FormDataContentType(), body.Bytes()
	}
	for name, each := range map[string]func(*multipart.Writer, int){
		"fields": func(w *multipart.Writer, i int) { w.WriteField("f", "") },
		"files":  func(w *multipart.Writer, i int) { w.CreateFormFile("logo", "x.png") },
		"headers": func(w *multipart.Writer, i int) {
			h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="f"`}}
			for j := range 40 {
				h.Set(fmt.Sprint("X-", j), "1")
			}
			w.CreatePart(h)
		},
	} {
		kind, body := parts(20_000, each)
		for _, path := range []string{"/organise/partners/new", "/organise/c/" + slug + "/pledges/import", "/c/" + slug + "/send"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr()+path, bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", kind)
			if a := s.answer(r); a.StatusCode < 400 || a.StatusCode >= 500 {
				t.Errorf("%s with 20,000 %s: %s", path, name, a.Status)
			}
		}
	}
}
