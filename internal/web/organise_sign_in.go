package web

import (
	"net/http"
	"net/url"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/view"
)

func (s *Server) signInRoutes(d desk) {
	d.get("/organise/sign-in", account.Anyone, s.showSignIn)
	d.post("/organise/sign-in", account.Anyone, s.signIn)
	d.get("/organise/sign-in/code", account.Anyone, s.showCode)
	d.post("/organise/sign-in/code", account.Anyone, s.proveCode)
	d.post("/organise/sign-out", account.Anyone, s.signOut)
	d.get("/organise/forgot", account.Anyone, s.showForgot)
	d.post("/organise/forgot", account.Anyone, s.forgot)
	d.get("/organise/password/:token", account.Anyone, s.showSetPassword)
	d.post("/organise/password/:token", account.Anyone, s.setPassword)
	d.get("/organise/first/:token", account.Anyone, s.showFirst)
	d.post("/organise/first/:token", account.Anyone, s.addFirst)
}

// showSignIn answers GET /organise/sign-in.
func (s *Server) showSignIn(v visit) error {
	if v.who.ID != 0 {
		return s.done(v, next(v.QueryParam("next")), "")
	}
	return s.deskPage(v, http.StatusOK, view.SignIn{Desk: s.deskFrame(v, "desk.title.sign_in"), Next: next(v.QueryParam("next"))})
}

// signIn answers POST /organise/sign-in: the first step.
func (s *Server) signIn(v visit) error {
	email := v.FormValue("email")
	who, err := s.Accounts.SignIn(v.Request().Context(), v.origin, email, v.FormValue("password"))
	if wrong, ok := s.wrong(err); ok {
		page := view.SignIn{Desk: s.deskFrame(v, "desk.title.sign_in"), Next: next(v.FormValue("next"))}
		page.Form = view.DeskForm{Values: map[string]string{"email": email}, Errors: wrong}
		return s.deskPage(v, s.refusal(v, err), page)
	}
	if err != nil {
		return err
	}
	return s.enter(v, who, next(v.FormValue("next")), "")
}

// enter lets somebody in whose password is known to be right, by way of the page
// that asks for a code if they have a second factor.
func (s *Server) enter(v visit, who account.Account, path, done string) error {
	ctx := v.Request().Context()
	if !who.SecondFactor {
		if err := s.Sessions.SignIn(ctx, who.ID, string(who.Epoch)); err != nil {
			return err
		}
		return s.done(v, path, done)
	}
	if err := s.Sessions.Prove(ctx, who.ID, string(who.Epoch)); err != nil {
		return err
	}
	return s.done(v, codePage(path), done)
}

// codePage is the address of the second step, which leads on to a page.
func codePage(next string) string {
	if next == atDesk {
		return atDesk + "/sign-in/code"
	}
	return atDesk + "/sign-in/code?next=" + url.QueryEscape(next)
}

// showCode answers GET /organise/sign-in/code.
func (s *Server) showCode(v visit) error {
	if s.Sessions.Proving(v.Request().Context()) == 0 {
		return v.Redirect(http.StatusSeeOther, atDesk+"/sign-in")
	}
	return s.deskPage(v, http.StatusOK, view.SignInCode{Desk: s.deskFrame(v, "desk.title.code"), Next: next(v.QueryParam("next"))})
}

// proveCode answers POST /organise/sign-in/code: the second step.
func (s *Server) proveCode(v visit) error {
	ctx, then := v.Request().Context(), next(v.FormValue("next"))
	id := s.Sessions.Proving(ctx)
	if id == 0 {
		return s.signInAnew(v, http.StatusUnauthorized, then, "desk.error.code_time")
	}
	who, err := s.Accounts.Prove(ctx, v.origin, id, v.FormValue("code"))
	if fault.CodeOf(err) == fault.Unauthorized && !s.Sessions.WrongCode(ctx) {
		return s.signInAnew(v, http.StatusUnauthorized, then, "desk.error.codes")
	}
	if wrong, ok := s.wrong(err); ok {
		if sentence := wrong[""]; fault.CodeOf(err) == fault.Unauthorized {
			wrong = map[string]string{account.FieldCode: sentence}
		}
		page := view.SignInCode{Desk: s.deskFrame(v, "desk.title.code"), Next: then, Form: view.DeskForm{Errors: wrong}}
		return s.deskPage(v, s.refusal(v, err), page)
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.SignIn(ctx, who.ID, s.Sessions.Epoch(ctx)); err != nil {
		return err
	}
	if len(v.FormValue("code")) > 7 { // a recovery code: they are few
		left, err := s.Accounts.RecoveryCodes(ctx, who.ID)
		if err != nil {
			return err
		}
		if left < 4 {
			return s.done(v, atDesk+"/account/second-factor", "desk.done.few_codes")
		}
	}
	return s.done(v, then, "")
}

// signInAnew shows the first step with what went wrong at the second.
func (s *Server) signInAnew(v visit, code int, next, key string) error {
	page := view.SignIn{Desk: s.deskFrame(v, "desk.title.sign_in"), Next: next}
	page.Form = view.DeskForm{Errors: map[string]string{"": s.View.Desk(key)}}
	return s.deskPage(v, code, page)
}

// signOut answers POST /organise/sign-out.
func (s *Server) signOut(v visit) error {
	if err := s.Sessions.SignOut(v.Request().Context()); err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, atDesk+"/sign-in")
}

// showForgot answers GET /organise/forgot.
func (s *Server) showForgot(v visit) error {
	return s.deskPage(v, http.StatusOK, view.Forgot{Desk: s.deskFrame(v, "desk.title.forgot")})
}

// forgot answers POST /organise/forgot. It says the same whoever the address
// belongs to.
func (s *Server) forgot(v visit) error {
	email := v.FormValue("email")
	err := s.Accounts.Forgot(v.Request().Context(), v.origin, email)
	page := view.Forgot{Desk: s.deskFrame(v, "desk.title.forgot"), Form: view.DeskForm{Values: map[string]string{"email": email}}}
	if wrong, ok := s.wrong(err); ok {
		page.Form.Errors = wrong
		return s.deskPage(v, s.refusal(v, err), page)
	}
	if err != nil {
		return err
	}
	page.Sent = true
	return s.deskPage(v, http.StatusOK, page)
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
	who, err := s.Accounts.SetPassword(v.Request().Context(), v.origin, v.Param("token"), v.FormValue("password"))
	if wrong, ok := s.wrong(err); ok {
		return s.setPasswordPage(v, status(err), wrong)
	}
	if err != nil {
		return err
	}
	done := "desk.done.password"
	if who.SecondFactor {
		done = "desk.done.password_code"
	}
	return s.enter(v, who, atDesk, done)
}

// showFirst answers GET /organise/first/{token}: the page behind the link that a
// development server prints while it has no account.
func (s *Server) showFirst(v visit) error { return s.firstPage(v, http.StatusOK, view.DeskForm{}) }

func (s *Server) firstPage(v visit, code int, form view.DeskForm) error {
	token := v.Param("token")
	if err := s.Accounts.First(v.Request().Context(), token); err != nil {
		return err
	}
	form.Order = []string{"name", account.FieldEmail, "password"}
	return s.deskPage(v, code, view.First{Desk: s.deskFrame(v, "desk.title.first"), Form: form, Token: token, MinPassword: account.MinPassword})
}

// addFirst answers POST /organise/first/{token}.
func (s *Server) addFirst(v visit) error {
	a := account.Account{Name: v.FormValue("name"), Email: v.FormValue("email")}
	who, err := s.Accounts.AddFirst(v.Request().Context(), v.origin, v.Param("token"), a, v.FormValue("password"))
	if wrong, ok := s.wrong(err); ok {
		return s.firstPage(v, status(err), view.DeskForm{Values: map[string]string{"name": a.Name, "email": a.Email}, Errors: wrong})
	}
	if err != nil {
		return err
	}
	return s.enter(v, who, atDesk, "desk.done.first")
}
