package parliament

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// searchAnswer is the part of GET /api/Members/Search that is read. Pointers
// stand where a missing field must be told from an empty one.
type searchAnswer struct {
	Items []struct {
		Value *listedMember `json:"value"`
	} `json:"items"`
	TotalResults *int `json:"totalResults"`
	Skip         int  `json:"skip"`
}

type listedMember struct {
	ID          int     `json:"id"`
	DisplayAs   string  `json:"nameDisplayAs"`
	FullTitle   string  `json:"nameFullTitle"`
	AddressAs   *string `json:"nameAddressAs"` // null for many who came in 2024
	LatestParty *struct {
		Name string `json:"name"`
	} `json:"latestParty"`
	Membership *struct {
		From   string `json:"membershipFrom"` // the constituency's name
		House  int    `json:"house"`
		Status *struct {
			IsActive bool `json:"statusIsActive"`
		} `json:"membershipStatus"`
	} `json:"latestHouseMembership"`
}

// search pages through the current members of the Commons. The pages have to
// agree with each other: a list that shifts while it is read could lose a member
// between two pages and report their seat as vacant.
func (c *Client) search(ctx context.Context, progress *progress) ([]Listed, error) {
	var listed []Listed
	seen := make(map[int]bool)
	for skip, total := 0, 1; skip < total; skip += pageSize {
		var page searchAnswer
		query := "House=1&IsCurrentMember=true&skip=" + strconv.Itoa(skip) + "&take=" + strconv.Itoa(pageSize)
		if err := c.get(ctx, "/api/Members/Search?"+query, &page); err != nil {
			return nil, fmt.Errorf("list of members: %w", err)
		}
		switch {
		case page.TotalResults == nil:
			return nil, errors.New("list of members: the answer has no totalResults; is this the Members API?")
		case skip == 0:
			total = *page.TotalResults
			if total == 0 {
				return nil, errors.New("list of members: it is empty, as when Parliament is dissolved")
			}
			if total < 0 || total > 2*SeatCount {
				return nil, fmt.Errorf("list of members: %d of them cannot be, with %d seats", total, SeatCount)
			}
			progress.expect((total+pageSize-1)/pageSize + total)
		case *page.TotalResults != total:
			return nil, fmt.Errorf("list of members: it changed from %d to %d while it was read; try again", total, *page.TotalResults)
		}
		if want := min(pageSize, total-skip); page.Skip != skip || len(page.Items) != want {
			return nil, fmt.Errorf("list of members: asked for %d from %d on, answered %d from %d on",
				want, skip, len(page.Items), page.Skip)
		}
		for _, item := range page.Items {
			one, err := item.Value.listed()
			if err != nil {
				return nil, fmt.Errorf("list of members: %w", err)
			}
			if seen[one.Member.ID] {
				return nil, fmt.Errorf("list of members: member %d is on it twice; it may have changed while it was read; try again", one.Member.ID)
			}
			seen[one.Member.ID] = true
			listed = append(listed, one)
		}
		progress.step()
	}
	return listed, nil
}

// listed checks one item of the list and returns what Postbag keeps of it.
func (m *listedMember) listed() (Listed, error) {
	switch {
	case m == nil || m.ID <= 0:
		return Listed{}, errors.New("an item without a member")
	case m.Membership == nil || m.Membership.House != 1:
		return Listed{}, fmt.Errorf("member %d is not of the House of Commons", m.ID)
	}
	one := Listed{
		Member: Member{
			ID:        m.ID,
			Name:      tidy(m.DisplayAs),
			FullTitle: tidy(m.FullTitle),
		},
		Constituency: tidy(m.Membership.From),
		Inactive:     m.Membership.Status != nil && !m.Membership.Status.IsActive,
	}
	if m.AddressAs != nil {
		one.Member.Salutation = tidy(*m.AddressAs)
	}
	if m.LatestParty != nil {
		one.Member.Party = tidy(m.LatestParty.Name)
	}
	if one.Member.FullTitle == "" {
		one.Member.FullTitle = one.Member.Name
	}
	if problems := one.Member.check(); len(problems) > 0 {
		return Listed{}, fmt.Errorf("member %d: %w", m.ID, errors.Join(problems...))
	}
	return one, nil
}

// tidy is clean for the API's fields, where a line break at the end is a slip of
// the typist and not an attack; one in the middle is refused all the same.
func tidy(s string) string { return clean(strings.TrimSpace(s)) }
