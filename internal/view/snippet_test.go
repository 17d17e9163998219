package view

import (
	"net/url"
	"testing"
)

func TestNewSnippet(t *testing.T) {
	got := NewSnippet(SnippetFor{
		Base: "https://letters.example.org", Partner: "friends", Campaign: "bill", Lang: "cy", Source: `a "b"&c`, Words: "Write <now>",
		Look: ReadEmbedLook(url.Values{"theme": {"dark"}, "radius": {"0"}, "compact": {"1"}}),
	})
	const script = `<script async src="https://letters.example.org/embed.js"></script>`
	const address = `https://letters.example.org/cy/c/bill?partner=friends&amp;utm_source=a+%22b%22%26c`
	want := Snippet{
		Script:  `<a class="postbag" href="` + address + `" data-theme="dark" data-radius="0" data-compact data-lang="cy">Write &lt;now&gt;</a>` + script,
		Element: `<postbag-letter campaign="bill" partner="friends" source="a &#34;b&#34;&amp;c" theme="dark" radius="0" compact lang="cy"><a href="` + address + `">Write &lt;now&gt;</a></postbag-letter>` + script,
		Frame:   `<iframe class="postbag" src="https://letters.example.org/cy/embed/friends/c/bill?compact=1&amp;radius=0&amp;theme=dark&amp;utm_source=a+%22b%22%26c" title="Write &lt;now&gt;" width="100%" height="640" referrerpolicy="strict-origin"></iframe>`,
		Address: `https://letters.example.org/cy/c/bill?partner=friends&utm_source=a+%22b%22%26c`,
	}
	if got != want {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	plain := NewSnippet(SnippetFor{Base: "https://letters.example.org", Partner: "friends", Campaign: "bill", Lang: "en", Words: "Write", Look: ReadEmbedLook(nil)})
	if plain.Address != "https://letters.example.org/c/bill?partner=friends" || plain.Script != `<a class="postbag" href="https://letters.example.org/c/bill?partner=friends">Write</a>`+script {
		t.Errorf("%+v", plain)
	}
}
