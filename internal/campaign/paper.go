package campaign

import "strings"

// HouseAddress is where letters to members go by post.
var HouseAddress = []string{"House of Commons", "London SW1A 0AA"}

// Paper is a letter taken apart to be laid out on paper, with the sender at its
// head and room to sign. Text, Signed and Tail, one after the other, are the
// whole letter, to the character.
type Paper struct {
	From   []string // the sender's name and address, line by line
	Text   string   // from the salutation to what stands before the name: "Yours sincerely,"
	Signed string   // line ends, the name, and what the campaign puts under it
	Tail   string   // telephone and address, which on paper stand at the head
}

// Paper takes the person's letter apart.
func (p *Person) Paper() Paper {
	paper := Paper{Text: p.Letter}
	for _, line := range []string{p.Name, p.Address1, p.Address2, p.Town, p.Postcode, p.Phone} {
		if line != "" {
			paper.From = append(paper.From, line)
		}
	}
	if text, found := strings.CutSuffix(p.Letter, tail(p.Phone, p.Address1, p.Address2, p.Town, p.Postcode)); found {
		paper.Text, paper.Tail = text, p.Letter[len(text):]
	}
	if i := strings.LastIndex(paper.Text, "\n"+p.Name); i >= 0 {
		text := strings.TrimRight(paper.Text[:i], "\n")
		paper.Text, paper.Signed = text, paper.Text[len(text):]
	}
	return paper
}

// Paper takes the letter apart as it would be printed.
func (w Written) Paper() Paper { return w.person("").Paper() }

// tail is what stands under the name at the end of a letter: what is given, a
// line each.
func tail(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		if line != "" {
			b.WriteString("\n" + line)
		}
	}
	return b.String()
}
