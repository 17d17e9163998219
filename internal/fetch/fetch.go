// Package fetch reads a page of another site for whoever wants to know whether
// the form works there. It may be asked to from the web, so it goes nowhere that
// the asker could not go: the network address of every connection is looked at
// when it is made, after names were resolved.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"postbag/internal/doctor"
	"postbag/internal/fault"
)

// Limits on a page.
const (
	MaxPage     = 2 << 20 // bytes, once unpacked
	MaxHops     = 5       // redirects
	Within      = 10 * time.Second
	maxHeader   = 64 << 10
	agent       = "Postbag-embed-check/1"
	rawAgent    = "Postbag/1"
	contentType = "text/html, application/xhtml+xml;q=0.9"
)

// Reach is which network addresses may be gone to.
type Reach func(netip.Addr) bool

// Options are what a Reader is made of.
type Options struct {
	Reach    Reach
	Insecure bool                                                        // http will do
	Deadline func(context.Context) (context.Context, context.CancelFunc) // nil: Within
	Roots    *x509.CertPool                                              // nil: those of the machine
}

// Reader fetches pages. It keeps nothing between them: no cookie, no connection.
type Reader struct{ o Options }

// New returns a reader.
func New(o Options) *Reader {
	if o.Deadline == nil {
		o.Deadline = func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, Within)
		}
	}
	return &Reader{o}
}

// refused is why a place may not be gone to.
func refused(key string) error { return fault.New(fault.Invalid, key) }

// Fetch reads a page, going to these origins alone; none named: to any.
func (r *Reader) Fetch(ctx context.Context, address *url.URL, origins []string) (doctor.Page, error) {
	if err := r.may(address, origins); err != nil {
		return doctor.Page{}, err
	}
	ctx, cancel := r.o.Deadline(ctx)
	defer cancel()
	client := &http.Client{Transport: r.transport(), CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > MaxHops {
			return refused("desk.doctor.error.redirects")
		}
		next.Header.Del("Referer")
		return r.may(next.URL, origins)
	}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return doctor.Page{}, refused("desk.doctor.error.address")
	}
	request.Header.Set("User-Agent", agent)
	request.Header.Set("Accept", contentType)
	answer, err := client.Do(request)
	if err != nil {
		return doctor.Page{}, unreached(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return doctor.Page{}, refused("desk.doctor.error.status")
	}
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || kind != "text/html" && kind != "application/xhtml+xml" {
		return doctor.Page{}, refused("desk.doctor.error.not_html")
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, MaxPage+1))
	switch {
	case err != nil:
		return doctor.Page{}, unreached(ctx, err)
	case len(body) > MaxPage:
		return doctor.Page{}, refused("desk.doctor.error.big")
	}
	return doctor.Page{URL: answer.Request.URL, Header: answer.Header, HTML: string(body)}, nil
}

// may reports whether an address may be gone to at all.
func (r *Reader) may(u *url.URL, origins []string) error {
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !r.o.Insecure):
		return refused("desk.doctor.error.not_https")
	case u.User != nil:
		return refused("desk.doctor.error.address")
	case len(origins) > 0 && !slices.Contains(origins, doctor.Origin(u)):
		return refused("desk.doctor.error.elsewhere")
	}
	return nil
}

// transport makes a connection for each request, and looks at where it leads. No
// proxy is asked, whatever the environment says: a proxy would resolve the names
// itself, and what we look at would be its own address.
func (r *Reader) transport() *http.Transport {
	return &http.Transport{
		Proxy: nil, DialContext: Dial(r.o.Reach), DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader,
		TLSClientConfig: &tls.Config{RootCAs: r.o.Roots, MinVersion: tls.VersionTLS12},
	}
}

// unreached says why a page was not read. The cause may name the address, so it
// goes no further than whoever asked.
func unreached(ctx context.Context, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return fault.Wrap(err, fault.Unavailable, "desk.doctor.error.slow")
	}
	return fault.Wrap(fmt.Errorf("fetch a page: %w", err), fault.Unavailable, "desk.doctor.error.unreached")
}
