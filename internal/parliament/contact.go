package parliament

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// contactAnswer is the part of GET /api/Members/{id}/Contact that is read.
type contactAnswer struct {
	Value *[]contact `json:"value"`
}

type contact struct {
	Type         string  `json:"type"`
	TypeID       int     `json:"typeId"`
	IsPreferred  bool    `json:"isPreferred"`
	IsWebAddress bool    `json:"isWebAddress"`
	Email        *string `json:"email"`
}

// parliamentaryOffice is the typeId of a member's office in Westminster.
const parliamentaryOffice = 1

// email asks for a member's contacts and chooses the address for letters; it is
// empty, which is normal, if they publish none.
func (c *Client) email(ctx context.Context, id int) (email, note string, err error) {
	var answer contactAnswer
	if err := c.get(ctx, fmt.Sprintf("/api/Members/%d/Contact", id), &answer); err != nil {
		return "", "", err
	}
	if answer.Value == nil {
		return "", "", errors.New("the answer has no value; is this the Members API?")
	}
	email, note = chooseEmail(*answer.Value)
	return email, note, nil
}

// chooseEmail prefers the Parliamentary office, which reads constituents'
// letters whoever the staff are, and falls back to the constituency office:
// whatever stands in the API is published by Parliament for the public to use.
// Other contacts (departments, agents, social media) are not for constituents.
// Among several of a kind the preferred one comes first. An address that cannot
// be used counts as none, and the note says so.
func chooseEmail(contacts []contact) (email, note string) {
	best := 0
	for _, c := range contacts {
		rank := c.rank()
		if rank <= best || c.Email == nil {
			continue
		}
		address := tidy(*c.Email)
		if address == "" {
			continue
		}
		if err := CheckEmail(address); err != nil {
			note = fmt.Sprintf("the address %.80q of the %s %v", address, strings.ToLower(c.Type), err)
			continue
		}
		email, best = address, rank
	}
	if email != "" {
		note = ""
	}
	return email, note
}

// rank orders contacts; 0 is one that letters never go to.
func (c contact) rank() int {
	rank := 0
	switch {
	case c.IsWebAddress:
		return 0
	case c.TypeID == parliamentaryOffice:
		rank = 3
	case strings.EqualFold(strings.TrimSpace(c.Type), "Constituency office"):
		// By name: its number is nowhere documented.
		rank = 1
	default:
		return 0
	}
	if c.IsPreferred {
		rank++
	}
	return rank
}
