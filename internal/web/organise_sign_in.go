package web

import (
	"net/http"

	"postbag/internal/account"
	"postbag/internal/view"
)

func (s *Server) signInRoutes(d desk) {
	d.get("/organise/sign-in", account.Anyone, s.showSignIn)
	d.post("/organise/sign-in", account.Anyone, s.signIn)
	d.post("/organise/sign-out", account.Anyone, s.signOut)
	d.get("/organise/password/:token", account.Anyone, s.showSetPassword)
	d.post("/organise/password/:token", account.Anyone, s.setPassword)
}

// showSignIn answers GET /organise/sign-in.
func (s *Server) showSignIn(v visit) error {
	if v.who.ID != 0 {
		return s.done(v, next(v.QueryParam("next")), "")
	}
	return s.deskPage(v, http.StatusOK, view.SignIn{Desk: s.deskFrame(v, "desk.title.sign_in"), Next: next(v.QueryParam("next"))})
}

// signIn answers POST /organise/sign-in.
func (s *Server) signIn(v visit) error {
	ctx, email := v.Request().Context(), v.FormValue("email")
	who, err := s.Accounts.SignIn(ctx, v.origin, email, v.FormValue("password"))
	if wrong, ok := s.wrong(err); ok {
		page := view.SignIn{Desk: s.deskFrame(v, "desk.title.sign_in"), Next: next(v.FormValue("next"))}
		page.Form = view.DeskForm{Values: map[string]string{"email": email}, Errors: wrong}
		return s.deskPage(v, status(err), page)
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.SignIn(ctx, who.ID); err != nil {
		return err
	}
	return s.done(v, next(v.FormValue("next")), "")
}

// signOut answers POST /organise/sign-out.
func (s *Server) signOut(v visit) error {
	if err := s.Sessions.SignOut(v.Request().Context()); err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, atDesk+"/sign-in")
}

// showSetPassword answers GET /organise/password/{token}: the page behind a link
// that was mailed or printed. Following it changes nothing.
func (s *Server) showSetPassword(v visit) error {
	return s.setPasswordPage(v, http.StatusOK, nil)
}

func (s *Server) setPasswordPage(v visit, code int, wrong map[string]string) error {
	token := v.Param("token")
	who, _, err := s.Accounts.ByLink(v.Request().Context(), token)
	if err != nil {
		return err
	}
	return s.deskPage(v, code, view.SetPassword{
		Desk: s.deskFrame(v, "desk.title.password"), Token: token, Email: who.Email, MinPassword: account.MinPassword,
		Form: view.DeskForm{Errors: wrong},
	})
}

// setPassword answers POST /organise/password/{token}.
func (s *Server) setPassword(v visit) error {
	ctx := v.Request().Context()
	who, err := s.Accounts.SetPassword(ctx, v.origin, v.Param("token"), v.FormValue("password"))
	if wrong, ok := s.wrong(err); ok {
		return s.setPasswordPage(v, status(err), wrong)
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.SignIn(ctx, who.ID); err != nil {
		return err
	}
	return s.done(v, atDesk, "desk.done.password")
}
