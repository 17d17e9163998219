package campaign

import "time"

// MailKind says why a message is sent; it decides how the outcome is handled.
type MailKind string

// The kinds of message that Postbag sends.
const (
	MailLetter   MailKind = "letter"   // the letter itself, to the MP
	MailConfirm  MailKind = "confirm"  // asks the supporter to confirm
	MailRemind   MailKind = "remind"   // the one reminder, 24 hours later
	MailRepeat   MailKind = "repeat"   // this letter exists already: its private link again
	MailDeclined MailKind = "declined" // it will not be sent, with an organiser's note; only to a confirmed address

	// What follows goes to confirmed addresses alone.
	MailSent     MailKind = "sent"     // the mail server took the letter
	MailFailed   MailKind = "failed"   // it could not be delivered; the print version remains
	MailBounced  MailKind = "bounced"  // it came back
	MailHeld     MailKind = "held"     // it waits, because nobody sits for the constituency
	MailChanged  MailKind = "changed"  // another MP sits: asks whether it shall go to them
	MailPledged  MailKind = "pledged"  // the MP pledged before it went, so it was not sent
	MailFollowUp MailKind = "followup" // has the MP answered?
	MailLast     MailKind = "last"     // the same, a second and last time
	MailForward  MailKind = "forward"  // what came back to the letter's own envelope address, passed on
)

// Urgency says which messages go first; those that are due and equally urgent go
// in the order in which they fell due.
type Urgency int

// The urgencies, the most urgent first.
const (
	Awaited Urgency = iota // somebody sits and waits for it
	Letters                // the letters themselves
	Patient                // what has time
)

// Urgency returns how urgent messages of the kind are.
func (k MailKind) Urgency() Urgency {
	switch k {
	case MailLetter:
		return Letters
	case MailSent, MailFollowUp, MailLast:
		return Patient
	}
	return Awaited
}

// Confirmed reports whether messages of the kind go to supporters who have
// confirmed alone: to an address that is theirs, for all that can be known.
func (k MailKind) Confirmed() bool {
	switch k {
	case MailLetter, MailConfirm, MailRemind, MailRepeat:
		return false
	}
	return true
}

// Asks reports whether a message of the kind asks what came of a letter, or says
// that others will: then it says how to have no more of them.
func (k MailKind) Asks() bool { return k == MailSent || k == MailFollowUp || k == MailLast }

// Address is a mailbox with the name that stands before it.
type Address struct {
	Name  string
	Email string
}

// Mail is one message ready for the mail server. The envelope's From address
// is the configured one; only its display name varies.
type Mail struct {
	Kind      MailKind
	MessageID string    // without angle brackets; the same for every attempt
	Date      time.Time // when it was first queued
	FromName  string
	To        Address
	ReplyTo   Address // zero: none
	Subject   string
	Text      string // plain text, lines ended by \n, paragraphs unbroken
	HTML      string // the same as HTML; empty: there is none, as with letters

	Envelope    string // the envelope's From, to which bounces come back; empty: the configured address
	Token       string // the token in Envelope, for relays that put an envelope of their own; empty: none
	Unsubscribe string // address that ends such mails by one POST (RFC 8058); empty: none
	Original    []byte // a message that is passed on, attached as it came; nil: none
}

// Verdict is what became of an attempt to send.
type Verdict string

// The verdicts. Only VerdictRetry may be followed by another attempt.
const (
	VerdictSent      Verdict = "sent"      // the server accepted the message
	VerdictFailed    Verdict = "failed"    // refused for good (5xx, or a message that cannot be built)
	VerdictUncertain Verdict = "uncertain" // the data was complete when the connection was lost
	VerdictRetry     Verdict = "retry"     // not sent, and worth trying again
)

// Outcome is what became of one attempt to send one message.
type Outcome struct {
	Verdict  Verdict
	Code     int    // the SMTP reply code, 0 when the server did not answer
	Enhanced string // its enhanced status code (RFC 3463), such as 4.7.1; empty: it gave none
	Answer   string // the server's answer or the error, one line, addresses removed
	Sealed   []byte // the whole answer, sealed; then Answer is a summary that quotes nobody
	GaveUp   bool   // failed because it was tried for too long, not because it was refused

	// Relay reports that it was not about this message: the mail server could not
	// be reached, or refuses Postbag as a whole. The next message would fare alike.
	Relay bool

	// Suspect reports that it may not have been about this message: the recipient was
	// refused by policy (failed), or the connection was closed when the server heard of
	// them (retry). Where others fare alike it is the mail server.
	Suspect bool

	// Waited reports that it waited in vain for its turn at the mail server: nothing
	// was tried.
	Waited bool
}

// OfRelay is the outcome once it is known that it was the mail server: the message is
// to be tried again.
func (o Outcome) OfRelay() Outcome {
	o.Verdict, o.Relay = VerdictRetry, true
	return o
}

// Waits between attempts.
const (
	firstRetry = time.Minute
	lastRetry  = 4 * time.Hour
)

// RetryAfter returns how long a message waits after the given number of attempts, give
// or take a fifth: doubling from a minute to four hours.
func RetryAfter(attempts int) time.Duration {
	if attempts >= 10 {
		return lastRetry
	}
	return min(firstRetry<<max(attempts-1, 0), lastRetry)
}

// CapturedMail is a message that was stored instead of being delivered, in
// development without a mail server.
type CapturedMail struct {
	At        time.Time // when it would have been sent
	Kind      MailKind
	MessageID string
	To        Address // as sent: the test recipient, where one is set
	Subject   string  // as sent
	Raw       []byte  // the whole message, lines ended by \r\n
}

// Job is one message to send, as the outbox holds it: who it is from and what
// it says stand sealed in Sealed, and are opened only to send it.
type Job struct {
	ID           int64
	Letter       int64 // whose message it is
	Kind         MailKind
	MessageID    string
	QueuedAt     time.Time
	FirstAt      time.Time // end of the first attempt; zero: this is the first
	Attempts     int       // this one included
	Campaign     string    // slug
	Lang         string
	Constituency string    // its name in Lang
	To           Target    // the MP at the moment of sending
	Relay        Relay     // what is wrong with the mail server, where this message is to find out
	WrittenTo    string    // the MP that the letter was written to, who may have left since
	SentAt       time.Time // when the letter went; zero: it did not
	TextUntil    time.Time // when its text and the address go; zero: they are gone, or not known yet
	KeptUntil    time.Time // when the sealed record goes; zero: not known yet
	TokenHash    []byte    // the context of the sealed record
	Sealed       []byte    // the sealed Person; nil once erased
	Note         []byte    // what an organiser tells the supporter, sealed; nil: nothing
	Original     []byte    // a message that is passed on, sealed; nil: none
	Reference    string    // of the letter; empty: it has none
	ExpiresAt    time.Time
}

// Target is the MP a letter goes to, looked up when it is sent.
type Target struct {
	MemberID int // Parliament's member id
	Name     string
	Email    string
	Failing  bool // what was sent to Email came back, again and again
}
