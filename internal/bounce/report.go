package bounce

import (
	"bufio"
	"regexp"
	"strconv"
	"strings"

	"github.com/emersion/go-message/textproto"

	"postbag/internal/campaign"
)

// maxRecipients is how many recipients of a delivery report are looked at. A
// letter has one.
const maxRecipients = 20

// blocks reads the groups of fields of a delivery report (RFC 3464, section 2.1).
func blocks(text string) (all []textproto.Header) {
	for _, block := range strings.Split(text, "\n\n") {
		block = strings.Trim(block, "\n")
		if block == "" || len(all) > maxRecipients {
			continue
		}
		h, err := textproto.ReadHeader(bufio.NewReader(strings.NewReader(strings.ReplaceAll(block, "\n", "\r\n") + "\r\n\r\n")))
		if err == nil && h.Len() > 0 {
			all = append(all, h)
		}
	}
	return all
}

// report reads a delivery report by its fields, false if there is none. Of several
// recipients the worst counts: there is one, who may have forwarded the letter to
// others.
func (c *content) report(r *campaign.Returned) bool {
	var each []campaign.Returned
	for _, h := range c.reports {
		if one, ok := recipient(h); ok {
			each = append(each, one)
		}
	}
	if len(each) > 0 {
		*r = r.Telling(each)
	}
	return len(each) > 0
}

// recipient reads the fields of one recipient.
func recipient(h textproto.Header) (r campaign.Returned, ok bool) {
	action := strings.ToLower(word(h.Get("Action")))
	status := statusCode.FindString(h.Get("Status"))
	diagnostic := strings.Join(strings.Fields(h.Get("Diagnostic-Code")), " ")
	if action == "" && status == "" {
		return r, false // fields of the message
	}
	reason(&r, status, diagnostic)
	for _, name := range []string{"Original-Recipient", "Final-Recipient"} {
		if kind, address, ok := strings.Cut(h.Get(name), ";"); ok && strings.EqualFold(strings.TrimSpace(kind), "rfc822") && strings.Contains(address, "@") {
			r.Recipients = append(r.Recipients, strings.Trim(strings.TrimSpace(address), "<>"))
		}
	}
	switch action {
	case "failed":
		r.Kind = campaign.ReturnFailed
	case "delayed":
		r.Kind = campaign.ReturnDelayed
	case "delivered", "relayed", "expanded":
		r.Kind = campaign.ReturnDelivered
	default:
		kind, known := map[byte]campaign.ReturnKind{'5': campaign.ReturnFailed, '4': campaign.ReturnDelayed, '2': campaign.ReturnDelivered}[(status + "?")[0]]
		if !known {
			return r, false
		}
		r.Kind = kind
	}
	// Only what is given up goes again: of what is delayed a server takes care.
	if r.Kind == campaign.ReturnFailed && isFull(r.Enhanced, status, diagnostic) {
		r.Kind = campaign.ReturnFull
	}
	return r, true
}

// reason fills in why, by the status that a relay made of what the last server said
// and what that was word for word.
func reason(r *campaign.Returned, status, diagnostic string) {
	r.Diagnostic = diagnostic
	r.Code, r.Enhanced = codes(diagnostic)
	// What the last server said is nearer to the truth than what a relay makes of it,
	// such as 5.0.0; and the relay's word is better than none.
	if r.Enhanced == "" || vague(r.Enhanced) && status != "" && !vague(status) {
		r.Enhanced = status
	}
}

// word is the first word of a field, without comments.
func word(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "(")
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	return strings.Trim(s, ";,.")
}

var (
	statusCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)

	// reply finds an SMTP reply code that stands before words or an enhanced code, and
	// is no part of a number, address or time.
	reply = regexp.MustCompile(`(?:^|[\s;:<(\[#'"])([45]\d\d)(?:[\s-]|$)`)
)

// codes finds the SMTP reply code and the enhanced status code in a text.
func codes(text string) (code int, enhanced string) {
	if m := reply.FindStringSubmatch(text); m != nil {
		code, _ = strconv.Atoi(m[1])
	}
	return code, enhancedIn(text)
}

// enhancedIn finds an enhanced status code that is no part of an IP address.
func enhancedIn(text string) string {
	for _, at := range statusCode.FindAllStringIndex(text, 20) {
		before := at[0] > 0 && (text[at[0]-1] == '.' || text[at[0]-1] == '-')
		after := at[1] < len(text)-1 && text[at[1]] == '.' && text[at[1]+1] >= '0' && text[at[1]+1] <= '9'
		if !before && !after && text[at[0]] != '2' {
			return text[at[0]:at[1]]
		}
	}
	return ""
}

// vague reports whether a status says nothing but that it went wrong.
func vague(status string) bool { return strings.HasSuffix(status, ".0.0") }

// fullWords are how servers say that a mailbox is full.
var fullWords = regexp.MustCompile(`(?i)(mailbox|inbox|account|user|recipient|message store|storage)[^.\n]{0,60}\b(is |are |has )?(full|over ?quota|exceeded)|over (its |the |their )?(disk |storage |mailbox )?quota|quota (has been )?exceeded|exceed(s|ed|ing)? (its |the |their |his |her )?([a-z]+ )?(quota|storage limit)|out of storage|insufficient (storage|disk space|system storage)|QUOTA[_ ]?EXCEEDED|STOREDRV\.Deliver[^\n]*quota`)

// isFull reports whether a failure is because of a full mailbox.
func isFull(enhanced, status, text string) bool {
	for _, s := range []string{enhanced, status} {
		if strings.HasSuffix(s, ".2.2") {
			return true
		}
	}
	return fullWords.MatchString(text)
}
