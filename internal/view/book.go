package view

import (
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	texttemplate "text/template"
	"text/template/parse"

	"postbag/internal/campaign"
)

// book is every template of one language, its words bound.
type book struct {
	fsys   fs.FS
	words  *words
	site   site
	funcs  template.FuncMap
	common *template.Template // what all pages have in common: never executed, so that it can be copied
	mails  map[string]*texttemplate.Template
	sheet  *template.Template // what mails look like as HTML

	mu    sync.RWMutex
	pages map[string]*template.Template
	used  map[string]bool // keys of messages that templates use; * stands for a part known only at run time
}

// specimens is one model per page, as empty as it may be. It is the list of
// pages that must exist, and what each is tried out with at start.
func specimens() []Page {
	text := &campaign.Text{}
	frame := Frame{Lang: DefaultLang, Campaign: &campaign.Campaign{}, Text: text}
	embedded := frame
	embedded.Embed = &Embed{}
	return []Page{
		Home{}, CampaignPage{Frame: frame}, CampaignPage{Frame: embedded}, EmbedLink{Frame: embedded}, Unsubscribe{}, Stop{}, Busy{}, Choose{Frame: frame}, LetterForm{Frame: frame},
		Preview{Frame: frame}, Excluded{Frame: frame}, Thanks{Frame: frame}, CheckEmail{Frame: frame}, PrivatePage{Frame: frame, State: campaign.StateAwaiting},
		CheckPage{Frame: frame}, CheckCard{Frame: frame},
		Message{}, Accessibility{}, Privacy{}, API{}, DevMailList{}, DevMail{}, StylePage{},
		MapPage{Frame: frame}, MPs{Frame: frame}, SeatPage{Frame: frame, Standing: string(campaign.StandingNotYet)},
	}
}

// mailNames lists the mails that must exist.
var mailNames = []string{
	"confirm", "remind", "repeat", "declined", "sent", "failed", "bounced", "held", "changed", "pledged", "followup", "last", "forward",
}

func parseBook(fsys fs.FS, w *words, s site) (*book, error) {
	b := &book{
		fsys: fsys, words: w, site: s, funcs: w.funcs(s),
		pages: map[string]*template.Template{},
		mails: map[string]*texttemplate.Template{},
		used: map[string]bool{
			"number.group": true, "language.name": true, "language.suggest": true, "list.and": true, "list.and_vowel": true, "recipient.who": true,
			"date.long": true, "date.day": true, "mps.evidence": true, "date.weekday.*": true, "date.month.*": true, "date.mark.*": true,
		},
	}
	problems := b.parsePages(specimens(), "layout.html", "embed.html", "parts.html")
	for _, name := range mailNames {
		problems = append(problems, b.parseMail(fsys, w, s, "", name, MailData{})...)
	}
	problems = append(problems, b.parseSheet(fsys, mailButton)...)
	problems = append(problems, strays(fsys, b)...)
	return b, errors.Join(problems...)
}

// parseMail reads the template of one mail, mail/FOLDER/NAME.txt, and tries it
// out.
func (b *book) parseMail(fsys fs.FS, w *words, s site, folder, name string, trial any) (problems []error) {
	t, err := texttemplate.New(name+".txt").Funcs(texttemplate.FuncMap(w.funcs(s))).ParseFS(fsys, "mail/"+folder+name+".txt")
	if err != nil {
		return []error{err}
	}
	problems = b.bind(t.Tree, w, s.assets, func(s string) string { return s })
	if _, err := written(t, trial); err != nil {
		problems = append(problems, fmt.Errorf("try the mail %q: %w", name, err))
	}
	b.mails[name] = t
	return problems
}

// parseDesk is parseBook for the organisers' workspace.
func parseDesk(fsys fs.FS, w *words, s site) (*book, error) {
	b := &book{fsys: fsys, words: w, site: s, funcs: w.funcs(s), pages: map[string]*template.Template{}, used: map[string]bool{}}
	problems := b.parsePages(deskPages(), "organise.html", "organise_parts.html", "organise_campaign_parts.html", "parts.html")
	problems = append(problems, b.parseAccountMails(fsys, w, s)...)
	return b, errors.Join(append(problems, b.strayPages(fsys, deskFolder)...)...)
}

// deskFolder is where the workspace's pages stand, under pages.
const deskFolder = "organise/"

// isDesk reports whether a page is one of the workspace.
func isDesk(p Page) bool { return strings.HasPrefix(p.template(), deskFolder) }

// parsePages reads what all pages have in common and the template of each, and
// tries each out.
func (b *book) parsePages(pages []Page, common ...string) (problems []error) {
	var err error
	b.common, err = template.New("pages").Funcs(b.funcs).Option("missingkey=zero").ParseFS(b.fsys, common...)
	if err != nil {
		return []error{err}
	}
	problems = b.bindAll(b.common, func(string) bool { return true })
	for _, page := range pages {
		t, err := b.page(page.template())
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if err := t.ExecuteTemplate(io.Discard, "layout", page); err != nil {
			problems = append(problems, fmt.Errorf("try the page: %w", err))
		}
	}
	return problems
}

// page returns the template of a page, which is read when it is first asked for.
func (b *book) page(name string) (*template.Template, error) {
	b.mu.RLock()
	t := b.pages[name]
	b.mu.RUnlock()
	if t != nil {
		return t, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.pages[name]; t != nil {
		return t, nil
	}
	t, err := b.common.Clone()
	if err != nil {
		return nil, err
	}
	file := "pages/" + name + ".html"
	if t, err = t.Funcs(b.funcs).ParseFS(b.fsys, file); err != nil {
		return nil, err
	}
	b.pages[name] = t
	return t, errors.Join(b.bindAll(t, func(from string) bool { return from == path.Base(file) })...)
}

// at is the book of the same site at another address: its pages are read when
// they are first shown. Mails are given every address that they say.
func (b *book) at(base string) *book {
	s := b.site
	s.Base = base
	return &book{
		fsys: b.fsys, words: b.words, site: s, funcs: b.words.funcs(s), common: b.common, mails: b.mails, sheet: b.sheet,
		pages: map[string]*template.Template{}, used: map[string]bool{},
	}
}

// bindAll binds the templates that come from some files.
func (b *book) bindAll(t *template.Template, from func(file string) bool) (problems []error) {
	for _, part := range t.Templates() {
		if part.Tree != nil && from(part.Tree.ParseName) {
			problems = append(problems, b.bind(part.Tree, b.words, b.site.assets, html.EscapeString)...)
		}
	}
	return problems
}

// strayPages reports templates in a folder that no page has.
func (b *book) strayPages(fsys fs.FS, folder string) (problems []error) {
	pages, _ := fs.Glob(fsys, "pages/"+folder+"*.html")
	for _, file := range pages {
		if b.pages[folder+strings.TrimSuffix(path.Base(file), ".html")] == nil {
			problems = append(problems, fmt.Errorf("no page uses the template %s", file))
		}
	}
	return problems
}

// strays reports templates that nothing renders.
func strays(fsys fs.FS, b *book) (problems []error) {
	problems = b.strayPages(fsys, "")
	mails, _ := fs.Glob(fsys, "mail/*.txt")
	for _, file := range mails {
		if !slices.Contains(mailNames, strings.TrimSuffix(path.Base(file), ".txt")) {
			problems = append(problems, fmt.Errorf("no mail uses the template %s", file))
		}
	}
	return problems
}

// bind goes through a template once, before it is first executed: it notes and
// checks the messages used, and writes those that never change (and the assets'
// addresses) into the template as text, so that rendering costs nothing.
func (b *book) bind(tree *parse.Tree, w *words, assets *Assets, escape func(string) string) (problems []error) {
	visit(tree.Root, func(n parse.Node) parse.Node {
		switch n := n.(type) {
		case *parse.CommandNode:
			if err := b.note(n, w); err != nil {
				where, _ := tree.ErrorContext(n)
				problems = append(problems, fmt.Errorf("%s: %w", where, err))
			}
		case *parse.ActionNode:
			if text, ok := fixed(n, w, assets); ok {
				return &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(escape(text))}
			}
		}
		return n
	})
	return problems
}

// note records the message that a command says and checks that it exists.
func (b *book) note(c *parse.CommandNode, w *words) error {
	fn, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok {
		return nil
	}
	arg := func(i int) (string, bool) {
		if i >= len(c.Args) {
			return "", false
		}
		s, ok := c.Args[i].(*parse.StringNode)
		if !ok {
			return "", false
		}
		return s.Text, true
	}
	var keys []string
	switch fn.Ident {
	case "t", "tn", "tlink":
		key, ok := arg(1)
		if !ok {
			return fmt.Errorf("%s wants a message's key, in quotes", fn.Ident)
		}
		keys = []string{key}
	case "tk":
		family, ok1 := arg(1)
		part, ok2 := arg(3)
		if !ok1 || !ok2 {
			return errors.New("tk wants a family and a part, in quotes")
		}
		b.used[family+".*."+part] = true
	case "input":
		name, ok := arg(2)
		if !ok {
			return errors.New("input wants a field's name, in quotes")
		}
		keys = []string{"field." + name + ".label"}
		b.used["field."+name+".hint"] = true
	case "deskfield":
		key, ok := arg(4)
		if !ok {
			return errors.New("deskfield wants the key of a field's words, in quotes")
		}
		keys = []string{"desk.field." + key + ".label"}
		b.used["desk.field."+key+".hint"] = true
	}
	for _, key := range keys {
		b.used[key] = true
		if w.messages[key] == nil {
			return fmt.Errorf("the catalogue %q has no message %q", w.lang, key)
		}
	}
	return nil
}

// fixed returns the text of an action that says the same in every page:
// {{t "key"}} without placeholders, {{asset "name"}}.
func fixed(n *parse.ActionNode, w *words, assets *Assets) (string, bool) {
	if len(n.Pipe.Decl) > 0 || len(n.Pipe.Cmds) != 1 || len(n.Pipe.Cmds[0].Args) != 2 {
		return "", false
	}
	fn, ok := n.Pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	if !ok {
		return "", false
	}
	arg, ok := n.Pipe.Cmds[0].Args[1].(*parse.StringNode)
	if !ok {
		return "", false
	}
	switch fn.Ident {
	case "t":
		text, ok := w.plain[arg.Text]
		return text, ok
	case "asset":
		url, err := assets.URL(arg.Text)
		return url, err == nil
	}
	return "", false
}

// visit calls f for every node of a template, deepest last; what f returns for
// a node in a list takes its place.
func visit(n parse.Node, f func(parse.Node) parse.Node) {
	list := func(l *parse.ListNode) {
		if l == nil {
			return
		}
		for i, child := range l.Nodes {
			visit(child, f)
			l.Nodes[i] = f(child)
		}
	}
	pipe := func(p *parse.PipeNode) {
		if p != nil {
			visit(p, f)
		}
	}
	branch := func(b *parse.BranchNode) {
		pipe(b.Pipe)
		list(b.List)
		list(b.ElseList)
	}
	switch n := n.(type) {
	case *parse.ListNode:
		list(n)
	case *parse.ActionNode:
		pipe(n.Pipe)
	case *parse.TemplateNode:
		pipe(n.Pipe)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			f(c)
			for _, arg := range c.Args {
				if chain, ok := arg.(*parse.ChainNode); ok {
					arg = chain.Node
				}
				if p, ok := arg.(*parse.PipeNode); ok {
					visit(p, f)
				}
			}
		}
	}
}
