package e2e

import (
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// onePage is how a PDF file of the browser's begins each of its pages.
var onePage = regexp.MustCompile(`/Type ?/Page\b`)

// pages returns how many sheets of A4 the page takes.
func (b *tab) pages() int {
	b.t.Helper()
	asStyled := true
	file := call(b, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &asStyled}).Data
	return len(onePage.FindAll(file, -1))
}

// TestPrint: what people print fits the sheets that one would expect, whatever
// window it is printed from, and no sheet is empty.
func TestPrint(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.history()
	for _, d := range []device{phone, desktop} {
		b := p.open(d)
		for _, print := range []struct {
			name, path  string
			before      []string // what is pressed first
			least, most int
		}{
			{"the campaign", atCampaign, nil, 2, 3},
			{"the map, with its key", atMap, nil, 1, 1},
			{"the map, with a part of its table", atMap, []string{".atlas-table details:first-of-type summary"}, 2, 2},
			{"the list", atMPs, nil, 10, 19},
			{"the list of Wales", atMPs, []string{".sieve summary", "label[for=p-r11]"}, 1, 2},
			{"a constituency", atMPs + "/hexham", nil, 1, 1},
			{"the check", atCheck, nil, 1, 1},
			{"the cards to hand out", atCheck + "/card", nil, 1, 1},
		} {
			b.visit(print.path)
			for _, css := range print.before {
				b.press(css)
			}
			if n := b.pages(); n < print.least || n > print.most {
				t.Errorf("%s, %s: %d sheets, not %d to %d", d.name, print.name, n, print.least, print.most)
			}
		}
	}
}
