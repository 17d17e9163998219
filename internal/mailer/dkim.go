package mailer

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// Signer puts DKIM signatures (RFC 6376) on messages, one for each of its keys.
// A nil Signer signs nothing. It may be used by several goroutines at a time.
type Signer struct{ keys []dkim.SignOptions }

// NewSigner returns a Signer for a domain, that of the From address, so that
// its signatures align with it (RFC 7489, section 3.1.1); nil without keys.
func NewSigner(domain string, keys []DKIMKey) *Signer {
	if len(keys) == 0 {
		return nil
	}
	s := &Signer{}
	for _, k := range keys {
		s.keys = append(s.keys, dkim.SignOptions{
			Domain: domain, Selector: k.Selector, Signer: k.private,
			// Servers on the way fold headers and trim spaces; that must not matter.
			HeaderCanonicalization: dkim.CanonicalizationRelaxed,
			BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		})
	}
	return s
}

// signable are the fields that a signature covers, where a message has them.
// Of those marked as sealed it covers that there is no further one, too: by a
// second From, or a Reply-To where there was none, somebody could make the
// message another that still verifies (RFC 6376, section 8.15). The others may
// be added to by honest servers.
var signable = []struct {
	name   string
	sealed sealing
}{
	{"From", sealedAlways}, {"Reply-To", sealedAlways}, {"To", sealedAlways}, {"Cc", sealedAlways},
	{"Subject", sealedAlways}, {"Date", sealedAlways}, {"Message-ID", sealedAlways}, {"Content-Type", sealedAlways},
	{"MIME-Version", sealedNever}, {"Content-Transfer-Encoding", sealedNever}, {"In-Reply-To", sealedNever}, {"References", sealedNever},
	{"Auto-Submitted", sealedNever},
	// Both have to be signed to be heeded (RFC 8058, section 4). A relay may add
	// its own to a message that has none.
	{"List-Unsubscribe", sealedIfThere}, {"List-Unsubscribe-Post", sealedIfThere},
}

// sealing says whether a signature forbids further fields of a name.
type sealing int

const (
	sealedNever sealing = iota
	sealedIfThere
	sealedAlways
)

// sign returns the message with its signatures before it. Neither l= nor x= is
// among what they say: the first would let anyone add to the text, the second
// would void a letter that waits in some queue.
func (s *Signer) sign(raw []byte) ([]byte, error) {
	if s == nil {
		return raw, nil
	}
	fields := fieldsToSign(raw)
	var signatures strings.Builder
	for _, options := range s.keys {
		options.HeaderKeys = fields
		w, err := dkim.NewSigner(&options)
		if err != nil {
			return nil, fmt.Errorf("sign the message: %w", err)
		}
		_, err = w.Write(raw)
		if ended := w.Close(); err == nil {
			err = ended
		}
		if err != nil {
			return nil, fmt.Errorf("sign the message: %w", err)
		}
		signatures.WriteString(w.Signature())
	}
	signed := make([]byte, 0, signatures.Len()+len(raw))
	return append(append(signed, signatures.String()...), raw...), nil
}

// fieldsToSign lists the names for the tag h=, each as often as the field is
// there, and once more where it is sealed.
func fieldsToSign(raw []byte) []string {
	there := make([]int, len(signable))
	for line := range bytes.Lines(raw) {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		name, _, _ := bytes.Cut(line, []byte(":"))
		for i, field := range signable {
			if len(name) == len(field.name) && strings.EqualFold(string(name), field.name) {
				there[i]++
			}
		}
	}
	names := make([]string, 0, 2*len(signable))
	for i, field := range signable {
		n := there[i]
		if field.sealed == sealedAlways || field.sealed == sealedIfThere && n > 0 {
			n++
		}
		for range n {
			names = append(names, field.name)
		}
	}
	return names
}
