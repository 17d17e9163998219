package bounce

import (
	"html"
	"regexp"
	"strings"

	"github.com/emersion/go-message"

	"postbag/internal/campaign"
)

// daemons are from whom servers write.
var daemons = regexp.MustCompile(`(?i)\b(mailer[-_. ]?daemon|postmaster|mail delivery (system|subsystem)|microsoft outlook|mdaemon|symantec_antivirus|mailadmin)\b`)

// returnedSubjects are how servers call what they return.
var returnedSubjects = regexp.MustCompile(`(?i)^\s*(re: )?(undeliver|mail delivery (fail|sys|prob|status)|delivery (status notification|fail|problem|report|delay|notification|has failed)|returned mail|return receipt|failure notice|failed mail|failed delivery|message (delivery )?(fail|delay|status - undeliver|could not)|non[- ]?delivery|nondeliver|warning: (message|could not)|mail (could not be delivered|system error|failure)|delayed mail|rejected:|unzustellbar|non remis|undelivered mail)`)

// looksReturned reports whether a server that could not deliver a message seems to
// have written this one.
func looksReturned(h message.Header, env Envelope) bool {
	kind, params, _ := h.ContentType()
	switch {
	case strings.EqualFold(kind, "multipart/report") && strings.EqualFold(params["report-type"], "disposition-notification"):
		return false // a receipt that a person's program writes
	case strings.EqualFold(kind, "multipart/report"):
		return true
	case h.Get("X-Failed-Recipients") != "": // Exim's
		return true
	case daemons.MatchString(decodedField(h, "From")):
		return true
	}
	// Holiday notes have a null sender too.
	return env.Null && returnedSubjects.MatchString(decodedField(h, "Subject"))
}

// decodedField is a header field as a person reads it, or as it came.
func decodedField(h message.Header, name string) string {
	if text, err := h.Text(name); err == nil {
		return text
	}
	return h.Get(name)
}

var (
	// stillTrying are how servers say that it is not over.
	stillTrying = regexp.MustCompile(`(?i)(you do not need to (do anything|resend)|do not need to resend|(this is|it'?s) (a|only a) warning( message)? only|warning message only|has not yet been delivered|not (yet )?been delivered (to one or more recipients )?(yet|after)|will (continue|keep|be re?tr(y|ied))[^.\n]{0,40}(try|tried|deliver|until)|delivery attempts will continue|retr(y|ied) (again )?(until|for)|delivery (is|has been) delayed|could not be delivered for more than \d+ (hour|day)\(?s?\)?\.? ?\n?\s*it will be retried)`)

	// overWords are how servers say that it is.
	overWords = regexp.MustCompile(`(?i)(permanent(ly)? (fatal )?(error|failure|fail|failed)|fatal errors|could ?n[o']t be delivered|wasn[’']?t able to deliver|was not able to deliver|unable to deliver|delivery (has |to the following recipients? )?failed|failed to deliver|undeliverable|I've given up|this is a permanent error|no such (user|mailbox|recipient|person|address)|user (unknown|not found|doesn'?t exist)|unknown (user|recipient|address|local part)|(mailbox|recipient|address)[^.\n]{0,40}(not found|unavailable|does not exist|doesn[’']t exist|unknown|rejected)|wasn[’']t found at|account[^.\n]{0,30}(disabled|does not exist|inactive)|rejected (by|your)|giving up on|retry time[ -]?out exceeded|retry timeout exceeded|has been returned|mail (loop|is looping)|too many hops)`)

	nobodyWords = regexp.MustCompile(`(?i)(no such (user|mailbox|recipient|person|address)|user (unknown|not found|doesn'?t exist)|unknown (user|recipient|address|local part)|(mailbox|recipient|address)[^.\n]{0,40}(not found|does not exist|doesn[’']t exist|unknown)|wasn[’']t found at|no mailbox here by that name)`)
)

// readText reads what a server wrote for people, false if it says nothing that is
// understood: then it is passed on rather than guessed at.
func readText(c *content, r *campaign.Returned) bool {
	text := server(c.text)
	code, enhanced := codes(text)
	over, trying := overWords.MatchString(text), stillTrying.MatchString(text)
	switch {
	case trying:
		r.Kind = campaign.ReturnDelayed
	case isFull(enhanced, "", text):
		r.Kind = campaign.ReturnFull
	case over || code >= 500 || strings.HasPrefix(enhanced, "5"):
		r.Kind = campaign.ReturnFailed
	default:
		return false
	}
	if enhanced == "" && r.Kind == campaign.ReturnFailed && nobodyWords.MatchString(text) {
		enhanced = "5.1.1"
	}
	r.Code, r.Enhanced, r.Diagnostic = code, enhanced, said(text)
	return true
}

// quoteStarts are lines after which a report quotes the message that it is about.
// What that says is the supporter's, and no server's word.
var quoteStarts = regexp.MustCompile(`(?im)^[-\s>=]*(this is a copy of (the|your) message|below this line is a copy of|-+ ?(the )?(body|headers?|header) of (the|your) (original )?message|-+ ?(original|undelivered|returned|unsent) message|-+ ?this is a copy of|included below is the beginning|original message (headers|header|follows)|-+ ?begin (original )?message|return-path: ).*$`)

// server is what of a text a server wrote itself.
func server(text string) string {
	if at := quoteStarts.FindStringIndex(text); at != nil && at[0] > 0 {
		return text[:at[0]]
	}
	return text
}

// said is the line with the server's reason, or the beginning of the text.
func said(text string) string {
	for line := range strings.Lines(text) {
		if code, enhanced := codes(line); code > 0 || enhanced != "" || nobodyWords.MatchString(line) || fullWords.MatchString(line) {
			return strings.Join(strings.Fields(line), " ")
		}
	}
	whole := strings.Join(strings.Fields(text), " ")
	return whole[:min(len(whole), 300)]
}

var (
	tags      = regexp.MustCompile(`(?s)<(style|script|head)\b.*?</(style|script|head)>|<[^>]*>`)
	breaks    = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/h\d)\b[^>]*>`)
	idInText  = regexp.MustCompile(`(?im)^[>\s]*message-id:\s*<([^<>\s]+)>`)
	spaceRuns = regexp.MustCompile(`[ \t]+`)
)

// untagged is what a page of HTML says.
func untagged(page string) string {
	page = tags.ReplaceAllString(breaks.ReplaceAllString(page, "\n"), " ")
	return spaceRuns.ReplaceAllString(html.UnescapeString(page), " ")
}

// quotedID finds the Message-ID of a message that a text quotes.
func quotedID(text string) string {
	if m := idInText.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// headerID finds the Message-ID in the header that a text begins with.
func headerID(text string) string {
	header, _, _ := strings.Cut(text, "\n\n")
	return quotedID(strings.ReplaceAll(header, "\n ", " "))
}
