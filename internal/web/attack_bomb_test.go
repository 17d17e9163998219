package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
)

// No parser that unpacks or expands is reached by what people send. XML is written
// and never read, archives are read by a command alone, which gives up what is too
// much (postcode.TestBuild_bomb), and so does whoever reads partners' pages
// (fetch.TestFetch).
func TestAttack_NothingUnpacks(t *testing.T) {
	may := map[string]string{
		"encoding/xml": "../../internal/web/oembed.go", "archive/zip": "../../internal/postcode/source.go", "github.com/klauspost/compress/flate": "../../internal/postcode/source.go",
	}
	eachImport(t, "../../internal", func(file, path string) {
		if only, fenced := may[path]; fenced && filepath.ToSlash(file) != only {
			t.Errorf("%s imports %s", file, path)
		}
		if path == "archive/tar" || path == "compress/bzip2" || path == "compress/zlib" || path == "encoding/gob" {
			t.Errorf("%s imports %s", file, path)
		}
	})
	source, err := os.ReadFile("oembed.go")
	if err != nil || strings.Contains(string(source), "xml.Unmarshal") || strings.Contains(string(source), "xml.NewDecoder") {
		t.Errorf("oembed.go reads XML, %v", err)
	}
	s := start(t, nil)
	s.signIn(account.Owner)
	// What is packed in a request stays packed.
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("postcode=LS6+3HN&body=" + strings.Repeat("a", 16<<20)))
	z.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr()+"/c/"+slug+"/letter", &packed)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Content-Encoding", "gzip")
	if a := s.answer(r); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a packed form: %s", a.Status)
	}
	// A picture is measured, not drawn.
	began := time.Now()
	if a := s.form("/organise/partners/new", typedPartner(), hugePNG()); a.StatusCode != http.StatusUnprocessableEntity || time.Since(began) > 10*time.Second {
		t.Errorf("a picture of 4 billion points: %s after %v", a.Status, time.Since(began))
	}
	// An SVG may hold scripts: it is none of the kinds that are taken.
	if a := s.form("/organise/partners/new", typedPartner(), []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an SVG: %s", a.Status)
	}
	// Nor do depths of brackets bring anything down.
	deep := strings.Repeat("[", 90_000)
	for name, form := range map[string]url.Values{"toml": {"source": {"a = " + deep}, "do": {"look"}}, "csv": {"csv": {"mp,date\n" + strings.Repeat(`"`, 90_000)}}} {
		path := map[string]string{"toml": "/organise/c/" + slug + "/file", "csv": "/organise/c/" + slug + "/pledges/import"}[name]
		if a := s.post(path, form); a.StatusCode >= 500 || a.StatusCode < 400 {
			t.Errorf("%s: %s", name, a.Status)
		}
	}
}

// hugePNG is a small file that says it is 65,000 points wide and high.
func hugePNG() []byte {
	chunk := func(kind string, data []byte) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		out = append(append(out, kind...), data...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 65_000), 65_000)
	file := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 0, 0, 0, 0))...)
	return append(append(file, chunk("IDAT", []byte{0x78, 0x9c})...), chunk("IEND", nil)...)
}
