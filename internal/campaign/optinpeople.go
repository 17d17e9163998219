package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/seal"
)

// FindOptIns returns the opt-ins of an email address that stand, in every
// campaign and to whichever organisation: for the person themselves, who may have
// lost the emails whose link would end them. A letter's reference finds none.
func (s *Service) FindOptIns(ctx context.Context, typed string) ([]OptIn, error) {
	address, problem := checkEmail(strings.TrimSpace(typed))
	if problem != "" {
		return nil, nil
	}
	var hashes [][]byte
	for _, c := range s.AllCampaigns() {
		hashes = append(hashes, s.hashOptInEmail(c.Slug, "", address))
		for _, p := range s.Partners() {
			hashes = append(hashes, s.hashOptInEmail(c.Slug, p.Slug, address))
		}
	}
	found, err := s.store.OptInsByEmail(ctx, hashes)
	if err != nil {
		return nil, fmt.Errorf("find opt-ins: %w", err)
	}
	return found, nil
}

func (s *Service) hashOptInEmail(slug, partner, address string) []byte {
	return s.keys.Hash("opt-in email", slug, partner, emailKey(address))
}

// OptInCopy is what is held about a person with one opt-in, for them to have.
type OptInCopy struct {
	Campaign    string     `json:"campaign"`
	Partner     string     `json:"partner,omitempty"` // empty: given to who runs the campaign
	Language    string     `json:"language"`
	Wording     string     `json:"wording"`
	Name        string     `json:"name"`
	Email       string     `json:"email"`
	GivenAt     *time.Time `json:"given_at"`
	ConfirmedOn string     `json:"confirmed_on"`
	Embed       bool       `json:"embed"`
	Credit      Credit     `json:"credit"`
	Unreadable  bool       `json:"unreadable,omitempty"`
	Age         []byte     `json:"age,omitempty"` // an age file with the rest: only who has the campaign's key opens it
}

// CopyOptIns is FindOptIns with all that is held about the person, for them.
func (s *Service) CopyOptIns(ctx context.Context, by account.Actor, typed string) ([]OptInCopy, error) {
	found, err := s.FindOptIns(ctx, typed)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	err = s.store.Record(ctx, account.Entry{Actor: by, Action: "people.copy", Object: "opt-ins", After: fmt.Sprintf(`{"opt_ins":%d}`, len(found))})
	if err != nil {
		return nil, fmt.Errorf("copy opt-ins: %w", err)
	}
	copies := make([]OptInCopy, len(found))
	for i, o := range found {
		copies[i] = OptInCopy{Campaign: o.Campaign, Partner: o.Partner, Language: o.Wording.Lang, Wording: o.Wording.Text, ConfirmedOn: o.Confirmed}
		if seal.IsAge(o.Sealed) {
			copies[i].Age = o.Sealed
			continue
		}
		c, err := OpenContact(s.keys, o.Sealed, o.TokenHash)
		if err != nil { // the others are theirs all the same
			s.log.Error("copy opt-ins: a sealed record cannot be opened", "err", err)
			copies[i].Unreadable = true
			continue
		}
		copies[i].Name, copies[i].Email, copies[i].GivenAt, copies[i].Embed, copies[i].Credit = c.Name, c.Email, &c.At, c.Embed, c.Credit
	}
	return copies, nil
}

// EndOptInsOf ends what FindOptIns finds and returns how many there were.
func (s *Service) EndOptInsOf(ctx context.Context, by account.Actor, typed string) (int, error) {
	found, err := s.FindOptIns(ctx, typed)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	ids := make([]int64, len(found))
	for i, o := range found {
		ids[i] = o.ID
	}
	if err := s.store.EndOptIns(ctx, by, ids); err != nil {
		return 0, fmt.Errorf("end opt-ins: %w", err)
	}
	return len(ids), nil
}
