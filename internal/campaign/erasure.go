package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Erased is what was erased, and EraseWhy for what reason.
type (
	Erased   string
	EraseWhy string
)

// What the ledger tells apart.
const (
	ErasedLetter Erased = "letter" // the sealed record of whoever wrote a letter
	ErasedText   Erased = "text"   // of a letter that was sent, with the postal address: name and email address were kept
	ErasedOptIn  Erased = "opt_in" // name and email of somebody who had asked to hear more

	EraseDue         EraseWhy = "due"         // its time was over
	EraseAsked       EraseWhy = "asked"       // its supporter asked for it, themselves or through an organiser
	EraseReplaced    EraseWhy = "replaced"    // another letter of theirs took its place
	EraseEnded       EraseWhy = "ended"       // its person ended it
	EraseUnconfirmed EraseWhy = "unconfirmed" // it was never confirmed
)

// Erasure is a line of the erasure ledger: how many records were erased on a day.
type Erasure struct {
	Day      string // in London
	Campaign string // slug
	Kind     Erased
	Why      EraseWhy
	Records  int
	Number   int    // counted from 1; 0: the day is not over, and the line may grow
	Hash     string // see Chain; empty likewise
}

// String is the line as it is hashed and printed.
func (e Erasure) String() string {
	return fmt.Sprintf("%d %s %s %s %s %d", e.Number, e.Day, e.Campaign, e.Kind, e.Why, e.Records)
}

// FirstErasure stands before the first line.
const FirstErasure = "0000000000000000000000000000000000000000000000000000000000000000"

// Chain is the hash of a line: SHA-256, in hexadecimal, of the hash of the line
// before it, a space, the line and a line end. Anybody can compute it again:
// echo "HASH LINE" | sha256sum.
func (e Erasure) Chain(before string) string {
	sum := sha256.Sum256([]byte(before + " " + e.String() + "\n"))
	return hex.EncodeToString(sum[:])
}

// Kept is how many sealed records are kept until a day.
type Kept struct {
	Campaign string // slug
	Kind     Erased
	Day      string // in London, on which they go; empty: not before something else happens
	Records  int
}

// CheckErasures returns what is wrong with a ledger, in words; empty if nothing is.
// Head is the hash of its last closed line. A ledger that was cut off at its end is
// sound by itself: to find that out somebody has to have kept an earlier head.
func CheckErasures(ledger []Erasure) (head, wrong string) {
	head, number, day := FirstErasure, 0, ""
	for _, e := range ledger {
		if e.Number == 0 {
			if e.Day <= day {
				return head, fmt.Sprintf("a line of %s was added after that day was closed", e.Day)
			}
			continue
		}
		number++
		switch {
		case e.Number != number:
			return head, fmt.Sprintf("line %d is missing", number)
		case e.Day < day:
			return head, fmt.Sprintf("line %d is older than the one before it", number)
		case e.Hash != e.Chain(head):
			return head, fmt.Sprintf("line %d is not as it was when it was closed, or the one before it is not", number)
		}
		head, day = e.Hash, e.Day
	}
	return head, ""
}

// Erasures returns the erasure ledger, the oldest line first.
func (s *Service) Erasures(ctx context.Context) ([]Erasure, error) {
	ledger, err := s.store.Erasures(ctx)
	if err != nil {
		return nil, fmt.Errorf("erasure ledger: %w", err)
	}
	return ledger, nil
}

// Kept returns how many sealed records are kept, by the day on which they go.
func (s *Service) Kept(ctx context.Context) ([]Kept, error) {
	kept, err := s.store.Kept(ctx)
	if err != nil {
		return nil, fmt.Errorf("what is kept: %w", err)
	}
	return kept, nil
}
