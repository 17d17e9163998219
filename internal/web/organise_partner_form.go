package web

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// The fields of a partner's form besides those that campaign names.
const (
	fieldRemoveLogo = "remove_logo"
	fieldKeptLogo   = "kept_logo" // one that was chosen before, in base64
	fieldVersion    = "version"
)

// maxLogoForm is the most bytes of a form with a logo that are taken in. A picture
// that is much too large, such as a whole photograph, is read to its end and not
// kept: the form comes back with a sentence, and with what was typed.
const maxLogoForm = 64 << 20

// holdsLogo reports whether a route takes a form with a logo.
func holdsLogo(route string) bool {
	return route == atPartners+"/new" || route == atPartners+"/:partner/edit"
}

// partnerForm is a partner as it is typed.
type partnerForm struct {
	campaign.Partner
	kept  string            // the logo that was chosen, if it is not kept yet
	wrong map[string]string // what is wrong with the logo
}

// showNewPartner answers GET /organise/partners/new.
func (s *Server) showNewPartner(v visit) error {
	return s.partnerFormPage(v, http.StatusOK, nil, partnerForm{}, nil)
}

// showEditPartner answers GET /organise/partners/{partner}/edit. A page that was
// refused may be named, to be allowed.
func (s *Server) showEditPartner(v visit) error {
	p, err := s.Service.AnyPartner(v.Param("partner"))
	if err != nil {
		return err
	}
	typed := partnerForm{Partner: *p}
	if origin, err := campaign.ParseOrigin(v.QueryParam("allow")); err == nil && v.QueryParam("allow") != "" && !p.MayFrame(origin) {
		typed.Origins = append(append([]string(nil), p.Origins...), origin)
	}
	return s.partnerFormPage(v, http.StatusOK, p, typed, nil)
}

// readPartner reads the form; was is the partner as it is kept, nil: it is new.
func (s *Server) readPartner(v visit, was *campaign.Partner) (partnerForm, error) {
	logo, err := readParts(v.Request())
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return partnerForm{}, err
		}
		return partnerForm{}, fault.Wrap(errUnreadable, fault.Invalid, "desk.error.partner_logo")
	}
	f := partnerForm{wrong: map[string]string{}}
	f.Slug = v.FormValue(campaign.FieldSlug)
	if was != nil {
		f.Partner = *was
		f.Version, _ = strconv.Atoi(v.FormValue(fieldVersion))
	}
	f.Name, f.Website, f.Contact = v.FormValue(campaign.FieldName), v.FormValue(campaign.FieldWebsite), v.FormValue(campaign.FieldContact)
	f.Origins = strings.Split(strings.ReplaceAll(v.FormValue(campaign.FieldOrigins), "\r\n", "\n"), "\n")
	f.OptIn = map[string]string{}
	for _, lang := range s.langs {
		f.OptIn[lang] = v.FormValue(campaign.FieldOptIn + "." + lang)
	}
	if was != nil { // in languages that the form does not have
		for lang, text := range was.OptIn {
			if _, ok := f.OptIn[lang]; !ok {
				f.OptIn[lang] = text
			}
		}
	}
	s.takeLogo(v, &f, logo)
	return f, nil
}

// readParts reads a posted form as it comes, for whoever asks the request for its
// values afterwards, and returns the beginning of the logo: one byte more than a
// logo may have, at most. The form has it last, so that nothing typed is lost
// where it never ends.
func readParts(r *http.Request) ([]byte, error) {
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return nil, r.ParseForm()
	}
	if err != nil {
		return nil, err
	}
	var logo []byte
	values := url.Values{}
	r.Form, r.PostForm = values, values
	for left := int64(maxForm); ; {
		part, err := parts.NextPart()
		if err == io.EOF || err != nil && len(logo) > campaign.MaxLogo {
			return logo, nil
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() == campaign.FieldLogo {
			if logo, err = io.ReadAll(io.LimitReader(part, campaign.MaxLogo+1)); err != nil {
				return nil, err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, left))
		if err != nil {
			return nil, err
		}
		if left -= int64(len(value) + len(part.FormName())); left <= 0 {
			return nil, &http.MaxBytesError{Limit: maxForm}
		}
		values.Add(part.FormName(), string(value))
	}
}

// takeLogo takes the logo that was chosen, now or before.
func (s *Server) takeLogo(v visit, f *partnerForm, data []byte) {
	if kept, err := base64.StdEncoding.DecodeString(v.FormValue(fieldKeptLogo)); err == nil && len(data) == 0 {
		data = kept
	}
	if v.FormValue(fieldRemoveLogo) != "" {
		f.Logo = nil
	}
	if len(data) == 0 {
		return
	}
	logo, err := campaign.NewLogo(data)
	if err != nil {
		f.wrong[campaign.FieldLogo] = s.View.Desk("desk.error.partner_logo_because", "why", err.Error())
		return
	}
	f.Logo, f.kept = logo, base64.StdEncoding.EncodeToString(data)
}

// addPartner answers POST /organise/partners/new.
func (s *Server) addPartner(v visit) error { return s.savePartner(v, nil) }

// editPartner answers POST /organise/partners/{partner}/edit.
func (s *Server) editPartner(v visit) error {
	was, err := s.Service.AnyPartner(v.Param("partner"))
	if err != nil {
		return err
	}
	return s.savePartner(v, was)
}

func (s *Server) savePartner(v visit, was *campaign.Partner) error {
	f, err := s.readPartner(v, was)
	if err != nil {
		return err
	}
	ctx, save, done := v.Request().Context(), s.Service.AddPartner, "desk.done.partner_added"
	if was != nil {
		save, done = s.Service.EditPartner, "desk.done.partner"
	}
	if len(f.wrong) == 0 {
		err = save(ctx, v.by(), f.Partner)
	} else {
		err = s.Service.CheckPartner(f.Partner) // to say all at once
		if err == nil {
			err = fault.Fieldwise(map[string]string{})
		}
	}
	if wrong, ok := s.wrong(err); ok {
		for field, sentence := range f.wrong {
			wrong[field] = sentence
			delete(wrong, "")
		}
		if fault.CodeOf(err) == fault.Conflict && was != nil {
			if was, err = s.Service.AnyPartner(was.Slug); err != nil {
				return err
			}
			return s.partnerFormPage(v, http.StatusConflict, was, f, wrong)
		}
		return s.partnerFormPage(v, status(err), was, f, wrong)
	}
	if err != nil {
		return err
	}
	return s.done(v, atPartner(f.Slug), done)
}

// partnerFormPage shows the form with what was typed; was is the partner as it
// is kept, nil: it is new.
func (s *Server) partnerFormPage(v visit, code int, was *campaign.Partner, f partnerForm, wrong map[string]string) error {
	page := view.PartnerForm{Desk: s.deskFrame(v, "desk.title.partner_new"), Action: atPartners + "/new", Kept: f.kept, Most: campaign.MaxLogo >> 10}
	if was != nil {
		page.Desk.Title = s.View.Desk("desk.title.partner_edit")
		page.Remove = v.Request().Method == http.MethodPost && v.FormValue(fieldRemoveLogo) != ""
		page.Slug, page.Name, page.Version, page.Action, page.Logo = was.Slug, was.Name, was.Version, atPartner(was.Slug)+"/edit", partnerLogo(was, 400, 64)
		if code == http.StatusConflict {
			page.Changed = s.partnerChanges(was, &f.Partner)
		}
	}
	if sentence, ok := wrong[campaign.FieldOptIn]; ok {
		delete(wrong, campaign.FieldOptIn)
		for _, lang := range s.langs {
			if len([]rune(f.OptIn[lang])) > campaign.MaxOptIn {
				wrong[campaign.FieldOptIn+"."+lang] = sentence
			}
		}
	}
	field := func(kind, name, key, value string, rows int) {
		page.Fields = append(page.Fields, view.DeskField{
			Kind: kind, Name: name, Label: s.View.Desk("desk.partner_form.f." + key), Value: value, Rows: rows, Error: wrong[name],
			Hint: s.View.Desk("desk.partner_form.h." + key),
		})
	}
	field("line", campaign.FieldName, "name", f.Name, 0)
	if was == nil {
		field("line", campaign.FieldSlug, "slug", f.Slug, 0)
	}
	field("line", campaign.FieldWebsite, "website", f.Website, 0)
	field("area", campaign.FieldOrigins, "origins", strings.Join(f.Origins, "\n"), 3)
	field("line", campaign.FieldContact, "contact", f.Contact, 0)
	languages := slices.DeleteFunc(slices.Clone(s.langs), func(lang string) bool { return lang == view.DefaultLang })
	for _, lang := range append([]string{view.DefaultLang}, languages...) {
		field("area", campaign.FieldOptIn+"."+lang, "opt_in", f.OptIn[lang], 2)
		last := &page.Fields[len(page.Fields)-1]
		last.Lang, last.Label = lang, last.Label+": "+s.language(lang)
	}
	page.Form = view.DeskForm{Errors: wrong, Order: append(view.FieldNames(page.Fields), campaign.FieldLogo)}
	return s.deskPage(v, code, page)
}

// partnerChanges sets what is kept beside what was typed, where they differ.
func (s *Server) partnerChanges(now, typed *campaign.Partner) []view.Compared {
	var all []view.Compared
	compare := func(key, is, was string) {
		if is != was {
			all = append(all, view.Compared{What: s.View.Desk("desk.partner_form.f." + key), Now: is, Typed: was})
		}
	}
	list := func(origins []string) string { return strings.Join(strings.Fields(strings.Join(origins, " ")), " ") }
	compare("name", now.Name, typed.Name)
	compare("website", now.Website, typed.Website)
	compare("origins", list(now.Origins), list(typed.Origins))
	compare("contact", now.Contact, typed.Contact)
	for _, lang := range s.langs {
		compare("opt_in", now.OptIn[lang], typed.OptIn[lang])
	}
	return all
}
