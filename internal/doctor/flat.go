package doctor

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// readFlat takes apart what has more elements within each other than html.Parse
// makes a tree of (512). Browsers stop nesting about there, and show everything
// all the same. Here it is tag after tag, each an element without children.
func (c *contents) readFlat(text, in string, head bool) {
	z := html.NewTokenizer(strings.NewReader(text))
	templates := 0 // that are open
	for {
		kind := z.Next()
		t := z.Token()
		switch kind {
		case html.ErrorToken: // the end
			return
		case html.TextToken:
			head = head && strings.TrimSpace(t.Data) == ""
		case html.EndTagToken:
			switch t.DataAtom {
			case atom.Head:
				head = false
			case atom.Template:
				templates = max(0, templates-1)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			n := &html.Node{Type: html.ElementNode, Data: t.Data, DataAtom: t.DataAtom, Attr: t.Attr}
			switch t.DataAtom {
			case atom.Title, atom.Style, atom.Script, atom.Noscript:
				// The text up to the closing tag is no text of the page.
				if z.Next() == html.TextToken {
					n.AppendChild(&html.Node{Type: html.TextNode, Data: z.Token().Data})
				}
			case atom.Html, atom.Head, atom.Base, atom.Meta, atom.Link, atom.Template:
			default:
				head = false
			}
			within := in
			if templates > 0 {
				within = "template"
			}
			c.walk(n, within, head)
			if t.DataAtom == atom.Template {
				templates++
			}
		}
	}
}
