package parliament

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// passing is an error that may be gone at the next attempt.
type passing struct {
	err   error
	after time.Duration // how long the server asked to wait; 0 if it did not say
}

func (p *passing) Error() string { return p.err.Error() }
func (p *passing) Unwrap() error { return p.err }

// get fetches path from the API and decodes the JSON answer into a value. Errors
// that may pass (the network, 429, 5xx, an answer cut short) are tried again
// with exponential backoff and jitter, or after the time that the server names.
func (c *Client) get(ctx context.Context, path string, into any) error {
	for attempt := 1; ; attempt++ {
		err := c.try(ctx, path, into)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx) // the caller gave up, whatever the attempt says
		}
		fault, ok := errors.AsType[*passing](err)
		switch {
		case !ok:
			return err
		case attempt >= c.Attempts:
			return fmt.Errorf("given up after %d attempts: %w", attempt, err)
		case fault.after > maxWait:
			return fmt.Errorf("%w; it asks to wait %v, so try again then", err, fault.after)
		}
		if err := c.Sleep(ctx, max(fault.after, c.backoff(attempt))); err != nil {
			return err
		}
	}
}

// backoff is the wait after the nth attempt: 0.5 s, 1 s, 2 s… up to half a
// minute, of which the second half is left to chance so that the four workers
// do not come back together.
func (c *Client) backoff(attempt int) time.Duration {
	d := min(baseBackoff<<min(attempt-1, 10), maxBackoff)
	return d/2 + time.Duration(c.Jitter()*float64(d/2))
}

// try makes one attempt.
func (c *Client) try(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, errSlow)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.BaseURL+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.UserAgent)

	resp, err := c.HTTP.Do(req)
	if err != nil {
		return c.broken(ctx, err)
	}
	defer resp.Body.Close()
	if err := c.checkStatus(resp); err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return c.broken(ctx, err)
	}
	if len(body) > maxAnswer {
		return fmt.Errorf("the answer has more than %d MB", maxAnswer>>20)
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if media != "application/json" && media != "text/json" && !strings.HasSuffix(media, "+json") {
		return fmt.Errorf("the answer is not JSON but %q; is this the Members API?", media)
	}
	if err := json.Unmarshal(body, into); err != nil {
		err = fmt.Errorf("the answer cannot be read: %w", err)
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && syntax.Offset >= int64(len(body)) {
			return &passing{err: err} // cut short, not malformed
		}
		return err
	}
	return nil
}

// broken is an attempt that ended without a whole answer.
func (c *Client) broken(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errSlow) {
		err = fmt.Errorf("%w: %v", errSlow, c.Timeout)
	}
	return &passing{err: err}
}

// checkStatus turns everything but 200 into an error.
func (c *Client) checkStatus(resp *http.Response) error {
	err := fmt.Errorf("answered %s", resp.Status)
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusTooManyRequests || code >= 500:
		return &passing{err: err, after: retryAfter(resp.Header.Get("Retry-After"), c.Now())}
	case code >= 300 && code < 400:
		return fmt.Errorf("%w to %.200q; set the base URL to where the API is now", err, resp.Header.Get("Location"))
	default:
		return err
	}
}

// retryAfter reads the header in both of its forms (RFC 9110, 10.2.3): seconds,
// or a date. It is 0 for anything else.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), 7*24*3600)) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}
