package web

import (
	"bytes"
	"container/list"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/singleflight"

	"postbag/internal/picture"
)

const (
	// maxPictures is how many pictures of constituencies are kept: one for each
	// in two languages, 45 KB each, would be 60 MB, and few are asked for.
	maxPictures = 64
	// maxDraws is how many pictures are drawn or wait for it before those of
	// constituencies are refused. A drawing takes some 15 ms.
	maxDraws = 8
)

// errBusy says that too many pictures are to be drawn already.
var errBusy = errors.New("too many pictures are to be drawn")

// wanted is a picture that somebody asks for.
type wanted struct {
	name string // what it is of: only the latest of each name is kept
	says string // what it says: it is drawn anew when that changes
	// few are pictures of names so few that each is kept and none is refused: the
	// icons, and those of campaigns.
	few  bool
	draw func(io.Writer) error
}

// drawn is a picture that is kept.
type drawn struct {
	name, says string
	body       []byte
	place      *list.Element // in pictureCache.recent; nil: kept for good
}

// pictureCache keeps the latest picture of each name: all of those that are few,
// and of the others the maxPictures asked for last. What is kept is sent at once,
// whatever is being drawn; what is not is drawn one at a time, and once for all
// who wait for it.
type pictureCache struct {
	mu     sync.Mutex // of kept and recent
	kept   map[string]*drawn
	recent *list.List // of *drawn that are not few, the one asked for last in front

	same  singleflight.Group
	draws atomic.Int32  // under way and waiting
	turn  chan struct{} // has room for the one that draws
	brush *picture.Painter
}

func newPictureCache() *pictureCache {
	return &pictureCache{kept: map[string]*drawn{}, recent: list.New(), turn: make(chan struct{}, 1)}
}

// painter returns the painter, made when it is first needed, for whoever draws.
func (p *pictureCache) painter() (*picture.Painter, error) {
	if p.brush == nil {
		brush, err := picture.New()
		if err != nil {
			return nil, err
		}
		p.brush = brush
	}
	return p.brush, nil
}

// get returns a picture, drawn now if it is not kept; errBusy when too many wait
// for theirs.
func (p *pictureCache) get(w wanted) ([]byte, error) {
	if body, ok := p.have(w); ok {
		return body, nil
	}
	body, err, _ := p.same.Do(w.name+"\x00"+w.says, func() (any, error) {
		if body, ok := p.have(w); ok { // drawn meanwhile
			return body, nil
		}
		defer p.draws.Add(-1)
		if p.draws.Add(1) > maxDraws && !w.few {
			return nil, errBusy
		}
		p.turn <- struct{}{}
		defer func() { <-p.turn }()
		var b bytes.Buffer
		if err := w.draw(&b); err != nil {
			return nil, err
		}
		p.keep(w, b.Bytes())
		return b.Bytes(), nil
	})
	if err != nil {
		return nil, err
	}
	return body.([]byte), nil
}

// have returns a picture that is kept.
func (p *pictureCache) have(w wanted) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, ok := p.kept[w.name]
	if !ok || d.says != w.says {
		return nil, false
	}
	if d.place != nil {
		p.recent.MoveToFront(d.place)
	}
	return d.body, true
}

// keep keeps a picture in place of the one that its name had, and drops the one
// that nobody has asked for longest.
func (p *pictureCache) keep(w wanted, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old, ok := p.kept[w.name]; ok && old.place != nil {
		p.recent.Remove(old.place)
	}
	d := &drawn{name: w.name, says: w.says, body: body}
	p.kept[w.name] = d
	if w.few {
		return
	}
	d.place = p.recent.PushFront(d)
	if p.recent.Len() > maxPictures {
		oldest := p.recent.Remove(p.recent.Back()).(*drawn)
		delete(p.kept, oldest.name)
	}
}
