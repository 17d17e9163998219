package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postbag/internal/account"
)

// DigestStore is what the weekly digest is made from, and where it is queued.
type DigestStore interface {
	// DigestsDue returns the accounts that want a digest and have not had that of
	// the week, by id.
	DigestsDue(ctx context.Context, week string) ([]account.Account, error)

	// QueueDigest queues a mail and notes the week, unless it is noted already.
	QueueDigest(ctx context.Context, accountID int64, week string, m account.Mail) error

	// SeatWeeks returns the letters of every constituency that has any, in all before
	// the second day, and from the first to before the second. not_found if there is no
	// such campaign.
	SeatWeeks(ctx context.Context, slug, from, to string) ([]SeatWeek, error)

	// PledgeMoves returns the members whose pledge stood at one of the two times
	// and not at the other, by name; those that were voided never did. not_found.
	PledgeMoves(ctx context.Context, slug string, from, to time.Time) ([]PledgeMove, error)
}

// SeatWeek is the letters of one constituency.
type SeatWeek struct {
	Constituency string
	Week, All    DigestCounts
}

// DigestCounts are letters that came to a state.
type DigestCounts struct{ Confirmed, Sent, Failed, Bounced int }

// Plus returns the sum.
func (c DigestCounts) Plus(o DigestCounts) DigestCounts {
	return DigestCounts{c.Confirmed + o.Confirmed, c.Sent + o.Sent, c.Failed + o.Failed, c.Bounced + o.Bounced}
}

// PledgeMove is an MP who pledged, or whose pledge stands no more.
type PledgeMove struct {
	Name   string
	Gained bool
}

// Digest is what an organiser is mailed about a week. It has nothing of any
// supporter.
type Digest struct {
	From, To  string // its first and last day
	Campaigns []DigestCampaign
}

// DigestCampaign is the week of one campaign.
type DigestCampaign struct {
	Slug, Title string
	Week, All   DigestCounts

	Standing     int      // pledges of MPs who sit
	Gone         int      // that stand too, of MPs who don't, or whose seat was marked vacant
	Gained, Lost []string // MPs by name, at most DigestNames of each
	MoreGained   int      // beyond these
	MoreLost     int
	Reached      []string // constituencies from which the first letter came, at most DigestNames
	MoreReached  int

	// What to do next.
	Reports                          int // MPs of whom supporters say that they pledged
	Held, Uncertain, Failed, Bounced int // letters that wait for a decision
	Unpledged                        []DigestSeat
}

// DigestSeat is a constituency with many letters whose MP has not pledged.
type DigestSeat struct {
	Code, Name, MP string
	Letters        int
}

// What a digest lists at most.
const (
	DigestNames = 12
	digestSeats = 5
)

// A digest goes out on Monday morning, London's. Whoever starts to want it, or a
// server that is started, later than a day after that waits for the next.
const (
	digestHour   = 8
	digestWithin = 24 * time.Hour
)

// monday is the beginning of the week that a time is in, in London.
func monday(t time.Time) time.Time {
	t = t.In(London)
	back := (int(t.Weekday()) + 6) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-back, 0, 0, 0, 0, London)
}

// addDays is so many midnights on, however long the days are.
func addDays(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, London)
}

// QueueDigests queues the digest of the week that is over for everyone who wants
// it and has not had it. It returns how many there were.
func (s *Service) QueueDigests(ctx context.Context) (int, error) {
	now := s.now()
	end := monday(now)
	at := time.Date(end.Year(), end.Month(), end.Day(), digestHour, 0, 0, 0, London)
	if now.Before(at) || !now.Before(at.Add(digestWithin)) {
		return 0, nil
	}
	week := Day(end)
	due, err := s.store.DigestsDue(ctx, week)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	digest, err := s.digest(ctx, addDays(end, -7), end)
	if err != nil {
		return 0, fmt.Errorf("write the digest: %w", err)
	}
	n := 0
	var errs []error
	for _, a := range due {
		if !a.Role.May(account.SeeCounts) {
			continue
		}
		m, err := account.NewMail(s.keys, s.mailDomain, account.MailDigest, digest)
		if err == nil {
			err = s.store.QueueDigest(ctx, a.ID, week, m)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("queue the digest of account %d: %w", a.ID, err))
			continue
		}
		n++
	}
	return n, errors.Join(errs...)
}

// NextDigest returns what next Monday's digest would say if nothing happened any
// more.
func (s *Service) NextDigest(ctx context.Context) (Digest, error) {
	from := monday(s.now())
	return s.digest(ctx, from, addDays(from, 7))
}

// digest is about the days from one midnight to before another.
func (s *Service) digest(ctx context.Context, from, to time.Time) (Digest, error) {
	d := Digest{From: Day(from), To: Day(addDays(to, -1))}
	for _, c := range s.Campaigns() {
		one, err := s.digestOf(ctx, c, from, to)
		if err != nil {
			return Digest{}, fmt.Errorf("%s: %w", c.Slug, err)
		}
		d.Campaigns = append(d.Campaigns, one)
	}
	return d, nil
}

func (s *Service) digestOf(ctx context.Context, c *Campaign, from, to time.Time) (DigestCampaign, error) {
	d := DigestCampaign{Slug: c.Slug, Title: c.Text("en").Title}
	seats, err := s.store.SeatWeeks(ctx, c.Slug, Day(from), Day(to))
	if err != nil {
		return d, err
	}
	moves, err := s.store.PledgeMoves(ctx, c.Slug, from, to)
	if err != nil {
		return d, err
	}
	total, err := s.store.Totals(ctx, c.Slug)
	if err != nil {
		return d, err
	}
	reports, err := s.store.PledgeReports(ctx, c.Slug)
	if err != nil {
		return d, err
	}
	pledges, err := s.Pledges(ctx, c.Slug)
	if err != nil {
		return d, err
	}
	d.Standing, d.Reports = pledges.Standing, len(reports)
	d.Held, d.Uncertain, d.Failed, d.Bounced = total.Now.Held, total.Now.Uncertain, total.Now.Failed, total.Now.Bounced
	d.Gone = -pledges.Standing
	for _, p := range pledges.ByMember {
		if p.Stands() {
			d.Gone++
		}
	}
	for _, m := range moves {
		if m.Gained {
			d.Gained, d.MoreGained = listed(d.Gained, d.MoreGained, m.Name)
		} else {
			d.Lost, d.MoreLost = listed(d.Lost, d.MoreLost, m.Name)
		}
	}
	roster, _ := s.Roster()
	for _, week := range seats {
		d.Week, d.All = d.Week.Plus(week.Week), d.All.Plus(week.All)
		seat, ok := roster.Seat(week.Constituency)
		if !ok {
			continue
		}
		if week.Week.Confirmed > 0 && week.Week.Confirmed == week.All.Confirmed {
			d.Reached, d.MoreReached = listed(d.Reached, d.MoreReached, seat.Constituency.Name)
		}
		if standing, _ := c.Standing(seat, pledges); standing == StandingNotYet && week.All.Sent > 0 {
			d.Unpledged = append(d.Unpledged, DigestSeat{seat.Constituency.Code, seat.Constituency.Name, seat.Member.Name, week.All.Sent})
		}
	}
	slices.SortStableFunc(d.Unpledged, func(a, b DigestSeat) int { return cmp.Compare(b.Letters, a.Letters) })
	d.Unpledged = d.Unpledged[:min(len(d.Unpledged), digestSeats)]
	return d, nil
}

// listed adds a name to a list, or counts it when the list is long.
func listed(names []string, more int, name string) ([]string, int) {
	if len(names) == DigestNames {
		return names, more + 1
	}
	return append(names, name), more
}
