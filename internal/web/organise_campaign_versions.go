package web

import (
	"net/http"
	"strconv"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// showVersions answers GET /organise/c/{campaign}/versions.
func (s *Server) showVersions(v visit) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_versions")
	if err != nil {
		return err
	}
	page := view.CampaignVersions{CampaignDesk: d}
	if page.Versions, err = s.Service.Versions(v.Request().Context(), found.Slug); err != nil {
		return err
	}
	return s.deskPage(v, http.StatusOK, page)
}

// showVersion answers GET /organise/c/{campaign}/versions/{version}: what it
// changed, or how it differs from the version that the address asks for.
func (s *Server) showVersion(v visit) error { return s.versionPage(v, http.StatusOK, nil) }

func (s *Server) versionPage(v visit, code int, wrong map[string]string) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_versions")
	if err != nil {
		return err
	}
	ctx := v.Request().Context()
	number, err := strconv.Atoi(v.Param("version"))
	if err != nil {
		return fault.New(fault.NotFound, "desk.error.no_version")
	}
	page := view.CampaignVersion{CampaignDesk: d, Newest: number == found.Version, Form: view.DeskForm{Errors: wrong}}
	if page.Shown, err = s.Service.Version(ctx, found.Slug, number); err != nil {
		return err
	}
	page.Against = number - 1
	if with, err := strconv.Atoi(v.QueryParam("with")); err == nil {
		page.Against = with
	}
	if page.Against > 0 {
		other, err := s.Service.Version(ctx, found.Slug, page.Against)
		if err != nil {
			return err
		}
		page.Lines = campaign.Compare(other.Source, page.Shown.Source)
	}
	return s.deskPage(v, code, page)
}

// restoreVersion answers POST /organise/c/{campaign}/versions/{version}/restore.
func (s *Server) restoreVersion(v visit) error {
	slug := v.Param("campaign")
	number, err := strconv.Atoi(v.Param("version"))
	if err != nil {
		return fault.New(fault.NotFound, "desk.error.no_version")
	}
	ctx := v.Request().Context()
	_, err = s.Service.Restore(ctx, v.by(), slug, number, baseOf(v), s.View.Desk("desk.versions.restored", "number", number))
	if wrong, ok := s.wrongFile(err); ok {
		return s.versionPage(v, http.StatusUnprocessableEntity, wrong)
	}
	if _, ok := staleOf(err); ok {
		return s.versionPage(v, http.StatusConflict, map[string]string{"": s.View.Desk("desk.error.stale")})
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk+"/c/"+slug+"/versions", "desk.done.restored")
}
