package view

import (
	"html"
	"html/template"
	"strings"
	"time"
)

// seatRows writes the rows of the organisers' table of constituencies, as mpRows
// does those of the pledge list, and for the same reason.
func (w *words) seatRows(rows []DashRow) template.HTML {
	var b strings.Builder
	b.Grow(700 * len(rows))
	text := func(s string) { b.WriteString(html.EscapeString(s)) }
	label := func(key string) string {
		return `" data-label="` + html.EscapeString(w.plain["desk.col."+key]) + `">`
	}
	party, pledge, letters := `<td class="pa`+label("party"), `<td class="pl`+label("pledge"), `<td class="num`+label("letters")
	share, replies, last := `<td class="num`+label("share"), `<td class="num`+label("replies"), `<td class="num`+label("last")
	unknown := `<span class="vh">` + html.EscapeString(w.plain["desk.dash.unknown"]) + `</span>–`
	days := map[int]string{} // hundreds of rows have the same few
	for _, r := range rows {
		b.WriteString("\n<tr id=\"")
		text(r.Code)
		if r.Also != "" {
			b.WriteString(`" data-also="`)
			text(r.Also)
		}
		b.WriteString(`"><th scope="row"><a href="`)
		text(r.URL)
		b.WriteString(`">`)
		text(r.Place)
		b.WriteString(`</a><td class="mp">`)
		text(r.MP)
		b.WriteString(party)
		text(r.Party)
		b.WriteString(pledge)
		b.WriteString(`<span class="tag `)
		text(r.Tag)
		b.WriteString(`">`)
		text(r.Pledge)
		b.WriteString("</span>")
		b.WriteString(letters)
		b.WriteString(w.number(r.Letters))
		b.WriteString(share)
		if r.Share == "" {
			b.WriteString(unknown)
		} else {
			text(r.Share)
		}
		b.WriteString(replies)
		b.WriteString(w.number(r.Replies))
		b.WriteString(last)
		if !r.Last.IsZero() {
			b.WriteString(w.lastDay(days, r.Last))
		}
	}
	return template.HTML(b.String()) //nolint:gosec // escaped above
}

// lastDay writes the day of t in London.
func (w *words) lastDay(known map[int]string, t time.Time) string {
	t = t.In(w.zone)
	key := t.Year()*1000 + t.YearDay()
	said, ok := known[key]
	if !ok {
		said = html.EscapeString(w.shortDate(t))
		said = `<time datetime="` + t.Format(time.DateOnly) + `">` + said + `</time>`
		known[key] = said
	}
	return said
}
