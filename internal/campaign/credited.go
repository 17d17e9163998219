package campaign

import (
	"context"
	"fmt"
	"slices"
)

// Credited is how many letters something brought.
type Credited struct {
	Credit
	Written, Confirmed, Sent, Bounced int
}

// Letters returns how many letters count: accepted, and not returned.
func (c Credited) Letters() int { return c.Sent - c.Bounced }

func (c *Credited) add(other Credited) {
	c.Written += other.Written
	c.Confirmed += other.Confirmed
	c.Sent += other.Sent
	c.Bounced += other.Bounced
}

// MaxSources is how many different things that links of one partner say are
// counted apart in a campaign. The others count together, as OtherSource.
const (
	MaxSources  = 200
	OtherSource = "other"
)

// CreditStore reads the sums of what brought letters.
type CreditStore interface {
	// Credits returns a campaign's letters by what brought them, by partner, most
	// letters first. Those of which nothing is known are none of them.
	Credits(ctx context.Context, slug string) ([]Credited, error)

	// PartnerDays returns the letters sent and not returned by day and constituency,
	// from day to day, both included, as far as there are any.
	PartnerDays(ctx context.Context, slug, partner, from, to string) ([]PartnerDay, error)
}

// ByPartner is what one partner brought to a campaign.
type ByPartner struct {
	Credited            // of all together; Source and Via are empty
	Sources  []Credited // most letters first
}

// ByPartner returns a campaign's letters by partner, most letters first, those
// of no partner last. The numbers are exact: for organisers alone.
func (s *Service) ByPartner(ctx context.Context, slug string) ([]ByPartner, error) {
	all, err := s.store.Credits(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("letters by partner: %w", err)
	}
	total, err := s.Totals(ctx, slug)
	if err != nil {
		return nil, err
	}
	rest := ByPartner{Credited: Credited{Written: total.Written, Confirmed: total.Confirmed, Sent: total.Sent, Bounced: total.Bounced}}
	var partners []ByPartner
	for _, c := range all {
		if c.Partner == "" {
			rest.Sources = append(rest.Sources, c)
			continue
		}
		if n := len(partners); n == 0 || partners[n-1].Partner != c.Partner {
			partners = append(partners, ByPartner{Credited: Credited{Credit: Credit{Partner: c.Partner}}})
		}
		p := &partners[len(partners)-1]
		p.add(c)
		p.Sources = append(p.Sources, c)
		rest.add(Credited{Written: -c.Written, Confirmed: -c.Confirmed, Sent: -c.Sent, Bounced: -c.Bounced})
	}
	slices.SortStableFunc(partners, func(a, b ByPartner) int { return b.Written - a.Written })
	return append(partners, rest), nil
}
