package bounce

import (
	"crypto/sha256"
	"sync"
	"time"
)

// once remembers for a while what came with which token, so that a token that
// somebody overheard is good for nothing else. It is bounded: the oldest goes
// first.
type once struct {
	within time.Duration
	most   int
	mu     sync.Mutex
	seen   map[string]*claimed
	order  []*claimed // the oldest first
}

type claimed struct {
	token string
	sum   [sha256.Size]byte // of what came with it
	at    time.Time
	taken bool
}

func newOnce(within time.Duration, most int) *once {
	return &once{within: within, most: most, seen: map[string]*claimed{}}
}

// claim is what can be said of a token.
type claim int

const (
	claimNew   claim = iota // or the same again, which was not taken
	claimDone               // the same came with it, and was taken
	claimOther              // something else came with it
)

// claim claims a token for something.
func (o *once) claim(token string, sum [sha256.Size]byte, now time.Time) claim {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.order) > 0 && (len(o.order) >= o.most || now.Sub(o.order[0].at) > o.within) {
		delete(o.seen, o.order[0].token)
		o.order = o.order[1:]
	}
	c := o.seen[token]
	switch {
	case c == nil:
		c = &claimed{token: token, sum: sum, at: now}
		o.seen[token] = c
		o.order = append(o.order, c)
		return claimNew
	case c.sum != sum:
		return claimOther
	case c.taken:
		return claimDone
	}
	return claimNew
}

// pending reports whether this very thing came with a token before, and was not
// taken.
func (o *once) pending(token string, sum [sha256.Size]byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.seen[token]
	return c != nil && c.sum == sum && !c.taken
}

// settle says whether what came with a token was taken; if not, the same may come
// again.
func (o *once) settle(token string, taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c := o.seen[token]; c != nil {
		c.taken = c.taken || taken
	}
}
