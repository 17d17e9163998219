package view

import (
	"html"
	"html/template"
	"strings"
)

// mpRows writes the rows of a table of the pledge list. It stands in for a range
// in the template: with 650 rows of a dozen values each, escaping by context,
// one value at a time, takes most of the time that the page may take.
func (w *words) mpRows(rows []MPRow) template.HTML {
	var b strings.Builder
	b.Grow(400 * len(rows))
	text := func(s string) { b.WriteString(html.EscapeString(s)) }
	around := func(before, s, after string) {
		if s != "" {
			b.WriteString(before)
			text(s)
			b.WriteString(after)
		}
	}
	evidence := `" rel="noopener noreferrer">` + html.EscapeString(w.plain["mps.evidence"]) + `</a>`
	for _, r := range rows {
		around("\n<tr class=\"m ", r.Class, `"`)
		around(` data-also="`, r.Also, `"`)
		around(`><th scope="row"><a href="`, r.URL, `">`)
		text(r.Constituency)
		b.WriteString("</a><td>")
		text(r.MP)
		around(" <small>", r.Party, "</small>")
		around(`<td><span class="tag `, r.Tag, "")
		if r.Tag == "" {
			b.WriteString(`<td><span class="tag`)
		}
		around(`">`, r.Pledge, "</span>")
		around(" <small>", r.Since, "</small>")
		if isWebAddress(r.Evidence) {
			around(` <a href="`, r.Evidence, evidence)
		}
		around("<td>", r.Letters, "")
	}
	return template.HTML(b.String()) //nolint:gosec // escaped above
}

// isWebAddress keeps links from doing anything but leading to a page.
func isWebAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}
