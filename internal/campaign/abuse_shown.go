package campaign

import (
	"crypto/hmac"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// A letter's form says when it was shown first, and how long the campaign said then
// that it keeps letters, in a token that only this server can make. Whoever sends a
// letter without having seen the form, or quicker than anybody reads, looks at the
// preview once more and sends it from there.

// Shown returns the token of a form of a campaign that is shown now; had, if that is
// still good.
func (s *Service) Shown(slug, had string) string {
	if age, _, ok := s.shownFor(slug, had); ok && (s.limits.Old == 0 || age <= s.limits.Old) {
		return had
	}
	var keep Keep
	if c, err := s.Campaign(slug); err == nil {
		keep = c.Keep
	}
	what := strconv.FormatInt(s.now().Unix(), 36) + "." + keep.Or().code()
	return what + "." + s.shownMark(slug, what)
}

func (s *Service) shownMark(slug, what string) string {
	return base64.RawURLEncoding.EncodeToString(s.keys.Hash("shown", slug, what)[:hashLen])
}

// shownFor returns how long ago a form was shown, and how long the campaign kept
// letters then; not ok if its token is none.
func (s *Service) shownFor(slug, token string) (age time.Duration, keep Keep, ok bool) {
	i := strings.LastIndexByte(token, '.')
	if i < 0 || !hmac.Equal([]byte(token[i+1:]), []byte(s.shownMark(slug, token[:i]))) {
		return 0, Keep{}, false
	}
	at, days, _ := strings.Cut(token[:i], ".")
	seconds, err := strconv.ParseInt(at, 36, 64)
	keep, known := keepOf(days)
	if err != nil || !known {
		return 0, Keep{}, false
	}
	age = s.now().Sub(time.Unix(seconds, 0))
	return age, keep, age > -time.Minute // another process's clock may be ahead by a little
}

// told returns for how long a letter may be kept: as the campaign says now, and no
// longer than it said when the form was shown.
func (s *Service) told(slug, token string, now Keep) Keep {
	if _, then, ok := s.shownFor(slug, token); ok {
		return now.Shortest(then)
	}
	return now
}

// aged says what is wrong with how old a form is: nothing, ChangedQuick or
// ChangedStale.
func (s *Service) aged(slug, token string) Change {
	if s.limits.Old == 0 {
		return ""
	}
	switch age, _, ok := s.shownFor(slug, token); {
	case !ok, age > s.limits.Old:
		return ChangedStale
	case age < s.limits.Young:
		return ChangedQuick
	}
	return ""
}
