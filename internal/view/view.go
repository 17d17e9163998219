// Package view turns models into pages and mails. It holds the templates, the
// message catalogues and the assets; every word that a person reads passes
// through it.
package view

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultLang is the language of pages and mails that ask for none, or for one
// without a catalogue.
const DefaultLang = "en"

// Options change how a Renderer works.
type Options struct {
	Site   string // the site's name; empty: Postbag
	Base   string // the site's address without a slash at the end, for links that are read elsewhere
	Reload bool   // read templates, catalogues and assets again for every page: for development
}

// Renderer renders pages and mails. It is safe for concurrent use.
type Renderer struct {
	templates, assets fs.FS
	opts              Options
	now               atomic.Pointer[edition]
	buffers           sync.Pool
}

// edition is everything as read at one moment.
type edition struct {
	words  map[string]*words
	books  map[string]*book // by language
	desk   *book            // the organisers' workspace
	said   *words           // there
	assets *Assets
}

// New reads every template, catalogue and asset and tries each template out: a
// missing one, an unknown message and a template that cannot be escaped are
// errors here, not at midnight.
func New(templates, assets fs.FS, opts Options) (*Renderer, error) {
	if opts.Site == "" {
		opts.Site = "Postbag"
	}
	r := &Renderer{templates: templates, assets: assets, opts: opts}
	r.buffers.New = func() any { return new(bytes.Buffer) }
	e, err := r.read()
	if err != nil {
		return nil, err
	}
	r.now.Store(e)
	return r, nil
}

// At returns a renderer of the same site at another address. It has read and
// tried everything already: a program of many sites, such as a test, starts one
// after the other at next to no cost.
func (r *Renderer) At(base string) *Renderer {
	old := r.now.Load()
	e := &edition{words: old.words, books: make(map[string]*book, len(old.books)), desk: old.desk.at(base), said: old.said, assets: old.assets}
	for lang, b := range old.books {
		e.books[lang] = b.at(base)
	}
	moved := &Renderer{templates: r.templates, assets: r.assets, opts: r.opts}
	moved.opts.Base = base
	moved.buffers.New = r.buffers.New
	moved.now.Store(e)
	return moved
}

// read makes an edition from the files as they are now.
func (r *Renderer) read() (*edition, error) {
	assets, err := NewAssets(r.assets)
	if err != nil {
		return nil, err
	}
	all, err := loadWords(r.templates)
	if err != nil {
		return nil, err
	}
	e := &edition{words: all, books: make(map[string]*book, len(all)), assets: assets}
	for lang, w := range all {
		if e.books[lang], err = parseBook(r.templates, w, site{r.opts, assets, all}); err != nil {
			return nil, fmt.Errorf("templates in %q: %w", lang, err)
		}
	}
	if e.said, err = loadDeskWords(r.templates); err != nil {
		return nil, err
	}
	if e.desk, err = parseDesk(r.templates, e.said, site{r.opts, assets, all}); err != nil {
		return nil, fmt.Errorf("templates of the workspace: %w", err)
	}
	return e, nil
}

// fresh returns the edition to render with; a new one each time in development.
func (r *Renderer) fresh() (*edition, error) {
	if !r.opts.Reload {
		return r.now.Load(), nil
	}
	e, err := r.read()
	if err != nil {
		return nil, err
	}
	r.now.Store(e)
	return e, nil
}

func (e *edition) book(lang string) *book {
	if b, ok := e.books[lang]; ok {
		return b
	}
	return e.books[DefaultLang]
}

// Render writes a page. Nothing is written unless all of it could be rendered.
func (r *Renderer) Render(w io.Writer, page Page) error {
	e, err := r.fresh()
	if err != nil {
		return err
	}
	buf := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(buf)
	buf.Reset()
	b := e.desk
	if !isDesk(page) {
		b = e.book(page.frame().Lang)
	}
	t, err := b.page(page.template())
	if err == nil {
		err = t.ExecuteTemplate(buf, "layout", page)
	}
	if err != nil {
		return fmt.Errorf("render the page %q: %w", page.template(), err)
	}
	_, err = w.Write(buf.Bytes())
	return err
}

// Base returns the site's address without a slash at the end.
func (r *Renderer) Base() string { return r.opts.Base }

// Site returns the site's name.
func (r *Renderer) Site() string { return r.opts.Site }

// Languages lists the languages that have a catalogue.
func (r *Renderer) Languages() []string { return languages(r.now.Load().words) }

// Has reports whether the catalogue of lang has a message key.
func (r *Renderer) Has(lang, key string) bool {
	w := r.now.Load().words[lang]
	return w != nil && w.messages[key] != nil
}

// T says a message in lang (else in DefaultLang), its placeholders filled from
// name, value pairs; "n" with an int chooses the plural form. A message that is
// missing everywhere comes out as its key: the tests see to it that none is.
func (r *Renderer) T(lang, key string, args ...any) string {
	e := r.now.Load()
	for _, l := range []string{lang, DefaultLang} {
		if w := e.words[l]; w != nil && w.messages[key] != nil {
			if s, err := w.say(key, args...); err == nil || s != "" {
				return s
			}
		}
	}
	return key
}

// Desk says a message of the organisers' workspace as T does.
func (r *Renderer) Desk(key string, args ...any) string {
	s, err := r.now.Load().said.say(key, args...)
	if err != nil && s == "" {
		return key
	}
	return s
}

// Number writes n as readers of lang do: 4,182.
func (r *Renderer) Number(lang string, n int) string { return r.wordsOf(lang).number(n) }

// ShortDate writes the day of t in London in lang as a postmark does: 23 NOV.
func (r *Renderer) ShortDate(lang string, t time.Time) string { return r.wordsOf(lang).shortDate(t) }

// DayOf writes the day of t in London in lang (else in DefaultLang), with its
// year: 23 November 2026.
func (r *Renderer) DayOf(lang string, t time.Time) string { return r.wordsOf(lang).dayOf(t) }

// Day is DayOf for a day that is kept as such ("2026-11-23"). What is no day
// comes back as it is.
func (r *Renderer) Day(lang, iso string) string { return r.wordsOf(lang).day(iso) }

func (r *Renderer) wordsOf(lang string) *words {
	e := r.now.Load()
	if w, ok := e.words[lang]; ok {
		return w
	}
	return e.words[DefaultLang]
}

// Assets returns the assets as last read.
func (r *Renderer) Assets() *Assets { return r.now.Load().assets }
