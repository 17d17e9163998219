package campaign

import (
	"context"
	"fmt"
	"strings"

	"postbag/internal/account"
)

// ReturnStore is what is done with what comes back.
type ReturnStore interface {
	// Posted returns the message of the outbox with an id or, if that is 0, with a
	// Message-ID; the zero Posted if there is none.
	Posted(ctx context.Context, id int64, messageID string) (Posted, error)

	// TakeReturn writes down what came back, with all that follows of it: see
	// ReturnKind.Judge for what that is, and for the errors. What came once changes
	// nothing a second time. Of a mail to a supporter nothing follows.
	TakeReturn(ctx context.Context, r Return) (Taken, error)
}

// Posted is a message of the outbox to which something came back.
type Posted struct {
	ID        int64
	Mail      MailKind
	Mailbox   string // that a letter went to; empty: it is none, or has not gone
	TokenHash []byte
}

// Return is something that came back, ready to be written down.
type Return struct {
	Posted
	Returned
	Hash     []byte // keyed, of Identity and of the message that it is about
	Sealed   []byte // Diagnostic, sealed; nil: none
	Original []byte // Raw, sealed; nil: it answers nothing
	NewID    string // Message-ID of the mail that it leads to
	Testing  bool   // it says nothing about the MP's address

	// Alert returns a mail about an address that has come to fail. It is called in
	// the transaction, once for each account that gets one.
	Alert func(Failing) (account.Mail, error)
}

// Expects reports whether an address is one to which something may come back.
func (s *Service) Expects(address string) bool {
	_, ok := s.returns.Read(address)
	return ok
}

// TakeReturn acts on something that came back, and returns when that is durable.
// The errors Return… say why it is not taken; any other is ours, and what came is
// to come again.
func (s *Service) TakeReturn(ctx context.Context, r Returned) (Taken, error) {
	var id int64
	if r.To != "" || r.Token != "" {
		found, ok := s.returns.Read(r.To)
		if r.To == "" {
			found, ok = s.returns.ReadToken(r.Token)
		}
		if !ok {
			return "", s.refuseReturn(r, ErrReturnUnknown)
		}
		id = found
	}
	if id == 0 && r.MessageID == "" {
		return "", s.refuseReturn(r, ErrReturnUnknown)
	}
	about, err := s.store.Posted(ctx, id, r.MessageID)
	if err != nil {
		return "", fmt.Errorf("take what came back: %w", err)
	}
	if about.ID == 0 {
		return "", s.refuseReturn(r, ErrReturnUnknown)
	}
	if !s.testing { // or it went to somebody else
		r = r.about(about.Mailbox)
	}
	taken, err := s.store.TakeReturn(ctx, s.readyReturn(about, r))
	if err != nil {
		return "", s.refuseReturn(r, fmt.Errorf("take what came back: %w", err))
	}
	s.log.Info("came back", "outbox", about.ID, "mail", string(about.Mail), "kind", string(r.Kind), "code", r.Code, "enhanced", r.Enhanced, "taken", string(taken))
	if taken != TakenNoted && taken != TakenBefore {
		s.wake()
	}
	return taken, nil
}

// readyReturn seals what is to be kept.
func (s *Service) readyReturn(about Posted, r Returned) Return {
	ready := Return{
		Posted: about, Returned: r, NewID: s.newMessageID(), Testing: s.testing,
		Hash: s.keys.Hash("returned", fmt.Sprint(about.ID), string(r.Identity)), Alert: s.failingMail,
	}
	if r.Diagnostic != "" {
		ready.Sealed = s.keys.Seal([]byte(clip(r.Diagnostic, maxDiagnostic)), about.TokenHash)
	}
	if r.Kind.Answers() && about.Mail == MailLetter {
		ready.Original = SealOriginal(s.keys, s.returns.strip(r.Raw, about.ID), about.TokenHash)
	}
	return ready
}

// maxDiagnostic is how many bytes of what a server said are kept.
const maxDiagnostic = 1000

// clip cuts a text to so many bytes.
func clip(s string, n int) string {
	return strings.ToValidUTF8(s[:min(len(s), n)], "")
}

// refuseReturn notes that something is not taken, without saying from whom it
// came or to which address.
func (s *Service) refuseReturn(r Returned, why error) error {
	s.log.Warn("came back, and is not taken", "kind", string(r.Kind), "enhanced", r.Enhanced, "err", why)
	return why
}
