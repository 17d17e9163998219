package campaign

import (
	"context"
	"crypto/hmac"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"postbag/internal/fault"
	"postbag/internal/seal"
)

// When a letter has gone, its supporter is told so, and asked twice whether the
// MP has answered: FollowUpAfter and LastAfter. Once they have told, or pressed
// the button that stops it, no more comes.

// FollowStep is one of these mails.
type FollowStep int

// The steps, in their order.
const (
	FollowSent FollowStep = iota // it has gone
	FollowAsk                    // has the MP answered?
	FollowLast                   // the same, a last time
	FollowOver                   // nothing: the supporter wants no more
)

// Kind is the mail of a step.
func (s FollowStep) Kind() MailKind { return []MailKind{MailSent, MailFollowUp, MailLast}[s] }

// Next returns the step after s for a letter that went at a time, and when it is
// due. However late s was, a week lies between two mails. false: s was the last.
func (s FollowStep) Next(sent, now time.Time) (FollowStep, time.Time, bool) {
	after := []time.Duration{FollowUpAfter, LastAfter}
	if int(s) >= len(after) {
		return 0, time.Time{}, false
	}
	at := sent.Add(after[s])
	if earliest := now.Add(LastAfter - FollowUpAfter); at.Before(earliest) {
		at = earliest
	}
	return s + 1, at, true
}

// EndsFollowUps reports whether nobody need be asked any more once they have
// given the answer.
func (a Answer) EndsFollowUps() bool { return a != AnswerNone }

// AskedNext is when the supporter is next asked whether their MP answered; the
// zero time: never.
func (l *Letter) AskedNext() time.Time {
	if l.FollowAt.IsZero() || l.State != StateSent || !asksUntil(l.SentAt, l.EraseAt) {
		return time.Time{}
	}
	if l.FollowStep == FollowSent {
		_, at, _ := FollowSent.Next(l.SentAt, l.FollowAt)
		return at
	}
	return l.FollowAt
}

// asksUntil reports whether a letter that went at a time is asked about, whose writer
// is kept until another.
func asksUntil(sent, kept time.Time) bool { return kept.IsZero() || kept.Sub(sent) > LastAfter }

// Asked reports whether its supporter is asked what came of the letter.
func (j Job) Asked() bool { return asksUntil(j.SentAt, j.KeptUntil) }

// stopMark is how many bytes of a StopToken prove that we made it.
const stopMark = 16

// StopToken returns what the address ends with that stops the questions about a
// letter. It opens nothing else: mail programs and their servers fetch it. It is
// a keyed hash of the letter's number, by which the number itself is veiled:
// numbers would tell how many letters there are.
func StopToken(keys *seal.Keys, letter int64) string {
	number := binary.BigEndian.AppendUint64(nil, uint64(letter))
	mark := keys.Hash("stop token", string(number))[:stopMark]
	return base64.RawURLEncoding.EncodeToString(append(mark, veil(keys, mark, number)...))
}

// openStop returns the letter of a StopToken.
func openStop(keys *seal.Keys, token string) (letter int64, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != stopMark+8 {
		return 0, false
	}
	mark, number := b[:stopMark], veil(keys, b[:stopMark], b[stopMark:])
	if !hmac.Equal(mark, keys.Hash("stop token", string(number))[:stopMark]) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(number)), true
}

// veil hides a number behind what only we can make of its mark, and uncovers it
// again.
func veil(keys *seal.Keys, mark, number []byte) []byte {
	out := make([]byte, len(number))
	subtle.XORBytes(out, number, keys.Hash("stop veil", string(mark)))
	return out
}

// StopFollowUps ends the questions about the letter of a StopToken. Nothing tells
// whether there were any to come, or such a letter.
func (s *Service) StopFollowUps(ctx context.Context, stop string) error {
	letter, ok := openStop(s.keys, stop)
	if !ok {
		return nil
	}
	if err := s.store.EndFollowUps(ctx, letter); err != nil {
		return fmt.Errorf("stop follow-ups: %w", err)
	}
	return nil
}

// StopLetterFollowUps does so from the private page of the letter; conflict unless
// the letter was sent, not_found if the token opens none.
func (s *Service) StopLetterFollowUps(ctx context.Context, token string) error {
	hash, err := s.tokenHash(token)
	if err != nil {
		return err
	}
	letter, err := s.store.LetterByToken(ctx, hash)
	if err != nil {
		return fmt.Errorf("stop follow-ups: %w", err)
	}
	if letter.State != StateSent {
		return fault.New(fault.Conflict, "error.not_sent")
	}
	if err := s.store.EndFollowUps(ctx, letter.ID); err != nil {
		return fmt.Errorf("stop follow-ups: %w", err)
	}
	return nil
}
