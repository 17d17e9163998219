package web

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// A download takes longer than the server lets any other answer take, and comes
// whole.
func TestStream_outlastsTheServersOwnLimit(t *testing.T) {
	const limit, pieces = 50 * time.Millisecond, 3
	piece := strings.Repeat("x", streamPiece)
	s := New(Options{View: Renderer(), Log: slog.New(slog.DiscardHandler)})
	s.echo.GET("/slow", func(c echo.Context) error {
		return s.stream(visit{Context: c}, "slow.csv", typeCSV, func(out io.Writer) error {
			for range pieces {
				<-time.After(2 * limit) // the limit is the server's own, of the real time
				if _, err := io.WriteString(out, piece); err != nil {
					return err
				}
			}
			return nil
		})
	})
	server := s.HTTP()
	server.ReadTimeout, server.WriteTimeout = limit, limit
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l) //nolint:errcheck // it is closed below
	defer server.Close()
	resp, err := http.Get(fmt.Sprintf("http://%s/slow", l.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || len(got) != pieces*streamPiece {
		t.Errorf("%d bytes of %d came: %v", len(got), pieces*streamPiece, err)
	}
}
