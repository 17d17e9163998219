package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// streamWithin is how long a client may take for each piece of a stream: the
// server's own limit would end a long download in the middle.
const streamWithin = 30 * time.Second

// streamPiece is how many bytes are sent at a time.
const streamPiece = 64 << 10

// stream sends a file of any length, as write writes it, in constant memory. What
// fails before anything was sent is answered as an error; after that the
// connection is broken off, so that nobody takes half a file for a whole one.
func (s *Server) stream(v visit, name string, contentType []string, write func(io.Writer) error) error {
	h := v.Response().Header()
	h["Content-Type"] = contentType
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	if v.Request().Method == http.MethodHead {
		v.Response().WriteHeader(http.StatusOK)
		return nil
	}
	control := http.NewResponseController(v.Response())
	// Once the time for reading the request is over, the server would take the
	// client for gone.
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	out := bufio.NewWriterSize(deadlined{v.Response(), control}, streamPiece)
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err == nil:
		return nil
	case !v.Response().Committed:
		h.Del("Content-Disposition")
		return err
	}
	s.Log.Warn("a download was broken off", "route", v.Path(), "err", err)
	panic(http.ErrAbortHandler)
}

// deadlined moves the time limit along with what is written.
type deadlined struct {
	io.Writer
	control *http.ResponseController
}

func (d deadlined) Write(p []byte) (int, error) {
	if err := d.control.SetWriteDeadline(time.Now().Add(streamWithin)); err != nil {
		return 0, err
	}
	return d.Writer.Write(p)
}

// jsonList writes an array of JSON, one element after the other.
type jsonList struct {
	out     io.Writer
	enc     *json.Encoder
	between string
}

func newJSONList(out io.Writer) *jsonList {
	l := &jsonList{out: out, enc: json.NewEncoder(out), between: "["}
	l.enc.SetEscapeHTML(false)
	return l
}

func (l *jsonList) add(v any) error {
	if _, err := io.WriteString(l.out, l.between); err != nil {
		return err
	}
	l.between = ","
	return l.enc.Encode(v)
}

func (l *jsonList) end() error {
	if l.between == "[" {
		_, err := io.WriteString(l.out, "[]\n")
		return err
	}
	_, err := fmt.Fprintln(l.out, "]")
	return err
}
