package view

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/klauspost/compress/gzip"

	"postbag/assets"
)

func TestAssets(t *testing.T) {
	a, err := NewAssets(assets.FS)
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]string{"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml; charset=utf-8"} {
		url, err := a.URL(name)
		if err != nil {
			t.Fatal(err)
		}
		asset, ok := a.Lookup(url)
		if !ok {
			t.Fatalf("%s is not found by its address %s", name, url)
		}
		if asset.ContentType != kind {
			t.Errorf("%s: content type %q, want %q", name, asset.ContentType, kind)
		}
		if !strings.HasPrefix(url, "/assets/") || path.Ext(url) != path.Ext(name) || !strings.Contains(url, strings.Trim(asset.ETag, `"`)) {
			t.Errorf("%s: address %q, tag %s", name, url, asset.ETag)
		}
		zr, err := gzip.NewReader(bytes.NewReader(asset.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(zr)
		if err != nil || !bytes.Equal(body, asset.Body) {
			t.Errorf("%s: the compressed form is another file (%v)", name, err)
		}
	}
	for _, missing := range []string{"/assets/style.css", "/assets/assets.go", "/assets/", ""} {
		if _, ok := a.Lookup(missing); ok {
			t.Errorf("%q is found", missing)
		}
	}
	if _, err := a.URL("none.css"); err == nil {
		t.Error("an asset that is missing has an address")
	}
}

func TestAssets_AddressChangesWithContent(t *testing.T) {
	address := func(body string) string {
		a, err := NewAssets(fstest.MapFS{"a.css": {Data: []byte(body)}})
		if err != nil {
			t.Fatal(err)
		}
		url, err := a.URL("a.css")
		if err != nil {
			t.Fatal(err)
		}
		return url
	}
	if address("a{}") == address("b{}") {
		t.Error("two stylesheets have one address")
	}
}

// A script that another imports changes the address of both.
func TestAssets_ImportsFollow(t *testing.T) {
	load := func(inner string) (*Assets, error) {
		return NewAssets(fstest.MapFS{
			"a.js": {Data: []byte(`import { x } from "./b.js";`)},
			"b.js": {Data: []byte(inner)},
		})
	}
	address := func(inner string) (outer, imports string) {
		a, err := load(inner)
		if err != nil {
			t.Fatal(err)
		}
		outer, _ = a.URL("a.js")
		imports, _ = a.URL("b.js")
		asset, _ := a.Lookup(outer)
		if want := `import { x } from "` + imports + `";`; string(asset.Body) != want {
			t.Errorf("the script says %s, want %s", asset.Body, want)
		}
		return outer, imports
	}
	outer, imports := address("export const x = 1;")
	if again, changed := address("export const x = 2;"); again == outer || changed == imports {
		t.Error("an old address serves new code")
	}
	for inner, want := range map[string]string{
		`import "y" from "./a.js";`:    "imports itself",
		`import {y} from "./none.js";`: "none.js",
	} {
		if _, err := load(inner); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that speaks of %q", inner, err, want)
		}
	}
}

// TestWeight holds the supporter's path to its budget: every page that they
// see, and the stylesheet, under 40 KB compressed.
func TestWeight(t *testing.T) {
	r := newRenderer(t)
	url, err := r.Assets().URL("style.css")
	if err != nil {
		t.Fatal(err)
	}
	css, _ := r.Assets().Lookup(url)
	if len(css.Gzip) > 12_000 {
		t.Errorf("the stylesheet weighs %d bytes compressed, want 12,000 at most", len(css.Gzip))
	}
	total := len(css.Gzip)
	pages := samples(t, DefaultLang)
	for _, name := range []string{"campaign", "letter", "preview", "check", "private-awaiting", "private-sent"} {
		z, err := compress([]byte(render(t, r, pages[name])))
		if err != nil {
			t.Fatal(err)
		}
		total += len(z)
	}
	t.Logf("stylesheet %d bytes, with the six pages of the path %d bytes", len(css.Gzip), total)
	if total > 40_000 {
		t.Errorf("the path weighs %d bytes compressed, want 40,000 at most", total)
	}
}

func TestAssets_SqueezesStylesheets(t *testing.T) {
	const source = `/* words
   for people */
a :is(b, .c) > d::before { content: " "; margin: calc(1px + 2px) 0; }
@media (min-width: 3rem) {
  a { color: red; }
}
`
	a, err := NewAssets(fstest.MapFS{"a.css": {Data: []byte(source)}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `a :is(b,.c) > d::before{content: " ";margin: calc(1px + 2px) 0;}@media (min-width: 3rem){a{color: red;}}`
	if got := string(a.byName["a.css"].Body); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestStylesheet_Size: every page pays for it on a first visit.
func TestStylesheet_Size(t *testing.T) {
	a, err := NewAssets(assets.FS)
	if err != nil {
		t.Fatal(err)
	}
	const most = 12 << 10
	if got := len(a.byName["style.css"].Gzip); got > most {
		t.Errorf("the stylesheet has %d bytes compressed, more than %d", got, most)
	} else {
		t.Logf("the stylesheet has %d bytes compressed", got)
	}
}

func TestAssets_SqueezesScripts(t *testing.T) {
	const source = "// words\n// for people\n(() => {\n  const a = \"https://b\"; // more\n\n  /\\/\\//.test(a) // the end\n})();\n"
	a, err := NewAssets(fstest.MapFS{"a.js": {Data: []byte(source)}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "(() => {\nconst a = \"https://b\";\n/\\/\\//.test(a)\n})();\n"
	if got := string(a.byName["a.js"].Body); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What squeezes scripts takes a mark of a comment for one wherever it stands, and
// knows of no string that goes on over lines.
func TestScripts_CanBeSqueezed(t *testing.T) {
	names, err := fs.Glob(assets.FS, "*.js")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		source, err := assets.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(scriptComment.ReplaceAll(source, nil))) {
			n++
			if strings.Count(line, "`")%2 != 0 {
				t.Errorf("%s, line %d: %s", name, n, line)
			}
		}
	}
}

// An MP to whom no letter goes is one of few: the page around the form is not
// told.
func TestStep_TellsNobodysMP(t *testing.T) {
	if got := step(Excluded{}); got != step(Choose{}) {
		t.Errorf("the page that names such an MP is called %q", got)
	}
	if got := step(Message{}); got != "" {
		t.Errorf("a page of an error is called %q", got)
	}
}
