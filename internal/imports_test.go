// Package internal holds no code, only the test of who may import whom.
package internal

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists, for every package of the project, the packages of the
// project that it may import, as ARCHITECTURE has it: cmd to app to adapters to
// the domain, one way. Tests may import more.
var mayImport = map[string][]string{
	"cmd/postbag":         {"internal/account", "internal/app", "internal/atlas", "internal/config", "internal/doctor", "internal/maildoctor", "internal/mailer", "internal/campaign", "internal/parliament", "internal/postcode", "internal/seal", "internal/store", "internal/fault"},
	"internal/account":    {"internal/fault", "internal/seal"},
	"internal/app":        {"assets", "db", "templates", "internal/account", "internal/atlas", "internal/auth", "internal/bounce", "internal/campaign", "internal/config", "internal/doctor", "internal/fault", "internal/fetch", "internal/maildoctor", "internal/mailer", "internal/outbox", "internal/parliament", "internal/postcode", "internal/seal", "internal/store", "internal/view", "internal/web"},
	"internal/atlas":      {},
	"internal/auth":       {},
	"internal/bounce":     {"internal/campaign"},
	"internal/campaign":   {"internal/account", "internal/fault", "internal/parliament", "internal/phone", "internal/postcode", "internal/seal"},
	"internal/config":     {"internal/campaign"},
	"internal/doctor":     {"internal/campaign", "internal/fault"},
	"internal/e2e":        {},
	"internal/fault":      {},
	"internal/fetch":      {"internal/doctor", "internal/fault"},
	"internal/maildoctor": {},
	"internal/mailer":     {"internal/account", "internal/campaign", "internal/maildoctor", "internal/seal", "internal/view"},
	"internal/outbox":     {"internal/campaign"},
	"internal/parliament": {},
	"internal/phone":      {},
	"internal/picture":    {},
	"internal/postcode":   {},
	"internal/seal":       {},
	"internal/store":      {"internal/account", "internal/campaign", "internal/fault", "internal/parliament", "internal/seal"},
	"internal/testkit":    {"internal/parliament"},
	"internal/view":       {"internal/account", "internal/campaign", "internal/doctor", "internal/maildoctor", "internal/parliament"},
	"internal/web":        {"internal/account", "internal/atlas", "internal/auth", "internal/campaign", "internal/doctor", "internal/fault", "internal/parliament", "internal/picture", "internal/postcode", "internal/view"},
	"assets":              {},
	"db":                  {},
	"templates":           {},
}

// fenced lists libraries that only one package may import.
var fenced = map[string]string{
	"github.com/emersion/go-smtp":          "internal/bounce",
	"github.com/labstack/echo":             "internal/web",
	"github.com/wneessen/go-mail":          "internal/mailer",
	"github.com/emersion/go-msgauth/dkim":  "internal/mailer",
	"github.com/emersion/go-msgauth/dmarc": "internal/maildoctor",
	"blitiri.com.ar/go/spf":                "internal/maildoctor",
	"github.com/miekg/dns":                 "internal/testkit",
	"modernc.org/sqlite":                   "internal/store",
	"database/sql":                         "internal/store",
	"github.com/pressly/goose":             "internal/store",
	"github.com/nyaruka/phonenumbers":      "internal/phone",
	"github.com/nicksnyder/go-i18n":        "internal/view",
	"github.com/alecthomas/kong":           "cmd/postbag",
	"golang.org/x/crypto/chacha20poly1305": "internal/seal",
	"filippo.io/age":                       "internal/seal",
	"golang.org/x/crypto/argon2":           "internal/auth",
	"github.com/alexedwards/scs":           "internal/auth",
	"github.com/pquerna/otp":               "internal/auth",
	"golang.org/x/image":                   "internal/picture",
	"codeberg.org/go-fonts":                "internal/picture",
}

func TestImports_RunOneWay(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "data" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		from := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), ".."+string(filepath.Separator)))
		seen[from] = true
		allowed, known := mayImport[from]
		if !known {
			t.Errorf("%s: the package has no rule; say in this test what it may import", from)
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(name, "postbag/"); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s imports %s, against the rules", path, own)
			}
			for library, only := range fenced {
				if (name == library || strings.HasPrefix(name, library+"/")) && from != only {
					t.Errorf("%s imports %s; only %s may", path, name, only)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range mayImport {
		if !seen[name] {
			t.Errorf("%s has a rule and no code", name)
		}
	}
}
