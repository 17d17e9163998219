package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// The fields of our forms besides those that a supporter fills in.
const (
	fieldConstituency = "constituency" // ONS code
	fieldMember       = "member"       // who sat when the preview was shown
	fieldDrafted      = "drafted"      // ONS code: whose draft the text started from
	fieldChoose       = "choose"       // "all": show every constituency
	fieldEdit         = "edit"         // "1": back from the preview
	fieldReplaces     = "replaces"     // names the letter that this one corrects
)

// maxFields is more than any of our forms has.
const maxFields = 40

// letterForm is everything that the forms on the way to a letter can hold.
type letterForm struct {
	campaign.Form
	Drafted string
	Choose  bool // show every constituency
	Typed   bool // the letter was written already; do not start anew
}

// readForm reads a posted form of the letter's way.
func readForm(c echo.Context, lang string) (letterForm, error) {
	if err := parsePost(c); err != nil {
		return letterForm{}, err
	}
	return decodeForm(c.Request().PostForm, lang)
}

// parsePost reads a posted form into the request's PostForm.
func parsePost(c echo.Context) error {
	err := c.Request().ParseForm()
	if err == nil {
		return nil
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return fault.Wrap(errUnreadable, fault.Invalid, "message.422.text")
}

// errUnreadable stands for the cause, which may quote what was typed.
var errUnreadable = errors.New("the form cannot be read")

// decodeForm takes the known fields out of a form; unknown ones are ignored.
func decodeForm(values url.Values, lang string) (letterForm, error) {
	if len(values) > maxFields {
		return letterForm{}, fault.Wrap(fmt.Errorf("%d fields", len(values)), fault.Invalid, "message.422.text")
	}
	f := letterForm{Form: campaign.Form{
		Lang:         lang,
		Postcode:     values.Get(campaign.FieldPostcode),
		Constituency: values.Get(fieldConstituency),
		Subject:      values.Get(campaign.FieldSubject),
		Body:         strings.ReplaceAll(values.Get(campaign.FieldBody), "\r\n", "\n"),
		Name:         values.Get(campaign.FieldName),
		Email:        values.Get(campaign.FieldEmail),
		Phone:        values.Get(campaign.FieldPhone),
		Address1:     values.Get(campaign.FieldAddress1),
		Address2:     values.Get(campaign.FieldAddress2),
		Town:         values.Get(campaign.FieldTown),
		Replaces:     values.Get(fieldReplaces),
	}}
	if member := values.Get(fieldMember); member != "" {
		// What is no number is nobody's, so the supporter looks again.
		n, err := strconv.Atoi(member)
		if err != nil {
			n = -1
		}
		f.Member = n
	}
	f.Drafted = values.Get(fieldDrafted)
	f.Choose = values.Get(fieldChoose) == "all"
	f.Typed = values.Get(fieldEdit) == "1" || values.Has(campaign.FieldBody)
	return f, nil
}

// hidden returns what was typed as fields that go along unseen.
func (f letterForm) hidden() []view.Hidden {
	var fields []view.Hidden
	for _, name := range campaign.FormFields() {
		fields = append(fields, view.Hidden{Name: name, Value: f.Value(name)})
	}
	if f.Replaces != "" {
		fields = append(fields, view.Hidden{Name: fieldReplaces, Value: f.Replaces})
	}
	return fields
}

// hiddenValues returns a posted form as fields that go along unseen, the same
// order every time.
func hiddenValues(values url.Values) []view.Hidden {
	var fields []view.Hidden
	for name, all := range values {
		for _, value := range all {
			fields = append(fields, view.Hidden{Name: name, Value: value})
		}
	}
	slices.SortFunc(fields, func(a, b view.Hidden) int {
		return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value)
	})
	return fields
}
