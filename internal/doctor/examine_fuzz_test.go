package doctor

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// FuzzExamine: whatever a site's page is, what is found of it has a sentence, and
// the line that is told to add to a page without a form is one that works.
func FuzzExamine(f *testing.F) {
	const ours = "https://letters.example.org"
	for _, page := range []string{
		`<a class="postbag" href="` + ours + `/c/x?partner=friends">Write</a><script async src="` + ours + `/embed.js"></script>`,
		`<iframe src="` + ours + `/embed/friends/c/x" width="300" height=100 sandbox="allow-scripts" loading=lazy></iframe>`,
		`<base href="http://letters.example.org/"><template><postbag-letter campaign=x partner=friends></postbag-letter></template><noscript><iframe data-src="/cy/embed/c/x">`,
		`<meta http-equiv="Content-Security-Policy" content="script-src 'nonce-a'"><script nonce="b" src="//letters.example.org/embed.js" type=text/plain integrity=x>`,
		strings.Repeat("<div>", 600) + `<iframe src="` + ours + `/c/x?partner=friends">`, strings.Repeat("<template>", 600) + `<a class=postbag href="` + ours + `/c/x">`,
		`<svg><a class=postbag href="` + ours + `/c/x"></svg><frameset>`, `<iframe srcdoc="<p>" src="` + ours + `/embed/a/c/b" onload='"'>`, "\x00<!--", "",
	} {
		f.Add(page, "frame-src 'self'; sandbox allow-scripts", "credentialless")
		f.Add(page, "", "require-corp")
	}
	site := Site{Base: address(f, ours), Partners: map[string]Partner{"friends": {Origins: []string{"https://friends.example"}}}, Campaigns: map[string]bool{"x": true}}
	codes := Codes()
	f.Fuzz(func(t *testing.T, text, policy, coep string) {
		page := Page{URL: address(t, "https://friends.example/act"), Header: http.Header{
			"Content-Security-Policy": {policy}, "Cross-Origin-Embedder-Policy": {coep}, "Document-Policy": {policy},
		}, HTML: text}
		r := Examine(page, site, Want{Partner: "friends", Campaign: "x"})
		if len(r.Findings) == 0 || len(r.Findings) > 60*mostForms+30*mostPolicies {
			t.Fatalf("%d findings", len(r.Findings))
		}
		for _, found := range r.Findings {
			if !slices.Contains(codes, found.Code) || len(found.Args)%2 != 0 {
				t.Errorf("a finding without a sentence: %+v", found)
			}
			if found.Code == "nothing" {
				mended := Examine(Page{URL: page.URL, Header: http.Header{}, HTML: found.Line}, site, Want{Partner: "friends", Campaign: "x"})
				if mended.Verdict() == Broken {
					t.Errorf("%s does not mend it: %+v", found.Line, mended)
				}
			}
		}
		checkTags(t, page)
	})
}

// checkTags: a tag that is told is read as the element that it was made of.
func checkTags(t *testing.T, page Page) {
	t.Helper()
	in := read(page)
	for _, e := range slices.Concat(in.frames, in.scripts, in.links)[:min(3, len(in.frames)+len(in.scripts)+len(in.links))] {
		tag := e.tag("src", `https://a.example/?b="&<c>`)
		z := html.NewTokenizer(strings.NewReader(tag))
		z.Next()
		token := z.Token()
		src := ""
		for _, a := range token.Attr {
			if a.Key == "src" && src == "" {
				src = a.Val
			}
		}
		if token.Data != e.name || src != `https://a.example/?b="&<c>` {
			t.Errorf("%q is read as %+v", tag, token)
		}
	}
}
