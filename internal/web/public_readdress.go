package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// readdressForm is what came in of the form that sends a letter to a successor.
type readdressForm struct {
	campaign.Readdress
	problems map[string]string
}

// readdressLetter answers POST /l/{token}/readdress: the letter shall go to the MP
// who sits now. What was typed comes back with whatever is wrong.
func (s *Server) readdressLetter(c echo.Context) error {
	member, _ := strconv.Atoi(c.FormValue("member"))
	f := readdressForm{Readdress: campaign.Readdress{
		Member: member, Named: c.FormValue("named"), Subject: c.FormValue(campaign.FieldSubject), Body: c.FormValue(campaign.FieldBody),
	}}
	wrong, refused := error(nil), error(nil)
	err := s.changeLetter(c, func(ctx context.Context, token string) error {
		err := s.Service.Readdress(ctx, token, f.Readdress)
		switch fault.CodeOf(err) {
		case fault.Invalid:
			wrong = err
		case fault.Conflict:
			refused = err
		default:
			return err
		}
		return errStays
	}, "readdressed")
	switch {
	case wrong != nil:
		if invalid, ok := errors.AsType[*fault.Error](wrong); ok {
			f.problems = invalid.Fields
		}
		return s.privatePage(c, http.StatusUnprocessableEntity, "", "", &f)
	case refused != nil:
		conflict, _ := errors.AsType[*fault.Error](refused)
		return s.privatePage(c, http.StatusConflict, "", conflict.Safe, &f)
	}
	return err
}

// errStays says that the page is to be shown again.
var errStays = errors.New("the page stays")

// askSuccessor is the question whether the letter shall go to whoever sits now,
// with what was typed; nil where none is to be asked.
func (s *Server) askSuccessor(c echo.Context, p *campaign.Private, typed *readdressForm) (*view.Ask, error) {
	lang := s.lang(c)
	q, err := s.Service.Successor(c.Request().Context(), p, lang)
	if q == nil || err != nil {
		return nil, err
	}
	a := &view.Ask{MP: q.To.MP, Member: q.To.MemberID, Fields: map[string]view.Field{}}
	if q.Refused != "" {
		a.Refused = s.View.T(lang, "successor."+q.Refused)
		return a, nil
	}
	a.Named = q.To.AddressAs
	a.Salutation, a.Signed, a.Lang = q.Salutation, strings.TrimLeft(q.Signed, "\n"), foreign(lang, p.Person.Lang)
	if typed == nil {
		typed = &readdressForm{Readdress: campaign.Readdress{Subject: q.Subject, Body: q.Body}}
	} else if typed.Member != q.To.MemberID {
		typed.Rename(q)
	}
	for name, value := range map[string]string{campaign.FieldSubject: typed.Subject, campaign.FieldBody: typed.Body} {
		a.Fields[name] = view.Field{Value: value}
	}
	for _, name := range []string{campaign.FieldSubject, campaign.FieldBody} {
		if key := typed.problems[name]; key != "" {
			sentence := s.View.T(lang, key)
			a.Fields[name] = view.Field{Value: a.Fields[name].Value, Error: sentence}
			a.ErrorList = append(a.ErrorList, view.FieldError{Field: name, Sentence: sentence})
		}
	}
	return a, nil
}
