package web

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// showStage answers GET /organise/c/{campaign}/state.
func (s *Server) showStage(v visit) error { return s.stagePage(v, http.StatusOK, nil) }

func (s *Server) stagePage(v visit, code int, wrong map[string]string) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_state")
	if err != nil {
		return err
	}
	ctx := v.Request().Context()
	source, file, err := s.kept(v)
	if err != nil {
		return err
	}
	_, problems := campaign.Read(source.TOML)
	page := view.CampaignState{
		CampaignDesk: d, Missing: s.missing(atDesk+"/c/"+found.Slug+"/edit", file, problems), Draft: found.Stage == campaign.StageDraft,
		StartsAt: found.StartsAt, EndsAt: found.EndsAt, Times: timesOf(found), Form: view.DeskForm{Errors: wrong},
	}
	if page.Holds, err = s.Service.Holds(ctx, found.Slug); err != nil {
		return err
	}
	turns := found.Stage.Turns()
	for _, to := range campaign.Stages() {
		if slices.Contains(turns, to) {
			page.Turns = append(page.Turns, view.DeskTurn{To: string(to), Allowed: len(problems) == 0, Strong: to == campaign.StageLive})
		}
	}
	value := func(name, now string) string {
		if v.Request().Method == http.MethodPost && v.Request().PostForm.Has(name) {
			return v.FormValue(name)
		}
		return now
	}
	page.Starts = s.field("time", "starts", "desk.stage.starts", value("starts", localTime(found.StartsAt)))
	page.Ends = s.field("time", "ends", "desk.stage.ends", value("ends", localTime(found.EndsAt)))
	page.Goal = s.field("line", "goal", "desk.stage.goal_label", value("goal", strconv.Itoa(found.Goal)))
	page.Starts.Error, page.Ends.Error, page.Goal.Error = wrong["starts"], wrong["ends"], wrong["goal"]
	return s.deskPage(v, code, page)
}

// minutes is how browsers write a day and a time (HTML, datetime-local).
const minutes = "2006-01-02T15:04"

func localTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(campaign.London).Format(minutes)
}

// turnCampaign answers POST /organise/c/{campaign}/state.
func (s *Server) turnCampaign(v visit) error {
	slug, from, to := v.Param("campaign"), campaign.Stage(v.FormValue("from")), campaign.Stage(v.FormValue("to"))
	if from.Asks(to) && slices.Contains(from.Turns(), to) {
		found, err := s.Service.AnyCampaign(slug)
		switch {
		case err != nil:
			return err
		case found.Stage != from:
			return s.stagePage(v, http.StatusConflict, map[string]string{"": s.View.Desk("desk.error.turned")})
		case v.FormValue("sure") != "1":
			return s.askTurn(v, to)
		case v.FormValue("shown") != shownOf(found):
			return s.stagePage(v, http.StatusConflict, map[string]string{"": s.View.Desk("desk.error.turn_changed")})
		}
	}
	err := s.Service.Turn(v.Request().Context(), v.by(), slug, from, to)
	if wrong, ok := s.wrong(err); ok {
		return s.stagePage(v, status(err), wrong)
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk+"/c/"+slug+"/state", "desk.done.turned_"+string(to))
}

// shownOf tells by what whoever launches or closes a campaign was shown: its text
// and its end.
func shownOf(c *campaign.Campaign) string {
	return fmt.Sprintf("%d.%d", c.Version, c.EndsAt.Unix())
}

// askTurn asks once more, and says what becomes public or ends.
func (s *Server) askTurn(v visit, to campaign.Stage) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_turn")
	if err != nil {
		return err
	}
	_, file, err := s.kept(v)
	if err != nil {
		return err
	}
	if _, problems := campaign.Read(file.TOML()); to == campaign.StageLive && len(problems) > 0 {
		return s.stagePage(v, http.StatusUnprocessableEntity, map[string]string{"": s.View.Desk("desk.error.incomplete")})
	}
	page := view.CampaignTurn{
		CampaignDesk: d, To: string(to), Shown: shownOf(found), URL: s.View.Base() + "/c/" + found.Slug, EndsAt: found.EndsAt,
		Closing: found.Text(view.DefaultLang).Closing,
	}
	for _, lang := range file.Languages() {
		page.Languages = append(page.Languages, s.language(lang))
	}
	return s.deskPage(v, http.StatusOK, page)
}

// scheduleCampaign answers POST /organise/c/{campaign}/schedule.
func (s *Server) scheduleCampaign(v visit) error {
	slug := v.Param("campaign")
	var times [2]time.Time
	wrong := map[string]string{}
	for i, name := range []string{"starts", "ends"} {
		typed := strings.TrimSpace(v.FormValue(name))
		if typed == "" {
			continue
		}
		t, err := time.ParseInLocation(minutes, typed, campaign.London)
		switch {
		case err != nil:
			wrong[name] = s.View.Desk("desk.error.time")
		case localTime(t) != typed: // the clocks skip it
			wrong[name] = s.View.Desk("desk.error.time_skipped")
		}
		times[i] = t
	}
	if len(wrong) > 0 {
		return s.stagePage(v, http.StatusUnprocessableEntity, wrong)
	}
	found, err := s.Service.AnyCampaign(slug)
	if err != nil {
		return err
	}
	if v.FormValue("was") != timesOf(found) {
		return s.stagePage(v, http.StatusConflict, map[string]string{
			"": s.View.Desk("desk.error.rescheduled", "starts", s.timeInWords(found.StartsAt), "ends", s.timeInWords(found.EndsAt)),
		})
	}
	err = s.Service.Schedule(v.Request().Context(), v.by(), slug, times[0], times[1])
	if wrong, ok := s.wrong(err); ok {
		return s.stagePage(v, status(err), wrong)
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk+"/c/"+slug+"/state", "desk.done.scheduled")
}

// timesOf tells when a campaign starts and ends, as whoever changes that saw it.
func timesOf(c *campaign.Campaign) string { return localTime(c.StartsAt) + "/" + localTime(c.EndsAt) }

func (s *Server) timeInWords(t time.Time) string {
	if t.IsZero() {
		return s.View.Desk("desk.stage.never")
	}
	return s.View.DayOf(view.DefaultLang, t) + ", " + t.In(campaign.London).Format("15:04")
}

// setGoal answers POST /organise/c/{campaign}/goal.
func (s *Server) setGoal(v visit) error {
	_, file, err := s.kept(v)
	if err != nil {
		return err
	}
	file.SetGoal(url.Values{"goal": {v.FormValue("goal")}})
	_, err = s.Service.SaveCampaign(v.Request().Context(), v.by(), file.Slug, file.TOML(), baseOf(v), s.View.Desk("desk.stage.goal_note"))
	if sentence, ok := s.goalWrong(err, file); ok {
		return s.stagePage(v, http.StatusUnprocessableEntity, map[string]string{"goal": sentence})
	}
	if stale, ok := staleOf(err); ok {
		return s.stalePage(v, file.TOML(), "", stale)
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk+"/c/"+file.Slug+"/state", "desk.done.saved")
}

// goalWrong says in a sentence why a goal was not kept: mostly that it is none.
func (s *Server) goalWrong(err error, file campaign.File) (string, bool) {
	refused, ok := errors.AsType[*campaign.FileError](err)
	if !ok {
		wrong, ok := s.wrongFile(err)
		return strings.Join(slices.Sorted(maps.Values(wrong)), " "), ok
	}
	var sentences []string
	for _, p := range refused.Problems {
		if p.Key == "goal" {
			return s.View.Desk("desk.error.goal"), true
		}
		sentences = append(sentences, s.problemNamed(file, p))
	}
	return s.View.Desk("desk.error.goal_file", "problems", strings.Join(sentences, "; ")), true
}

// deleteCampaign answers POST /organise/c/{campaign}/delete.
func (s *Server) deleteCampaign(v visit) error {
	err := s.Service.DeleteCampaign(v.Request().Context(), v.by(), v.Param("campaign"))
	if fault.CodeOf(err) == fault.Conflict {
		return s.stagePage(v, http.StatusConflict, map[string]string{"": s.View.Desk("desk.error.holds")})
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk, "desk.done.deleted")
}
