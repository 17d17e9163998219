package view

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// At returns the address of a page in a language: every page stands at the same
// address under /cy for Welsh as it has without it in the default language.
func At(lang, path string) string {
	if lang == DefaultLang || lang == "" {
		return path
	}
	return "/" + lang + path
}

// Split is the reverse of At over these languages: the language that an address
// asks for, and the address without it.
func Split(langs []string, path string) (lang, rest string) {
	if first, after, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); first != DefaultLang && slices.Contains(langs, first) {
		return first, "/" + after
	}
	return DefaultLang, path
}

// Region says in lang what a nation or a region of England is called, given its
// English name; that name itself when it is neither.
func (r *Renderer) Region(lang, english string) string {
	name := strings.ReplaceAll(strings.ToLower(english), " ", "_")
	for _, key := range []string{"nation." + name, "region." + name} {
		if r.Has(DefaultLang, key) {
			return r.T(lang, key)
		}
	}
	return english
}

// Twin is a page in one of the languages that it is written in.
type Twin struct {
	Lang     string
	Name     string // of the language, in itself
	URL      string // without host
	Absolute string
	Default  bool // in the default language
}

// site is what the templates of every language share.
type site struct {
	Options
	assets *Assets
	words  map[string]*words
}

// twins lists a page in all its languages, the default one first; none when it
// has no address of its own.
func (s site) twins(f Frame) []Twin {
	if f.Path == "" {
		return nil
	}
	var twins []Twin
	for _, lang := range languages(s.words) {
		url := At(lang, f.Path)
		twins = append(twins, Twin{
			Lang: lang, Name: s.words[lang].plain["language.name"], URL: url, Absolute: s.Base + url, Default: lang == DefaultLang,
		})
	}
	slices.SortStableFunc(twins, func(a, b Twin) int { return cmp.Compare(boolInt(b.Default), boolInt(a.Default)) })
	return twins
}

// others offers what a form at path is answered with in every other language.
// Where a page has no address of its own, that is the way to its twins.
func (s site) others(lang, path string) []Suggestion {
	var others []Suggestion
	for _, other := range languages(s.words) {
		if other != lang {
			others = append(others, Suggestion{Lang: other, URL: At(other, path), Words: s.words[other].plain["language.suggest"]})
		}
	}
	return others
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Suggest returns the page at path in the language that a browser would rather
// have (its Accept-Language header), or nil when it is in that language already
// or there is no such catalogue. It is a suggestion only: what people asked for
// by address is what they get.
func (r *Renderer) Suggest(lang, path, accept string) *Suggestion {
	e := r.now.Load()
	if path == "" || !mentions(accept, lang, e.words) {
		return nil
	}
	tags, weights, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return nil
	}
	for i, tag := range tags { // the dearest first
		base, _ := tag.Base()
		w := e.words[base.String()]
		switch {
		case weights[i] == 0, w == nil:
			continue
		case w.lang == lang:
			return nil
		}
		return &Suggestion{Lang: w.lang, URL: At(w.lang, path), Words: w.plain["language.suggest"]}
	}
	return nil
}

// mentions is a cheap look before parsing: most browsers name no other language
// of ours.
func mentions(accept, lang string, all map[string]*words) bool {
	for other := range all {
		if other != lang && strings.Contains(accept, other) {
			return true
		}
	}
	return false
}
