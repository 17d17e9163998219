package parliament

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// DefaultBaseURL is where the UK Parliament serves its Members API: public
// JSON, no key (members-api.parliament.uk/index.html).
const DefaultBaseURL = "https://members-api.parliament.uk"

// Limits of one conversation with the API.
const (
	pageSize    = 20 // the most members that the API puts on a page
	parallel    = 4  // contact requests at once: polite, and 650 take seconds
	maxAnswer   = 1 << 20
	maxWait     = 2 * time.Minute // the longest Retry-After that is sat out
	baseBackoff = 500 * time.Millisecond
	maxBackoff  = 30 * time.Second
)

// Client reads the Members API. NewClient fills every field; change them before
// the first request, not after.
type Client struct {
	BaseURL   string        // scheme and host, and a path before /api if there is one
	HTTP      *http.Client  // must not follow redirects, so that a moved API is noticed
	UserAgent string        // names Postbag, so that Parliament can see who asks
	Timeout   time.Duration // for one attempt, answer read in full
	Attempts  int           // tries of one request before giving up

	// Progress, if set, is called after each request that succeeded, one call at
	// a time, with how many requests are done and how many there are in all.
	Progress func(done, total int)

	Now    func() time.Time                           // the clock, for Retry-After and the roster's date
	Sleep  func(context.Context, time.Duration) error // waits, or returns the context's error
	Jitter func() float64                             // in [0,1)
}

// NewClient returns a client for the API at baseURL, or at DefaultBaseURL if
// that is empty.
func NewClient(baseURL string) (*Client, error) {
	if baseURL == "" {
		baseURL = DefaultBaseURL
	}
	u, err := url.Parse(baseURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("members API: %q is not a base URL such as %s", baseURL, DefaultBaseURL)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = parallel
	return &Client{
		BaseURL: strings.TrimSuffix(baseURL, "/"),
		HTTP: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		UserAgent: "Postbag (self-hosted letters to MPs)",
		Timeout:   15 * time.Second,
		Attempts:  5,
		Now:       time.Now,
		Sleep:     sleep,
		Jitter:    rand.Float64,
	}, nil
}

// Listed is a member as the API lists them, not yet joined to a seat.
type Listed struct {
	Member       Member
	Constituency string // its name in Parliament's spelling
	Inactive     bool   // listed as current, and yet the membership has ended
	Note         string // what the person who syncs should know, such as an unusable address
}

// Members returns every current member of the House of Commons with an address
// for letters: 33 pages, then 650 contacts, four at a time. It returns everything
// or an error: what the API said, in words, after the retries that make sense.
func (c *Client) Members(ctx context.Context) ([]Listed, error) {
	progress := &progress{report: c.Progress}
	members, err := c.search(ctx, progress)
	if err != nil {
		return nil, fmt.Errorf("members API: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range members {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			m := &members[i]
			email, note, err := c.email(ctx, m.Member.ID)
			if err != nil {
				return fmt.Errorf("contact of member %d: %w", m.Member.ID, err)
			}
			m.Member.Email = email
			if note != "" {
				m.Note = fmt.Sprintf("%s (%s): %s", m.Member.Name, m.Constituency, note)
			}
			progress.step()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("members API: %w", err)
	}
	return members, nil
}

// progress counts finished requests.
type progress struct {
	report func(done, total int)
	mu     sync.Mutex
	done   int
	total  int
}

func (p *progress) expect(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = total
}

func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.report != nil {
		p.report(p.done, p.total)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// errSlow is why an attempt's context ends when the API does not answer.
var errSlow = errors.New("no answer in time")
