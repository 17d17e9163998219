package view

import (
	"fmt"
	"html/template"
	"io/fs"
	"strings"
)

// A mail's HTML is made of its text, so that both say the same and a new mail is
// one template: paragraphs and lists become what they are, an address that has a
// line to itself a link, and the first of those a button.

// mailFile is what every mail looks like.
const mailFile = "mail/mail.html"

// mailSheet fills mailFile in.
type mailSheet struct {
	Lang, Subject string
	Blocks        []mailBlock
}

// mailBlock is one part of a mail: just one of its fields is set.
type mailBlock struct {
	Button    *mailLink
	Paragraph []string   // by line
	List      [][]string // by item and line
	Quote     [][]string // what somebody else said: by paragraph and line
	Foot      []string   // the last paragraph, by line
}

// mailLink is a link that stands for an address.
type mailLink struct{ URL, Words string }

// dress adds the HTML to a mail. Button is the message on the button; quote is a
// part of the text that are an organiser's words, empty: there are none.
func (e *edition) dress(b *book, m Mailing, button, quote string) (Mailing, error) {
	words, err := b.words.say(button)
	if err != nil {
		return Mailing{}, err
	}
	sheet := mailSheet{Lang: b.words.lang, Subject: m.Subject, Blocks: mailBlocks(m.Text, quote, words)}
	var html strings.Builder
	if err := b.sheet.Execute(&html, sheet); err != nil {
		return Mailing{}, fmt.Errorf("render the mail as HTML: %w", err)
	}
	m.HTML = html.String()
	return m, nil
}

// parseSheet reads what mails look like and tries it out.
func (b *book) parseSheet(fsys fs.FS, button string) (problems []error) {
	b.used[button] = true
	t, err := template.New("mail.html").Funcs(b.funcs).ParseFS(fsys, mailFile)
	if err != nil {
		return []error{err}
	}
	b.sheet = t
	problems = b.bindAll(t, func(string) bool { return true })
	if _, err := (&edition{}).dress(b, Mailing{Text: "a\n\nhttps://example.org/\n\n- b\n"}, button, ""); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// mailBlocks takes a mail's text apart.
func mailBlocks(text, quote, button string) []mailBlock {
	text = strings.TrimSpace(text)
	var blocks []mailBlock
	before, after, quoted := strings.Cut(text, "\n\n"+quote+"\n\n")
	if quote == "" || !quoted {
		before, after = text, ""
	}
	for _, paragraph := range paragraphs(before) {
		blocks = append(blocks, mailBlockOf(paragraph))
	}
	if after != "" {
		var said [][]string
		for _, paragraph := range paragraphs(quote) {
			said = append(said, strings.Split(paragraph, "\n"))
		}
		blocks = append(blocks, mailBlock{Quote: said})
		for _, paragraph := range paragraphs(after) {
			blocks = append(blocks, mailBlockOf(paragraph))
		}
	}
	for i, b := range blocks {
		if len(b.Paragraph) == 1 && webAddress.FindString(b.Paragraph[0]) == b.Paragraph[0] && b.Paragraph[0] != "" {
			blocks[i] = mailBlock{Button: &mailLink{URL: b.Paragraph[0], Words: button}}
			break
		}
	}
	if last := len(blocks) - 1; last > 0 && blocks[last].Paragraph != nil {
		blocks[last] = mailBlock{Foot: blocks[last].Paragraph}
	}
	return blocks
}

// paragraphs splits a text at its empty lines.
func paragraphs(text string) (all []string) {
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.Trim(p, "\n"); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// mailBlockOf tells a list, whose every item begins with a dash, from a paragraph.
func mailBlockOf(paragraph string) mailBlock {
	lines := strings.Split(paragraph, "\n")
	if !strings.HasPrefix(paragraph, "- ") {
		return mailBlock{Paragraph: lines}
	}
	var items [][]string
	for _, line := range lines {
		if item, begins := strings.CutPrefix(line, "- "); begins {
			items = append(items, []string{item})
			continue
		}
		last := len(items) - 1
		items[last] = append(items[last], strings.TrimSpace(line))
	}
	return mailBlock{List: items}
}
