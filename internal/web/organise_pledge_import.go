package web

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

// showPledgeImport answers GET /organise/c/{campaign}/pledges/import.
func (s *Server) showPledgeImport(v visit) error {
	page, err := s.pledgeImport(v)
	if err != nil {
		return err
	}
	return s.deskPage(v, http.StatusOK, page)
}

func (s *Server) pledgeImport(v visit) (view.PledgeImport, error) {
	d, c, err := s.campaignDesk(v, "desk.title.pledge_import")
	if err != nil {
		return view.PledgeImport{}, err
	}
	return view.PledgeImport{Desk: within(d, atPledges(c.Slug))}, nil
}

// importPledges answers POST /organise/c/{campaign}/pledges/import: it says what
// a file comes to, and applies it when that was seen before. The file's content
// goes along in the form.
func (s *Server) importPledges(v visit) error {
	ctx, slug := v.Request().Context(), v.Param("campaign")
	page, err := s.pledgeImport(v)
	if err != nil {
		return err
	}
	if page.CSV, err = fileOrTyped(v); err != nil {
		return err
	}
	page.Correct, page.Reinstate = v.FormValue("correct") != "", v.FormValue("reinstate") != ""
	if strings.TrimSpace(page.CSV) == "" {
		page.Form.Errors = map[string]string{"csv": s.View.Desk("desk.error.csv_missing")}
		return s.deskPage(v, http.StatusUnprocessableEntity, page)
	}
	o := campaign.ImportOptions{By: v.who.Name, Actor: v.by(), Correction: campaign.Correction{Replace: page.Correct, Reinstate: page.Reinstate}, DryRun: true}
	code := http.StatusOK
	if v.FormValue("do") == "apply" {
		o.DryRun, o.Plan = false, v.FormValue("plan")
		if o.Plan == "" {
			o.Plan = "nothing" // nobody has seen what it comes to
		}
		_, err := s.Service.ImportPledges(ctx, slug, strings.NewReader(page.CSV), o)
		refused, _ := errors.AsType[*campaign.PledgeError](err)
		_, mistaken := errors.AsType[*parliament.FileError](err)
		switch {
		case err == nil:
			return s.done(v, atPledges(slug), "desk.done.pledge_import")
		case refused != nil && refused.Stale:
			page.Stale, code = true, http.StatusConflict
		case !mistaken && refused == nil:
			return err
		}
		o.DryRun, o.Plan = true, ""
	}
	done, err := s.Service.ImportPledges(ctx, slug, strings.NewReader(page.CSV), o)
	if err != nil {
		code = http.StatusUnprocessableEntity
		if err := s.importProblems(&page, err); err != nil {
			return err
		}
	}
	page.Looked, page.Ignored, page.OfferCorrect, page.OfferReinstate, page.Plan = true, done.Ignored, done.Differs, done.Ended, done.Plan()
	roster, _ := s.Service.Roster()
	for _, c := range done.Changes {
		if c.Action == campaign.PledgeUnchanged {
			page.Unchanged++
			continue
		}
		row := pledgeRow(slug, roster, c.Pledge)
		change := view.ImportChange{Line: c.Line, Action: string(c.Action), MP: row.MP, Place: row.Place, Now: c.Pledge.Describe()}
		if c.Action != campaign.PledgeAdded {
			change.Before = c.Before.Describe()
		}
		page.Changes = append(page.Changes, change)
	}
	return s.deskPage(v, code, page)
}

// importProblems puts what is wrong with a file into the page; any other error
// comes back.
func (s *Server) importProblems(page *view.PledgeImport, err error) error {
	if report, ok := errors.AsType[*parliament.FileError](err); ok {
		for _, p := range report.Problems {
			page.Problems = append(page.Problems, view.ImportProblem{Line: p.Line, Text: begun(p.Text) + "."})
		}
		return nil
	}
	wrong, ok := s.pledgeWrong(err, "")
	if !ok {
		return err
	}
	page.Form.Errors = wrong
	return nil
}

// fileOrTyped returns a posted file's content, or else what was pasted. The
// form's size is limited like any other's.
func fileOrTyped(v visit) (string, error) {
	if err := v.Request().ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", unreadable(err)
	}
	header, err := v.FormFile("file")
	if err != nil || header.Size == 0 {
		return v.FormValue("csv"), nil
	}
	file, err := header.Open()
	if err != nil {
		return "", err
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	return string(content), err
}
