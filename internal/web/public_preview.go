package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// previewLetter answers POST /c/{campaign}/preview: exactly what will be sent.
func (s *Server) previewLetter(c echo.Context) error {
	return s.check(c, func(slug string, f letterForm) (campaign.Written, error) {
		return s.Service.Write(c.Request().Context(), slug, f.Form)
	}, func(c echo.Context, found *campaign.Campaign, w campaign.Written) error {
		s.Service.NoteStep(found.Slug, campaign.StepPreviewed)
		return s.showPreview(c, found, w)
	})
}

// sendLetter answers POST /c/{campaign}/send: the letter is written down, and
// a link to confirm it goes out by email.
func (s *Server) sendLetter(c echo.Context) error {
	return s.check(c, func(slug string, f letterForm) (campaign.Written, error) {
		return s.Service.Submit(c.Request().Context(), slug, f.Form)
	}, func(c echo.Context, found *campaign.Campaign, w campaign.Written) error {
		if w.Changed != "" {
			return s.showPreview(c, found, w)
		}
		return s.showCheckEmail(c, found, w)
	})
}

// check reads the letter's form, does something with it and shows what comes
// of it: the form again when a field will not do, the preview when the letter
// is not for us to send.
func (s *Server) check(c echo.Context, do func(string, letterForm) (campaign.Written, error),
	show func(echo.Context, *campaign.Campaign, campaign.Written) error) error {
	f, found, err := s.letterOf(c)
	if err != nil {
		return err
	}
	if !found.Writing() {
		return s.showStopped(c, found, f)
	}
	slug := found.Slug
	f.Typed = true
	w, err := do(slug, f)
	wrong, _ := errors.AsType[*fault.Error](err)
	busy, _ := errors.AsType[*campaign.BusyError](err)
	switch {
	case busy != nil:
		return s.showBusy(c, found, f, busy)
	case err == nil && w.Changed == campaign.ChangedOptIn:
		return s.showLetter(c, http.StatusOK, found, f, w.Draft, nil, kept{})
	case err == nil:
		return show(c, found, w)
	case wrong != nil && wrong.Code == fault.Invalid && len(wrong.Fields) > 0:
		return s.showLetter(c, http.StatusUnprocessableEntity, found, f, w.Draft, wrong.Fields, kept{})
	case wrong != nil && wrong.Code == fault.NotFound:
		f.Constituency = ""
		return s.showChoose(c, http.StatusUnprocessableEntity, slug, f, view.Choose{Error: s.View.T(f.Lang, "choose.reason.mistaken")})
	case wrong != nil && wrong.Code == fault.Conflict && w.Draft.To.Ruling.Exclude != "":
		return s.showExcluded(c, found, f, w.Draft)
	case wrong != nil && wrong.Code == fault.Conflict && w.Letter != "":
		return s.showPreview(c, found, w)
	case wrong != nil && wrong.Code == fault.Conflict: // it was stopped this very moment
		return s.showStopped(c, found, f)
	default:
		return err
	}
}

func (s *Server) showPreview(c echo.Context, found *campaign.Campaign, w campaign.Written) error {
	lang := w.Form.Lang
	page := view.Preview{
		Waits: s.Service.DissolvedUntil(),
		Frame: s.campaignFrame(lang, found), To: recipient(lang, found, w.Draft.To),
		From: w.Form.Name, ReplyTo: w.Form.Email, Way: w.Way, ByPost: w.Draft.To.ByPost(),
		Paper: s.paper(lang, w.Draft.Lang, w.Paper(), w.Form.Subject, w.Day), Advice: w.Draft.Hints(w.Form.Body),
		Fields: hiddenForm(w.Form), SentMyself: s.sentMyself(w),
	}
	page.Paper.To = page.To
	page.Embed = embed(c)
	page.OptIns = s.optInBoxes(lang, w.OptIns)
	if w.Changed != "" {
		page.Changed = s.View.T(lang, "preview.changed_"+string(w.Changed))
	}
	title := "title.preview"
	switch w.Way {
	case campaign.WayPost:
		title = "title.print"
	case campaign.WayEmail:
		title = "title.own_email"
		page.Mail, page.TestAddress = s.ownMail(w)
	}
	page.Title = s.View.T(lang, title)
	return s.page(c, http.StatusOK, page)
}

// paper is a letter to be shown on a page in one language, while the letter
// itself may be in another.
func (s *Server) paper(page, letter string, p campaign.Paper, subject string, day time.Time) view.Paper {
	return view.Paper{Paper: p, Subject: subject, Day: s.View.DayOf(letter, day), Lang: foreign(page, letter)}
}

// ownMail is the letter as it goes into a mail program. While no MP may be
// written to, the address is another, and the page says so.
func (s *Server) ownMail(w campaign.Written) (mail view.OwnMail, test bool) {
	address := w.Draft.To.Email
	switch {
	case s.TestRecipient != "":
		address, test = s.TestRecipient, true
	case s.Captured:
		address, test = "mp@example.invalid", true
	}
	return view.NewOwnMail(address, w.Form.Subject, w.Letter), test
}

func (s *Server) showCheckEmail(c echo.Context, found *campaign.Campaign, w campaign.Written) error {
	page := view.CheckEmail{
		Frame: s.campaignFrame(w.Form.Lang, found), To: recipient(w.Form.Lang, found, w.Draft.To), Email: w.Form.Email,
		Days: int(campaign.ConfirmWithin / (24 * time.Hour)),
	}
	page.Embed = embed(c)
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
		view.Hidden{Name: fieldMember, Value: strconv.Itoa(f.Member)},
		view.Hidden{Name: fieldSeen, Value: f.Seen})
}
