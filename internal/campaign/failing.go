package campaign

import (
	"context"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// FailingAfter is how many letters must have come back from an MP's address, none
// delivered in between as far as anybody told, before it counts as failing. They
// must be FailingShare percent of those sent to it since the first of them, too: a
// server that refuses one letter in a hundred by its rules fails nobody.
const (
	FailingAfter = 3
	FailingShare = 50
)

// FailingStore keeps the addresses of MPs from which letters come back.
type FailingStore interface {
	// FailingAddresses returns those to which no letter goes for the time being, by
	// constituency.
	FailingAddresses(ctx context.Context) ([]Failing, error)

	// ClearFailing lets letters go to an address again. not_found.
	ClearFailing(ctx context.Context, by account.Actor, constituency string, id int64) error
}

// Failing is an MP's address from which letters come back.
type Failing struct {
	ID           int64
	Constituency string // ONS code
	MemberID     int
	MP           string
	Email        string
	Since        time.Time
	Letters      int    // that had come back then
	Enhanced     string // what came with the last of them; empty: no code
}

// FailingAddresses returns the addresses to which no letter goes for the time
// being, by constituency.
func (s *Service) FailingAddresses(ctx context.Context) ([]Failing, error) {
	all, err := s.store.FailingAddresses(ctx)
	if err != nil {
		return nil, fmt.Errorf("failing addresses: %w", err)
	}
	return all, nil
}

// ClearFailing lets letters go to an MP's address again. Those that are held for
// it wait until somebody sends them. not_found.
func (s *Service) ClearFailing(ctx context.Context, by account.Actor, constituency string, id int64) error {
	if _, ok := s.roster.Load().Seat(constituency); !ok {
		return fault.New(fault.NotFound, "error.no_constituency")
	}
	if err := s.store.ClearFailing(ctx, by, constituency, id); err != nil {
		return fmt.Errorf("clear a failing address: %w", err)
	}
	return nil
}

// FailingMail is what organisers are mailed about an address.
type FailingMail struct {
	Code, Place, MP, Email string
	Letters                int
	Enhanced               string
}

// failingMail writes the mail to one account.
func (s *Service) failingMail(f Failing) (account.Mail, error) {
	roster, _ := s.Roster()
	seat, _ := roster.Seat(f.Constituency)
	return account.NewMail(s.keys, s.mailDomain, account.MailFailing, FailingMail{
		Code: f.Constituency, Place: seat.Constituency.Name, MP: f.MP, Email: f.Email, Letters: f.Letters, Enhanced: f.Enhanced,
	})
}
