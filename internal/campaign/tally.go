package campaign

import (
	"context"
	"time"
)

// TallyStore keeps the sums that organisers look at. Reading them costs the same
// with ten letters and with millions. not_found if there is no such campaign.
type TallyStore interface {
	// Tallies returns the tally of every constituency that ever had a letter.
	Tallies(ctx context.Context, slug string) ([]Tally, error)

	// Totals adds up what the list of campaigns tells of one: letters written,
	// confirmed, sent and bounced, and where they are now.
	Totals(ctx context.Context, slug string) (Tally, error)

	// ChangesVersion returns a number that grows whenever letters or pledges of the
	// campaign change, in whichever process.
	ChangesVersion(ctx context.Context, slug string) (int64, error)

	// Hours returns the hours from from, before until, in which anything happened.
	Hours(ctx context.Context, slug string, from, until time.Time) ([]Hour, error)

	// FirstHour returns the first hour in which anything happened; zero: none.
	FirstHour(ctx context.Context, slug string) (time.Time, error)

	// OwnWords returns how much of confirmed letters people wrote themselves.
	OwnWords(ctx context.Context, slug string) (OwnShares, error)

	// AddSteps adds visits to what is kept, and Steps sums them up from day to day,
	// both included.
	AddSteps(ctx context.Context, visits map[Visit]int) error
	Steps(ctx context.Context, slug, from, to string) (map[Step]int, error)
}

// Tally is what organisers know of the letters of one constituency: what ever
// happened to them, and where they are now.
type Tally struct {
	Count
	Now       Now
	LastAt    time.Time // when a letter was last accepted by the mail server; zero: never
	ThankedAt time.Time // when a letter of thanks was; zero: never
}

// Now is how many letters are in a state at this moment.
type Now struct {
	Awaiting  int // for their supporter to confirm them
	Queued    int // or being sent
	Held      int
	Failed    int
	Bounced   int
	Uncertain int
}

// Open is how many letters wait for somebody's decision.
func (n Now) Open() int { return n.Held + n.Failed + n.Bounced + n.Uncertain }

func (n *Now) add(other Now) {
	n.Awaiting += other.Awaiting
	n.Queued += other.Queued
	n.Held += other.Held
	n.Failed += other.Failed
	n.Bounced += other.Bounced
	n.Uncertain += other.Uncertain
}

// add adds another constituency's numbers.
func (c *Count) add(other Count) {
	c.Written += other.Written
	c.Confirmed += other.Confirmed
	c.Sent += other.Sent
	c.Failed += other.Failed
	c.Bounced += other.Bounced
	c.Uncertain += other.Uncertain
	c.Withdrawn += other.Withdrawn
	c.Expired += other.Expired
	c.SelfReported += other.SelfReported
	c.Replies.None += other.Replies.None
	c.Replies.Standard += other.Replies.Standard
	c.Replies.Real += other.Replies.Real
	c.Replies.Pledged += other.Replies.Pledged
	c.Replies.Refused += other.Replies.Refused
}

// Total is how many answers supporters told of, not counting that none came.
func (r Replies) Total() int { return r.Standard + r.Real + r.Pledged + r.Refused }

// Totals adds up tallies. Its Constituency is empty, its LastAt the latest.
func Totals(tallies []Tally) Tally {
	var all Tally
	for i := range tallies {
		all.add(tallies[i].Count)
		all.Now.add(tallies[i].Now)
		if tallies[i].LastAt.After(all.LastAt) {
			all.LastAt = tallies[i].LastAt
		}
	}
	return all
}
