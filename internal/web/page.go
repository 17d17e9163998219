package web

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// Values of header fields that are shared between answers: they are set without
// being copied, and nothing may change them.
var (
	typeHTML = []string{"text/html; charset=utf-8"}
	typeJSON = []string{"application/json; charset=utf-8"}
	typeText = []string{"text/plain; charset=utf-8"}
	noStore  = []string{"no-store"}
	ownCache = []string{"private, no-cache"}
	// revalidate lets clients keep an answer, and has them ask whether it is
	// still the same.
	revalidate = []string{"no-cache"}
	varyPage   = []string{"Accept-Encoding, Accept-Language"}
)

// compressFrom is the size in bytes below which compressing an answer gains
// nothing: it fits one packet anyway.
const compressFrom = 1200

var (
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	zippers = sync.Pool{New: func() any {
		zw, err := gzip.NewWriterLevel(nil, gzip.DefaultCompression)
		if err != nil {
			panic(err) // the level is a constant
		}
		return zw
	}}
)

// page renders a page and sends it. Pages hold what a supporter typed, so no
// cache keeps them.
func (s *Server) page(c echo.Context, code int, p view.Page) error {
	return s.render(c, code, p, noStore)
}

// backPage is page for one that holds nothing typed but a postcode. The
// browser may keep it for its Back button, which would otherwise lead from the
// preview to an error, with everything typed lost.
func (s *Server) backPage(c echo.Context, code int, p view.Page) error {
	return s.render(c, code, p, ownCache)
}

func (s *Server) render(c echo.Context, code int, p view.Page, cache []string) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := s.View.Render(buf, p); err != nil {
		return err
	}
	c.Response().Header()["Cache-Control"] = cache
	return send(c, code, typeHTML, buf.Bytes())
}

// sendAnew renders a page that is the same for everyone, but of which there are
// too many to keep them, and sends it, or says that the client has it already.
func (s *Server) sendAnew(c echo.Context, p view.Page) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := s.View.Render(buf, p); err != nil {
		return err
	}
	if has(c, tagOf(buf.Bytes()), revalidate) {
		return c.NoContent(http.StatusNotModified)
	}
	return send(c, http.StatusOK, typeHTML, buf.Bytes())
}

// tagOf is the entity tag of a page. It is a weak one: compressed, the page has
// the same.
func tagOf(body []byte) string {
	sum := fnv.New64a()
	sum.Write(body)
	return fmt.Sprintf(`W/"%x"`, sum.Sum64())
}

// has sets the header of a page that clients may keep, and reports whether this
// one has it already.
func has(c echo.Context, tag string, cache []string) bool {
	h := c.Response().Header()
	h["Cache-Control"] = cache
	if h["Vary"] == nil {
		h["Vary"] = varyPage
	}
	h.Set("ETag", tag)
	return names(c.Request().Header.Get("If-None-Match"), tag)
}

// names reports whether a list of entity tags has this one, by weak comparison
// (RFC 9110, 13.1.2).
func names(list, tag string) bool {
	if list == tag || list == "*" {
		return true
	}
	for each := range strings.SplitSeq(list, ",") {
		if strings.TrimPrefix(strings.TrimSpace(each), "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// send writes an answer, compressed if the client takes that.
func send(c echo.Context, code int, contentType []string, body []byte) error {
	h := c.Response().Header()
	h["Content-Type"] = contentType
	if len(body) >= compressFrom {
		if h["Vary"] == nil {
			h.Set("Vary", "Accept-Encoding")
		}
		if takesGzip(c.Request()) {
			buf := buffers.Get().(*bytes.Buffer)
			defer buffers.Put(buf)
			buf.Reset()
			zw := zippers.Get().(*gzip.Writer)
			defer zippers.Put(zw)
			zw.Reset(buf)
			if _, err := zw.Write(body); err != nil {
				return err
			}
			if err := zw.Close(); err != nil {
				return err
			}
			h.Set("Content-Encoding", "gzip")
			body = buf.Bytes()
		}
	}
	return sendRaw(c, code, body)
}

func sendRaw(c echo.Context, code int, body []byte) error {
	c.Response().Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.Response().WriteHeader(code)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(body)
	return err
}

// takesGzip reports whether the client takes gzip. One that refuses it with a
// weight of zero is rare, but it is in its right.
func takesGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			w := strings.TrimSpace(weight)
			return w != "q=0" && w != "q=0.0" && w != "q=0.00" && w != "q=0.000"
		}
	}
	return false
}

// plainFrame is the frame of a page of no campaign.
func (s *Server) plainFrame(lang string) view.Frame {
	return view.Frame{Lang: lang, Captured: s.Captured, TestMode: s.TestMode, NoIndex: true}
}

// campaignFrame is the frame of a campaign's page.
func (s *Server) campaignFrame(lang string, c *campaign.Campaign) view.Frame {
	return view.Frame{
		Lang: lang, Campaign: c, Text: c.Text(lang), Theme: s.themeURL(c),
		Captured: s.Captured, TestMode: s.TestMode, NoIndex: true,
	}
}
