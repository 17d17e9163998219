package config

import (
	"regexp"
	"strings"
)

// topicARN is how topics of Amazon SNS are named.
var topicARN = regexp.MustCompile(`^arn:aws:sns:[a-z]{2}(-[a-z]+)+-\d:\d{12}:[A-Za-z0-9_-]{1,256}$`)

// minPassword is the least length in characters of a password or key that a
// provider shows.
const minPassword = 16

// hooks reads which relay providers may tell what became of mail.
func (l *loader) hooks(c *Config) {
	const postmark, mailgun, ses = "POSTBAG_HOOK_POSTMARK", "POSTBAG_HOOK_MAILGUN", "POSTBAG_HOOK_SES"
	c.HookPostmark, c.HookMailgun = l.secret(postmark), l.secret(mailgun)
	if topics := l.secret(ses); topics != "" {
		c.HookSES = strings.FieldsFunc(string(topics), func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
	}
	if c.HookPostmark != "" {
		switch user, password, _ := strings.Cut(string(c.HookPostmark), ":"); {
		case user == "" || len(password) < minPassword:
			l.problem(postmark, "must be a user and a password of at least %d characters, such as postmark:… (make one with: openssl rand -hex 20), as the address that Postmark posts to has them", minPassword)
		case strings.ContainsAny(string(c.HookPostmark), "@/?# "):
			l.problem(postmark, "has a character that means something else in an address; use letters and digits alone (openssl rand -hex 20)")
		}
		// It replaces Message-IDs and envelopes; so a header of ours must say which.
		if l.get("POSTBAG_BOUNCE_ADDRESS", "") == "" {
			l.problem("POSTBAG_BOUNCE_ADDRESS", "is missing; %s needs one, because the same token in a header tells Postmark's messages apart", postmark)
		}
	}
	if c.HookMailgun != "" && len(c.HookMailgun) < minPassword {
		l.problem(mailgun, "is too short; it must be the HTTP webhook signing key of your Mailgun account")
	}
	for _, topic := range c.HookSES {
		if !topicARN.MatchString(topic) {
			l.problem(ses, "has %q; it must be the ARNs of topics, with commas between them, such as arn:aws:sns:eu-west-2:123456789012:postbag", topic)
		}
	}
}
