package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// showPrivate answers GET /l/{token}: the supporter's own page for one letter.
// It changes nothing: mail scanners follow links.
func (s *Server) showPrivate(c echo.Context) error {
	return s.privatePage(c, http.StatusOK, c.QueryParam("done"), "", nil)
}

func (s *Server) confirmLetter(c echo.Context) error {
	return s.changeLetter(c, s.Service.Confirm, "confirmed")
}

func (s *Server) withdrawLetter(c echo.Context) error {
	return s.changeLetter(c, s.Service.Withdraw, "withdrawn")
}

func (s *Server) eraseLetter(c echo.Context) error {
	return s.changeLetter(c, s.Service.Erase, "erased")
}

// noteReply answers POST /l/{token}/reply: what the supporter says their MP
// answered.
func (s *Server) noteReply(c echo.Context) error {
	answer := campaign.Answer(c.FormValue("answer"))
	return s.changeLetter(c, func(ctx context.Context, token string) error {
		return s.Service.Reply(ctx, token, answer)
	}, "replied")
}

// changeLetter answers a POST under /l/{token}. Then the browser is sent back
// to the page, so that reloading it repeats nothing; what cannot be done is
// said on the page itself.
func (s *Server) changeLetter(c echo.Context, change func(context.Context, string) error, done string) error {
	err := change(c.Request().Context(), c.Param("token"))
	if conflict, ok := errors.AsType[*fault.Error](err); ok && conflict.Code == fault.Conflict {
		return s.privatePage(c, http.StatusConflict, "", conflict.Safe, nil)
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusSeeOther, view.At(s.lang(c), "/l/"+c.Param("token")+"?done="+done))
}

// backToPrivate answers a GET of an address that takes forms only.
func (s *Server) backToPrivate(c echo.Context) error {
	if _, err := s.Service.Open(c.Request().Context(), c.Param("token")); err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusSeeOther, view.At(s.lang(c), "/l/"+c.Param("token")))
}

// privatePage shows the page, with what was typed into its fields, if anything.
func (s *Server) privatePage(c echo.Context, code int, done, problem string, typed *readdressForm) error {
	p, err := s.Service.Open(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	found, err := s.Service.Campaign(p.Letter.Campaign)
	if err != nil {
		return err
	}
	l, lang := p.Letter, s.lang(c)
	page := view.PrivatePage{
		Frame: s.campaignFrame(lang, found), Token: c.Param("token"), State: l.State,
		To: s.writtenTo(lang, found, p), Erased: p.Person == nil, EraseAt: l.EraseAt, TrimAt: trimAt(l), Steps: s.steps(p, lang),
		CanConfirm:  l.State == campaign.StateAwaiting,
		CanWithdraw: p.Person != nil && campaign.CanMove(l.State, campaign.StateWithdrawn),
		CanErase:    p.Person != nil && l.State != campaign.StateSending,
	}
	page.Path = "/l/" + page.Token
	page.Title = s.View.T(lang, "title.private")
	c.Response().Header()["X-Robots-Tag"] = noIndex
	page.Trimmed = p.Person != nil && p.Person.Trimmed
	if p.Person != nil && !page.Trimmed {
		page.Paper = s.paper(lang, p.Person.Lang, p.Person.Paper(), p.Person.Subject, l.CreatedAt)
		page.Paper.To = page.To
	}
	page.Decided, page.Note, page.Reference = decided(l), p.Note, campaign.ShowReference(l.Reference)
	if l.State == campaign.StateAwaiting {
		page.Expires = l.ExpiresAt
	}
	if !page.CanWithdraw { // else erasing takes the letter back, and nothing is remembered
		page.Remembered = p.Remembered
	}
	if l.State == campaign.StateSent {
		page.SentAt, page.Share = l.SentAt, found.Writing()
		page.Replies, page.Replied = s.replies(lang, l.Reply.Answer), l.Reply.Answer != ""
		if p.Person != nil && !found.Closed() {
			page.AskedNext = l.AskedNext()
		}
	}
	if l.State == campaign.StateQueued || l.State == campaign.StateSending || l.State == campaign.StateSent {
		page.ThankYou = found.ThankYou(lang, l.Variant, p.To)
	}
	if why := lastWhy(l); s.View.Has(lang, "held."+why) {
		page.HeldFor = s.View.T(lang, "held."+why)
	}
	page.OptIns = s.givenOptIns(lang, p.OptIns)
	if page.Erased {
		if page.Asked, err = s.Service.MayKeepOptIns(c.Request().Context(), found); err != nil {
			return err
		}
	}
	if page.Ask, err = s.askSuccessor(c, p, typed); err != nil {
		return err
	}
	page.CanWriteAgain = campaign.MayWriteAgain(l.State) || l.State == campaign.StateHeld && (page.Ask == nil || page.Ask.Refused != "") &&
		lastWhy(l) != campaign.WhyFailing && !(l.State == campaign.StateHeld && campaign.HeldByCheck(lastWhy(l))) // another would be held like this one
	page.Thank = l.State == campaign.StateHeld && lastWhy(l) == campaign.WhyPledged
	if page.Turn, err = s.turn(c, p); err != nil {
		return err
	}
	if isDone(p, done) || done == "opted_out" && isEnded(p, c.QueryParam("opt_in")) {
		page.Done = s.View.T(lang, "done."+done)
	}
	if problem != "" && l.State != campaign.StateExpired && l.State != campaign.StateWithdrawn { // the page says so itself
		page.Problem = s.View.T(lang, problem)
	}
	return s.page(c, code, page)
}

// isDone reports whether what the address claims to have been done just now is
// how things stand: anyone can write an address, and time goes on.
func isDone(p *campaign.Private, done string) bool {
	switch done {
	case "confirmed":
		s := p.Letter.State
		return s == campaign.StateQueued || s == campaign.StateSending || s == campaign.StateSent
	case "readdressed":
		return p.Letter.State == campaign.StateQueued || p.Letter.State == campaign.StateSending || p.Letter.State == campaign.StateSent
	case "withdrawn":
		return p.Letter.State == campaign.StateWithdrawn && p.Person != nil
	case "erased":
		return p.Person == nil
	case "replied":
		return p.Letter.Reply.Answer != ""
	case "stopped":
		return p.Letter.State == campaign.StateSent && p.Letter.FollowAt.IsZero()
	}
	return false
}

// decided names what an organiser made of the letter, or "".
func decided(l *campaign.Letter) string {
	switch lastWhy(l) {
	case campaign.WhyDeclined:
		return "declined"
	case campaign.WhyMarked:
		return "arrived"
	}
	return ""
}

// replies is what an MP may have answered, with what the supporter said.
func (s *Server) replies(lang string, said campaign.Answer) []view.ReplyChoice {
	var choices []view.ReplyChoice
	for _, a := range campaign.Answers() {
		choices = append(choices, view.ReplyChoice{Answer: string(a), Words: s.View.T(lang, "reply."+string(a)), Chosen: a == said})
	}
	return choices
}

// trimAt is when the text of a letter goes, where its writer is kept for longer.
func trimAt(l *campaign.Letter) time.Time {
	if !l.TrimAt.Before(l.EraseAt) {
		return time.Time{}
	}
	return l.TrimAt
}

// copyLetter answers POST /l/{token}/data with all that is held of the supporter. It is
// posted, so that no mail scanner and no history fetches it by itself.
func (s *Server) copyLetter(c echo.Context) error {
	held, err := s.Service.CopyLetter(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h["X-Robots-Tag"] = noIndex
	h.Set("Content-Disposition", `attachment; filename="my-letter.json"`)
	return c.JSONPretty(http.StatusOK, held, "  ")
}

// writtenTo is the MP that the letter was written to, who may have left since.
func (s *Server) writtenTo(lang string, found *campaign.Campaign, p *campaign.Private) view.Recipient {
	to := recipient(lang, found, p.To)
	if p.To.MemberID != p.Letter.MemberID {
		to.Name, to.FullTitle, to.Party = p.Letter.MemberName, "", ""
		to.Vacant, to.NoEmail, to.Pledged = false, false, false
	}
	return to
}

func lastWhy(l *campaign.Letter) string {
	if len(l.Events) == 0 {
		return ""
	}
	return l.Events[len(l.Events)-1].Why
}

// steps tells the letter's story: what happened, and what will.
func (s *Server) steps(p *campaign.Private, lang string) []view.Step {
	l := p.Letter
	var steps []view.Step
	add := func(key string, e campaign.Event) {
		steps = append(steps, view.Step{Text: s.View.T(lang, "step."+key), At: e.At})
	}
	for _, e := range l.Events {
		switch {
		case e.From == "":
			add("written", e)
		case e.From == campaign.StateAwaiting && e.To == campaign.StateQueued:
			add("confirmed", e)
		case e.From == campaign.StateAwaiting && e.To == campaign.StateHeld:
			add("confirmed", e)
			add("held", e)
		case e.Why == campaign.WhyDeclined:
			add("declined", e)
		case e.Why == campaign.WhyMarked:
			add("arrived", e)
		case e.Why == campaign.WhyReaddressed:
			add("readdressed", e)
		case e.Why == campaign.WhyReleased || e.Why == campaign.WhyRetried:
			add("again", e)
		case e.Why == campaign.WhyFull && e.To == campaign.StateQueued:
			add("full", e)
		case e.To == campaign.StateQueued || e.To == campaign.StateSending:
			// the worker's comings and goings
		default:
			add(string(e.To), e)
		}
	}
	if p.Person == nil {
		return append(steps, view.Step{Text: s.View.T(lang, "step.erased")})
	}
	todo := func(key string) {
		steps = append(steps, view.Step{Text: s.View.T(lang, "step."+key), Todo: true})
	}
	switch l.State {
	case campaign.StateAwaiting:
		todo("to_confirm")
		todo("to_send")
	case campaign.StateQueued, campaign.StateSending:
		todo("to_send")
	}
	erase := "to_erase"
	if p.Person.Trimmed {
		steps, erase = append(steps, view.Step{Text: s.View.T(lang, "step.trimmed")}), "to_erase_rest"
	} else if at := trimAt(l); !at.IsZero() {
		steps, erase = append(steps, view.Step{Text: s.View.T(lang, "step.to_trim"), At: at, Todo: true}), "to_erase_rest"
	}
	if !l.EraseAt.IsZero() {
		steps = append(steps, view.Step{Text: s.View.T(lang, "step."+erase), At: l.EraseAt, Todo: true})
	}
	return steps
}
