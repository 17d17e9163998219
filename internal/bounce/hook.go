package bounce

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"postbag/internal/campaign"
)

// Relay providers that tell by HTTP what became of a message.
const (
	Postmark = "postmark"
	Mailgun  = "mailgun"
	SES      = "ses" // Amazon's, through its SNS
)

// HookOptions say which providers may tell us something.
type HookOptions struct {
	Taker    Taker
	Postmark string   // user:password that its addresses of ours have; empty: it may not
	Mailgun  string   // the key that it signs with; empty: it may not
	Topics   []string // of SNS, by ARN; none: SES may not
	Fetch    Fetcher  // for SES
	Tokens   Tokens   // for Mailgun
	Now      func() time.Time
}

// Tokens remember what came with a token that counts once.
type Tokens interface {
	// ClaimToken keeps content as what came with a token, unless something is kept
	// already, and returns what is and whether it was taken. Both are hashes. What is
	// older than within is forgotten.
	ClaimToken(ctx context.Context, token, content []byte, within time.Duration) (kept []byte, taken bool, err error)

	// SettleToken notes that what came with a token was taken.
	SettleToken(ctx context.Context, token []byte) error
}

// Hooks take what relay providers tell.
type Hooks struct {
	taker     Taker
	providers map[string]provider
}

// provider opens what one of them posts.
type provider interface {
	// open returns what was posted once it is sure who did. The errors are those
	// of statuses; any other means that it is to come again.
	open(ctx context.Context, header http.Header, body io.Reader) (told, error)
}

// told is what a provider told.
type told struct {
	returned *campaign.Returned          // nil: nothing that concerns us
	notice   bool                        // its address is an envelope's, maybe of the provider's own making
	settle   func(context.Context) error // called when it was taken; nil: nobody wants to know
}

// NewHooks returns hooks, nil if no provider may tell us anything.
func NewHooks(o HookOptions) *Hooks {
	h := &Hooks{taker: o.Taker, providers: map[string]provider{}}
	if o.Postmark != "" {
		h.providers[Postmark] = newPostmark(o.Postmark)
	}
	if o.Mailgun != "" {
		h.providers[Mailgun] = &mailgun{key: []byte(o.Mailgun), now: o.Now, tokens: o.Tokens}
	}
	if len(o.Topics) > 0 {
		h.providers[SES] = newSNS(o.Topics, o.Fetch, o.Now)
	}
	if len(h.providers) == 0 {
		return nil
	}
	return h
}

// Why something that a provider posts is not taken.
var (
	errHookUnknown    = errors.New("no such provider is set up")
	errHookRefused    = errors.New("the signature or the password is not right")
	errHookUnreadable = errors.New("this is not what the provider posts")
)

// statuses are what a provider is told then.
var statuses = map[error]int{
	errHookUnknown:    http.StatusNotFound,
	errHookRefused:    http.StatusUnauthorized,
	errHookUnreadable: http.StatusBadRequest,
	ErrNoMessage:      http.StatusBadRequest,
	ErrTooLong:        http.StatusRequestEntityTooLarge,
	// To come again would change nothing; and what else goes through the same account
	// is reported here too.
	campaign.ErrReturnUnknown: http.StatusOK,
	campaign.ErrReturnErased:  http.StatusOK,
}

// Take takes what a provider posts, and returns the HTTP status of the answer: 200
// once it is durable, 503 if it is to come again. An error is for the log.
func (h *Hooks) Take(ctx context.Context, provider string, header http.Header, body io.Reader) (int, error) {
	err := h.take(ctx, provider, header, body)
	if err == nil {
		return http.StatusOK, nil
	}
	for cause, status := range statuses {
		if errors.Is(err, cause) {
			return status, nil
		}
	}
	return http.StatusServiceUnavailable, fmt.Errorf("take what %s posts: %w", provider, err)
}

func (h *Hooks) take(ctx context.Context, provider string, header http.Header, body io.Reader) error {
	p := h.providers[provider]
	if p == nil {
		return errHookUnknown
	}
	t, err := p.open(ctx, header, body)
	if err != nil || t.returned == nil {
		return err
	}
	r := *t.returned
	if t.notice && !h.taker.Expects(r.To) {
		r.To = "" // the Message-ID tells; of mail that came in, which anybody can write, it must not
	}
	ctx, cancel := context.WithTimeout(ctx, takeTimeout)
	defer cancel()
	_, err = h.taker.TakeReturn(ctx, r)
	if err == nil && t.settle != nil {
		err = t.settle(ctx)
	}
	return err
}

// readHook reads what was posted, of at most so many bytes.
func readHook(body io.Reader, most int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, most+1))
	if _, large := errors.AsType[*http.MaxBytesError](err); large || int64(len(raw)) > most {
		return nil, ErrTooLong
	}
	if err != nil {
		return nil, errHookUnreadable // whoever posted it hung up
	}
	return raw, nil
}

// decode reads JSON into v. What is wrong with it is not said: it may quote it.
func decode(raw []byte, v any) error {
	if json.Unmarshal(raw, v) != nil {
		return errHookUnreadable
	}
	return nil
}

// hookIdentity stands for one thing that a provider tells, however often.
func hookIdentity(parts ...string) []byte {
	sum := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(sum, "%q\n", part)
	}
	return sum.Sum(nil)
}

// failed fills in why a message will not be delivered. Otherwise is the enhanced
// status code if the provider's words have none.
func failed(r *campaign.Returned, status, otherwise, text string) {
	r.Kind = campaign.ReturnFailed
	reason(r, statusCode.FindString(status), text)
	if r.Enhanced == "" {
		r.Enhanced = otherwise
	}
	if isFull(r.Enhanced, status, text) {
		r.Kind = campaign.ReturnFull
	}
}
