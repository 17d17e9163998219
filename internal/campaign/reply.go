package campaign

import (
	"context"
	"fmt"
	"slices"
	"time"

	"postbag/internal/fault"
)

// Answer is what a supporter says their MP answered to a letter.
type Answer string

// The answers, the whole list. None of them has anybody's words.
const (
	AnswerNone     Answer = "none"     // nothing came
	AnswerStandard Answer = "standard" // an acknowledgement, or a letter that everyone gets
	AnswerReal     Answer = "real"     // an answer to what the supporter wrote
	AnswerPledged  Answer = "pledged"  // the MP says that they pledge
	AnswerRefused  Answer = "refused"  // the MP says that they will not
)

// Answers lists every answer, in the order in which they are offered.
func Answers() []Answer {
	return []Answer{AnswerNone, AnswerStandard, AnswerReal, AnswerPledged, AnswerRefused}
}

// Reply is what came back to a letter, as its supporter last told.
type Reply struct {
	Answer Answer // empty: they have not told
	At     time.Time
}

// Replies counts answers. An answer of AnswerPledged is the supporter's word,
// and no pledge.
type Replies struct {
	None, Standard, Real, Pledged, Refused int
}

// Set sets the number of one answer; that of an unknown one is dropped.
func (r *Replies) Set(a Answer, n int) {
	switch a {
	case AnswerNone:
		r.None = n
	case AnswerStandard:
		r.Standard = n
	case AnswerReal:
		r.Real = n
	case AnswerPledged:
		r.Pledged = n
	case AnswerRefused:
		r.Refused = n
	}
}

// Reply notes what the supporter behind a private link says their MP answered.
// They may say something else later. invalid for an unknown answer, conflict
// unless the letter was sent, not_found if the token opens none.
func (s *Service) Reply(ctx context.Context, token string, answer Answer) error {
	if !slices.Contains(Answers(), answer) {
		return fault.New(fault.Invalid, "error.answer")
	}
	hash, err := s.tokenHash(token)
	if err != nil {
		return err
	}
	if err := s.store.SetReply(ctx, hash, answer); err != nil {
		return fmt.Errorf("note the reply: %w", err)
	}
	return nil
}
