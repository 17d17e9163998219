package bounce

import (
	"regexp"
	"strings"

	"github.com/emersion/go-message"
)

// autoSubjects are how automatic answers begin, in the languages of the people
// that letters go to, and of the programs that they use.
var autoSubjects = regexp.MustCompile(`(?i)^\s*(re: )?(auto(matic|mated)?[- ]?(reply|response|ateb)|autoreply|auto:|out of (the )?office|away from (my|the) (mail|desk|office)|on (annual )?leave|vacation|holiday|automatic acknowledg|acknowledgement of (your )?(email|e-mail|message|enquiry|correspondence)|ateb awtomatig|allan o['’]r swyddfa|respuesta autom|réponse automatique|abwesenheit)`)

// isAuto reports whether a machine wrote a message (RFC 3834, section 2, and what
// programs did before there was one).
func isAuto(h message.Header, env Envelope) bool {
	if auto := strings.ToLower(word(h.Get("Auto-Submitted"))); auto != "" && auto != "no" {
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Auto-Reply-From", "X-Mail-Autoreply", "X-Vacation"} {
		if value := h.Get(name); value != "" && !strings.EqualFold(strings.TrimSpace(value), "no") {
			return true
		}
	}
	switch strings.ToLower(word(h.Get("Precedence"))) {
	case "auto_reply", "bulk", "junk", "list":
		return true
	}
	kind, _, _ := h.ContentType()
	return env.Null || strings.EqualFold(kind, "multipart/report") || autoSubjects.MatchString(decodedField(h, "Subject")) || daemons.MatchString(decodedField(h, "From"))
}
