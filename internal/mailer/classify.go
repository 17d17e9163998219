package mailer

import (
	"errors"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"postbag/internal/campaign"
)

// stage is how far the handing over of a message had come.
type stage int

const (
	stageConnect stage = iota // dialling, greeting, EHLO, STARTTLS, AUTH
	stageReuse                // RSET on a kept connection
	stageMail
	stageRcpt
	stageData    // the command
	stageContent // writing the message; the final dot is not yet on its way
	stageAnswer  // the final dot is on its way; waiting for the answer
)

// String says what was being done, for an Outcome without a server's answer.
func (s stage) String() string {
	return [...]string{
		"connecting to the mail server",
		"using a kept connection",
		"naming the sender",
		"naming the recipient",
		"announcing the message",
		"handing over the message",
		"waiting for the answer to the message",
	}[s]
}

// verdictOf says what an error at a stage means for the message. The order is
// that of the design:
//
//  1. Accepted is decided before: there is no error then, and whatever happens
//     to the connection afterwards changes nothing.
//  2. A 5xx to this message: failed. Not a 5xx to the connection or to AUTH,
//     and not one that says to encrypt or authenticate first: those refuse
//     Postbag, for every message alike, until someone mends the settings. Nor
//     one to MAIL, which says no more than who sends.
//  3. The final dot was sent and no answer came that can be understood:
//     uncertain.
//  4. Everything else: retry.
//
// go-mail's own SendError could not be used for this: for a message that fits
// its buffer it reports a connection lost in the middle of the data and one
// lost after the final dot alike (ErrSMTPDataClose), and it takes codes from
// the text of errors. Deliver therefore speaks with go-mail's smtp.Client, one
// command after the other, and knows the stage itself.
func verdictOf(at stage, err error) campaign.Verdict {
	code := codeOf(err)
	switch {
	case code >= 500 && at >= stageMail && !refusesUs(code) && !refusesSender(at, code):
		return campaign.VerdictFailed
	case at == stageAnswer && (code < 400 || code > 599):
		return campaign.VerdictUncertain
	}
	return campaign.VerdictRetry
}

// refusesUs reports codes about authentication and encryption, wherever they
// come up (RFC 4954, section 6; RFC 3207, section 4), such as when a session's
// authentication has expired.
func refusesUs(code int) bool {
	return slices.Contains([]int{530, 534, 535, 538}, code)
}

// refusesSender reports that the server takes no mail from the domain of all
// letters: of a message it knows nothing else yet. A message that is too big (552)
// is its own.
func refusesSender(at stage, code int) bool { return at == stageMail && code >= 500 && code != 552 }

// codeOf returns the code of the server's answer, 0 when there was none.
func codeOf(err error) int {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code
	}
	return 0
}

// ofRelay reports that an error was about the mail server and not about the
// message: it could not be reached, did not greet or encrypt, does not let
// Postbag in, takes no mail from its domain, or is closing (421, RFC 5321, section
// 3.8). Whatever is sent next would fare alike. Once the server has heard who the
// message is to, it may be about the message.
func ofRelay(at stage, err error) bool {
	code := codeOf(err)
	return at <= stageReuse || refusesUs(code) || refusesSender(at, code) || code == 421 && at < stageRcpt
}

// suspect reports that an error may be about the mail server, and may be about the
// message: it refuses a recipient by policy, as a relay does that takes Postbag for a
// stranger, or hangs up when it has heard who the message is to.
func suspect(at stage, err error) bool {
	answer, ok := errors.AsType[*textproto.Error](err)
	switch {
	case !ok || at < stageRcpt || at >= stageContent:
		return false
	case answer.Code == 421:
		return true
	case at > stageRcpt || verdictOf(at, err) != campaign.VerdictFailed:
		return false
	case enhancedOf(answer) != "":
		return strings.HasPrefix(enhancedOf(answer), "5.7.")
	}
	return slices.Contains([]int{550, 551, 553, 554}, answer.Code) && relaying.MatchString(answer.Msg)
}

// relaying is what servers without enhanced codes say to whom they do not relay for:
// Exim "relay not permitted", qmail "(#5.7.1)". There is nothing else to know it by.
var relaying = regexp.MustCompile(`(?i)\brelay|#5\.7\.`)

// enhanced is an enhanced status code at the head of an answer's text (RFC 2034,
// section 4).
var enhanced = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})\b`)

// enhancedOf returns the enhanced status code of an answer; empty: it has none.
func enhancedOf(reply *textproto.Error) string { return enhanced.FindString(reply.Msg) }
