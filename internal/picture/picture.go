// Package picture draws the pictures that stand for a campaign where a link to
// it is shared, and the icons of the site: an envelope seen from the front,
// with the campaign's words for an address and its number on the stamp.
//
// Everything is drawn from outlines, in memory, with two faces from the binary;
// nothing is read from the system and nothing is fetched.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"sync"
)

// Width and Height are the size in pixels of every picture, the one that Open
// Graph and the large cards of other networks are shown at.
const (
	Width  = 1200
	Height = 630
)

// Card is what one picture says. Every text may be empty, is shortened with an
// ellipsis where it is too long to be read, and loses characters that the faces
// have no glyph for. A no-break space keeps two words on one line.
type Card struct {
	Site       string      // the campaign's title, beside the mark
	Headline   string      // what is said: one sentence, the larger the shorter it is
	Detail     string      // one line under it, such as what is asked
	Stamp      string      // what stands on the stamp, such as "4,182" or "1st"
	StampWords string      // one or two short lines under it, such as "letters sent"
	Foot       string      // the host name of the site
	Accent     color.Color // the stamp and the seal; a letterbox red unless set
}

// Painter draws cards, one at a time, so that pictures never take more than one
// processor from the letters. It may be used by many goroutines at once.
type Painter struct {
	serif, sans *face
	mu          sync.Mutex
	ground      *image.RGBA // what all cards share; nil before the first
	postmark    path
	canvas      canvas
	indexed     *image.Paletted
	encoder     png.Encoder
}

// New parses the faces. The memory for drawing, some 8 MB, is taken with the
// first card.
func New() (*Painter, error) {
	serif, sans, err := faces()
	if err != nil {
		return nil, fmt.Errorf("parse the faces: %w", err)
	}
	// The default level takes 11 ms more to save a tenth of the file.
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &encoderMemory{}}
	return &Painter{serif: serif, sans: sans, encoder: encoder}, nil
}

// PNG draws c and writes it to w: the same bytes for the same card.
func (p *Painter) PNG(w io.Writer, c Card) error {
	picture, err := p.draw(c)
	if err != nil {
		return fmt.Errorf("encode the picture: %w", err)
	}
	if _, err := w.Write(picture); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// draw returns the card as a PNG file. Nothing is written to the caller's writer
// meanwhile, which may be slow.
func (p *Painter) draw(c Card) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ground == nil {
		p.prepare()
	}
	copy(p.canvas.img.Pix, p.ground.Pix)
	look := looksOf(c.Accent)
	p.drawCard(&p.canvas, c, look)
	toIndexed(p.indexed, p.canvas.img, look.palette())
	var file bytes.Buffer
	err := p.encoder.Encode(&file, p.indexed)
	return file.Bytes(), err
}

// prepare draws what all cards share and takes the memory for drawing.
func (p *Painter) prepare() {
	whole := image.Rect(0, 0, Width, Height)
	p.ground = image.NewRGBA(whole)
	drawGround(&canvas{img: p.ground})
	p.postmark = waves()
	p.canvas.img = image.NewRGBA(whole)
	p.indexed = image.NewPaletted(whole, nil)
}

// encoderMemory keeps the encoder's memory for the next picture.
type encoderMemory struct{ kept *png.EncoderBuffer }

// Get returns the kept memory, or nil for the encoder to take some.
func (m *encoderMemory) Get() *png.EncoderBuffer { return m.kept }

// Put keeps the memory.
func (m *encoderMemory) Put(kept *png.EncoderBuffer) { m.kept = kept }
