package campaign

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"postbag/internal/account"
)

// ExportLetter is a letter as it is exported. Person is set where who wrote it
// is exported as well, and is not erased.
type ExportLetter struct {
	ID           int64
	Reference    string
	Constituency string // ONS code
	MemberID     int
	Partner      string
	Lang         string
	Variant      Variant
	State        State
	Why          string // it came to the state
	CreatedAt    time.Time
	SentAt       time.Time // zero: not sent
	Own          int       // percent; -1: not measured
	TokenHash    []byte    // with people only, as Sealed
	Sealed       []byte
	Person       *Person
}

// Stands is as of DeskLetter.
func (l ExportLetter) Stands() string { return DeskLetter{State: l.State, Why: l.Why}.Stands() }

// exportedWith is what the audit log says of an export.
const (
	exportedCounts = `{"people":false}`
	exportedPeople = `{"people":true}`
)

// ExportLetters gives every letter of a campaign to write, in the order in which
// they were written, some at a time; with people, who wrote them as well, as far
// as that is still kept. It is written down first. not_found if there is no such
// campaign; any error of write ends it.
//
// It never holds more than three handfuls of letters: one being read, one ready
// and one being written.
func (s *Service) ExportLetters(ctx context.Context, by account.Actor, slug string, people bool, write func([]ExportLetter) error) error {
	if _, err := s.Campaign(slug); err != nil {
		return err
	}
	what := exportedCounts
	if people {
		what = exportedPeople
	}
	err := s.store.Record(ctx, account.Entry{Actor: by, Action: "letters.export", Campaign: slug, Object: "letters", After: what})
	if err != nil {
		return fmt.Errorf("export letters: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	read := make(chan []ExportLetter)
	var failed error
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(read)
		failed = s.readLetters(ctx, slug, people, read)
	})
	defer reading.Wait() // it may still be at the database
	defer stop()
	for letters := range read {
		if people {
			if err := s.openAll(letters); err != nil {
				return fmt.Errorf("export letters: %w", err)
			}
		}
		if err := write(letters); err != nil {
			return fmt.Errorf("export letters: %w", err)
		}
	}
	if failed != nil {
		return fmt.Errorf("export letters: %w", failed)
	}
	return nil
}

// readLetters reads a campaign's letters into a channel. Each handful is a
// transaction of its own, so that a slow reader holds up nobody.
func (s *Service) readLetters(ctx context.Context, slug string, people bool, to chan<- []ExportLetter) error {
	var after int64
	for {
		var letters []ExportLetter
		next, err := s.store.LettersFrom(ctx, slug, after, people, func(l ExportLetter) error {
			letters = append(letters, l)
			return nil
		})
		if err != nil {
			return err
		}
		if len(letters) > 0 {
			select {
			case to <- letters:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if after = next; after == 0 {
			return nil
		}
	}
}

// openAll opens the sealed records of letters, on every processor.
func (s *Service) openAll(letters []ExportLetter) error {
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var working sync.WaitGroup
	for w := range workers {
		working.Go(func() {
			for i := w; i < len(letters); i += workers {
				l := &letters[i]
				if l.Sealed == nil {
					continue
				}
				// One that is damaged is exported without its person: the others are
				// not to wait for it.
				if p, err := OpenPerson(s.keys, l.Sealed, l.TokenHash); err == nil {
					p.Token = "" // opens the private page, and is nobody's but theirs
					l.Person = p
				} else if errs[w] == nil {
					errs[w] = err
				}
				l.Sealed = nil
			}
		})
	}
	working.Wait()
	for _, err := range errs {
		if err != nil {
			s.log.Warn("export: a sealed record cannot be opened", "err", err)
		}
	}
	return nil
}

// MemberNames returns the names of the MPs that letters were written to, by
// their number, those who left among them.
func (s *Service) MemberNames(ctx context.Context) (map[int]string, error) {
	return s.store.MemberNames(ctx)
}
