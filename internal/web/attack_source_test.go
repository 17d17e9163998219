package web_test

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
)

// The pages' code opens no file: what is sent is in the program or in the database.
func TestAttack_NoFileIsOpened(t *testing.T) {
	eachImport(t, ".", func(file, path string) {
		if path == "os" || path == "io/ioutil" || path == "path/filepath" || path == "os/exec" || path == "net/http/cgi" {
			t.Errorf("%s imports %s", file, path)
		}
	})
}

// The program runs no other program, and guesses at nothing with a generator that
// others can guess: that is for spreading things out alone.
func TestAttack_NoCommandAndNoGuess(t *testing.T) {
	may := map[string]bool{"web/middleware.go": true, "parliament/client.go": true, "outbox/worker.go": true, "store/relay.go": true, "web/public_busy.go": true}
	for _, root := range []string{"../../internal", "../../cmd"} {
		eachImport(t, root, func(file, path string) {
			if strings.Contains(filepath.ToSlash(file), "/testkit/") {
				return
			}
			if path == "os/exec" || path == "plugin" || path == "unsafe" || path == "C" {
				t.Errorf("%s imports %s", file, path)
			}
			if strings.HasPrefix(path, "math/rand") && !may[strings.TrimPrefix(filepath.ToSlash(file), "../../internal/")] {
				t.Errorf("%s imports %s", file, path)
			}
		})
	}
}

// eachImport names every import of a package's code.
func eachImport(t *testing.T, root string, each func(file, path string)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == ".git") {
			return cmpOr(err, fs.SkipDir)
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ImportSpec); ok {
				n++
				each(path, strings.Trim(spec.Path.Value, `"`))
			}
			return true
		})
		return nil
	})
	if err != nil || n < 10 {
		t.Fatalf("%d imports, %v", n, err)
	}
}

// eachCall names every call of a function of a package.
func eachCall(t *testing.T, root string, each func(file string, call *ast.CallExpr, name string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok {
				if of, ok := call.Fun.(*ast.SelectorExpr); ok {
					if name, ok := of.X.(*ast.Ident); ok {
						each(path, call, name.Name+"."+of.Sel.Name)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func cmpOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// Long input costs no more than its length: the patterns of Go's own package never
// go back, and no other is used.
func TestAttack_Regexps(t *testing.T) {
	for _, root := range []string{"../../internal", "../../cmd"} {
		eachImport(t, root, func(file, path string) {
			for _, other := range []string{"dlclark/regexp2", "pcre", "onigu", "grafana/regexp", "wasilibs"} {
				if strings.Contains(path, other) {
					t.Errorf("%s imports %s, whose patterns may take for ever", file, path)
				}
			}
		})
		eachCall(t, root, func(file string, call *ast.CallExpr, name string) {
			if name != "regexp.MustCompile" && name != "regexp.Compile" && name != "regexp.MatchString" {
				return
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(call.Args[0], func(n ast.Node) bool {
				if _, made := n.(*ast.CallExpr); made && !strings.Contains(string(source), "regexp.QuoteMeta(") {
					t.Errorf("%s makes a pattern of what it is given", file)
				}
				return true
			})
		})
	}
	s := start(t, nil)
	s.signIn(account.Owner)
	for name, piece := range map[string]string{"spaces": " ", "marks": "a\u0301", "braces": "{", "nested braces": "{a", "brackets": "[a](", "lines": "\n", "quotes": "\n> ", "digits": "1", "dots": "a.", "at signs": "a@", "angle brackets": "<a ", "ampersands": "&a", "words": "aa ", "wide": "＝", "long s": "ſ"} {
		long := strings.Repeat(piece, 60_000/len(piece))
		began := time.Now()
		for _, a := range []answer{
			s.post("/c/"+slug+"/preview", letter("body", long)), s.post("/c/"+slug+"/preview", letter("subject", long, "name", long[:len(long)/4], "email", long[:len(long)/4])),
			s.post("/c/"+slug+"/letter", url.Values{"postcode": {long}}), s.post("/c/"+slug+"/mps", url.Values{"q": {long}}), s.post("/c/"+slug+"/check", url.Values{"who": {long}}),
			s.post("/organise/c/"+slug+"/pledges/import", url.Values{"csv": {long}}), s.post("/organise/people", url.Values{"email": {long}}),
			s.do(http.MethodGet, "/", nil, "Accept-Language", strings.ReplaceAll(long[:len(long)/6], "\n", ","), "If-None-Match", strings.ReplaceAll(long[:len(long)/6], "\n", ",")),
		} {
			if a.StatusCode >= 500 {
				t.Errorf("%s: %s %s", name, a.Request.URL.Path, a.Status)
			}
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// literal is a regular expression in a script, and nested a repetition of a
// repetition, which may take for ever.
var (
	literal = regexp.MustCompile(`(?:[(,=:\[!&|?{};]|return)\s*(/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)`)
	nested  = regexp.MustCompile(`\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)[+*{]`)
)

func TestAttack_RegexpsOfScripts(t *testing.T) {
	files, err := filepath.Glob("../../assets/*.js")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			n++
			if nested.MatchString(m[1]) && !strings.Contains(m[1], `(?:'[`) { // a quote begins each: there is one way to read it
				t.Errorf("%s: %s", filepath.Base(name), m[1])
			}
		}
	}
	if n < 10 || !nested.MatchString(`/(a+)+/`) || !nested.MatchString(`/^([a-z]*)*$/`) {
		t.Errorf("the test finds %d patterns, or no bad one", n)
	}
	patterns, err := filepath.Glob("../../templates/*/*/*.html")
	if err != nil || len(patterns) == 0 {
		t.Fatal(err)
	}
	for _, name := range patterns {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), ` pattern="`) {
			t.Errorf("%s has a pattern that browsers try", name)
		}
	}
}

// secretName is what something is called that lets somebody in, and quick what
// compares it so that the time tells how much of it is right.
var secretName = regexp.MustCompile(`(?i)(token|mac|hmac|signature|secret|proof|password|login)(hash)?$`)

// Secrets are looked up by a hash that only we can compute, or compared in constant
// time: no code stops at the first byte that is wrong.
func TestAttack_SecretsAreComparedInConstantTime(t *testing.T) {
	// What is compared as it is, and why nobody learns anything by it.
	may := map[string]string{
		"../auth/session.go: ctx.Value(loadedToken{}) != token":    "what the browser sent with what it sent",
		"../bounce/hook_mailgun.go: bytes.Equal(kept, content[:])": "the hash of a message that was signed already",
	}
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		folder := filepath.Base(filepath.Dir(path))
		if !slices.Contains([]string{"account", "auth", "bounce", "campaign", "seal", "store", "web", "app"}, folder) || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		text := func(n ast.Node) string {
			var b strings.Builder
			printer.Fprint(&b, set, n)
			return b.String()
		}
		ast.Inspect(f, func(n ast.Node) bool {
			said := ""
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op != token.EQL && n.Op != token.NEQ || plain(n.X) || plain(n.Y) || !secret(n.X) && !secret(n.Y) {
					return true
				}
				said = text(n)
			case *ast.CallExpr:
				if name := text(n.Fun); name == "subtle.ConstantTimeCompare" || name == "hmac.Equal" {
					found++
					return true
				} else if name != "bytes.Equal" {
					return true
				}
				said = text(n)
			default:
				return true
			}
			if _, ok := may[filepath.ToSlash(path)+": "+said]; !ok {
				t.Errorf("%s: %s", path, said)
			}
			return true
		})
		return nil
	})
	if err != nil || found < 7 {
		t.Errorf("%d comparisons in constant time, %v", found, err)
	}
}

// secret reports whether an expression names something that lets somebody in.
func secret(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return secretName.MatchString(e.Name)
	case *ast.SelectorExpr:
		return secretName.MatchString(e.Sel.Name)
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return secret(e.Args[0]) && !isLen(e)
		}
	}
	return false
}

func isLen(e *ast.CallExpr) bool {
	name, ok := e.Fun.(*ast.Ident)
	return ok && name.Name == "len"
}

// plain reports whether an expression is written down: a number, a text, nil, or a
// name of the code's own, such as http.StatusOK.
func plain(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	}
	return false
}
