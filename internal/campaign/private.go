package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postbag/internal/fault"
	"postbag/internal/seal"
)

// Private is a letter as its supporter sees it.
type Private struct {
	Letter     *Letter
	Person     *Person // nil once erased
	To         Recipient
	Remembered time.Time // see Letter.RememberedUntil; zero once that is past
	Note       string    // what an organiser told the supporter; empty: nothing
	OptIns     []OptIn   // that were given with it and stand, or wait; none once erased
}

// Open returns the letter behind a private link; not_found if the token opens
// none.
func (s *Service) Open(ctx context.Context, token string) (*Private, error) {
	hash, err := s.tokenHash(token)
	if err != nil {
		return nil, err
	}
	letter, err := s.store.LetterByToken(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("open letter: %w", err)
	}
	to, err := s.recipient(ctx, letter.Campaign, letter.Constituency)
	if err != nil {
		return nil, fmt.Errorf("open letter: %w", err)
	}
	p := &Private{Letter: letter, To: to}
	if until := letter.RememberedUntil(); Day(s.now()) <= Day(until) {
		p.Remembered = until
	}
	if letter.Sealed == nil {
		return p, nil
	}
	if p.Person, err = OpenPerson(s.keys, letter.Sealed, hash); err != nil {
		return nil, fmt.Errorf("open letter: %w", err)
	}
	if p.Note, err = OpenNote(s.keys, letter.Note, hash); err != nil {
		return nil, fmt.Errorf("open letter: %w", err)
	}
	if p.OptIns, err = s.store.LetterOptIns(ctx, letter.ID); err != nil {
		return nil, fmt.Errorf("open letter: %w", err)
	}
	return p, nil
}

// Confirm queues the letter; see Store.ConfirmLetter. conflict also while its
// campaign is paused or closed: what waits to be confirmed then waits.
func (s *Service) Confirm(ctx context.Context, token string) error {
	hash, err := s.tokenHash(token)
	if err != nil {
		return err
	}
	letter, err := s.store.LetterByToken(ctx, hash)
	if err != nil {
		return fmt.Errorf("confirm letter: %w", err)
	}
	if letter.State == StateAwaiting {
		if _, err := s.writing(letter.Campaign); err != nil {
			return err
		}
	}
	if err := s.store.ConfirmLetter(ctx, hash, s.newMessageID()); err != nil {
		return fmt.Errorf("confirm letter: %w", err)
	}
	s.wake()
	return nil
}

// Withdraw takes the letter back before it goes; see Store.WithdrawLetter.
func (s *Service) Withdraw(ctx context.Context, token string) error {
	hash, err := s.tokenHash(token)
	if err != nil {
		return err
	}
	if err := s.store.WithdrawLetter(ctx, hash); err != nil {
		return fmt.Errorf("withdraw letter: %w", err)
	}
	return nil
}

// Erase deletes what identifies the supporter; see Store.EraseLetter.
func (s *Service) Erase(ctx context.Context, token string) error {
	hash, err := s.tokenHash(token)
	if err != nil {
		return err
	}
	if err := s.store.EraseLetter(ctx, hash); err != nil {
		return fmt.Errorf("erase letter: %w", err)
	}
	return nil
}

func (s *Service) tokenHash(token string) ([]byte, error) {
	if len(token) != seal.TokenLen {
		return nil, fault.New(fault.NotFound, "error.no_letter")
	}
	return hashToken(s.keys, token), nil
}

// tickLimit bounds what one transaction of a Tick does, so that a backlog holds
// up no supporter.
const tickLimit = 500

// EraseTogether is how many letters are erased in one transaction: few enough that
// nobody who writes waits for long.
const EraseTogether = 100

// Tick does what time alone brings about: campaigns that start and end, letters that expire, reminders, and
// records whose time is over. It is called about once a minute.
func (s *Service) Tick(ctx context.Context) error {
	errs := []error{s.turnDue(ctx)}
	for _, task := range []struct {
		name string
		do   func() (int, error)
	}{
		{"expire letters", func() (int, error) { return s.store.ExpireLetters(ctx, tickLimit) }},
		{"remind supporters", func() (int, error) { return s.store.RemindLetters(ctx, tickLimit, s.newMessageID) }},
		{"ask where somebody sits again", func() (int, error) { return s.store.AskAgain(ctx, tickLimit) }},
		{"space letters", func() (int, error) { return s.store.SpaceLetters(ctx) }},
		{"follow letters up", func() (int, error) { return s.store.FollowUp(ctx, tickLimit, s.newMessageID) }},
		{"keep less where a campaign says so", func() (int, error) { return s.store.ShortenKept(ctx, tickLimit) }},
		{"trim records", func() (int, error) { return s.store.TrimDue(ctx, EraseTogether, NewTrimmer(s.keys)) }},
		{"erase records", func() (int, error) { return s.store.EraseDue(ctx, EraseTogether) }},
		{"close the erasure ledger's days", func() (int, error) { return s.store.CloseErasures(ctx) }},
		{"forget self-reports", func() (int, error) { return s.store.ForgetSelfReports(ctx, tickLimit) }},
		{"forget past letters", func() (int, error) { return s.store.ForgetPastLetters(ctx, tickLimit) }},
		{"forget limits", func() (int, error) { return s.store.ForgetLimits(ctx, tickLimit) }},
		{"queue weekly digests", func() (int, error) { return s.QueueDigests(ctx) }},
	} {
		for total := 0; ; {
			n, err := task.do()
			if err != nil {
				// The other tasks must go on: erasing waits for nothing.
				errs = append(errs, fmt.Errorf("%s: %w", task.name, err))
				break
			}
			total += n
			if n < EraseTogether {
				if total > 0 {
					s.log.Info("tick", "task", task.name, "letters", total)
					s.wake()
				}
				break
			}
		}
	}
	return errors.Join(append(errs, s.sealContacts(ctx), s.Refresh(ctx))...)
}
