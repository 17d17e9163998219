package account

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"time"

	"postbag/internal/fault"
)

// Who tries to sign in is slowed down by where they try it from, alone and
// together with the account they try. Never by the account alone: then anybody
// could keep its owner out, from anywhere.

// Limit says how often something may fail.
type Limit struct {
	Bucket []byte // keyed hash of what is limited
	Free   int    // failures before there is a delay
	Shared bool   // others' failures count too, so success wipes only itself out
}

// The failures without a delay.
const (
	freeByAccount = 5  // of one account, from one place
	freeByPlace   = 30 // of any, from one place: behind it may be an office
	freeForgot    = 10 // mails asked for from one place
)

// Delays after the failures without one: they double from the first to the last.
const (
	firstDelay = 30 * time.Second
	lastDelay  = time.Hour

	// ForgetFailures is how long failures count after the last.
	ForgetFailures = 24 * time.Hour
)

// Delay is how long to wait after so many failures.
func (l Limit) Delay(failures int) time.Duration {
	over := failures - l.Free
	switch {
	case over < 0:
		return 0
	case over > 10:
		return lastDelay
	}
	return min(firstDelay<<over, lastDelay)
}

// WaitError says that something was tried too often, and for how long to leave
// it. Its code is rate_limited.
type WaitError struct{ For time.Duration }

func (e *WaitError) Error() string {
	return "tried too often: wait " + e.For.String()
}

// Unwrap returns what a person may see.
func (e *WaitError) Unwrap() error { return fault.New(fault.RateLimited, "desk.error.wait") }

// Minutes is how long to wait, in minutes begun.
func (e *WaitError) Minutes() int {
	return int((e.For + time.Minute - 1) / time.Minute)
}

// place is what of a network address is limited: all of an IPv4 address, and the
// 64 bits of an IPv6 address that one connection has to itself.
func place(origin string) string {
	addr, err := netip.ParseAddr(origin)
	if err != nil {
		return origin
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

// limits are those on signing in to an account from a place. Purpose keeps
// passwords and codes apart; an address that nobody has is limited as others are.
func (s *Service) limits(purpose, who, origin string) []Limit {
	at := place(origin)
	return []Limit{
		{Bucket: s.keys.Hash("limit", purpose, who, at), Free: freeByAccount},
		{Bucket: s.keys.Hash("limit", "sign in from", at), Free: freeByPlace, Shared: true},
	}
}

// try counts an attempt, or says how long to wait.
func (s *Service) try(ctx context.Context, limits []Limit) error {
	until, err := s.store.Attempt(ctx, limits)
	return s.wait(until, err)
}

func (s *Service) wait(until time.Time, err error) error {
	if err != nil || until.IsZero() {
		return err
	}
	return &WaitError{For: max(time.Second, until.Sub(s.now()))}
}

// IsWait returns how long to wait, if that is what the error says.
func IsWait(err error) (*WaitError, bool) { return errors.AsType[*WaitError](err) }

func number(id int64) string { return strconv.FormatInt(id, 10) }
