package doctor

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// element is an element of a page that has to do with the form.
type element struct {
	name string
	attr map[string]string // names in small letters
	list []html.Attribute  // the same, in their order
	in   string            // "noscript" or "template": browsers that run scripts do not show it
}

func (e element) has(name string) bool { _, ok := e.attr[name]; return ok }

// tag is the element's opening tag with one attribute changed, and without others.
func (e element) tag(name, value string, without ...string) string {
	var b strings.Builder
	b.WriteString("<" + e.name)
	put := func(name, value string) {
		b.WriteString(" " + name)
		if value != "" {
			b.WriteString(`="` + html.EscapeString(value) + `"`)
		}
	}
	done := false
	for _, a := range e.list {
		switch key := strings.ToLower(a.Key); {
		case strings.ContainsAny(key, "\"'<>/= \t\r\n\f\x00"): // a slip, such as a quote too many: written anew it would be another
		case key == name:
			put(name, value)
			done = true
		case !slices.Contains(without, key):
			put(key, a.Val)
		case name != "" && !done && !e.has(name): // it takes the place of what it was written as
			put(name, value)
			done = true
		}
	}
	if !done && name != "" {
		put(name, value)
	}
	return b.String() + ">"
}

// contents is what a page holds, as far as it matters.
type contents struct {
	base     *url.URL // what relative addresses are relative to
	scripts  []element
	links    []element // a.postbag
	elements []element // postbag-letter
	frames   []element
	policies []string // of meta elements in the head
	referrer string   // of a meta element
}

// read takes a page apart. Browsers make a tree of any text, and so does this.
func read(p Page) contents {
	c := contents{base: p.URL}
	root, err := html.Parse(strings.NewReader(p.HTML))
	if err != nil {
		c.readFlat(p.HTML, "", true)
		return c
	}
	c.walk(root, "", false)
	return c
}

// resolve is an address as the page means it; nil where it is none.
func (c *contents) resolve(raw string) *url.URL {
	u, err := c.base.Parse(strings.TrimSpace(raw))
	if err != nil || strings.TrimSpace(raw) == "" {
		return nil
	}
	return u
}

func (c *contents) walk(n *html.Node, in string, head bool) {
	if n.Type == html.ElementNode {
		e := element{name: n.Data, attr: map[string]string{}, list: n.Attr, in: in}
		for _, a := range n.Attr {
			e.attr[strings.ToLower(a.Key)] = a.Val
		}
		switch n.DataAtom {
		case atom.Head:
			head = true
		case atom.Base:
			if href := c.resolve(e.attr["href"]); href != nil && in == "" {
				c.base = href
			}
		case atom.Meta:
			c.meta(e, head)
		case atom.Script:
			c.scripts = append(c.scripts, e)
		case atom.Iframe:
			c.frames = append(c.frames, e)
			return // what is in it is for browsers that know no frames
		case atom.A:
			if hasClass(e.attr["class"], "postbag") {
				c.links = append(c.links, e)
			}
		case atom.Noscript:
			c.noscript(n, head)
			return
		case atom.Template:
			in = "template"
		default:
			if n.Data == "postbag-letter" {
				c.elements = append(c.elements, e)
			}
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.walk(child, in, head)
	}
}

// noscript reads what a page shows where scripts do not run.
func (c *contents) noscript(n *html.Node, head bool) {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type != html.TextNode {
			c.walk(child, "noscript", head)
			continue
		}
		inner, err := html.ParseFragment(strings.NewReader(child.Data), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
		if err != nil {
			c.readFlat(child.Data, "noscript", false)
			return
		}
		for _, node := range inner {
			c.walk(node, "noscript", false)
		}
	}
}

func (c *contents) meta(e element, head bool) {
	switch {
	case e.in != "":
	case strings.EqualFold(e.attr["http-equiv"], "content-security-policy") && head:
		c.policies = append(c.policies, e.attr["content"])
	case strings.EqualFold(e.attr["name"], "referrer"):
		c.referrer = e.attr["content"]
	}
}

func hasClass(list, name string) bool {
	for _, class := range strings.Fields(list) {
		if class == name {
			return true
		}
	}
	return false
}
