package web

import (
	"container/list"
	"hash/maphash"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// How often a program may ask: as many requests at once, and as many again in a
// minute. Whoever has a key is known, so may ask ten times as often.
const (
	LimitPerAddress = 600
	LimitPerKey     = 6000
	limitWithin     = time.Minute
)

// mostBuckets is how many network addresses, and how many keys, are remembered:
// the ones that asked last. Whoever is forgotten starts anew.
const mostBuckets = 16384

// limits remembers how often each asked lately. It is kept in memory only, and
// knows addresses by a hash that only this process can make.
type limits struct {
	name    string   // of the policy, in RateLimit
	policy  []string // RateLimit-Policy
	most    int
	mu      sync.Mutex
	buckets map[uint64]*list.Element
	lately  *list.List // of *bucket, the one that asked last in front
}

// bucket holds how many requests somebody may make at once. It fills by itself.
type bucket struct {
	id   uint64
	left float64
	at   time.Time // when left was right
}

func newLimits(name string, most int) *limits {
	return &limits{
		name: `"` + name + `";r=`, most: most, buckets: map[uint64]*list.Element{}, lately: list.New(),
		policy: []string{`"` + name + `";q=` + strconv.Itoa(most) + `;w=` + strconv.Itoa(int(limitWithin.Seconds()))},
	}
}

// take counts a request of id. It returns how many more may follow at once, after
// how many seconds that is as many as it can be, and, where the request was one
// too many, after how many seconds the next may come.
func (l *limits) take(id uint64, now time.Time) (ok bool, left, full, next int) {
	perSecond := float64(l.most) / limitWithin.Seconds()
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(id, now)
	l.fill(b, now)
	if ok = b.left >= 1; ok {
		b.left--
	} else {
		next = max(1, int(math.Ceil((1-b.left)/perSecond)))
	}
	return ok, int(b.left), int(math.Ceil((float64(l.most) - b.left) / perSecond)), next
}

// spent reports whether the next request of id would be one too many, and counts
// none.
func (l *limits) spent(id uint64, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.buckets[id]
	if !ok {
		return false
	}
	b := found.Value.(*bucket)
	l.fill(b, now)
	return b.left < 1
}

// fill adds what came back to a bucket since it was last looked at.
func (l *limits) fill(b *bucket, now time.Time) {
	if gone := now.Sub(b.at); gone > 0 { // a clock may be put back
		b.left = min(float64(l.most), b.left+gone.Seconds()*float64(l.most)/limitWithin.Seconds())
	}
	b.at = now
}

// bucket is that of id, now in front of all others.
func (l *limits) bucket(id uint64, now time.Time) *bucket {
	if found, ok := l.buckets[id]; ok {
		l.lately.MoveToFront(found)
		return found.Value.(*bucket)
	}
	if l.lately.Len() >= mostBuckets {
		delete(l.buckets, l.lately.Remove(l.lately.Back()).(*bucket).id)
	}
	b := &bucket{id, float64(l.most), now}
	l.buckets[id] = l.lately.PushFront(b)
	return b
}

// hashSeed makes the hashes of addresses, in this process alone.
var hashSeed = maphash.MakeSeed()

// networkOf is whom a request without a key counts for. One household or server
// has a /64 of IPv6, within which it may take any address.
func networkOf(r *http.Request) uint64 {
	addr := addressOf(r)
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	network, _ := addr.Prefix(bits)
	return maphash.Comparable(hashSeed, network)
}

// refused counts a request. Where it is one too many, or its key is none, it is
// answered with why. A wrong key counts for the address that it came from, and
// from there none is looked up any more once there were too many. The headers are
// those of the IETF's draft-ietf-httpapi-ratelimit-headers-10.
func (s *Server) refused(c echo.Context) (bool, error) {
	r, now := c.Request(), s.Service.Now()
	l, id, wrongKey, guessing := s.perAddress, networkOf(r), false, false
	if shown, ok := bearer(r.Header.Get("Authorization")); ok {
		if guessing = s.wrongKeys.spent(id, now); guessing {
			l = s.wrongKeys
		} else if key, err := s.Service.APIKey(r.Context(), shown); err == nil {
			l, id = s.perKey, uint64(key.ID)
			c.Set(keyAPIKey, key)
		} else if fault.CodeOf(err) == fault.Unauthorized {
			s.wrongKeys.take(id, now)
			wrongKey = true
		} else {
			return false, err
		}
	}
	ok, left, full, next := l.take(id, now)
	h := c.Response().Header()
	h["Ratelimit-Policy"] = l.policy
	h["Ratelimit"] = []string{string(strconv.AppendInt(append(strconv.AppendInt(append(make([]byte, 0, 40), l.name...), int64(left), 10), ";t="...), int64(full), 10))}
	switch {
	case !ok || guessing:
		next = max(1, next)
		h.Set("Retry-After", strconv.Itoa(next))
		return true, s.json(c, http.StatusTooManyRequests, apiError{statusWord(http.StatusTooManyRequests), s.View.T(view.DefaultLang, "api.wait", "n", next)})
	case wrongKey:
		h.Set("WWW-Authenticate", `Bearer realm="`+s.View.Site()+`", error="invalid_token"`)
		return true, s.failJSON(c, nil, http.StatusUnauthorized)
	}
	return false, nil
}

// keyAPIKey is where a request keeps whose key it came with, a campaign.APIKey.
const keyAPIKey = "api key"

// bearer is what an Authorization header shows for a key; not ok: nothing, though
// it may show something to somebody else. A key without its scheme is meant for
// us.
func bearer(header string) (key string, ok bool) {
	scheme, key, _ := strings.Cut(header, " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key), true
	}
	return "", campaign.LooksLikeKey(scheme)
}
