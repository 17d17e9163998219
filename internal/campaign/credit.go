package campaign

import (
	"net/url"
	"regexp"
	"strings"
)

// Credit says whose doing a letter is. Whoever links to us writes it, so it is
// no proof of anything, and nothing in it may tell who the supporter is.
type Credit struct {
	Partner string // slug; empty: none
	Source  string // utm parameters as Source writes them; empty: none
	Via     string // origin of the partner's page that brought the supporter; empty: not known
}

// Zero reports whether it says nothing.
func (c Credit) Zero() bool { return c == Credit{} }

// sourceKeys are the parameters of a link's address that say which of a
// partner's mails or posts it stood in, as Google Analytics named them
// (support.google.com/analytics/answer/10917952). The others, for paid search
// and single links, could tell people apart.
var sourceKeys = []string{"utm_campaign", "utm_medium", "utm_source"}

// MaxSource is the most characters of one of them.
const MaxSource = 40

var sourceValue = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// ReadSource picks what we keep out of an address's parameters and writes it as
// campaign=…&medium=…&source=…. A value that is too long, or has characters that
// no short name needs, is left out: it may be an address or a key to a person.
func ReadSource(asked url.Values) string {
	var kept []string
	for _, key := range sourceKeys {
		value := strings.ToLower(asked.Get(key))
		if len(value) <= MaxSource && sourceValue.MatchString(value) {
			kept = append(kept, strings.TrimPrefix(key, "utm_")+"="+value)
		}
	}
	return strings.Join(kept, "&")
}

// SourceParameters are a source, as ReadSource writes it, as an address has it.
func SourceParameters(source string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(source, "&") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			values.Set("utm_"+key, value)
		}
	}
	return values
}

// Credit returns what holds of what a form or an address says: a partner that
// there is, a source as ReadSource writes them, a page of the partner's own.
func (s *Service) Credit(c Credit) Credit {
	var kept Credit
	if p, err := s.Partner(c.Partner); err == nil {
		kept.Partner = p.Slug
		if p.MayFrame(c.Via) {
			kept.Via = c.Via
		}
	}
	kept.Source = ReadSource(SourceParameters(c.Source))
	return kept
}
