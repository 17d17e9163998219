package campaign

import (
	"crypto/hmac"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// A letter's form says when it was shown first, in a token that only this server can
// make. Whoever sends a letter without having seen the form, or quicker than anybody
// reads, looks at the preview once more and sends it from there.

// Shown returns the token of a form of a campaign that is shown now; had, if that is
// still good.
func (s *Service) Shown(slug, had string) string {
	if age, ok := s.shownFor(slug, had); ok && (s.limits.Old == 0 || age <= s.limits.Old) {
		return had
	}
	at := strconv.FormatInt(s.now().Unix(), 36)
	return at + "." + s.shownMark(slug, at)
}

func (s *Service) shownMark(slug, at string) string {
	return base64.RawURLEncoding.EncodeToString(s.keys.Hash("shown", slug, at)[:hashLen])
}

// shownFor returns how long ago a form was shown; not ok if its token is none.
func (s *Service) shownFor(slug, token string) (age time.Duration, ok bool) {
	at, mark, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(mark), []byte(s.shownMark(slug, at))) {
		return 0, false
	}
	seconds, err := strconv.ParseInt(at, 36, 64)
	if err != nil {
		return 0, false
	}
	age = s.now().Sub(time.Unix(seconds, 0))
	return age, age > -time.Minute // another process's clock may be ahead by a little
}

// aged says what is wrong with how old a form is: nothing, ChangedQuick or
// ChangedStale.
func (s *Service) aged(slug, token string) Change {
	if s.limits.Old == 0 {
		return ""
	}
	switch age, ok := s.shownFor(slug, token); {
	case !ok, age > s.limits.Old:
		return ChangedStale
	case age < s.limits.Young:
		return ChangedQuick
	}
	return ""
}
