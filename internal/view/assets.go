package view

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Asset is one file that browsers fetch, ready to serve. Its address changes
// with its content, so that it can be cached for ever.
type Asset struct {
	URL         string // "/assets/style.0a1b2c3d4e5f.css"
	ContentType string // with charset
	ETag        string // with its quotes
	Body        []byte
	Gzip        []byte // Body, compressed as far as gzip can; nil when that does not help
}

// Assets is every asset by name and by address. It never changes once made.
type Assets struct {
	byName, byURL map[string]*Asset
}

// assetTypes are set here because the system's table differs between machines.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".png": "image/png",
}

// NewAssets reads every file in the root of fsys, leaving Go files out.
func NewAssets(fsys fs.FS) (*Assets, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("list the assets: %w", err)
	}
	a := &Assets{byName: map[string]*Asset{}, byURL: map[string]*Asset{}}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) == ".go" {
			continue
		}
		if _, err := a.load(fsys, e.Name(), nil); err != nil {
			return nil, err
		}
	}
	return a, nil
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(` ?([{};,]) ?`)
)

// squeeze takes out of a stylesheet what only its authors read: comments and the
// space that separates nothing. Our stylesheets have no such marks in strings.
func squeeze(css []byte) []byte {
	css = cssComment.ReplaceAll(css, nil)
	css = cssSpace.ReplaceAll(css, []byte(" "))
	return bytes.TrimSpace(cssAround.ReplaceAll(css, []byte("$1")))
}

var (
	scriptComment = regexp.MustCompile(`(?m)(?:^|[ \t]+)//[ \t].*$`)
	scriptMargin  = regexp.MustCompile(`(?m)^[ \t\n]+`)
)

// squeezeScript takes out of a script what only its authors read: comments and
// what its lines begin with. Our scripts have no string of more than a line.
func squeezeScript(js []byte) []byte {
	js = scriptComment.ReplaceAll(js, nil)
	return scriptMargin.ReplaceAll(js, nil)
}

// imported finds what a script imports from the scripts beside it.
var imported = regexp.MustCompile(`(from\s*")\./([^"/]+)(")`)

// load reads an asset, unless it is there already. A script's imports are given
// the addresses of those scripts, which are loaded first; within names the
// scripts that are waiting for this one.
func (a *Assets) load(fsys fs.FS, name string, within []string) (*Asset, error) {
	if have, ok := a.byName[name]; ok {
		return have, nil
	}
	if slices.Contains(within, name) {
		return nil, fmt.Errorf("the script %s imports itself by way of %v", name, within)
	}
	body, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read the asset: %w", err)
	}
	ext := path.Ext(name)
	if ext == ".js" {
		var problem error
		body = imported.ReplaceAllFunc(body, func(m []byte) []byte {
			part := imported.FindSubmatch(m)
			other, err := a.load(fsys, string(part[2]), append(within, name))
			if err != nil {
				problem = fmt.Errorf("%s: %w", name, err)
				return m
			}
			return slices.Concat(part[1], []byte(other.URL), part[3])
		})
		if problem != nil {
			return nil, problem
		}
		body = squeezeScript(body)
	}
	if ext == ".css" {
		body = squeeze(body)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:6])
	asset := &Asset{
		URL:         "/assets/" + strings.TrimSuffix(name, ext) + "." + hash + ext,
		ContentType: assetTypes[ext],
		ETag:        `"` + hash + `"`,
		Body:        body,
	}
	if asset.ContentType == "" {
		asset.ContentType = mime.TypeByExtension(ext)
	}
	if asset.Gzip, err = compress(body); err != nil {
		return nil, fmt.Errorf("compress the asset %s: %w", name, err)
	}
	a.byName[name] = asset
	a.byURL[asset.URL] = asset
	return asset, nil
}

func compress(body []byte) ([]byte, error) {
	var b bytes.Buffer
	zw, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zw.Write(body); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	if b.Len() >= len(body) {
		return nil, nil
	}
	return b.Bytes(), nil
}

// Lookup finds an asset by the path in its address.
func (a *Assets) Lookup(urlPath string) (*Asset, bool) {
	asset, ok := a.byURL[urlPath]
	return asset, ok
}

// URL returns the address of the asset called name; an unknown one is an error.
func (a *Assets) URL(name string) (string, error) {
	asset, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return asset.URL, nil
}
