package campaign

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"postbag/internal/fault"
)

// Check names one of the looks that are taken at a letter before it may go. Each
// says of it: let it go, hold it for an organiser, have its supporter wait, or refuse
// it. One that goes wrong holds it (CheckFailed): no letter goes because nobody could
// look.
type Check string

// The checks, the whole list.
const (
	CheckAddress  Check = "address"  // letters from one network: have them wait, and hold those of a day
	CheckCampaign Check = "campaign" // letters to one campaign: likewise
	CheckEmail    Check = "email"    // letters from one inbox: hold
	CheckPostcode Check = "postcode" // letters from one postcode: hold
	CheckTrap     Check = "trap"     // a field that people do not see is filled in: hold
	CheckSimilar  Check = "similar"  // others wrote nearly the same, beyond the campaign's text: hold
	CheckSeats    Check = "seats"    // one inbox about several constituencies: hold
	CheckWords    Check = "words"    // words that the organisers listed: hold
	CheckFailed   Check = "failed"   // one of them could not be made: hold
)

// EveryCheck lists the checks that can hold a letter, in the order in which pages
// show them. A form's age (shown.go) and whose address it gives (refuse.go) are
// answered at once and hold nothing.
func EveryCheck() []Check {
	return []Check{CheckSimilar, CheckWords, CheckSeats, CheckEmail, CheckPostcode, CheckAddress, CheckCampaign, CheckTrap, CheckFailed}
}

const whyCheck = "check_"

// Why is the reason that events give for a letter that the check held.
func (c Check) Why() string { return whyCheck + string(c) }

// HeldByCheck reports whether a letter that is held for a reason was held by a check.
func HeldByCheck(why string) bool { return strings.HasPrefix(why, whyCheck) }

// JoinChecks writes checks as they are kept beside a letter, SplitChecks reads them.
func JoinChecks(all []Check) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = string(c)
	}
	return strings.Join(names, ",")
}

// SplitChecks reads what JoinChecks wrote.
func SplitChecks(s string) (all []Check) {
	for name := range strings.SplitSeq(s, ",") {
		if name != "" {
			all = append(all, Check(name))
		}
	}
	return all
}

// Guard is what the store needs to check a letter in the transaction that writes it.
// The zero Guard lets everything through.
type Guard struct {
	Holds   []Check  // what has been found already
	Buckets []Bucket // what it counts to

	// Bands stand for what the supporter wrote themselves: letters that share one are
	// alike, be they of this week or, under the names of Before, of the last. Where
	// MostLike others are, it is held; 0: never.
	Bands, Before [][]byte
	MostLike      int

	MostSeats int // constituencies that its sender may have confirmed letters about; 0: any number
}

// Bucket lets Most letters through at once, and one more whenever Every has passed.
type Bucket struct {
	Check Check
	Hash  []byte // whose it is
	Most  int
	Every time.Duration
	Wait  bool // one too many has to wait; else it is held
}

// Add counts a letter to a bucket that is full again at full, and returns when it is
// then. Where it is one too many the bucket stays as it is, and after how long there
// is room is said.
func (b Bucket) Add(full, now time.Time) (then time.Time, wait time.Duration) {
	if full.Before(now) {
		full = now
	}
	then = full.Add(b.Every)
	if over := then.Sub(now) - time.Duration(b.Most)*b.Every; over > 0 {
		return full, over
	}
	return then, 0
}

// BusyError says that more is written than may be just now, and after how long to try
// again.
type BusyError struct {
	Check Check
	For   time.Duration
}

// Error implements error.
func (e *BusyError) Error() string {
	return fmt.Sprintf("too many letters (%s), wait for %s", e.Check, e.For)
}

// Busy is the error of a letter that has to wait: rate_limited, with a BusyError.
func Busy(c Check, wait time.Duration) error {
	return fault.Wrap(&BusyError{c, wait}, fault.RateLimited, "error.busy")
}

// inspection is a letter that is looked at.
type inspection struct {
	words   wordList
	written Written
}

// inspections are the checks that need nothing but the letter. Each reports whether
// it is to be held.
var inspections = []struct {
	check Check
	holds func(inspection) bool
}{
	{CheckTrap, func(i inspection) bool { return i.written.Form.Trap != "" }},
	{CheckWords, func(i inspection) bool {
		f := i.written.Form
		return i.words.match(f.Subject, f.Body, f.Name)
	}},
}

// guard looks at a letter as far as that can be done without the store, and says what
// the store has to look at.
func (s *Service) guard(ctx context.Context, c *Campaign, w Written) Guard {
	var g Guard
	checks, err := s.checksOf(ctx, c.Slug)
	if err != nil {
		s.log.Error("read the settings of checks", "err", err)
		g.hold(CheckFailed)
	}
	i := inspection{checks.list, w}
	for _, look := range inspections {
		if s.sure(look.check, func() {
			if look.holds(i) {
				g.hold(look.check)
			}
		}) != nil {
			g.hold(CheckFailed)
		}
	}
	if checks.Similar > 0 {
		g.MostLike = checks.Similar
		if s.sure(CheckSimilar, func() { g.Bands, g.Before = s.bands(c.Slug, w.Draft.Body, w.Form.Body) }) != nil {
			g.hold(CheckFailed)
		}
	}
	g.Buckets = s.buckets(checks.Limits, c.Slug, w.Form)
	g.MostSeats = checks.Seats
	return g
}

func (g *Guard) hold(c Check) {
	if !slices.Contains(g.Holds, c) {
		g.Holds = append(g.Holds, c)
	}
}

// sure runs a check, and turns a panic in it into an error, which is logged.
func (s *Service) sure(c Check, look func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Panicked(p)
			s.log.Error("a check of a letter failed", "check", string(c), "err", err)
		}
	}()
	look()
	return nil
}

// buckets says what a letter counts to. Their names change with the day, so that
// nothing can be followed from one to the next.
func (s *Service) buckets(l Limits, slug string, f Form) (all []Bucket) {
	now := s.now()
	day := Day(now)
	for _, of := range []struct {
		check Check
		rate  Rate
		whose string
		waits bool
	}{
		{CheckAddress, l.Address, f.From, true},
		{CheckCampaign, l.Campaign, slug, true},
		{CheckEmail, l.Email, inboxKey(f.Email), false},
		{CheckPostcode, l.Postcode, f.Postcode, false},
	} {
		// Both spans' names end otherwise, so that they lie beside each other.
		name := append(LimitsSince(now), s.keys.Hash("limit", day, string(of.check), of.whose)[:hashLen]...)
		for _, span := range []struct {
			mark byte
			long time.Duration
			most int
			wait bool
		}{{'h', time.Hour, of.rate.Hour, of.waits}, {'d', 24 * time.Hour, of.rate.Day, false}} {
			if span.most > 0 {
				hash := append(slices.Clone(name), span.mark)
				all = append(all, Bucket{Check: of.check, Hash: hash, Most: span.most, Every: span.long / time.Duration(span.most), Wait: span.wait})
			}
		}
	}
	return all
}

// LimitsSince is what the names of today's buckets begin with; those of days before
// are less.
func LimitsSince(now time.Time) []byte { return binary.BigEndian.AppendUint16(nil, dayNumber(now)) }

// dayNumber counts the days in London since 1970.
func dayNumber(t time.Time) uint16 {
	y, m, d := t.In(London).Date()
	return uint16(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// hashLen is how much is kept of a hash that only counts: by chance two of a million
// million are the same.
const hashLen = 16
