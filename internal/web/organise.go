package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// The organisers' workspace stands under /organise: organise_*.go. Each route
// is declared with the permission that it needs, on the same line.

// atDesk is the beginning of the workspace's addresses.
const atDesk = "/organise"

// visit is one request of the workspace.
type visit struct {
	echo.Context
	who    account.Account // the zero Account where nobody is signed in
	origin string          // network address, for the audit log
}

// by is who does it, for the audit log.
func (v visit) by() account.Actor { return v.who.As(v.origin) }

type deskHandler func(v visit) error

// desk declares the workspace's routes.
type desk struct{ s *Server }

func (d desk) get(path string, p account.Permission, h deskHandler) {
	d.s.echo.Match([]string{http.MethodGet, http.MethodHead}, path, d.s.allow(p, h))
}

func (d desk) post(path string, p account.Permission, h deskHandler) {
	d.s.echo.POST(path, d.s.allow(p, h))
}

// organiseRoutes declares every route of the workspace.
func (s *Server) organiseRoutes() {
	d := desk{s}
	s.signInRoutes(d)
	s.accountRoutes(d)
	s.dashboardRoutes(d)
	s.campaignRoutes(d)
	s.letterRoutes(d)
	s.pledgeRoutes(d)
	s.auditRoutes(d)
	s.retentionRoutes(d)
	s.partnerRoutes(d)
	s.optInDeskRoutes(d)
	s.keyRoutes(d)
	s.doctorRoutes(d)
}

// allow lets a request through to h when whoever is signed in may do what the
// route needs. Nobody is told of a page that they may not see: whoever is not
// signed in is asked to.
func (s *Server) allow(p account.Permission, h deskHandler) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, err := s.visit(c)
		if err != nil {
			return err
		}
		c.Set(keyVisit, v)
		c.Response().Header()["Cache-Control"] = noStore
		switch {
		case p != account.Anyone && c.Path() != atSecondFactor && s.mustEnrol(v):
			return s.done(v, atSecondFactor, "")
		case v.who.Role.May(p):
			return h(v)
		case v.who.ID != 0:
			return fault.New(fault.Forbidden, "desk.error.forbidden")
		case c.Request().Method == http.MethodGet, c.Request().Method == http.MethodHead:
			return c.Redirect(http.StatusSeeOther, atDesk+"/sign-in?next="+url.QueryEscape(c.Request().URL.RequestURI()))
		}
		return fault.New(fault.Unauthorized, "desk.error.signed_out")
	}
}

// visit finds out who asks. What the request changes in the session is kept
// before the answer's header is written.
func (s *Server) visit(c echo.Context) (visit, error) {
	ctx, err := s.Sessions.Load(c.Request())
	if err != nil {
		return visit{}, err
	}
	c.SetRequest(c.Request().WithContext(ctx))
	c.Response().Before(func() {
		if err := s.Sessions.Save(ctx, c.Response()); err != nil {
			s.Log.Error("keep a session", "err", err)
		}
	})
	v := visit{Context: c, origin: origin(c.Request())}
	id := s.signedIn(c, ctx)
	if id == 0 {
		return v, nil
	}
	if v.who, err = s.holder(ctx, id); err == nil && v.who.ID == 0 {
		err = s.Sessions.SignOut(ctx)
	}
	return v, err
}

// holder is the account of a session; the zero Account when it is gone or disabled
// since, or the session was begun with a password that is none any more.
func (s *Server) holder(ctx context.Context, id int64) (account.Account, error) {
	who, err := s.Accounts.Account(ctx, id)
	switch fault.CodeOf(err) {
	case "":
		if s.Sessions.Epoch(ctx) == string(who.Epoch) {
			return who, nil
		}
		return account.Account{}, nil
	case fault.NotFound, fault.Forbidden:
		return account.Account{}, nil
	}
	return account.Account{}, err
}

// signedIn is whose session it is. What a page does by itself is no use of it.
func (s *Server) signedIn(c echo.Context, ctx context.Context) int64 {
	if c.Request().Header.Get(watched) != "" || strings.HasSuffix(c.Path(), "/live") {
		return s.Sessions.Peek(ctx)
	}
	return s.Sessions.Account(ctx)
}

// origin is the network address that a request comes from, in one way of writing
// it; empty: it is not known.
func origin(r *http.Request) string {
	addr := addressOf(r)
	if !addr.IsValid() {
		return ""
	}
	return addr.String()
}

// addressOf is the network address that a request comes from. A proxy on the same
// machine is believed about whom it speaks for: nobody else can reach us from
// there.
func addressOf(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := from.Addr().Unmap()
	if addr.IsLoopback() {
		forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ",") // the proxy's own comes last
		last := strings.TrimSpace(forwarded[strings.LastIndexByte(forwarded, ',')+1:])
		if client, err := netip.ParseAddr(last); err == nil && client.Zone() == "" {
			return client.Unmap()
		}
	}
	return addr
}

// next is where to go after signing in: a page of the workspace, and no other.
func next(asked string) string {
	u, err := url.Parse(asked)
	if err != nil || u.IsAbs() || u.Host != "" || u.Path != atDesk && !strings.HasPrefix(u.Path, atDesk+"/") || strings.Contains(asked, `\`) {
		return atDesk
	}
	return u.RequestURI()
}

// deskFrame is what stands around a page of the workspace.
func (s *Server) deskFrame(v visit, title string) view.Desk {
	d := view.Desk{
		Title: s.View.Desk(title), Path: v.Request().URL.Path,
		Captured: s.Captured, TestMode: s.TestMode, Name: v.who.Name, Role: string(v.who.Role),
	}
	if v.who.Name != "" {
		relay, err := s.Service.Relay(v.Request().Context())
		if err != nil {
			s.logFailed(v.Context, fmt.Errorf("tell the mail server's state: %w", err))
		}
		d.Relay, d.Waits = relay, s.Service.DissolvedUntil()
	}
	if key := s.Sessions.TakeFlash(v.Request().Context()); key != "" {
		d.Done = s.View.Desk(key)
	}
	for _, link := range []struct {
		key, path string
		needs     account.Permission
	}{
		{"desk.nav.campaigns", atDesk, account.SeeCounts},
		{"desk.nav.new_campaign", atDesk + "/campaigns/new", account.EditCampaigns},
		{"desk.nav.mps", atDesk + "/mps", account.SeeCounts},
		{"desk.nav.partners", atPartners, account.KeepPartners},
		{"desk.nav.accounts", atDesk + "/accounts", account.ManageAccounts},
		{"desk.nav.keys", atKeys, account.ManageAccounts},
		{"desk.nav.find", atDesk + "/people", account.ReadLetters},
		{"desk.nav.audit", atDesk + "/audit", account.SeeAudit},
		{"desk.nav.retention", atDesk + "/retention", account.SeeAudit},
	} {
		if v.who.Role.May(link.needs) {
			d.Nav = append(d.Nav, view.DeskLink{Name: s.View.Desk(link.key), URL: link.path, Current: d.Path == link.path})
		}
	}
	return d
}

// campaignDesk is the frame of a page about the campaign that its address names,
// with the pages about it that whoever is signed in may see; not_found.
func (s *Server) campaignDesk(v visit, title string) (view.Desk, *campaign.Campaign, error) {
	found, err := s.Service.AnyCampaign(v.Param("campaign"))
	if err != nil {
		return view.Desk{}, nil, err
	}
	d, at := s.deskFrame(v, title), atDesk+"/c/"+found.Slug
	d.Campaign = &view.DeskCampaign{Slug: found.Slug, Title: titleAtDesk(found), State: string(found.Stage)}
	for _, link := range []struct {
		key, path string
		needs     account.Permission
	}{
		{"desk.nav.overview", at, account.SeeCounts},
		{"desk.nav.letters", at + "/letters", account.DecideLetters},
		{"desk.nav.pledges", at + "/pledges", account.SeeCounts},
		{"desk.nav.campaign", at + "/edit", account.EditCampaigns},
	} {
		if v.who.Role.May(link.needs) {
			d.Campaign.Nav = append(d.Campaign.Nav, view.DeskLink{Name: s.View.Desk(link.key), URL: link.path, Current: d.Path == link.path})
		}
	}
	return d, found, nil
}

// titleAtDesk is what organisers call a campaign: a draft may have no title yet.
func titleAtDesk(c *campaign.Campaign) string {
	return cmp.Or(c.Text(view.DefaultLang).Title, c.Slug)
}

// deskPage renders a page of the workspace and sends it. No cache keeps it.
func (s *Server) deskPage(v visit, code int, p view.Page) error { return s.page(v.Context, code, p) }

// done sends the browser to a page of the workspace, which says that something
// is done: key names the sentence.
func (s *Server) done(v visit, path, key string) error {
	if key != "" {
		s.Sessions.Flash(v.Request().Context(), key)
	}
	return v.Redirect(http.StatusSeeOther, path)
}

// wrong returns the sentences beside the fields of a form, when that is what an
// error is about.
func (s *Server) wrong(err error) (map[string]string, bool) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code == fault.Internal {
		return nil, false
	}
	if wait, ok := account.IsWait(err); ok {
		return map[string]string{"": s.waitSentence(wait)}, true
	}
	sentences := map[string]string{}
	for field, key := range f.Fields {
		sentences[field] = s.View.Desk(key)
	}
	if len(sentences) == 0 {
		if f.Code != fault.Invalid && f.Code != fault.Conflict && f.Code != fault.Unauthorized && f.Code != fault.RateLimited {
			return nil, false
		}
		sentences[""] = s.View.Desk(f.Safe)
	}
	return sentences, true
}
