package campaign

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"postbag/internal/seal"
)

// ReturnKind says what came back to the envelope address of a message.
type ReturnKind string

// The kinds of what comes back.
const (
	ReturnFailed    ReturnKind = "failed"    // it will not be delivered
	ReturnFull      ReturnKind = "full"      // nor this; but only because the mailbox is full
	ReturnDelayed   ReturnKind = "delayed"   // it is not delivered yet; a server is still trying
	ReturnDelivered ReturnKind = "delivered" // it was
	ReturnAuto      ReturnKind = "auto"      // a machine's answer: a holiday note, an acknowledgement
	ReturnReply     ReturnKind = "reply"     // anything else, which a person may have written
)

// Answers reports whether it is an answer to what the message says, and so for
// whoever wrote it.
func (k ReturnKind) Answers() bool { return k == ReturnAuto || k == ReturnReply }

// Returned is something that came back, as it was read.
type Returned struct {
	Kind       ReturnKind
	To         string // the address that it came to; empty: Token or MessageID says which message it is about
	Token      string // the token of that address, from a relay that reports it alone; empty: it does not
	MessageID  string // of the message that it is about, as it quotes it; empty: it does not
	Own        string // its own Message-ID; empty: it has none
	Code       int    // the SMTP reply code, 0: it tells none
	Enhanced   string // the enhanced status code (RFC 3463), such as 5.1.1; empty: it tells none
	Diagnostic string // what a server said, word for word; it may name anybody
	Identity   []byte // the same for the same thing that comes twice, and for no other
	Raw        []byte // the whole message, if it answers; nil for what is no message

	Recipients []string   // whom it is about, as a report names them (RFC 3464, section 2.3); none: it names nobody
	Each       []Returned // what a report tells of each recipient; none: it is no such report
}

// about is what came back as far as it is about a letter to an address. What a
// report tells of recipients at other domains alone, the letter was passed on to
// after it had arrived. Another name at the same domain is taken for the same
// mailbox: servers report an alias by the name it stands for.
func (r Returned) about(mailbox string) Returned {
	_, domain, _ := strings.Cut(mailbox, "@")
	if domain == "" || len(r.Each) == 0 {
		return r
	}
	here := slices.DeleteFunc(slices.Clone(r.Each), func(one Returned) bool { return !one.at(domain) })
	if len(here) == 0 {
		here = []Returned{{Kind: ReturnDelivered}}
	}
	return r.Telling(here)
}

// Telling is the same with what a report tells of each recipient: the worst of them
// counts, and of what is as bad the first.
func (r Returned) Telling(each []Returned) Returned {
	worst := slices.MaxFunc(each, func(a, b Returned) int { return gravity[a.Kind] - gravity[b.Kind] })
	r.Kind, r.Code, r.Enhanced, r.Diagnostic, r.Recipients = worst.Kind, worst.Code, worst.Enhanced, worst.Diagnostic, worst.Recipients
	r.Each = each
	return r
}

// at reports whether it is about somebody at a domain or one that belongs to it.
func (r Returned) at(domain string) bool {
	return len(r.Recipients) == 0 || slices.ContainsFunc(r.Recipients, func(address string) bool {
		of := address[strings.LastIndexByte(address, '@')+1:]
		return strings.EqualFold(of, domain) || within(of, domain) || within(domain, of)
	})
}

// within reports whether a domain stands below another.
func within(domain, parent string) bool {
	n := len(domain) - len(parent)
	return parent != "" && n > 0 && domain[n-1] == '.' && strings.EqualFold(domain[n:], parent)
}

// gravity says which of two reports counts.
var gravity = map[ReturnKind]int{ReturnDelivered: 1, ReturnDelayed: 2, ReturnFull: 3, ReturnFailed: 4}

// Taken says what was made of something that came back.
type Taken string

// What can be made of it.
const (
	TakenNoted     Taken = "noted"     // written down, and nothing moved
	TakenBounced   Taken = "bounced"   // the letter came back, and its supporter is told
	TakenAgain     Taken = "again"     // the letter is sent once more, some hours later
	TakenForwarded Taken = "forwarded" // passed on to the supporter
	TakenBefore    Taken = "before"    // it came once already, and nothing changed
)

// Times and numbers of what comes back.
const (
	FullWait    = 6 * time.Hour // before a letter is sent once more to a mailbox that was full
	MaxFull     = 3             // times that it is; then it bounced
	MaxForwards = 10            // answers to one letter that are passed on within ForwardDay
	ForwardDay  = 24 * time.Hour
)

// Reasons why something that came back is not taken. None of them is an error of
// ours; who sends it has to know.
var (
	ErrReturnUnknown = errors.New("no message has this address") // never: a forged one, or of another database
	ErrReturnErased  = errors.New("who wrote the letter is erased")
	ErrReturnEarly   = errors.New("the message is still being sent") // it is to come again later
	ErrReturnMany    = errors.New("too many answers to one letter")  // likewise
)

// Judge says what becomes of a letter of which something came back, or why it is
// not taken. Full is how often it was sent once more for a full mailbox, kept
// whether its person is known, whole whether its text is, and answered whether an answer to it has come: then
// it arrived, and what fails is where somebody there passed it on to.
func (k ReturnKind) Judge(state State, full int, kept, whole, answered bool) (Taken, error) {
	if state == StateSending {
		return "", ErrReturnEarly // its report was quicker than the server's answer
	}
	gone := (state == StateSent || state == StateUncertain) && !answered
	switch {
	case k == ReturnFull && gone && kept && whole && full < MaxFull:
		return TakenAgain, nil
	case (k == ReturnFailed || k == ReturnFull) && gone:
		return TakenBounced, nil
	case k.Answers() && kept:
		return TakenForwarded, nil
	case k == ReturnReply:
		return "", ErrReturnErased // or somebody would wait for an answer
	}
	return TakenNoted, nil
}

// WhyReturned says why a letter came back, by the enhanced status code.
func WhyReturned(k ReturnKind, enhanced string) string {
	if k == ReturnFull {
		return WhyFull
	}
	switch class, subject, detail := splitStatus(enhanced); {
	case class == '4':
		return WhyTimedOut
	case subject == "1" && detail != "7" && detail != "8": // these two are about who sent it
		return WhyNoMailbox
	case subject == "7":
		return WhyBlocked
	}
	return WhyCameBack
}

// splitStatus takes an enhanced status code apart; zeros for none.
func splitStatus(enhanced string) (class byte, subject, detail string) {
	var c int
	var s, d int
	if n, err := fmt.Sscanf(enhanced, "%d.%d.%d", &c, &s, &d); err != nil || n != 3 || c < 2 || c > 5 {
		return 0, "", ""
	}
	return byte('0' + c), fmt.Sprint(s), fmt.Sprint(d)
}

// Hard reports whether a letter that bounced says something against the address:
// there is no such mailbox (5.1.x, but for the two that are about who sent it), it
// is out of use (5.2.1) or full. What a server refuses by its rules is about us.
func Hard(k ReturnKind, enhanced string) bool {
	class, subject, detail := splitStatus(enhanced)
	switch {
	case k == ReturnFull:
		return true
	case class != '5':
		return false
	}
	return subject == "1" && detail != "7" && detail != "8" || subject == "2" && detail == "1"
}

// SealOriginal seals a message that is passed on to the supporter of a letter.
func SealOriginal(keys *seal.Keys, original, tokenHash []byte) []byte {
	return keys.Seal(original, originalContext(tokenHash))
}

// OpenOriginal opens what SealOriginal sealed; none gives nil.
func OpenOriginal(keys *seal.Keys, sealed, tokenHash []byte) ([]byte, error) {
	if sealed == nil {
		return nil, nil
	}
	plain, err := keys.Open(sealed, originalContext(tokenHash))
	if err != nil {
		return nil, fmt.Errorf("open a message to pass on: %w", err)
	}
	return plain, nil
}

func originalContext(tokenHash []byte) []byte { return append([]byte("original"), tokenHash...) }
