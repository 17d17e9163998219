package doctor

import (
	"net/url"
	"strings"
	"testing"
)

func address(t testing.TB, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// What one source lets through, as CSP Level 3 has it in 6.7.2.8 to 6.7.2.12.
func TestMatchSource(t *testing.T) {
	const page, form = "https://friends.example/act", "https://letters.example.org/embed.js"
	for _, tt := range []struct {
		source, page, url string
		want              bool
	}{
		{"*", page, form, true},
		{"*", page, "data:text/javascript,1", false},
		{"https:", page, form, true},
		{"HTTPS:", page, form, true},
		{"http:", page, form, true}, // upgraded
		{"http:", "http://friends.example", "http://letters.example.org/embed.js", true},
		{"https:", "http://friends.example", "http://letters.example.org/embed.js", false},
		{"data:", page, form, false},
		{"'self'", page, form, false},
		{"'self'", page, "https://friends.example/embed.js", true},
		{"'SELF'", page, "https://friends.example:443/embed.js", true},
		{"'self'", "http://friends.example", "https://friends.example/", true},
		{"'self'", page, "https://friends.example:8443/", false},
		{"'none'", page, form, false},
		{"letters.example.org", page, form, true},
		{"LETTERS.example.org", page, form, true},
		{"letters.example.org.", page, form, false},
		{"letters.example.org", page, "http://letters.example.org/", false},
		{"letters.example.org", "http://friends.example", form, true},
		{"http://letters.example.org", page, form, true},
		{"https://letters.example.org", page, form, true},
		{"https://letters.example.org", page, "http://letters.example.org/", false},
		{"https://other.example.org", page, form, false},
		{"*.example.org", page, form, true},
		{"*.example.org", page, "https://example.org/", false},
		{"*.letters.example.org", page, form, false},
		{"example.org", page, form, false},
		{"https://*", page, form, true},
		{"*:*", page, "https://letters.example.org:8443/", true},
		{"letters.example.org:443", page, form, true},
		{"letters.example.org:80", page, form, true},
		{"letters.example.org:8443", page, form, false},
		{"letters.example.org:*", page, "https://letters.example.org:8443/", true},
		{"letters.example.org", page, "https://letters.example.org:8443/", false},
		{"letters.example.org:", page, form, false},
		{"letters.example.org:8x", page, form, false},
		{"letters.example.org/", page, form, true},
		{"letters.example.org/embed.js", page, form, true},
		{"letters.example.org/%65mbed.js", page, form, true},
		{"letters.example.org/embed", page, form, false},
		{"letters.example.org/embed/", page, "https://letters.example.org/embed/a/c/b", true},
		{"letters.example.org/embed", page, "https://letters.example.org/embed/a/c/b", false},
		{"letters.example.org/EMBED.js", page, form, false},
		{"letters.example.org/embed.js?x", page, form, false},
		{"127.0.0.1:8080", "http://127.0.0.2:1", "http://127.0.0.1:8080/", true},
		{"'nonce-abc'", page, form, false},
		{"'unsafe-inline'", page, form, false},
		{"://", page, form, false},
		{":", page, form, false},
		{"", page, form, false},
	} {
		if got := matchSource(tt.source, address(t, tt.page), address(t, tt.url)); got != tt.want {
			t.Errorf("%s from %s to %s: %v", tt.source, tt.page, tt.url, got)
		}
	}
}

// Which directive decides, and about what it says (6.7.1.1, 6.1.7.1, 6.8.3).
func TestPolicy_Decides(t *testing.T) {
	const ours = "https://letters.example.org"
	for _, tt := range []struct {
		name, policy     string
		script           script
		scripts, framing bool
	}{
		{"nothing said", "img-src 'none'", script{}, true, true},
		{"default-src for both", "default-src 'self'", script{}, false, false},
		{"default-src with us", "default-src 'self' " + ours, script{}, true, true},
		{"script-src goes before default-src", "default-src " + ours + "; script-src 'self'", script{}, false, true},
		{"script-src-elem goes before script-src", "script-src 'none'; script-src-elem " + ours, script{}, true, true},
		{"script-src-attr decides nothing", "script-src-attr 'none'", script{}, true, true},
		{"frame-src goes before child-src", "child-src 'none'; frame-src " + ours, script{}, true, true},
		{"child-src goes before default-src", "default-src " + ours + "; child-src 'self'", script{}, true, false},
		{"the first of two counts", "script-src 'self'; script-src " + ours, script{}, false, true},
		{"names in capitals", "SCRIPT-SRC 'self'", script{}, false, true},
		{"an empty list allows nothing", "frame-src", script{}, true, false},
		{"'none' alone", "frame-src 'none'", script{}, true, false},
		{"'none' beside others means nothing", "frame-src 'none' " + ours, script{}, true, true},
		{"the right nonce", "script-src 'nonce-abc'", script{nonce: "abc"}, true, true},
		{"a nonce in other letters", "script-src 'nonce-abc'", script{nonce: "ABC"}, false, true},
		{"no nonce", "script-src 'nonce-abc'", script{}, false, true},
		{"a nonce and our address", "script-src 'nonce-abc' " + ours, script{}, true, true},
		{"strict-dynamic knows no addresses", "script-src 'strict-dynamic' 'nonce-abc' " + ours, script{}, false, true},
		{"strict-dynamic with the nonce", "script-src 'strict-dynamic' 'nonce-abc'", script{nonce: "abc"}, true, true},
		{"a hash", "script-src 'sha256-AAA='", script{integrity: "sha256-AAA="}, true, true},
		{"one of two hashes", "script-src 'sha256-AAA='", script{integrity: "sha256-AAA= sha384-BBB"}, false, true},
		{"trusted types", "require-trusted-types-for 'script'; trusted-types none", script{}, true, true},
		{"mangled", ";; ;script-src\t'self'\f" + ours + " ;", script{}, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := address(t, "https://friends.example/act")
			tt.script.url = address(t, ours+"/embed.js")
			p := parsePolicy(tt.policy)
			if _, got := p.allowsScript(page, tt.script); got != tt.scripts {
				t.Errorf("script: %v", got)
			}
			if _, got := p.allowsFrame(page, address(t, ours+"/embed/friends/c/x")); got != tt.framing {
				t.Errorf("frame: %v", got)
			}
		})
	}
}

// Whatever a site says, reading it ends well; and the line that we print to mend a
// policy does mend it.
func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{
		"default-src 'self'", "script-src 'none', frame-src 'none'", "frame-src https://*:*/a%", "script-src 'strict-dynamic' 'nonce-'", ";,;, *: ://", "child-src \x00ÿ", "frame-src a:b:c/[::1]",
	} {
		f.Add(seed)
	}
	page, frame := address(f, "https://friends.example/act"), address(f, "https://letters.example.org/embed/friends/c/x")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range parsePolicies(text) {
			again := make([]string, len(p.directives))
			for i, d := range p.directives {
				again[i] = d.String()
			}
			same := parsePolicy(strings.Join(again, "; "))
			d, ok := p.allowsFrame(page, frame)
			if _, ok2 := same.allowsFrame(page, frame); ok != ok2 {
				t.Errorf("%q written again says something else", text)
			}
			if !ok {
				p.directives = append([]directive{d.with("frame-src", "https://letters.example.org")}, p.directives...)
				if _, mended := p.allowsFrame(page, frame); !mended {
					t.Errorf("%q is not mended by %q", text, d.with("frame-src", "https://letters.example.org"))
				}
			}
			p.allowsScript(page, script{url: frame})
		}
	})
}
