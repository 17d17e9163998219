package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/postcode"
	"postbag/internal/view"
)

// startLetter answers POST /c/{campaign}/letter: from a postcode, or a
// constituency that was chosen, to the page on which the letter is written.
func (s *Server) startLetter(c echo.Context) error {
	slug := c.Param("campaign")
	f, err := readForm(c, s.lang(c))
	if err != nil {
		return err
	}
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return err
	}
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
	draft, err := s.Service.Draft(c.Request().Context(), slug, f.Lang, f.Constituency)
	if err != nil {
		if fault.CodeOf(err) != fault.NotFound {
			return err
		}
		f.Constituency = ""
		return s.showChoose(c, http.StatusUnprocessableEntity, slug, f, view.Choose{Error: s.View.T(f.Lang, "choose.reason.mistaken")})
	}
	if err := s.fillIn(c, slug, &f, draft); err != nil {
		return err
	}
	return s.showLetter(c, http.StatusOK, found, f, draft, nil)
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
	public, err := s.Service.PublicCounts(c.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	tally, err := s.tally(c.Request().Context(), found, public)
	if err != nil {
		return err
	}
	page, err := s.campaignPage(f.Lang, found, tally)
	if err != nil {
		return err
	}
	page.NoIndex = true
	page.Postcode, page.Error = f.Postcode, sentence
	return s.page(c, http.StatusUnprocessableEntity, page)
}

// fillIn puts the campaign's words where the supporter has not written their
// own: on first sight of the letter, or when they chose another constituency
// and had not touched the text.
func (s *Server) fillIn(c echo.Context, slug string, f *letterForm, draft campaign.Draft) error {
	if !f.Typed {
		f.Subject, f.Body = draft.Subject, draft.Body
		return nil
	}
	if f.Drafted == "" || f.Drafted == f.Constituency {
		return nil
	}
	before, err := s.Service.Draft(c.Request().Context(), slug, f.Lang, f.Drafted)
	if err != nil {
		if fault.CodeOf(err) == fault.NotFound {
			return nil // not one of our codes: leave the text alone
		}
		return err
	}
	if f.Subject == before.Subject {
		f.Subject = draft.Subject
	}
	if f.Body == before.Body {
		f.Body = draft.Body
	}
	return nil
}

// previewLetter answers POST /c/{campaign}/preview: exactly what will be sent.
func (s *Server) previewLetter(c echo.Context) error {
	return s.check(c, func(slug string, f letterForm) (campaign.Written, error) {
		return s.Service.Write(c.Request().Context(), slug, f.Form)
	}, s.showPreview)
}

// sendLetter answers POST /c/{campaign}/send: the letter is written down, and
// a link to confirm it goes out by email.
func (s *Server) sendLetter(c echo.Context) error {
	return s.check(c, func(slug string, f letterForm) (campaign.Written, error) {
		return s.Service.Submit(c.Request().Context(), slug, f.Form)
	}, func(c echo.Context, found *campaign.Campaign, w campaign.Written) error {
		if w.Changed {
			return s.showPreview(c, found, w)
		}
		return s.showCheckEmail(c, found, w)
	})
}

// check reads the letter's form, does something with it and shows what comes
// of it: the form again when a field will not do, the page for paper when the
// letter can only go by post.
func (s *Server) check(c echo.Context, do func(string, letterForm) (campaign.Written, error),
	show func(echo.Context, *campaign.Campaign, campaign.Written) error) error {
	slug := c.Param("campaign")
	f, err := readForm(c, s.lang(c))
	if err != nil {
		return err
	}
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return err
	}
	f.Typed = true
	w, err := do(slug, f)
	wrong, _ := errors.AsType[*fault.Error](err)
	switch {
	case err == nil:
		return show(c, found, w)
	case wrong != nil && wrong.Code == fault.Invalid && len(wrong.Fields) > 0:
		return s.showLetter(c, http.StatusUnprocessableEntity, found, f, w.Draft, wrong.Fields)
	case wrong != nil && wrong.Code == fault.NotFound:
		f.Constituency = ""
		return s.showChoose(c, http.StatusUnprocessableEntity, slug, f, view.Choose{Error: s.View.T(f.Lang, "choose.reason.mistaken")})
	case wrong != nil && wrong.Code == fault.Conflict:
		return s.showPreview(c, found, w)
	default:
		return err
	}
}

// recipient is whom a letter is for, as a page in lang names them.
func recipient(lang string, to campaign.Recipient) view.Recipient {
	return view.Recipient{
		Constituency: to.Seat.NameIn(lang), Code: to.Constituency, Name: to.MP, FullTitle: to.FullTitle, Party: to.Party,
		Vacant: to.Vacant(), NoEmail: !to.Vacant() && to.Email == "", Pledged: to.Pledged,
	}
}

func (s *Server) showLetter(c echo.Context, code int, found *campaign.Campaign, f letterForm, draft campaign.Draft, problems map[string]string) error {
	page := view.LetterForm{
		Frame: s.campaignFrame(f.Lang, found), To: recipient(f.Lang, draft.To), Note: draft.Note,
		Salutation: draft.Salutation, SignOff: draft.SignOff(), Postcode: f.Postcode,
		ByPost: draft.To.ByPost(), Replaces: f.Replaces, Fields: map[string]view.Field{},
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
	if f.Typed {
		return s.page(c, code, page)
	}
	return s.backPage(c, code, page)
}

func (s *Server) showPreview(c echo.Context, found *campaign.Campaign, w campaign.Written) error {
	page := view.Preview{
		Frame: s.campaignFrame(w.Form.Lang, found), To: recipient(w.Form.Lang, w.Draft.To),
		From: w.Form.Name, ReplyTo: w.Form.Email, Subject: w.Form.Subject, Letter: w.Letter,
		Changed: w.Changed, ByPost: w.Draft.To.ByPost(), Fields: hiddenForm(w.Form),
	}
	page.Title = s.View.T(w.Form.Lang, "title.preview")
	if page.ByPost {
		page.Title = s.View.T(w.Form.Lang, "title.print")
	}
	return s.page(c, http.StatusOK, page)
}

func (s *Server) showCheckEmail(c echo.Context, found *campaign.Campaign, w campaign.Written) error {
	page := view.CheckEmail{
		Frame: s.campaignFrame(w.Form.Lang, found), To: recipient(w.Form.Lang, w.Draft.To), Email: w.Form.Email,
		Days: int(campaign.ConfirmWithin / (24 * time.Hour)),
	}
	correct := w.Form
	correct.Replaces = w.Replace
	page.Fields = hiddenForm(correct)
	page.Title = s.View.T(w.Form.Lang, "title.check_email")
	return s.page(c, http.StatusOK, page)
}

// hiddenForm is the whole of a checked form as fields that go along unseen.
func hiddenForm(f campaign.Form) []view.Hidden {
	return append(letterForm{Form: f}.hidden(),
		view.Hidden{Name: fieldConstituency, Value: f.Constituency},
		view.Hidden{Name: fieldMember, Value: strconv.Itoa(f.Member)})
}
