package web

import (
	"net/http"
	"strings"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/view"
)

const (
	atAccount      = atDesk + "/account"
	atSecondFactor = atDesk + "/account/second-factor"
)

func (s *Server) accountRoutes(d desk) {
	d.get("/organise/account", account.SignedIn, s.showOwnAccount)
	d.post("/organise/account", account.SignedIn, s.saveProfile)
	d.post("/organise/account/password", account.SignedIn, s.changePassword)
	d.get("/organise/account/second-factor", account.SignedIn, s.showSecondFactor)
	d.post("/organise/account/second-factor", account.SignedIn, s.setSecondFactor)
	d.post("/organise/account/second-factor/codes", account.SignedIn, s.newRecoveryCodes)
	d.post("/organise/account/second-factor/off", account.SignedIn, s.removeSecondFactor)
	d.post("/organise/account/sessions/end", account.SignedIn, s.endSession)
	d.post("/organise/account/sign-out-everywhere", account.SignedIn, s.signOutEverywhere)
	s.peopleRoutes(d)
}

// mustEnrol reports whether somebody has to set up a second factor before they
// may do anything else. Nobody has to where mail is captured and no letter is
// real.
func (s *Server) mustEnrol(v visit) bool {
	return s.Production && v.who.Role.NeedsSecondFactor() && !v.who.SecondFactor
}

// showOwnAccount answers GET /organise/account.
func (s *Server) showOwnAccount(v visit) error {
	return s.ownAccountPage(v, http.StatusOK, view.DeskForm{Values: map[string]string{"name": v.who.Name}}, v.who.Digest)
}

func (s *Server) ownAccountPage(v visit, code int, form view.DeskForm, digest bool) error {
	if form.Values == nil {
		form.Values = map[string]string{"name": v.who.Name}
	}
	left, err := s.Accounts.RecoveryCodes(v.Request().Context(), v.who.ID)
	if err != nil {
		return err
	}
	sessions, err := s.Sessions.Of(v.Request().Context(), v.who.ID)
	if err != nil {
		return err
	}
	page := view.OwnAccount{
		Desk: s.deskFrame(v, "desk.title.account"), Form: form, Email: v.who.Email, HasDigest: v.who.Role.May(account.SeeCounts), Digest: digest,
		SecondFactor: v.who.SecondFactor, CodesLeft: left, MinPassword: account.MinPassword,
	}
	for _, one := range sessions {
		page.Sessions = append(page.Sessions, view.OwnSession{ID: one.ID, Since: one.Since, Seen: one.Seen, This: one.This})
	}
	return s.deskPage(v, code, page)
}

// endSession answers POST /organise/account/sessions/end: it signs one browser
// out, mostly another.
func (s *Server) endSession(v visit) error {
	if err := s.Sessions.End(v.Request().Context(), v.who.ID, v.FormValue("session")); err != nil {
		return err
	}
	return s.done(v, atAccount, "desk.done.session")
}

// saveProfile answers POST /organise/account.
func (s *Server) saveProfile(v visit) error {
	name, digest := v.FormValue("name"), v.FormValue("digest") != "" && v.who.Role.May(account.SeeCounts)
	err := s.Accounts.SetProfile(v.Request().Context(), v.by(), name, digest)
	if wrong, ok := s.wrong(err); ok {
		return s.ownAccountPage(v, status(err), view.DeskForm{Values: map[string]string{"name": name}, Errors: wrong}, digest)
	}
	if err != nil {
		return err
	}
	return s.done(v, atAccount, "desk.done.profile")
}

// changePassword answers POST /organise/account/password. Everywhere else whoever
// is signed in is out.
func (s *Server) changePassword(v visit) error {
	ctx := v.Request().Context()
	epoch, err := s.Accounts.ChangePassword(ctx, v.by(), v.FormValue("old"), v.FormValue("password"))
	if wrong, ok := s.wrong(err); ok {
		return s.ownAccountPage(v, s.refusal(v, err), view.DeskForm{Errors: wrong}, v.who.Digest)
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.SignIn(ctx, v.who.ID, string(epoch)); err != nil {
		return err
	}
	return s.done(v, atAccount, "desk.done.password_changed")
}

// signOutEverywhere answers POST /organise/account/sign-out-everywhere.
func (s *Server) signOutEverywhere(v visit) error {
	ctx := v.Request().Context()
	if err := s.Accounts.SignOutEverywhere(ctx, v.by()); err != nil {
		return err
	}
	return s.signOut(v)
}

// showSecondFactor answers GET /organise/account/second-factor.
func (s *Server) showSecondFactor(v visit) error {
	return s.secondFactorPage(v, http.StatusOK, "", nil)
}

// secondFactorPage shows how the second factor stands: what to scan, or what can
// be done with the one that there is. Sealed is the secret of a page that was
// shown before; empty: there is to be a new one.
func (s *Server) secondFactorPage(v visit, code int, sealed string, wrong map[string]string) error {
	page := view.SecondFactor{
		Desk: s.deskFrame(v, "desk.title.second_factor"), Form: view.DeskForm{Errors: wrong},
		On: v.who.SecondFactor, Needed: s.Production && v.who.Role.NeedsSecondFactor(), Forced: s.mustEnrol(v),
	}
	if page.Forced {
		page.Desk.Nav = nil // none of it would open
	}
	if page.On {
		left, err := s.Accounts.RecoveryCodes(v.Request().Context(), v.who.ID)
		if err != nil {
			return err
		}
		page.CodesLeft = left
		return s.deskPage(v, code, page)
	}
	enrolment, err := s.Accounts.Enrol(v.who, sealed)
	if fault.CodeOf(err) == fault.Invalid {
		enrolment, err = s.Accounts.Enrol(v.who, "")
	}
	if err != nil {
		return err
	}
	if page.QR, err = view.NewQR(enrolment.URL); err != nil {
		return err
	}
	page.Sealed, page.Secret = enrolment.Sealed, inFours(enrolment.Secret)
	return s.deskPage(v, code, page)
}

// inFours writes a secret in groups that can be typed.
func inFours(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// setSecondFactor answers POST /organise/account/second-factor.
func (s *Server) setSecondFactor(v visit) error {
	codes, err := s.Accounts.SetSecondFactor(v.Request().Context(), v.by(), v.FormValue("secret"), v.FormValue("code"))
	return s.codesPage(v, codes, err)
}

// newRecoveryCodes answers POST /organise/account/second-factor/codes.
func (s *Server) newRecoveryCodes(v visit) error {
	codes, err := s.Accounts.NewRecoveryCodes(v.Request().Context(), v.by(), v.FormValue("code"))
	return s.codesPage(v, codes, err)
}

// codesPage shows new recovery codes, or why there are none.
func (s *Server) codesPage(v visit, codes []string, err error) error {
	if wrong, ok := s.wrong(err); ok {
		return s.secondFactorPage(v, s.refusal(v, err), v.FormValue("secret"), wrong)
	}
	if err == nil { // other sessions may have ended, and this one with them
		err = s.Sessions.SignIn(v.Request().Context(), v.who.ID, string(v.who.Epoch.With(true)))
	}
	if err != nil {
		return err
	}
	return s.deskPage(v, http.StatusOK, view.RecoveryCodes{Desk: s.deskFrame(v, "desk.title.recovery_codes"), Codes: codes, Email: v.who.Email})
}

// removeSecondFactor answers POST /organise/account/second-factor/off.
func (s *Server) removeSecondFactor(v visit) error {
	ctx := v.Request().Context()
	err := s.Accounts.RemoveSecondFactor(ctx, v.by(), v.FormValue("code"))
	if wrong, ok := s.wrong(err); ok {
		return s.secondFactorPage(v, s.refusal(v, err), "", wrong)
	}
	if err == nil { // the sessions have ended
		err = s.Sessions.SignIn(ctx, v.who.ID, string(v.who.Epoch.With(false)))
	}
	if err != nil {
		return err
	}
	return s.done(v, atAccount, "desk.done.second_factor_off")
}
