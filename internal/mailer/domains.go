package mailer

import (
	"context"
	"errors"
	"strings"
	"sync"
)

// domains bounds how many messages are under way to addresses of one domain, so
// that a server which nearly all of them go to is not met by every connection at
// once. The zero value bounds nothing.
type domains struct {
	most int // 0: no bound

	mu     sync.Mutex
	places map[string]*places
}

// places are those of one domain; they are forgotten when nobody is left.
type places struct {
	taken chan struct{}
	users int
}

// enter waits for a place for a message to the address, and returns how to give it
// back.
func (d *domains) enter(ctx context.Context, closing <-chan struct{}, address string) (leave func(), err error) {
	if d.most == 0 {
		return func() {}, nil
	}
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	d.mu.Lock()
	p := d.places[domain]
	if p == nil {
		if d.places == nil {
			d.places = map[string]*places{}
		}
		p = &places{taken: make(chan struct{}, d.most)}
		d.places[domain] = p
	}
	p.users++
	d.mu.Unlock()
	forget := func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if p.users--; p.users == 0 {
			delete(d.places, domain)
		}
	}
	select {
	case p.taken <- struct{}{}:
		return func() {
			<-p.taken
			forget()
		}, nil
	case <-closing:
		err = errors.New("not sent: the sender is closed")
	case <-ctx.Done():
		err = errors.New("not sent: stopped while waiting for others to the same domain")
	}
	forget()
	return nil, err
}
