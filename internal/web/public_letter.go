package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/postcode"
	"postbag/internal/view"
)

// startLetter answers POST /c/{campaign}/letter: from a postcode, or a
// constituency that was chosen, to the page on which the letter is written.
func (s *Server) startLetter(c echo.Context) error {
	f, found, err := s.letterOf(c)
	if err != nil {
		return err
	}
	if !found.Writing() {
		return s.showStopped(c, found, f)
	}
	slug := found.Slug
	if f.Choose {
		return s.showChoose(c, http.StatusOK, slug, f, view.Choose{Reason: s.View.T(f.Lang, "choose.reason.all")})
	}
	r := s.Service.Locate(f.Postcode)
	if r.Answer == postcode.Malformed {
		return s.askPostcodeAgain(c, found, f)
	}
	f.Postcode = r.Postcode.String()
	if f.Constituency == "" {
		if r.Answer != postcode.Found {
			return s.chooseFor(c, slug, f, r)
		}
		f.Constituency = r.Constituency
	}
	draft, err := s.Service.Draft(c.Request().Context(), slug, f.Form)
	if err != nil {
		if fault.CodeOf(err) != fault.NotFound {
			return err
		}
		f.Constituency = ""
		return s.showChoose(c, http.StatusUnprocessableEntity, slug, f, view.Choose{Error: s.View.T(f.Lang, "choose.reason.mistaken")})
	}
	if draft.To.Ruling.Exclude != "" {
		return s.showExcluded(c, found, f, draft)
	}
	if !f.Typed { // who chose another constituency or language has been counted
		s.Service.NoteStep(slug, campaign.StepFound)
	}
	kept, err := s.fillIn(c, slug, &f, draft)
	if err != nil {
		return err
	}
	return s.showLetter(c, http.StatusOK, found, f, draft, nil, kept)
}

// letterOf reads what a form of the letter's steps holds, and of which campaign
// it is.
func (s *Server) letterOf(c echo.Context) (letterForm, *campaign.Campaign, error) {
	f, err := readForm(c, s.lang(c))
	if err != nil {
		return f, nil, err
	}
	f.From = campaign.Network(addressOf(c.Request()))
	if e := embed(c); e != nil {
		f.Credit.Partner, f.Embed = e.Partner, true
		e.Source = s.Service.Credit(f.Credit).Source
	}
	found, err := s.Service.Campaign(c.Param("campaign"))
	return f, found, err
}

// askPostcodeAgain shows the postcode field with what was typed and what is
// wrong with it. When a letter was typed already, it goes along.
func (s *Server) askPostcodeAgain(c echo.Context, found *campaign.Campaign, f letterForm) error {
	key := "field.postcode.malformed"
	if f.Postcode == "" {
		key = "field.postcode.missing"
	}
	sentence := s.View.T(f.Lang, key)
	if f.Typed {
		return s.showChoose(c, http.StatusUnprocessableEntity, found.Slug, f, view.Choose{Error: sentence})
	}
	page, err := s.campaignPageNow(c.Request().Context(), f.Lang, found)
	if err != nil {
		return err
	}
	page.NoIndex, page.Embed = true, embed(c)
	page.Postcode, page.Error, page.Credit = f.Postcode, sentence, f.carried()
	return s.page(c, http.StatusUnprocessableEntity, page)
}

// kept is what stays in a letter that the supporter had changed when they chose
// another constituency or language.
type kept struct {
	Names []string // constituency or MP of before that the letter still names
	Lang  bool     // the text is still in the language of before
}

// fillIn puts the campaign's words where the supporter has not written their
// own: on first sight of the letter, or when they chose another constituency or
// language and had not touched the text.
func (s *Server) fillIn(c echo.Context, slug string, f *letterForm, draft campaign.Draft) (kept, error) {
	f.LetterLang = draft.Lang
	if !f.Typed {
		f.Subject, f.Body = draft.Subject, draft.Body
		return kept{}, nil
	}
	was := f.Form
	was.LetterLang = f.WasLang
	if f.Drafted != "" {
		was.Constituency = f.Drafted
	}
	before, err := s.Service.Draft(c.Request().Context(), slug, was)
	if err != nil {
		if fault.CodeOf(err) == fault.NotFound {
			return kept{}, nil // not one of our codes: leave the text alone
		}
		return kept{}, err
	}
	if f.Subject == before.Subject {
		f.Subject = draft.Subject
	}
	if f.Body == before.Body {
		f.Body = draft.Body
		return kept{}, nil
	}
	return kept{Names: stillNamed(f.Subject+"\n"+f.Body, before, draft), Lang: before.Lang != draft.Lang}, nil
}

// stillNamed returns what a text that was written for one recipient calls it
// by, where another would be called otherwise.
func stillNamed(text string, before, now campaign.Draft) []string {
	var names []string
	for _, name := range [][2]string{
		{before.To.Seat.NameIn(before.Lang), now.To.Seat.NameIn(now.Lang)}, {before.To.AddressAs, now.To.AddressAs},
	} {
		if name[0] == "" || name[0] == name[1] || slices.Contains(names, name[0]) {
			continue
		}
		if name[1] != "" {
			text = strings.ReplaceAll(text, name[1], "")
		}
		if strings.Contains(text, name[0]) {
			names = append(names, name[0])
		}
	}
	return names
}

// recipient is whom a letter is for, as a page in lang shows them.
func recipient(lang string, found *campaign.Campaign, to campaign.Recipient) view.Recipient {
	text := found.Text(lang)
	return view.Recipient{
		Constituency: to.Seat.NameIn(lang), Code: to.Constituency, Name: to.MP, FullTitle: to.FullTitle, Party: to.Party,
		Vacant: to.Vacant(), NoEmail: !to.Vacant() && to.Email == "", Pledged: to.Pledged,
		Exception: text.Tag(to.Ruling), ExceptionLang: foreign(lang, text.Lang),
	}
}

func (s *Server) showLetter(c echo.Context, code int, found *campaign.Campaign, f letterForm, draft campaign.Draft, problems map[string]string, stays kept) error {
	// Nobody ticks a box for the supporter: not before there was one, nor from a
	// sandbox, where any page can pretend to be ours. There they tick it again.
	gone := false
	if !f.Typed || fromSandbox(c) {
		gone = f.Typed && !f.OptIns.Zero()
		f.OptIns = campaign.OptIns{}
	}
	page := s.letterPage(found, f, draft, problems, stays)
	page.Embed, page.OptInGone = embed(c), page.OptInGone || gone
	if f.Typed {
		return s.page(c, code, page)
	}
	return s.backPage(c, code, page)
}

// letterPage is the page on which a letter is written.
func (s *Server) letterPage(found *campaign.Campaign, f letterForm, draft campaign.Draft, problems map[string]string, stays kept) view.LetterForm {
	page := view.LetterForm{
		Frame: s.campaignFrame(f.Lang, found), To: recipient(f.Lang, found, draft.To), Note: draft.Note,
		Salutation: draft.Salutation, SignOff: draft.SignOff(), Postcode: f.Postcode,
		ByPost: draft.To.ByPost(), Way: draft.To.Way(f.Way), Replaces: f.Replaces, Credit: creditFields(f.Credit), Shown: s.Service.Shown(found.Slug, f.Shown), Trap: f.Trap, Fields: map[string]view.Field{},
		LetterLang: draft.Lang, Draft: found.Slug + " " + draft.To.Constituency + " " + draft.Lang, Fresh: !f.Typed,
		StillNames: stays.Names, KeptLang: stays.Lang,
	}
	page.Title = s.View.T(f.Lang, "title.letter")
	r := s.Service.Locate(f.Postcode)
	page.Chosen = r.Answer != postcode.Found || r.Constituency != draft.To.Constituency
	for _, name := range campaign.FormFields() {
		field := view.Field{Value: f.Value(name)}
		if key := problems[name]; key != "" {
			field.Error = s.View.T(f.Lang, key)
			page.ErrorList = append(page.ErrorList, view.FieldError{Field: name, Sentence: field.Error})
		}
		page.Fields[name] = field
	}
	for i, question := range found.Text(f.Lang).Questions {
		name := campaign.AnswerFields()[i]
		page.Questions = append(page.Questions, view.Question{Field: name, Words: question, Answer: f.Value(name)})
	}
	if f.Body != draft.Body {
		page.Template = draft.Body
	}
	if !page.ByPost {
		asks, gone := s.Service.AskOptIns(found, f.Form)
		page.OptIns, page.OptInGone = s.optInBoxes(f.Lang, asks), gone
	}
	for _, lang := range found.LetterLangs(draft.To.Constituency) {
		if lang != draft.Lang {
			page.Switch = append(page.Switch, view.Switch{Lang: lang, Words: s.View.T(lang, "letter.switch")})
		}
	}
	return page
}
