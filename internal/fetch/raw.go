package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"postbag/internal/doctor"
)

// errElsewhere is for an answer that leads to another address.
var errElsewhere = errors.New("it leads elsewhere")

// Raw reads what stands at an address, of any type and of at most so many bytes. It
// follows no redirect.
func (r *Reader) Raw(ctx context.Context, address *url.URL, most int64) ([]byte, error) {
	if err := r.may(address, []string{doctor.Origin(address)}); err != nil {
		return nil, err
	}
	ctx, cancel := r.o.Deadline(ctx)
	defer cancel()
	client := &http.Client{Transport: r.transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return errElsewhere }}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	request.Header.Set("User-Agent", rawAgent)
	answer, err := client.Do(request)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err // the address may have a secret in it
		}
		return nil, fmt.Errorf("fetch: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch: the answer is %d", answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("fetch: %w", err)
	case int64(len(body)) > most:
		return nil, fmt.Errorf("fetch: more than %d bytes", most)
	}
	return body, nil
}
